//! Marks in a body for what stands in pages and not in feeds.
//!
//! They are control characters, which no text of a message holds: those of source texts are taken
//! out when they are read, and `clean` keeps out what would become one. Those of code stand in text
//! and those of pictures in addresses, so that a body can be parsed and cleaned with them in it.

use crate::code::Class;
use crate::photo;
use std::fmt::Write;

/// Stands behind the address of a picture, before the widths of its smaller versions and its own.
const WIDTHS: char = '\u{12}';
/// Stands before a piece of code with a class, whose letter follows.
const OPEN: char = '\u{10}';
/// Stands behind it.
const CLOSE: char = '\u{11}';

/// How wide a picture in a text is, for browsers to choose a version: as wide as the column, and on
/// a narrow screen as that.
const SIZES: &str = "(max-width: 46em) 100vw, 44em";

/// Appends the widths of the smaller versions of a picture, and its own, to its address.
pub(super) fn widths_into(out: &mut String, widths: &[u32], own: u32) {
    out.push(WIDTHS);
    for width in widths {
        let _ = write!(out, "{width},");
    }
    let _ = write!(out, "{own}");
}

/// Takes an address apart that may have widths behind it.
pub(super) fn split(address: &str) -> (&str, Option<&str>) {
    match address.split_once(WIDTHS) {
        Some((path, widths)) => (path, Some(widths)),
        None => (address, None),
    }
}

/// Returns whether widths are of the form that [`widths_into`] gives them.
pub(super) fn are_widths(widths: &str) -> bool {
    widths.split(',').all(|width| {
        !width.is_empty() && width.len() < 8 && width.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Appends the address that `piece` begins with; where widths follow it, with the attributes that
/// name the smaller versions. Returns the rest of the piece, which begins with the quote.
pub(super) fn versions_into<'p>(out: &mut String, root: &str, piece: &'p str) -> &'p str {
    let end = piece.find('"').unwrap_or(piece.len());
    let (address, rest) = piece.split_at(end);
    let (path, Some(widths)) = split(address) else { return piece };
    out.push_str(path);
    if !widths.contains(',') || !are_widths(widths) {
        return rest;
    }
    out.push_str("\" srcset=\"");
    let (smaller, own) = widths.rsplit_once(',').unwrap_or(("", widths));
    for width in smaller.split(',').filter_map(|width| width.parse().ok()) {
        let _ = write!(out, "{root}{} {width}w, ", photo::path(path, width));
    }
    let _ = write!(out, "{root}{path} {own}w\" sizes=\"{SIZES}");
    rest
}

/// Appends a piece of code, escaped already, between its marks.
pub(super) fn open_into(out: &mut String, class: Class) {
    out.push(OPEN);
    out.push(class.letter());
}

/// Ends such a piece.
pub(super) fn close_into(out: &mut String) {
    out.push(CLOSE);
}

/// Returns what stands before the first piece of code that has a class, and what from there on, without
/// its mark. Most bodies have none.
fn at_code(html: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(OPEN as u8, html.as_bytes())?;
    Some((&html[..at], &html[at + 1..]))
}

/// Puts elements with classes in the place of the marks of code. Each piece ends before the next
/// begins: a mark without its other makes no element.
pub(super) fn with_classes(html: String) -> String {
    let Some((before, marked)) = at_code(&html) else { return html };
    let mut out = String::with_capacity(html.len() + html.len() / 2);
    out.push_str(before);
    for piece in marked.split(OPEN) {
        let letter = Class::ALL.map(Class::letter).into_iter().find(|l| piece.starts_with(*l));
        match (letter, piece.split_once(CLOSE)) {
            (Some(letter), Some((inside, rest))) => {
                let _ = write!(out, "<span class=\"{letter}\">{}</span>{rest}", &inside[1..]);
            }
            _ => out.extend(piece.split(CLOSE)),
        }
    }
    out
}

/// Takes the marks of code out.
pub(super) fn without_classes(html: String) -> String {
    let Some((before, marked)) = at_code(&html) else { return html };
    let mut out = String::with_capacity(html.len());
    out.push_str(before);
    for piece in marked.split(OPEN) {
        out.extend(piece.get(1..).unwrap_or("").split(CLOSE));
    }
    out
}
