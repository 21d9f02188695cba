//! Conflict copies that bear no tool's mark: `…Z-LAPTOP`, `…Z 2`, `…Z (2)`.
//!
//! OneDrive, iCloud and Google Drive name them so. A name of that kind can also be a person's
//! choice; so it is suspected only beside a message whose whole name is the time stamp.

use super::MessageFile;
use crate::time::Stamp;
use std::collections::BTreeSet;

/// Marks the messages that look like conflict copies of another one.
pub(super) fn mark(messages: &mut [MessageFile]) {
    if !messages.iter().any(|message| original_of(message).is_some()) {
        return;
    }
    let bare = |m: &&MessageFile| Stamp::full_name(m.stem.name()).is_some();
    let stems: BTreeSet<String> =
        messages.iter().filter(bare).map(|m| m.stem.to_string()).collect();
    for message in messages {
        let original = original_of(message).filter(|original| stems.contains(*original));
        message.suspect = original.map(str::to_owned);
    }
}

/// Returns the stem of the message of which one is a copy, if it is called like one.
fn original_of(message: &MessageFile) -> Option<&str> {
    let stem = message.stem.as_str();
    let at = stem.len() - message.stem.name().len() + 20;
    let (original, rest) = stem.split_at_checked(at)?;
    looks_copied(rest).then_some(original)
}

/// Returns whether what follows the time stamp is a tool's doing: `-[A-Z0-9][A-Z0-9-]{2,14}`,
/// a space and a number, or a number in parentheses.
fn looks_copied(rest: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(text) = rest.strip_prefix(" (").and_then(|text| text.strip_suffix(')')) {
        return number(text);
    }
    if let Some(text) = rest.strip_prefix(' ') {
        return number(text);
    }
    let Some(host) = rest.strip_prefix('-') else { return false };
    let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (3..=15).contains(&host.len())
        && host.bytes().next().is_some_and(capital)
        && host.bytes().all(|b| capital(b) || b == b'-')
}
