//! A message: from the text of its file to what lists, plans and feeds need to know of it.
//!
//! 1. [`split`] cuts the header off and reads it (`header`, `yaml`).
//! 2. [`parse`] walks the Markdown once (`scan`) for title, tags, first words and references.
//! 3. [`body::render`] walks it again, only for outputs that are written, and makes its HTML.
//!
//! Parsing is total: any text gives a message, with a report of what was wrong. The other way round,
//! [`draft`] makes the text of a file out of what a person wants to say.

pub mod body;
pub mod draft;
mod header;
mod lead;
pub mod markdown;
mod raw;
mod scan;
pub mod tags;
mod yaml;

pub use header::{Split, Visibility, split};
pub use lead::Lead;
pub use tags::Tag;

use crate::diagnostic::Checked;
use crate::fields::File;
use crate::limits;
use crate::rare::{Group, Rare};
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What is known of a message without its text. A pure function of the text.
///
/// There is one of these for each message in memory: what few have stands in [`Rare`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meta {
    /// The title, from the header or from a heading that opens the text.
    pub title: Option<Box<str>>,
    /// Whether the title stands in the text as its first heading.
    pub title_in_text: bool,
    /// Whether the header allows it to be public.
    pub visibility: Visibility,
    /// The time of the header.
    pub date: Option<Stamp>,
    /// Header tags and hashtags, in order of appearance, none twice.
    pub tags: Box<[Tag]>,
    /// The first words of the text, up to about 240 characters; empty for a message of pictures.
    pub excerpt: Box<str>,
    /// See [`Meta::lead`].
    pub lead: Lead,
    /// What few messages have.
    pub rare: Rare<Details>,
}

impl Meta {
    /// Returns the first sentence or line, up to about 80 characters: stands where a title is needed.
    pub fn lead(&self) -> Cow<'_, str> {
        self.lead.words(&self.excerpt)
    }
}

/// What a message may say of itself, and seldom does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// When it was last edited, by the header.
    pub updated: Option<Stamp>,
    /// The author that the header names.
    pub author: Option<String>,
    /// The summary of the header.
    pub summary: Option<String>,
    /// What the message answers, as written.
    pub in_reply_to: Option<String>,
    /// The language, a BCP 47 tag.
    pub language: Option<String>,
    /// A picture among its attachments that stands for it.
    pub thumbnail: Option<String>,
    /// What the header says of attachments: their names with a line for each.
    pub captions: Vec<(String, String)>,
    /// The id the header asks for; holds in one's own boxes only.
    pub id: Option<String>,
    /// Relative addresses that the text links to or embeds, none twice.
    pub refs: Vec<String>,
}

impl Group for Details {
    const EMPTY: &'static Details = &Details {
        updated: None,
        author: None,
        summary: None,
        in_reply_to: None,
        language: None,
        thumbnail: None,
        captions: Vec::new(),
        id: None,
        refs: Vec::new(),
    };
}

/// Reads a message. `file.text` has been decoded and redacted.
pub fn parse(file: File<'_>) -> Checked<Meta> {
    let Checked { value: split, mut diagnostics } = split(file);
    let body = split.body(file.text);
    let scan = scan::scan(body, split.title.as_deref());
    let tags = tags::merge(&split.tags, scan.hashtags, |report| {
        if diagnostics.len() >= limits::FINDINGS {
            return;
        }
        diagnostics.push(match report {
            tags::Refused::NotATag(text, span) => {
                let message = format!("`{}` cannot be a tag", crate::diagnostic::shown(&text));
                file.warning("bad-tag", span, message)
                    .hint("a tag is letters, digits, `_` and `-`, not all digits, up to 64")
            }
            tags::Refused::TooMany(count) => {
                let message = format!("{count} tags; the first {} count", limits::TAGS);
                file.warning("too-many-tags", 0..0, message)
            }
        });
    });
    if scan.open_comment {
        let at = body.rfind("<!--").map_or(0, |at| file.text.len() - body.len() + at);
        let text = "a comment begins with `<!--` and never ends; what follows is not shown";
        diagnostics.push(
            file.warning("open-comment", at..at + 4, text.to_owned()).hint("end it with `-->`"),
        );
    }
    let title_in_text = scan.title_in_text;
    let rare = Rare::new(Details {
        updated: split.updated,
        author: split.author,
        summary: split.summary,
        in_reply_to: split.in_reply_to,
        language: split.language,
        thumbnail: split.thumbnail,
        captions: split.captions,
        id: split.id,
        refs: scan.refs,
    });
    let value = Meta {
        title: split.title.or(scan.title).map(String::into_boxed_str),
        title_in_text,
        visibility: split.visibility,
        date: split.date,
        tags: tags.into(),
        lead: Lead::new(&scan.lead, &scan.excerpt),
        excerpt: scan.excerpt.into(),
        rare,
    };
    Checked { value, diagnostics }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Owner;

    fn check(text: &str, codes: &[&str]) -> Meta {
        let checked = parse(File { path: "c/outbox/m.md", text, owner: Owner::Own });
        let found: Vec<&str> = checked.diagnostics.iter().map(|d| &*d.code).collect();
        assert_eq!(found, codes, "{:#?}", checked.diagnostics);
        checked.value
    }

    fn labels(meta: &Meta) -> Vec<&str> {
        meta.tags.iter().map(|tag| tag.label()).collect()
    }

    #[test]
    fn a_bare_note_has_no_title() {
        let meta = check("Low tide at *six*. The gauge was dry.\n\nMore.\n", &[]);
        assert_eq!(meta.title, None);
        assert_eq!(meta.lead(), "Low tide at six.");
        assert_eq!(&*meta.excerpt, "Low tide at six. The gauge was dry. More.");
    }

    #[test]
    fn a_heading_that_opens_the_text_is_the_title() {
        let meta = check("# Low *tide*\n\nText.\n", &[]);
        assert_eq!(meta.title.as_deref(), Some("Low tide"));
        assert!(meta.title_in_text);
        assert_eq!(&*meta.excerpt, "Text.");
        assert_eq!(check("Text.\n\n# Low tide\n", &[]).title, None);
    }

    #[test]
    fn toml_and_yaml_headers_say_the_same() {
        let toml = check(
            "+++\ntitle = \"T\"\ndate = 2026-11-23T10:15:30+01:00\ntags = [\"a b\", \"low-tide\"]\n\
             author = \"Odo\"\n[extra]\ncolour = \"red\"\n+++\nText #Low-Tide\n",
            &["bad-tag"],
        );
        let yaml = check(
            "---\ntitle: T # note\ndate: 2026-11-23T10:15:30+01:00\ntags:\n  - a b\n  - low-tide\n\
             author: 'Odo'\n---\nText #Low-Tide\n",
            &["bad-tag"],
        );
        assert_eq!(toml, yaml);
        assert_eq!(labels(&toml), ["low-tide"]);
        assert_eq!(toml.date.unwrap().iso(), "2026-11-23T10:15:30+01:00");
    }

    #[test]
    fn a_broken_header_keeps_the_text() {
        let meta = check("+++\ntitle = \"open\nauthor = \"Odo\"\n+++\nText\n", &["bad-header"]);
        assert_eq!(&*meta.excerpt, "Text");
        assert_eq!(meta.visibility, Visibility::Open);
    }

    #[test]
    fn what_may_not_be_public_fails_closed() {
        let closed = |text: &str, codes: &[&str]| {
            assert!(check(text, codes).visibility != Visibility::Open, "{text}");
        };
        closed("+++\ndraft = true\n+++\nx", &[]);
        closed("+++\nprivate = true\n+++\nx", &[]);
        closed("+++\nvisibility = \"friends\"\n+++\nx", &[]);
        closed("+++\npublished = false\n+++\nx", &[]);
        closed("---\ndraft: yes please\n---\nx", &["wrong-value"]);
        closed("---\ndraft: false\ndraft: true\n---\nx", &[]);
        closed("---\nDraft: true\n---\nx", &[]);
        closed("+++\ntitle = \"open\ndraft = true\n+++\nx", &["bad-header"]);
        closed("+++\ntitle = \"never closed\"\nprivate\n", &["open-header"]);
        closed("---\ndate created: 2026\nprivate: true\n---\nx", &["unknown-key"]);
        closed("---\ntitle : x\nprivate : true\n---\nx", &[]);
        closed("\n---\nprivate: true\n---\nx", &["odd-header"]);
        closed("---\n\nSome words\nprivate: true\n---\nx", &["odd-header"]);
        closed("+++\n[extra]\ncolour = \"red\"\ndraft = true\n+++\nx", &[]);
        let open = |text: &str| assert_eq!(check(text, &[]).visibility, Visibility::Open);
        open("+++\ndraft = false\n[extra]\ndraft = false\n+++\nx");
        open("---\n\nWe keep this private\n\n---\nx");
        open("---\npublished: true\n---\nx");
        open("+++\nvisibility = \"public\"\n+++\nx");
    }

    #[test]
    fn two_rules_are_no_header() {
        let meta = check("---\n\nHello there\n\n---\n\nMore\n", &[]);
        assert_eq!(&*meta.excerpt, "Hello there More");
    }

    #[test]
    fn tags_are_found_in_text_but_not_in_code_or_links() {
        let meta = check(
            "#one and (#two), `#code` and #42 and a#b [x #three](y.md) \\#no #潮位 #One #low_tide-.\n\n\
             ```\n#four\n```\n## #five\n",
            &[],
        );
        assert_eq!(labels(&meta), ["one", "two", "潮位", "low_tide", "five"]);
        assert_eq!(meta.rare.refs, ["y.md"]);
    }

    #[test]
    fn a_picture_alone_leads_with_its_words() {
        assert_eq!(check("![A gull](gull.jpg)\n", &[]).lead(), "A gull");
        assert_eq!(check("![A gull](gull.jpg)\n", &[]).rare.refs, ["gull.jpg"]);
    }

    #[test]
    fn a_reply_leads_with_its_own_words() {
        let lead = |text: &str| check(text, &[]).lead().into_owned();
        assert_eq!(lead("> When does it turn?\n\nIt turns at six. As ever.\n"), "It turns at six.");
        assert_eq!(lead("> > Six?\n>\n> Six.\n\nSeven!\n"), "Seven!");
        assert_eq!(lead("> When does it turn? Tell me.\n"), "When does it turn?");
        assert_eq!(lead("> [!NOTE]\n> The gauge is dry.\n\nMore.\n"), "The gauge is dry.");
    }

    #[test]
    fn unknown_header_keys_are_named() {
        let checked = parse(File {
            path: "m.md",
            text: "---\nlayuot: x\ntilte: y\n---\n",
            owner: Owner::Own,
        });
        assert_eq!(checked.diagnostics[1].hint.as_deref(), Some("did you mean `title`?"));
        assert_eq!(checked.diagnostics[1].place.as_ref().unwrap().line, 3);
    }
}
