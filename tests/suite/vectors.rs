//! The test vectors of `docs/format.md`: what others compute must be what we compute.

use handbill::library::{channel_namespace, message_id};
use handbill::path::{RelPath, nfc};
use uuid::Uuid;

const FORMAT: &str = include_str!("../../docs/format.md");

/// Returns the lines of the fenced block tagged `vectors`.
fn vectors() -> Vec<&'static str> {
    let (_, rest) = FORMAT.split_once("\n```vectors\n").expect("the block of vectors");
    let (block, _) = rest.split_once("\n```").expect("the end of the block");
    block.lines().collect()
}

/// Returns namespace, stem as found and id of a line.
fn parse(line: &str) -> (Uuid, String, &str) {
    let columns: Vec<&str> = line.split('\t').collect();
    let [namespace, stem, id] = columns[..] else { panic!("three columns: {line}") };
    let namespace = match namespace.split_once('/') {
        Some((contact, folder)) => channel_namespace(None, contact, folder),
        None => channel_namespace(Some(Uuid::parse_str(namespace).unwrap()), "any", "outbox"),
    };
    (namespace, serde_json::from_str(stem).unwrap(), id)
}

#[test]
fn ids_are_those_of_the_format_document() {
    let vectors = vectors();
    assert!(vectors.len() >= 10, "{} vectors", vectors.len());
    for line in vectors {
        let (namespace, stem, id) = parse(line);
        let stem = RelPath::parse(&nfc(&stem)).unwrap();
        assert_eq!(message_id(namespace, &stem).to_string(), id, "{line}");
    }
}

#[test]
fn the_vectors_show_what_they_are_meant_to_show() {
    let stems: Vec<String> = vectors().iter().map(|line| parse(line).1).collect();
    let any = |found: &dyn Fn(&str) -> bool| stems.iter().any(|stem| found(stem));
    assert!(any(&|stem| nfc(stem) != stem), "one in decomposed form");
    assert!(any(&|stem| stem.contains('/')), "one in a grouping folder");
    assert!(any(&|stem| stem.chars().any(char::is_uppercase)), "one whose case is kept");
    assert!(vectors().iter().any(|line| line.contains("/inbox\t")), "one of an inbox without id");
}

#[test]
fn the_table_for_people_says_the_same_as_the_block_for_programs() {
    for line in vectors() {
        let id = line.rsplit('\t').next().unwrap();
        let row = format!("`{id}`");
        assert!(FORMAT.contains(&row), "{id} stands in the table too");
    }
}
