//! Large photographs have smaller versions; films have posters and subtitles; files have captions.

use crate::support::{Base, photograph};
use handbill::disk::BuildReport;
use handbill::photo::Shape;
use std::fs;

const FOLDER: &str = "notes/outbox/2026-11-20T10-00-00Z";

fn base(text: &str) -> Base {
    let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\n");
    base.write(&format!("{FOLDER}.md"), text);
    base
}

fn small(edition: &str, width: u32, name: &str) -> String {
    format!("_site/{edition}/_/pictures/{width}/notes/2026-11-20T10-00-00Z/{name}")
}

fn kept(base: &Base) -> usize {
    fs::read_dir(base.at(".handbill/cache/pictures")).map_or(0, |entries| entries.count())
}

fn told(report: &BuildReport, code: &str) -> usize {
    report.found.iter().filter(|d| d.code == code).count()
}

#[test]
fn a_large_photograph_is_offered_in_several_sizes() {
    let base = base("![At the gauge](a.jpg)\n");
    let whole = photograph(1300, 900, 1);
    base.write(&format!("{FOLDER}/a.jpg"), &whole);
    base.write(&format!("{FOLDER}/b.jpg"), photograph(700, 400, 2));
    base.write(&format!("{FOLDER}/c.jpg"), photograph(600, 400, 3));
    base.build();
    for edition in ["public", "reader"] {
        let page = base.page(&format!("{edition}/notes/2026-11-20T10-00-00Z.html"));
        let folder = "notes/2026-11-20T10-00-00Z";
        for srcset in [
            format!(
                "srcset=\"../_/pictures/480/{folder}/a.jpg 480w, ../_/pictures/960/{folder}/a.jpg 960w, ../{folder}/a.jpg 1300w\""
            ),
            format!("srcset=\"../_/pictures/480/{folder}/b.jpg 480w, ../{folder}/b.jpg 700w\""),
        ] {
            assert!(page.contains(&srcset), "{edition}: {page}");
        }
        assert!(!page.contains("c.jpg 600w"), "{page}");
        for (width, name) in [(480, "a.jpg"), (960, "a.jpg"), (480, "b.jpg")] {
            let bytes = fs::read(base.at(&small(edition, width, name))).unwrap();
            assert_eq!(Shape::of(&bytes).unwrap().size().0, width);
            assert!(bytes.len() < whole.len());
            let same = fs::read(base.at(&small("public", width, name))).unwrap();
            assert!(bytes == same, "both editions have the same bytes");
        }
        assert!(!base.at(&small(edition, 480, "c.jpg")).exists(), "hardly smaller");
        let feed = base.page(&format!("{edition}/notes/feed.xml"));
        assert!(feed.contains("/a.jpg") && !feed.contains("_/pictures"), "{feed}");
    }
    assert_eq!(kept(&base), 3);
    // With the edition gone they are found in the cache, with both gone made again, and the same.
    let before = base.edition("reader");
    base.remove("_site/reader");
    let time = || fs::metadata(base.at(".handbill/cache/pictures")).unwrap().modified().unwrap();
    let made = time();
    base.build();
    assert_eq!(time(), made);
    assert!(base.edition("reader") == before);
    base.remove("_site").remove(".handbill/cache");
    base.build();
    assert!(base.edition("reader") == before);
    // They go with it.
    base.remove(&format!("{FOLDER}/b.jpg"));
    base.build();
    assert!(!base.at(&small("reader", 480, "b.jpg")).exists());
    assert!(base.at(&small("reader", 480, "a.jpg")).exists());
    assert_eq!(kept(&base), 2, "a deleted picture leaves nothing in the cache");
}

#[test]
fn a_picture_that_lies_has_the_size_that_is_seen() {
    let base = base("![x](a.jpg)\n");
    let mut lying = photograph(900, 700, 1);
    let exif =
        b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    lying.splice(2..2, exif.iter().copied());
    base.write(&format!("{FOLDER}/a.jpg"), lying);
    base.build();
    let page = base.page("public/notes/2026-11-20T10-00-00Z.html");
    assert!(page.contains("width=\"700\" height=\"900\""), "{page}");
    let made = fs::read(base.at(&small("public", 480, "a.jpg"))).unwrap();
    assert_eq!(Shape::of(&made).unwrap().size(), (480, 617));
    assert!(!made.windows(4).any(|bytes| bytes == b"Exif"));
}

#[test]
fn pictures_that_burst_are_never_decoded() {
    let base = base("Pictures\n");
    let whole = photograph(1300, 900, 1);
    let frame = whole.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let mut huge = whole.clone();
    huge[frame + 5..frame + 9].copy_from_slice(&[0x2E, 0xE0, 0x0D, 0x05]); // 12,000 by 3,333
    let mut passes = huge.clone();
    let pass = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0].repeat(100_000);
    passes.splice(whole.len() - 2..whole.len() - 2, pass);
    base.write(&format!("{FOLDER}/passes.jpg"), passes);
    base.write(&format!("{FOLDER}/cut.jpg"), &whole[..whole.len() - 2]);
    base.write(&format!("{FOLDER}/not.jpg"), "no picture ".repeat(10_000));
    base.build();
    assert!(!base.at("_site/reader/_/pictures").exists());
    assert_eq!(kept(&base), 0);
}

#[test]
fn where_no_smaller_version_can_be_made_the_whole_stands_in_and_that_is_told() {
    let base = base("![x](a.jpg)\n");
    let mut damaged = photograph(1300, 900, 1);
    // A table of codes that is none: the segments are whole.
    let table = damaged.windows(2).position(|pair| pair == [0xFF, 0xC4]).unwrap();
    damaged[table + 5..table + 21].fill(0xFF);
    base.write(&format!("{FOLDER}/a.jpg"), &damaged);
    for round in 0..2 {
        let report = base.build();
        assert_eq!(told(&report, "not-smaller"), 1, "{round}: {:?}", report.found);
        let stands_in = fs::read(base.at(&small("reader", 480, "a.jpg"))).unwrap();
        assert!(stands_in == damaged);
    }
}

#[test]
fn a_site_without_large_photographs_has_nothing_of_it() {
    let base = base("![x](a.jpg)\n\n```rust\nfn main() {}\n```\n");
    base.write(&format!("{FOLDER}/a.jpg"), photograph(64, 48, 1));
    base.build();
    assert!(!base.at(".handbill/cache/pictures").exists());
    let page = base.page("public/notes/2026-11-20T10-00-00Z.html");
    assert!(!page.contains("pictures.js") && !page.contains("script-src"), "{page}");
}

#[test]
fn the_script_for_pictures_is_on_pages_that_have_some() {
    let base = base("See ![](a.jpg)\n");
    base.write(&format!("{FOLDER}/a.jpg"), photograph(1300, 900, 1));
    base.write("notes/outbox/2026-10-20T10-00-00Z.md", "None here.\n");
    base.build();
    for edition in ["public", "reader"] {
        let with = base.page(&format!("{edition}/notes/2026-11-20T10-00-00Z.html"));
        assert!(with.contains("assets/pictures.js\"") && with.contains("script-src 'self'"));
        let without = base.page(&format!("{edition}/notes/2026-10-20T10-00-00Z.html"));
        assert!(!without.contains("pictures.js"));
    }
}

#[test]
fn captions_of_the_header_stand_below_and_for_what_is_not_seen() {
    let base = base(
        "+++\n[captions]\n\"a.jpg\" = \"At <six>\"\n\"B.jpg\" = \"Later\"\n\"gone.jpg\" = \"x\"\n+++\n![](a.jpg)\n",
    );
    base.write(&format!("{FOLDER}/a.jpg"), photograph(64, 48, 1));
    base.write(&format!("{FOLDER}/b.jpg"), photograph(64, 48, 2));
    let report = base.build();
    assert_eq!(told(&report, "bad-caption"), 1, "{:?}", report.found);
    let page = base.page("public/notes/2026-11-20T10-00-00Z.html");
    assert!(page.contains("<figcaption>At &lt;six&gt;</figcaption>"), "{page}");
    assert!(page.contains("<figcaption dir=\"auto\">Later</figcaption>"), "{page}");
    assert!(page.contains("alt=\"Later\""), "{page}");
}

#[test]
fn a_film_has_its_poster_and_its_subtitles() {
    let base = base("Film: ![](tide.mp4)\n");
    for name in ["tide.mp4", "tide.de.vtt", "tide.vtt", "other.mp4", "other.vtt", "tides.vtt"] {
        base.write(&format!("{FOLDER}/{name}"), "WEBVTT\n");
    }
    base.write(&format!("{FOLDER}/tide.jpg"), photograph(1300, 900, 1));
    base.build();
    let page = base.page("public/notes/2026-11-20T10-00-00Z.html");
    let folder = "../notes/2026-11-20T10-00-00Z";
    for part in [
        " poster=\"../_/pictures/960/notes/2026-11-20T10-00-00Z/tide.jpg\"".to_owned(),
        " kind=\"captions\" srclang=\"de\" label=\"de\">".to_owned(),
        format!("<track src=\"{folder}/tide.vtt\" kind=\"captions\" label=\"Subtitles\">"),
        format!("<track kind=\"captions\" src=\"{folder}/other.vtt\" label=\"Subtitles\">"),
        format!("href=\"{folder}/tides.vtt\""),
    ] {
        assert!(page.contains(&part), "{part}: {page}");
    }
    assert!(!page.contains("class=\"picture\""), "the poster is not shown twice: {page}");
}

#[test]
fn a_caption_stands_wherever_the_file_does() {
    let base =
        Base::of("-- handbill.toml\nbase_url = \"https://site.example/\"\npublic = [\"notes\"]\n");
    let stem = "notes/outbox/2026-11-20T10-00-00Z";
    base.write(
        &format!("{stem}.md"),
        "+++\n[captions]\n\"plan.pdf\" = \"The plan\"\n\"fog.ogg\" = \"The horn\"\n\"in.png\" = \"The gauge\"\n\
         \"left.png\" = \"The pier\"\n+++\nAt ![](in.png) six: ![](fog.ogg)\n",
    );
    for (name, bytes) in [
        ("plan.pdf", b"%PDF".to_vec()),
        ("fog.ogg", b"OggS".to_vec()),
        ("in.png", crate::support::png(4, 3)),
        ("left.png", crate::support::png(4, 3)),
    ] {
        base.write(&format!("{stem}/{name}"), bytes);
    }
    base.build();
    let page = base.page("public/notes/2026-11-20T10-00-00Z.html");
    for part in [
        "<span dir=\"auto\">The plan</span>",
        "title=\"The horn\"",
        "alt=\"The gauge\"",
        "<figcaption dir=\"auto\">The pier</figcaption>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let feed = base.page("public/notes/feed.xml");
    assert!(feed.contains("alt=&quot;The pier&quot;"), "{feed}");
    let searched = base.page("public/assets/search/2026-11.js");
    assert!(searched.contains("The plan") && searched.contains("The pier"), "{searched}");
    assert!(base.page("public/media/index.html").contains("aria-label=\"The horn\""));
}

#[test]
fn captions_of_nothing_are_told_in_bounds() {
    let base = Base::new();
    let captions: String = (0..500).map(|n| format!("\"{n}.jpg\" = \"x\"\n")).collect();
    base.write("mira/inbox/2026-11-20.md", format!("+++\n[captions]\n{captions}+++\nText.\n"));
    let found = base.findings();
    assert!(found.len() <= 25, "{}", found.len());
    assert!(found.iter().any(|one| one.starts_with("bad-caption")));
}
