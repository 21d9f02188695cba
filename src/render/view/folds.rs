//! Days on which somebody writes more than all others: two of the messages are shown, the rest
//! lies folded at the end of the day, so that nobody drowns the quiet ones.

use super::types::{DayView, FoldView};
use std::collections::BTreeMap;

/// How many messages of a contact a day shows before it folds the rest.
const SHOWN: usize = 2;

/// Folds what is too much of one contact, day by day. A single message more is not worth a fold.
/// What is folded depends on the messages of the day and the contact alone.
pub(super) fn fold(days: &mut [DayView]) {
    for day in days {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for message in &day.messages {
            *counts.entry(message.contact.path.clone()).or_default() += 1;
        }
        counts.retain(|_, count| *count > SHOWN + 1);
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for message in &mut day.messages {
            let Some((path, count)) = counts.get_key_value(&message.contact.path) else { continue };
            let seen = seen.entry(path).or_default();
            *seen += 1;
            message.folded = *seen > SHOWN;
            if *seen == SHOWN + 1 {
                let contact = message.contact.clone();
                day.folds.push(FoldView { contact, count: count - SHOWN });
            }
        }
    }
}
