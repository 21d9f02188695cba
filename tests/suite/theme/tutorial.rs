//! The steps of `docs/themes.md`, as a reader would take them.

use crate::support::Base;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Returns the section of that heading.
fn section(heading: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/themes.md"));
    let text = text.unwrap();
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap().to_owned()
}

/// Runs what stands behind `$ ` in a block, with the program on the path.
#[track_caller]
fn run(base: &Base, block: &str) {
    let bin = Path::new(env!("CARGO_BIN_EXE_handbill")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    for line in block.lines().filter_map(|line| line.trim().strip_prefix("$ ")) {
        let mut sh = Command::new("sh");
        sh.args(["-euc", line]).current_dir(base.path()).env("PATH", &path);
        let out = sh.output().unwrap();
        assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn a_theme_is_made_by_the_steps_of_the_document() {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n-- notes/outbox/2026-11-23-tide.md\nLow tide.\n",
    );
    let section = section("A theme of your own");
    let mut blocks = section.split("```");
    let mut before = blocks.next().unwrap();
    let mut commands = 0;
    while let (Some(block), Some(after)) = (blocks.next(), blocks.next()) {
        let (kind, text) = block.split_once('\n').unwrap();
        let indent = " ".repeat(3);
        let text: String =
            text.lines().map(|line| format!("{}\n", line.trim_start_matches(&indent))).collect();
        // The last name in backticks before a block is the file that it goes into.
        let file = || before.rsplit('`').nth(1).unwrap();
        match kind {
            "console" => {
                run(&base, &text);
                commands += 1;
            }
            // Settings are added to those that are there.
            _ => {
                let before = fs::read_to_string(base.at(file())).unwrap_or_default();
                let before = if file() == "handbill.toml" { before } else { String::new() };
                base.write(file(), before + &text);
            }
        }
        if after.contains("Colours and spaces stand at the top of") {
            let sheet = "themes/mine/assets/plain.css";
            let text = fs::read_to_string(base.at(sheet)).unwrap();
            base.write(sheet, text.replacen("--red: #0a4b94", "--red: #7a1fa2", 1));
        }
        before = after;
    }
    assert_eq!(commands, 3);
    let page = base.page("reader/notes/2026-11-23-tide.html");
    assert!(
        page.contains("Low tide.") && page.contains("<p>Written on paper first.</p>"),
        "{page}"
    );
    assert!(page.contains("Bound volumes"), "{page}");
    assert!(base.page("reader/assets/plain.css").contains("--red: #7a1fa2"));
    assert!(!base.at("_site/reader/assets/style.css").exists());
    assert_eq!(base.findings(), [""; 0]);
}
