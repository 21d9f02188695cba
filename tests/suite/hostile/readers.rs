//! Readers of texts are total: any bytes give a value, and what is wrong is told with its place.

use super::holds::reader::{
    assert_channel, assert_decoded, assert_message, assert_settings, assert_stays_private,
};
use super::{NASTY, property};
use proptest::prelude::*;

/// Pieces of TOML and YAML, whole and broken.
const PIECES: &[&str] = &[
    "title",
    "public",
    "base_url",
    "port",
    "time_zone",
    "language",
    "theme",
    "page_size",
    "limits",
    "contact",
    "id",
    "author",
    "name",
    "uri",
    "subscribe",
    "transport",
    "key",
    "link",
    "avatar",
    "home_page",
    "date",
    "updated",
    "tags",
    "summary",
    "in_reply_to",
    "thumbnail",
    "draft",
    "private",
    "visibility",
    "published",
    "extra",
    "titel",
    "x",
    "mira",
    "a.b",
    " = ",
    "=",
    ": ",
    ":",
    ", ",
    ".",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "  ",
    "    ",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "\\",
    "\\u0041",
    "\\uD800",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "- ",
    "-",
    "|",
    ">",
    "|-\n",
    "# ",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "<<: *a",
    "...",
    "---",
    "+++",
    "---\n",
    "+++\n",
    "true",
    "false",
    "yes",
    "no",
    "null",
    "~",
    "0",
    "-1",
    "1_000",
    "99999999999999999999",
    "0x7F",
    "1e999",
    "nan",
    "inf",
    "2026-11-23",
    "2026-11-23T10:15:30Z",
    "2026-11-23 10:15:30.123456789+14:00",
    "9999-99-99",
    "text",
    "é",
    "潮",
    "\u{FEFF}",
    "\u{2028}",
    "\u{0}",
    "\u{1B}",
    "\u{7F}",
    "\u{FFFF}",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        10 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => proptest::sample::select(NASTY).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

#[test]
fn settings_are_read_of_any_text() {
    property(3_000, texts(), |text| assert_settings(&text));
}

#[test]
fn what_an_owner_says_of_a_channel_is_read_of_any_text() {
    property(3_000, texts(), |text| assert_channel(&text));
}

#[test]
fn messages_are_read_of_any_text() {
    property(3_000, texts(), |text| assert_message(&text));
}

#[test]
fn nothing_behind_it_undoes_a_key_that_keeps_a_message_private() {
    property(2_000, texts(), |rest| assert_stays_private(&rest));
}

#[test]
fn any_bytes_are_text_or_not() {
    property(3_000, any::<Vec<u8>>(), |bytes| assert_decoded(&bytes));
}
