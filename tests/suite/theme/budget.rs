//! What an edition and a page of the server load of CSS, as it is delivered.

use crate::support::Base;
use handbill::theme::squeeze;
use std::fs;
use std::path::Path;

/// What all style sheets of an edition have together, in bytes.
const EDITION: usize = 20 * 1024;
/// What any page of the server loads, its panel of live reload with it.
const SERVED: usize = 20 * 1024;

fn css(edition: &str) -> Vec<(String, usize)> {
    let base = Base::of("-- notes/outbox/2026-11-23-tide.md\nLow tide.\n");
    base.write("handbill.toml", "public = [\"notes\"]\n");
    base.build();
    let files = base.edition(edition).into_iter();
    files.filter(|(path, _)| path.ends_with(".css")).map(|(path, css)| (path, css.len())).collect()
}

fn sum(files: &[(String, usize)]) -> usize {
    files.iter().map(|(_, size)| size).sum()
}

#[test]
fn an_edition_has_less_than_20_kb_of_css() {
    for (edition, count) in [("public", 2), ("reader", 3)] {
        let files = css(edition);
        assert_eq!(files.len(), count, "{files:?}");
        assert!(sum(&files) < EDITION, "{edition}: {} bytes in {files:?}", sum(&files));
    }
}

#[test]
fn a_page_of_the_server_loads_no_more_than_20_kb_of_css() {
    let own = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/assets").join(name);
        squeeze(&fs::read_to_string(path).unwrap()).len()
    };
    let mut theme = css("reader");
    theme.retain(|(path, _)| !path.ends_with("/feed.css"));
    // The pages with forms are not loaded again while one writes; all others have no forms.
    for more in ["write.css", "live.css"] {
        let all = sum(&theme) + own(more);
        assert!(all <= SERVED, "{more}: {all} bytes with {theme:?}");
    }
}

#[test]
fn the_default_styles_are_published_without_comments_and_ones_own_as_they_are() {
    let base = Base::of("-- notes/outbox/2026-11-23-tide.md\nLow tide.\n");
    base.write("handbill.toml", "public = [\"notes\"]\n");
    base.write("theme/assets/mine.css", "/* mine */\na { color: teal; }\n");
    base.build();
    let style = base.page("public/assets/style.css");
    assert!(style.starts_with(":root{color-scheme:light dark;") && !style.contains("/*"));
    assert_eq!(base.page("public/assets/mine.css"), "/* mine */\na { color: teal; }\n");
}
