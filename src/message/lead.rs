//! The words that stand where a title is needed.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The first sentence of a text. Most excerpts begin with it: then it takes no room of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead(Form);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Form {
    /// So many bytes of the excerpt, and how they end.
    Begins(u16, End),
    /// Other words.
    Own(Box<str>),
}

/// What stands behind words that were cut off, as [`cut`](crate::text::cut) does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum End {
    Whole,
    Dots,
    SpaceAndDots,
}

impl End {
    const ALL: [End; 3] = [End::Whole, End::SpaceAndDots, End::Dots];

    fn text(self) -> &'static str {
        match self {
            End::Whole => "",
            End::Dots => "…",
            End::SpaceAndDots => " …",
        }
    }
}

impl Default for Lead {
    fn default() -> Lead {
        Lead::new("", "")
    }
}

impl Lead {
    /// Returns a lead for a text of this excerpt.
    pub(super) fn new(lead: &str, excerpt: &str) -> Lead {
        let begins = End::ALL.into_iter().find_map(|end| {
            let words = lead.strip_suffix(end.text())?;
            let length = u16::try_from(words.len()).ok()?;
            excerpt.starts_with(words).then_some(Form::Begins(length, end))
        });
        Lead(begins.unwrap_or_else(|| Form::Own(lead.into())))
    }

    /// Returns its words, given the excerpt it was made with.
    pub(super) fn words<'m>(&'m self, excerpt: &'m str) -> Cow<'m, str> {
        match &self.0 {
            Form::Own(words) => Cow::Borrowed(words),
            Form::Begins(length, end) => {
                let words = excerpt.get(..usize::from(*length)).unwrap_or(excerpt);
                match end {
                    End::Whole => Cow::Borrowed(words),
                    _ => Cow::Owned([words, end.text()].concat()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_what_it_was_made_of() {
        let check = |lead: &str, excerpt: &str, takes_room: bool| {
            let made = Lead::new(lead, excerpt);
            assert_eq!(made.words(excerpt), lead);
            assert_eq!(matches!(made.0, Form::Own(_)), takes_room, "{lead}");
        };
        check("", "", false);
        check("Low tide.", "Low tide. The gauge was dry.", false);
        check("Low tide at…", "Low tide at six, and more than that.", false);
        check("Low tide at six. …", "Low tide at six. And more.", false);
        check("Ebbe…", "Ebbe…", false);
        check("…", "Anything", false);
        check("A gull", "", true);
        check("Seven!", "Six? Seven!", true);
        check(&"x".repeat(70_000), &"x".repeat(80_000), true);
    }
}
