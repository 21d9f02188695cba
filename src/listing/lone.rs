//! Messages that have to do with no other file of their box: they come, change and go without the
//! box being sorted out anew.

use super::{Entry, is_stamped_folder, leftovers, message_name};
use crate::chunked::Chunked;
use crate::path::{RelPath, fold};
use crate::time::Stamp;

/// How long a time stamp is that is a name.
const STAMP: usize = 20;

/// Returns whether a file is a message by itself among all that lies in a box: what it is does not
/// depend on the others, nor what they are on it. Of those that are, some are taken for others.
pub fn is_lone(path: &RelPath, files: &Chunked<Entry>) -> bool {
    let Some((stem, _)) = message_name(path) else { return false };
    let text = path.as_str();
    if leftovers::judge(path).is_some() || crate::keys::holds_writing_key(text) {
        return false;
    }
    let others =
        |folded: &str| files_that_begin(files, folded).any(|other| other.path.as_str() != text);
    // It may lie among the attachments of a message.
    let folders = text.match_indices('/').map(|(at, _)| &text[..at]);
    let may_be_held = |folder: &str| {
        is_stamped_folder(folder.rsplit('/').next().unwrap_or(folder))
            || others(&(fold(folder) + "."))
    };
    if folders.into_iter().any(may_be_held) {
        return false;
    }
    // Of one stem are attachments and messages of which one is shown; of one time stamp are what looks
    // like conflict copies.
    let stem_end = text.len() - path.name().len() + stem.len();
    let stamp = stem.get(..STAMP).filter(|stamp| Stamp::full_name(stamp).is_some());
    match stamp {
        Some(_) => {
            let stamp = fold(&text[..stem_end - stem.len() + STAMP]);
            !others(&stamp)
        }
        None => {
            let stem = fold(&text[..stem_end]);
            !others(&format!("{stem}.")) && !others(&format!("{stem}/"))
        }
    }
}

/// Returns the files whose paths begin with what has been folded.
fn files_that_begin<'f>(
    files: &'f Chunked<Entry>,
    folded: &'f str,
) -> impl Iterator<Item = &'f Entry> {
    // Digits have no case, and nothing else is folded to one: what begins like a time stamp stands
    // together.
    let caseless = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let head = &folded[..folded.bytes().take_while(caseless).count()];
    let from = files.starting(move |entry| entry.path.as_str() < head);
    let together = from.take_while(move |entry| entry.path.as_str().starts_with(head));
    together.filter(move |entry| begins(entry.path.as_str(), folded))
}

/// Returns whether a path begins with what has been folded.
fn begins(path: &str, folded: &str) -> bool {
    match path.as_bytes().get(..folded.len()) {
        Some(head) if head.eq_ignore_ascii_case(folded.as_bytes()) => true,
        _ => !path.is_ascii() && fold(path).starts_with(folded),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Listing, Stat, sort};
    use super::*;

    /// A message is lone, or is not, among these files.
    fn check(path: &str, others: &[&str], expected: bool) {
        let entry = |path: &&str| Entry {
            path: RelPath::parse(path).unwrap(),
            stat: Stat::default(),
            picture: None,
            photo: false,
            copy: Default::default(),
        };
        let files: Vec<Entry> = others.iter().chain([&path]).map(entry).collect();
        let path = RelPath::parse(path).unwrap();
        let mut all = files.clone();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        let all = all.into_iter().collect();
        assert_eq!(is_lone(&path, &all), expected, "{path} among {others:?}");
        if expected {
            let sorted = |files: &[Entry]| {
                let mut files = files.to_vec();
                files.sort_by(|a, b| a.path.cmp(&b.path));
                sort(&Listing { files: files.into_iter().collect(), odd: Vec::new() })
            };
            let (with, mut without) = (sorted(&files), sorted(&files[..others.len()]));
            without.messages.extend(super::super::message_file(&path, Stat::default()));
            without.messages.sort_by(|a, b| a.path.cmp(&b.path));
            assert_eq!(with, without, "{path} among {others:?}");
        }
    }

    #[test]
    fn nothing_but_digits_and_hyphens_is_folded_to_these() {
        let is_caseless = |c: char| c.is_ascii_digit() || c == '-';
        let others = ('\0'..=char::MAX).filter(|c| !is_caseless(*c));
        let folded = others.filter(|c| fold(c.encode_utf8(&mut [0; 4])).contains(is_caseless));
        assert_eq!(folded.count(), 0);
    }

    const NAME: &str = "2026-11-20T10-00-00Z-tide.md";

    #[test]
    fn most_messages_are() {
        check(NAME, &[], true);
        check(NAME, &["2026-11-20T10-00-01Z-tide.md", "other.md", "a.png", "channel.toml"], true);
        check("2026/a.md", &["2026/b.md", "c.md", "2026/b/x.png", "2026-x/y.md"], true);
        check("tide.md", &["tides.md", "tide-2.md", "tid/e.png", "über.md"], true);
        check("2026-11-20T10-00-00Z.txt", &["2026-11-20T10-00-01Z.txt"], true);
    }

    #[test]
    fn those_that_share_a_name_are_not() {
        check(NAME, &["2026-11-20T10-00-00Z-TIDE.markdown"], false);
        check(NAME, &["2026-11-20T10-00-00Z-tide/a.png"], false);
        check("tide.md", &["TIDE/a.png"], false);
        check("tide.md", &["Tide.MD"], false);
        check("tide.md", &["tide.markdown"], false);
        // The Kelvin sign is a k to those who compare names.
        check("kelvin.md", &["\u{212a}elvin.markdown"], false);
        check("\u{fc}ber.md", &["u\u{308}ber/a.png"], false);
    }

    #[test]
    fn what_looks_like_a_copy_is_not() {
        check("2026-11-20T10-00-00Z.md", &["2026-11-20T10-00-00Z-LAPTOP.md"], false);
        check("2026-11-20T10-00-00Z-LAPTOP.md", &["2026-11-20T10-00-00Z.md"], false);
        check("a.sync-conflict-20261120-100000-ABCDEFG.md", &["a.md"], false);
    }

    #[test]
    fn what_may_be_an_attachment_is_not() {
        check("tide/notes.md", &["tide.md"], false);
        check("Tide/deep/notes.md", &["tide.markdown"], false);
        check("2026-11-20T10-00-00Z-tide/notes.md", &[], false);
        check("a.png", &[], false);
        check("channel.toml", &[], false);
    }
}
