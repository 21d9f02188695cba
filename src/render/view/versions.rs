//! What differs between two versions of a text: by words, and the same on every machine.

use crate::limits::VERSION_PAIRS;
use serde::Serialize;
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices};

/// A stretch of text that both versions have, or one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeView {
    /// `same`, `gone` or `new`.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

/// Returns how one text becomes another.
pub fn changes(old: &str, new: &str) -> Vec<ChangeView> {
    let (old, new) = (lines(old), lines(new));
    let mut made = Changes::default();
    let same_head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_tail, new_tail) = (&old[same_head..], &new[same_head..]);
    let same_end =
        old_tail.iter().rev().zip(new_tail.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_part, new_part) =
        (&old_tail[..old_tail.len() - same_end], &new_tail[..new_tail.len() - same_end]);
    made.push(ChangeTag::Equal, &old[..same_head].concat());
    if old_part.len() * new_part.len() > VERSION_PAIRS {
        made.replaced(old_part, new_part);
    } else {
        for op in capture_diff_slices(Algorithm::Myers, old_part, new_part) {
            match op {
                DiffOp::Equal { .. } => {
                    made.push(ChangeTag::Equal, &old_part[op.old_range()].concat());
                }
                _ => made.replaced(&old_part[op.old_range()], &new_part[op.new_range()]),
            }
        }
    }
    made.push(ChangeTag::Equal, &old_tail[old_tail.len() - same_end..].concat());
    made.0
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[derive(Default)]
struct Changes(Vec<ChangeView>);

impl Changes {
    fn push(&mut self, tag: ChangeTag, text: &str) {
        let kind = match tag {
            ChangeTag::Equal => "same",
            ChangeTag::Delete => "gone",
            ChangeTag::Insert => "new",
        };
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.kind == kind => last.text.push_str(text),
            _ => self.0.push(ChangeView { kind, text: text.to_owned() }),
        }
    }

    /// Adds lines that were replaced by others, compared word by word.
    fn replaced(&mut self, old: &[&str], new: &[&str]) {
        let (old, new) = (old.concat(), new.concat());
        if old.is_empty() || new.is_empty() || words(&old) * words(&new) > VERSION_PAIRS {
            self.push(ChangeTag::Delete, &old);
            self.push(ChangeTag::Insert, &new);
            return;
        }
        let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_unicode_words(&old, &new);
        for change in diff.iter_all_changes() {
            self.push(change.tag(), change.value());
        }
    }
}

/// Returns more words than a text can have.
fn words(text: &str) -> usize {
    // Every space and mark is a word to the comparison, as is what stands between two.
    2 * text.chars().filter(|c| !c.is_ascii_alphanumeric()).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expected: &[(&str, &str)]) {
        let made = changes(old, new);
        let made: Vec<(&str, &str)> = made.iter().map(|c| (c.kind, c.text.as_str())).collect();
        assert_eq!(made, expected);
    }

    #[test]
    fn what_differs_is_told_word_by_word() {
        check(
            "Low tide at six.\nBring boots.\n",
            "Low tide at seven.\nBring boots.\n",
            &[
                ("same", "Low tide at "),
                ("gone", "six"),
                ("new", "seven"),
                ("same", ".\nBring boots.\n"),
            ],
        );
        check("a\nb\n", "a\nb\n", &[("same", "a\nb\n")]);
        check("", "x", &[("new", "x")]);
        check("x\n", "", &[("gone", "x\n")]);
        check(
            "<b>a</b>",
            "<b>ü</b>",
            &[("same", "<b>"), ("gone", "a"), ("new", "ü"), ("same", "</b>")],
        );
    }

    #[test]
    fn both_texts_can_be_read_out_of_it() {
        let old = "one two three\nfour\n\nfive six\nseven";
        let new = "zero\none 2 three\n\nfive six and more\nseven\n";
        let made = changes(old, new);
        let without = |kind: &str| -> String {
            made.iter().filter(|c| c.kind != kind).map(|c| c.text.as_str()).collect()
        };
        assert_eq!((without("new").as_str(), without("gone").as_str()), (old, new));
    }

    #[test]
    fn texts_that_have_little_in_common_are_compared_all_the_same() {
        let many = |seed: usize, between: &str| -> String {
            let words = (0..60_000 / 4).map(|n| format!("{}{between}", (n * seed) % 997));
            words.collect()
        };
        for between in [" ", "\n", "\n\n\n"] {
            let (old, new) = (many(7, between), many(11, between));
            let made = changes(&old, &new);
            let gone: usize = made.iter().filter(|c| c.kind != "new").map(|c| c.text.len()).sum();
            assert_eq!(gone, old.len());
        }
    }
}
