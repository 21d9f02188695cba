//! Real folders under a real watch: what arrives, moves and goes.

use super::{Running, base, deliver, inboxes, write};
use handbill::watch::How;
use std::fs;
use std::time::Duration;

#[test]
fn one_message_makes_one_build() {
    let running = Running::start(base(), How::Native);
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    running.until_page("reader/harbour/in/2026-11-21T10-00-00Z.html", "More ships.");
    running.until_page("reader/index.html", "More ships.");
    running.rest(400);
    assert_eq!(running.told(), ["first", "built harbour"]);
}

#[test]
fn a_burst_makes_few_builds_and_touches_no_inbox() {
    let running = Running::start(base(), How::Native);
    let before = inboxes(&running.base);
    for n in 0..500 {
        let name = format!("2026-11-21T10-{:02}-{:02}Z-number-{n}.md", n / 60, n % 60);
        deliver(&running.base, &format!("harbour/inbox/{name}"), &format!("Number {n}."));
        std::thread::sleep(Duration::from_millis(2));
    }
    for n in [0, 77, 499] {
        let name = format!("2026-11-21t10-{:02}-{:02}z-number-{n}", n / 60, n % 60).to_uppercase();
        let name = name.replace("NUMBER", "number");
        running.until_page(&format!("reader/harbour/in/{name}.html"), &format!("Number {n}."));
    }
    running.rest(300);
    assert!(running.builds() <= 8, "{:?}", running.told());
    let mut after = inboxes(&running.base);
    after.retain(|path, _| !path.contains("number-"));
    assert_eq!(before, after);
    assert_eq!(inboxes(&running.base).len(), before.len() + 500, "nothing else lies there");
}

#[test]
fn attachments_that_come_later_heal_the_message() {
    let running = Running::start(base(), How::Native);
    let message = "harbour/inbox/2026-11-21T10-00-00Z.md";
    deliver(&running.base, message, "![the pier](pier.png)");
    let page = "reader/harbour/in/2026-11-21T10-00-00Z.html";
    running.until_page(page, "pier.png");
    assert!(!running.shows(page, "<img src=\"2026-11-21T10-00-00Z/pier.png\""));
    let png = crate::support::png(3, 2);
    let folder = running.base.at("harbour/inbox/2026-11-21T10-00-00Z");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(".syncthing.pier.png.tmp"), png).unwrap();
    fs::rename(folder.join(".syncthing.pier.png.tmp"), folder.join("pier.png")).unwrap();
    running.until("the picture is there", |running| {
        running.site("reader/harbour/in/2026-11-21T10-00-00Z/pier.png").exists()
    });
    running.until_page(page, "<img src=");
}

#[test]
fn a_folder_that_is_moved_in_is_seen_with_all_that_is_in_it() {
    let running = Running::start(base(), How::Native);
    let elsewhere = running.base.at(".elsewhere/2026");
    fs::create_dir_all(elsewhere.join("deeper")).unwrap();
    write(&elsewhere.join("2026-11-21T10-00-00Z.md"), "Moved in.");
    write(&elsewhere.join("deeper/2026-11-22T10-00-00Z.md"), "Deeper still.");
    fs::rename(&elsewhere, running.base.at("notes/outbox/2026")).unwrap();
    running.until_page("public/notes/2026/2026-11-21T10-00-00Z.html", "Moved in.");
    running.until_page("public/notes/2026/deeper/2026-11-22T10-00-00Z.html", "Deeper still.");
    // It is watched from now on.
    write(&running.base.at("notes/outbox/2026/deeper/2026-11-23T10-00-00Z.md"), "Later.");
    running.until_page("public/notes/2026/deeper/2026-11-23T10-00-00Z.html", "Later.");
}

#[test]
fn contacts_come_are_renamed_and_go() {
    let running = Running::start(base(), How::Native);
    deliver(&running.base, "odo/inbox/2026-11-21T10-00-00Z.md", "I am new.");
    running.until_page("reader/odo/in/2026-11-21T10-00-00Z.html", "I am new.");
    fs::rename(running.base.at("odo"), running.base.at("otto")).unwrap();
    running.until_page("reader/otto/in/2026-11-21T10-00-00Z.html", "I am new.");
    running.until_gone("reader/odo");
    deliver(&running.base, "otto/inbox/2026-11-22T10-00-00Z.md", "Renamed.");
    running.until_page("reader/otto/in/2026-11-22T10-00-00Z.html", "Renamed.");
    fs::remove_dir_all(running.base.at("otto")).unwrap();
    running.until_gone("reader/otto");
    running.until("its name is nowhere", |running| !running.shows("reader/index.html", "otto"));
}

#[test]
fn an_inbox_that_is_made_anew_is_watched() {
    let running = Running::start(base(), How::Native);
    fs::remove_dir_all(running.base.at("mira/inbox")).unwrap();
    running.until_gone("reader/mira/in/2026-11-20T12-00-00Z.html");
    fs::create_dir(running.base.at("mira/inbox")).unwrap();
    deliver(&running.base, "mira/inbox/2026-11-21T10-00-00Z.md", "Here again.");
    running.until_page("reader/mira/in/2026-11-21T10-00-00Z.html", "Here again.");
}

#[test]
fn settings_and_theme_are_watched() {
    let running = Running::start(base(), How::Native);
    let settings =
        "title = \"The pier\"\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n";
    running.base.write("handbill.toml", settings);
    running.until_page("public/index.html", "The pier");
    running.base.write("theme/assets/style.css", "body { color: teal }");
    running.until_page("public/assets/style.css", "teal");
    running.rest(2500);
    running.base.write("theme/assets/style.css", "body { color: navy }");
    running.until_page("public/assets/style.css", "navy");
}

#[test]
fn a_base_folder_that_goes_is_waited_for_and_another_in_its_place_is_watched() {
    let outer = tempfile::tempdir().unwrap();
    let running = Running::start(base(), How::Native);
    let away = outer.path().join("away");
    fs::rename(running.base.path(), &away).unwrap();
    running.until("it says so", |running| running.told().contains(&"lost".to_owned()));
    fs::rename(&away, running.base.path()).unwrap();
    running.until("it says so", |running| running.told().contains(&"back".to_owned()));
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    running.until_page("reader/harbour/in/2026-11-21T10-00-00Z.html", "More ships.");
    // Replaced within a moment: the old one is not watched any more.
    fs::rename(running.base.path(), &away).unwrap();
    copy(&away, running.base.path());
    running.rest(2500);
    deliver(&running.base, "harbour/inbox/2026-11-22T10-00-00Z.md", "And more.");
    running.until_page("reader/harbour/in/2026-11-22T10-00-00Z.html", "And more.");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().flatten() {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).unwrap(),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn a_file_that_is_replaced_never_leaves_the_site() {
    let running = Running::start(base(), How::Native);
    let path = running.base.at("notes/outbox/2026-11-20T10-00-00Z-first.md");
    let page = "public/notes/2026-11-20T10-00-00Z-first.html";
    fs::remove_file(&path).unwrap();
    deliver(&running.base, "notes/outbox/2026-11-21T10-00-00Z-other.md", "Another.");
    running.until_page("public/notes/2026-11-21T10-00-00Z-other.html", "Another.");
    assert!(running.site(page).exists(), "it was missing for a moment only");
    write(&path, "First, edited.");
    running.until_page(page, "First, edited.");
    fs::remove_file(&path).unwrap();
    running.until_gone(page);
}

#[test]
fn a_poll_sees_what_events_would() {
    let running = Running::start(base(), How::Poll(Duration::from_millis(200)));
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    running.until_page("reader/harbour/in/2026-11-21T10-00-00Z.html", "More ships.");
    fs::remove_file(running.base.at("harbour/inbox/2026-11-21T10-00-00Z.md")).unwrap();
    running.until_gone("reader/harbour/in/2026-11-21T10-00-00Z.html");
    deliver(&running.base, "odo/inbox/2026-11-21T10-00-00Z.md", "I am new.");
    running.until_page("reader/odo/in/2026-11-21T10-00-00Z.html", "I am new.");
}

#[test]
fn a_contact_that_is_replaced_under_its_own_name_is_watched() {
    let running = Running::start(base(), How::Native);
    let (mira, away) = (running.base.at("mira"), running.base.at(".away"));
    let other = running.base.at(".other");
    fs::create_dir_all(other.join("inbox")).unwrap();
    write(&other.join("inbox/2026-11-21T10-00-00Z.md"), "From another copy.");
    fs::rename(&mira, &away).unwrap();
    fs::rename(&other, &mira).unwrap();
    running.until_page("reader/mira/in/2026-11-21T10-00-00Z.html", "From another copy.");
    running.rest(300);
    deliver(&running.base, "mira/inbox/2026-11-22T10-00-00Z.md", "Later.");
    running.until_page("reader/mira/in/2026-11-22T10-00-00Z.html", "Later.");
}

#[test]
fn a_base_folder_that_is_emptied_empties_no_site() {
    let running = Running::start(base(), How::Native);
    let away = tempfile::tempdir().unwrap();
    for name in ["notes", "harbour", "mira"] {
        fs::rename(running.base.at(name), away.path().join(name)).unwrap();
    }
    running.until("it says so", |running| {
        running
            .told()
            .iter()
            .any(|word| word.starts_with("failed: the base folder has no contacts"))
    });
    assert!(running.shows("reader/index.html", "Hello."));
    for name in ["notes", "harbour", "mira"] {
        fs::rename(away.path().join(name), running.base.at(name)).unwrap();
    }
    deliver(&running.base, "mira/inbox/2026-11-22T10-00-00Z.md", "Later.");
    running.until_page("reader/mira/in/2026-11-22T10-00-00Z.html", "Later.");
}

/// While the base folder is gone nothing is done but to look for it.
#[cfg(target_os = "linux")]
#[test]
fn waiting_for_the_base_folder_costs_nothing() {
    let outer = tempfile::tempdir().unwrap();
    let running = Running::start(base(), How::Native);
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    fs::rename(running.base.path(), outer.path().join("away")).unwrap();
    running.until("it says so", |running| running.told().contains(&"lost".to_owned()));
    // Of the loop's own thread, in hundredths of a second: other tests run in this process.
    let used = || {
        let stat = fs::read_to_string(format!("/proc/self/task/{}/stat", running.task())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let before = used();
    running.rest(1500);
    assert!(used() - before < 30, "{} hundredths of a second", used() - before);
    fs::rename(outer.path().join("away"), running.base.path()).unwrap();
}
