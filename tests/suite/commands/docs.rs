//! `docs/commands.md` names every command and every option: held against `--help`.

use super::ok;
use crate::support::Base;
use std::fs;
use std::path::Path;

/// Returns the commands below one, by the list in its help.
fn inner(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let names = list.lines().take_while(|line| line.starts_with("  "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Returns the long options of a command, by its help.
fn options(help: &str) -> Vec<String> {
    let words = help.split([' ', '\n', ',', '`', '[', '=']).filter(|word| word.starts_with("--"));
    let plain = |word: &str| word.trim_end_matches(['.', ')', ']']).to_owned();
    words.map(plain).filter(|word| word != "--help" && word != "--version").collect()
}

#[test]
fn every_command_and_every_option_is_documented() {
    let base = Base::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/commands.md")).unwrap();
    let mut open = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let help = ok(&base, &[&words[..], &["--help"]].concat());
        let inside = inner(&help);
        if inside.is_empty() {
            let name = format!("`handbill {}", words.join(" "));
            assert!(text.contains(&name), "{name}` is not documented");
            for option in options(&help) {
                assert!(text.contains(&format!("`{option}")), "{name}`: {option}");
            }
            seen += 1;
        }
        open.extend(inside.into_iter().map(|name| [&command[..], &[name]].concat()));
    }
    assert!(seen > 15, "{seen} commands");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains("(docs/commands.md)"));
}
