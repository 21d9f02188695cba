//! What one has read, starred and does not want to see: a local state that no page is made from.
//!
//! What is new is kept as a list of messages, in the order in which they arrived here. So a message
//! counts as new when it has come, whatever date it bears, and the state is as large as what is
//! still unread, not as what there is.

use crate::limits::{MUTED_WORD, MUTED_WORDS, STAR_TEXT, STARS, UNREAD};
use crate::text::cut;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// The number of the message that arrived last.
    pub last: u64,
    /// By the address of a contact: its unread messages in the order of their arrival, each with its
    /// number.
    pub unread: BTreeMap<String, Vec<(u64, String)>>,
    /// Starred messages, in the order in which they were.
    pub stars: Vec<Star>,
    /// Messages that hold one of these are folded.
    pub words: Vec<String>,
}

/// A starred message, with what names it where it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Star {
    /// Its page.
    pub page: String,
    /// Words that stand for it.
    pub name: String,
    /// Who it is from.
    pub from: String,
    /// Its day, in words.
    pub date: String,
}

/// What a person wants changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Mark {
    /// These pages are read.
    Read {
        /// The pages.
        pages: Vec<String>,
    },
    /// All that had arrived up to a number is read.
    All {
        /// The address of a contact; none for everything.
        contact: Option<String>,
        /// The number, [`Reading::last`] when the page was shown: what came since is not read.
        upto: u64,
    },
    /// A message gets a star.
    Star(Star),
    /// It loses it.
    Unstar {
        /// Its page.
        page: String,
    },
    /// A word is muted, or no longer.
    Word {
        /// The word.
        word: String,
        /// Whether it is.
        on: bool,
    },
    /// A contact is muted, or no longer: a setting, which is changed where settings are.
    Mute {
        /// The address of the contact.
        contact: String,
        /// Whether it is.
        on: bool,
    },
}

impl Reading {
    /// Takes in a message that has arrived. The oldest unread ones of a contact that has too many
    /// count as read.
    pub fn arrive(&mut self, contact: &str, page: &str) {
        self.last += 1;
        let unread = self.unread.entry(contact.to_owned()).or_default();
        unread.push((self.last, page.to_owned()));
        unread.drain(..unread.len().saturating_sub(UNREAD));
    }

    /// Forgets unread messages of a contact that are not there any more.
    pub fn keep(&mut self, contact: &str, is_there: impl Fn(&str) -> bool) {
        if let Some(unread) = self.unread.get_mut(contact) {
            unread.retain(|(_, page)| is_there(page));
        }
    }

    /// Does what is wanted; returns whether anything was changed. A contact is not muted here.
    pub fn apply(&mut self, mark: &Mark) -> bool {
        let before = self.clone();
        match mark {
            Mark::Read { pages } => {
                for unread in self.unread.values_mut() {
                    unread.retain(|(_, page)| !pages.contains(page));
                }
            }
            Mark::All { contact, upto } => {
                for (name, unread) in &mut self.unread {
                    if contact.as_ref().is_none_or(|contact| contact == name) {
                        unread.retain(|(number, _)| number > upto);
                    }
                }
            }
            Mark::Star(star) => self.star(star),
            Mark::Unstar { page } => self.stars.retain(|star| star.page != *page),
            Mark::Word { word, on } => self.word(word, *on),
            Mark::Mute { .. } => {}
        }
        self.unread.retain(|_, unread| !unread.is_empty());
        *self != before
    }

    fn star(&mut self, star: &Star) {
        let is_known = self.stars.iter().any(|known| known.page == star.page);
        if is_known || self.stars.len() >= STARS {
            return;
        }
        let text = |text: &str| cut(text.trim(), STAR_TEXT);
        self.stars.push(Star {
            page: star.page.clone(),
            name: text(&star.name),
            from: text(&star.from),
            date: text(&star.date),
        });
    }

    fn word(&mut self, word: &str, on: bool) {
        let word = word.trim().to_lowercase();
        self.words.retain(|known| *known != word);
        let fits = !word.is_empty() && word.chars().count() <= MUTED_WORD;
        if on && fits && self.words.len() < MUTED_WORDS {
            self.words.push(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        let mut reading = Reading::default();
        for (contact, page) in [("a", "a/1"), ("b", "b/1"), ("a", "a/2")] {
            reading.arrive(contact, page);
        }
        reading
    }

    fn unread(reading: &Reading) -> Vec<&str> {
        reading.unread.values().flatten().map(|(_, page)| page.as_str()).collect()
    }

    #[test]
    fn what_arrives_is_unread_until_it_was_read() {
        let mut reading = reading();
        assert_eq!(unread(&reading), ["a/1", "a/2", "b/1"]);
        assert!(reading.apply(&Mark::Read { pages: vec!["a/1".into(), "x".into()] }));
        assert!(!reading.apply(&Mark::Read { pages: vec!["a/1".into()] }));
        assert_eq!(unread(&reading), ["a/2", "b/1"]);
        reading.keep("a", |page| page != "a/2");
        assert_eq!(unread(&reading), ["b/1"]);
    }

    #[test]
    fn all_is_read_up_to_what_one_has_seen() {
        let mut reading = reading();
        let seen = reading.last;
        reading.arrive("a", "a/0");
        reading.apply(&Mark::All { contact: Some("a".into()), upto: seen });
        assert_eq!(unread(&reading), ["a/0", "b/1"]);
        reading.apply(&Mark::All { contact: None, upto: seen });
        assert_eq!(unread(&reading), ["a/0"]);
    }

    #[test]
    fn of_too_many_the_oldest_count_as_read() {
        let mut reading = Reading::default();
        for n in 0..UNREAD + 5 {
            reading.arrive("a", &n.to_string());
        }
        assert_eq!((unread(&reading).len(), unread(&reading)[0]), (UNREAD, "5"));
    }

    #[test]
    fn stars_and_words_are_there_once_and_bounded() {
        let mut reading = Reading::default();
        let star = |page: &str| {
            Mark::Star(Star {
                page: page.into(),
                name: "x".repeat(2 * STAR_TEXT),
                from: String::new(),
                date: String::new(),
            })
        };
        assert!(reading.apply(&star("a")) && !reading.apply(&star("a")));
        assert!(reading.stars[0].name.chars().count() <= STAR_TEXT + 1);
        assert!(reading.apply(&Mark::Unstar { page: "a".into() }) && reading.stars.is_empty());
        let word = |word: &str, on| Mark::Word { word: word.into(), on };
        assert!(reading.apply(&word(" Spoiler ", true)) && !reading.apply(&word("spoiler", true)));
        assert!(!reading.apply(&word(" ", true)) && !reading.apply(&word(&"x".repeat(65), true)));
        assert_eq!(reading.words, ["spoiler"]);
        assert!(reading.apply(&word("SPOILER", false)) && reading.words.is_empty());
    }
}
