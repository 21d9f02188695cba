//! What a person wants to say, made into the text of a message's file: the inverse of
//! [`super::parse`].
//!
//! 1. The text is kept as it was written; a header that it brings stays, and keys are added to it.
//! 2. A TOML header is put before a text that has none, only where a key needs one.
//! 3. What was made is read again: what would be lost on the way is refused, with what to do.

use super::header::{self, Fence};
use super::tags::Tag;
use super::{Meta, parse, split};
use crate::config::language;
use crate::diagnostic::{Owner, shown};
use crate::fields::{File, Kind};
use crate::keys::holds_writing_key;
use crate::text::{clean_line, one_line};
use crate::time::Stamp;
use crate::web::WebUrl;
use std::fmt;
use uuid::Uuid;

/// A message to be written. A text alone is a whole one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// The Markdown. It may bring a header of its own.
    pub text: String,
    /// The title, where it has one that its first heading does not say.
    pub title: Option<String>,
    /// Its tags; those that stand in the text as hashtags are not written twice.
    pub tags: Vec<Tag>,
    /// What it answers: `urn:uuid:…`, or a web address that others can reach.
    pub in_reply_to: Option<String>,
    /// Who writes, where that is not the channel's first author.
    pub author: Option<String>,
    /// Its language, a BCP 47 tag, where it is not the channel's.
    pub language: Option<String>,
    /// Its time, where the name of the file does not tell it, or not with its offset.
    pub date: Option<Stamp>,
}

/// Why a draft cannot be written as it is, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub why: String,
    /// What to do.
    pub hint: String,
}

impl Refused {
    fn new(why: impl Into<String>, hint: impl Into<String>) -> Refused {
        Refused { why: why.into(), hint: hint.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.why, self.hint)
    }
}

impl std::error::Error for Refused {}

/// A key of a header and its value.
enum Value {
    Text(String),
    Texts(Vec<String>),
    Time(Stamp),
}

impl Draft {
    /// Returns the text of the file: line ends are `\n`, the last line ends in one.
    ///
    /// # Errors
    /// When a value is none (a language that is no language), when the text begins with a header
    /// that is broken or says another thing already, or when it holds a key of a writing kind.
    pub fn render(&self) -> Result<String, Refused> {
        self.check()?;
        let text = tidy(&self.text);
        let meta = sound(&text)?;
        let made = add(&text, &self.keys(&meta))?;
        self.is_kept(&made)?;
        Ok(made)
    }

    /// Returns the text of the file without any header, for readers that would show one (BTMessage,
    /// Missive): the title becomes a heading, tags become hashtags in a last line.
    ///
    /// # Errors
    /// As [`Draft::render`], and when it has what only a header can say.
    pub fn render_plain(&self) -> Result<String, Refused> {
        self.check()?;
        let mut text = tidy(&self.text);
        let meta = sound(&text)?;
        if header::fields(&text).is_some() {
            return Err(plain("the text begins with a header", "take the header out"));
        }
        for (said, key) in [
            (self.in_reply_to.is_some(), "what a message answers"),
            (self.author.is_some(), "an author"),
            (self.language.is_some(), "a language"),
            (self.date.is_some(), "a date"),
        ] {
            if said {
                return Err(plain(&format!("{key} needs a header"), "leave it out"));
            }
        }
        let title = self.title.as_deref().map(one_line).filter(|title| !title.is_empty());
        if let Some(title) = title.filter(|title| meta.title.as_deref() != Some(&clean_line(title)))
        {
            text = format!("# {title}\n\n{text}");
        }
        let tags: Vec<String> =
            self.new_tags(&meta).map(|tag| format!("#{}", tag.label())).collect();
        if !tags.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            text = format!("{text}{gap}{}\n", tags.join(" "));
        }
        self.is_kept(&text)?;
        Ok(text)
    }

    /// Returns the words that the name of the file is made of: title, else first sentence.
    pub fn words(&self) -> String {
        let meta = parse(file(&self.text)).value;
        let title = self.title.clone().filter(|title| !title.trim().is_empty());
        let title = title.or(meta.title.as_deref().map(str::to_owned));
        title.unwrap_or_else(|| without_tags(&meta.lead()).to_owned())
    }

    fn check(&self) -> Result<(), Refused> {
        if let Some(text) = &self.language
            && language(text).is_none()
        {
            let why = format!("`{}` is no language tag", shown(text));
            return Err(Refused::new(why, "write it as en or pt-BR"));
        }
        if let Some(reference) = &self.in_reply_to {
            check_reply(reference)?;
        }
        let said = [&self.title, &self.author].into_iter().flatten();
        if said.chain([&self.text]).any(holds_writing_key) {
            return Err(Refused::new(
                "it holds a key that lets its holder write in your name",
                "give out the read-only key only",
            ));
        }
        Ok(())
    }

    fn new_tags<'d>(&'d self, meta: &Meta) -> impl Iterator<Item = &'d Tag> {
        let known: Vec<String> = meta.tags.iter().map(Tag::key).collect();
        self.tags.iter().filter(move |tag| !known.contains(&tag.key()))
    }

    /// Returns the keys that the text does not say itself.
    fn keys(&self, meta: &Meta) -> Vec<(&'static str, Value)> {
        let new = |value: &Option<String>, known: Option<&str>| {
            let value = value.as_deref().map(one_line).filter(|value| !value.is_empty())?;
            (known != Some(&clean_line(&value))).then_some(Value::Text(value))
        };
        let tags: Vec<String> = self.new_tags(meta).map(|tag| tag.label().to_owned()).collect();
        let time = self.date.filter(|date| meta.date != Some(*date)).map(Value::Time);
        let keys = [
            ("title", new(&self.title, meta.title.as_deref())),
            ("date", time),
            ("author", new(&self.author, meta.rare.author.as_deref())),
            ("tags", (!tags.is_empty()).then_some(Value::Texts(tags))),
            ("in_reply_to", new(&self.in_reply_to, meta.rare.in_reply_to.as_deref())),
            ("language", new(&self.language, meta.rare.language.as_deref())),
        ];
        keys.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// Makes sure that reading gives back what was to be written.
    fn is_kept(&self, made: &str) -> Result<(), Refused> {
        let meta = parse(file(made)).value;
        let keys: Vec<String> = meta.tags.iter().map(Tag::key).collect();
        let said = |value: &Option<String>, read: Option<&str>| {
            let line = value.as_deref().map(clean_line).filter(|line| !line.is_empty());
            line.is_none() || line.as_deref() == read
        };
        let lost = match () {
            () if !said(&self.title, meta.title.as_deref()) => "the title",
            () if !said(&self.author, meta.rare.author.as_deref()) => "the author",
            () if !said(&self.in_reply_to, meta.rare.in_reply_to.as_deref()) => "what it answers",
            () if !said(&self.language, meta.rare.language.as_deref()) => "the language",
            () if self.tags.iter().any(|tag| !keys.contains(&tag.key())) => "a tag",
            () => return Ok(()),
        };
        let why = format!("{lost} would not be read back");
        Err(Refused::new(why, "write it into the text or its header yourself"))
    }
}

/// Returns the text of an edited message with `updated` set in its header, and with the date that
/// only its file told (`undated`), for the edit gives the file another.
///
/// # Errors
/// When its header is broken, or when it holds a key of a writing kind.
pub fn edited(text: &str, updated: Stamp, undated: Option<Stamp>) -> Result<String, Refused> {
    Draft { text: text.to_owned(), ..Draft::default() }.check()?;
    let text = tidy(text);
    let meta = sound(&text)?;
    let date = undated.filter(|_| meta.date.is_none()).map(|date| ("date", Value::Time(date)));
    let Some((from, to)) = place_of_updated(&text)? else {
        let keys: Vec<_> = date.into_iter().chain([("updated", Value::Time(updated))]).collect();
        return add(&text, &keys);
    };
    let text = format!("{}{}{}", &text[..from], updated.iso(), &text[to..]);
    add(&text, &date.into_iter().collect::<Vec<_>>())
}

/// Returns a text as it is written to a file.
///
/// # Errors
/// When it holds a key of a writing kind.
pub fn edited_plain(text: &str) -> Result<String, Refused> {
    Draft { text: text.to_owned(), ..Draft::default() }.check()?;
    Ok(tidy(text))
}

fn place_of_updated(text: &str) -> Result<Option<(usize, usize)>, Refused> {
    let Some((_, _, fields)) = header::fields(text) else { return Ok(None) };
    let Some(field) = fields.0.iter().find(|field| field.key == "updated") else {
        return Ok(None);
    };
    let span = field.value.span.clone();
    let plain = matches!(&field.value.kind, Kind::Text(_) | Kind::Date(_));
    let one_line = !span.is_empty() && !text[span.clone()].starts_with(['|', '>', '#']);
    if plain && one_line && !text[span.clone()].contains('\n') {
        return Ok(Some((span.start, span.end)));
    }
    Err(Refused::new("`updated` of the header is no time", "take the line out"))
}

/// Returns a sentence without the hashtags behind it, unless there is nothing else.
fn without_tags(sentence: &str) -> &str {
    let mut rest = sentence.trim_end();
    while let Some((before, last)) = rest.rsplit_once(' ')
        && last.starts_with('#')
    {
        rest = before.trim_end();
    }
    rest
}

fn check_reply(reference: &str) -> Result<(), Refused> {
    match WebUrl::parse(reference) {
        Some(url) if url.is_loopback() => Err(Refused::new(
            "what it answers is an address of this machine, which nobody else can reach",
            "name the message by its id, as urn:uuid:…",
        )),
        Some(_) => Ok(()),
        None if is_uuid(reference) => Ok(()),
        None => Err(Refused::new(
            format!("`{}` is nothing that can be answered", shown(reference)),
            "give a web address or an id, as urn:uuid:…",
        )),
    }
}

fn is_uuid(reference: &str) -> bool {
    reference.strip_prefix("urn:uuid:").is_some_and(|uuid| Uuid::parse_str(uuid).is_ok())
}

fn plain(why: &str, hint: &str) -> Refused {
    let hint = format!("{hint}, or take `write_txt` out of the contact's settings");
    Refused::new(format!("{why}, which Missive would show as text"), hint)
}

/// Returns a text with `\n` for line ends, at its end too, and without NUL.
fn tidy(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\0', "");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn file(text: &str) -> File<'_> {
    File { path: "", text, owner: Owner::Own }
}

/// Returns what a text says by itself.
fn sound(text: &str) -> Result<Meta, Refused> {
    let found = split(file(text)).diagnostics;
    let broken = |code: &str| matches!(code, "bad-header" | "open-header" | "odd-header");
    match found.into_iter().find(|report| broken(&report.code)) {
        Some(report) => {
            let line = report.place.as_ref().map_or(1, |place| place.line);
            let why = format!("line {line}: {}", report.message);
            Err(Refused::new(why, report.hint.unwrap_or_default()))
        }
        None => Ok(parse(file(text)).value),
    }
}

/// Puts keys into the header of a text, at its beginning, where they belong to no table.
fn add(text: &str, keys: &[(&'static str, Value)]) -> Result<String, Refused> {
    if keys.is_empty() {
        return Ok(text.to_owned());
    }
    let Some((fence, inside, fields)) = header::fields(text) else {
        return Ok(format!("+++\n{}+++\n{text}", lines(keys, Fence::Toml)));
    };
    for (key, _) in keys {
        if fields.0.iter().any(|field| field.key == *key) {
            let why = format!("the header of the text has its own `{key}`");
            return Err(Refused::new(why, "say it there"));
        }
    }
    let (before, after) = text.split_at(inside.start);
    Ok(format!("{before}{}{after}", lines(keys, fence)))
}

fn lines(keys: &[(&'static str, Value)], fence: Fence) -> String {
    let line = |(key, value): &(&str, Value)| match fence {
        Fence::Toml => format!("{key} = {}\n", written(value)),
        Fence::Yaml => format!("{key}: {}\n", written(value)),
    };
    keys.iter().map(line).collect()
}

fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Texts(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        }
        Value::Time(stamp) => stamp.iso(),
    }
}

/// Returns a text as a basic string of TOML (version 1.0, "String"), which YAML reads alike.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draft(text: &str) -> Draft {
        Draft { text: text.into(), ..Draft::default() }
    }

    fn tags(labels: &[&str]) -> Vec<Tag> {
        labels.iter().filter_map(|label| Tag::parse(label)).collect()
    }

    #[test]
    fn a_text_alone_has_no_header() {
        assert_eq!(
            draft("Low tide at six. #low-tide").render().unwrap(),
            "Low tide at six. #low-tide\n"
        );
        assert_eq!(draft("a\r\nb\r\n").render().unwrap(), "a\nb\n");
        assert_eq!(draft("").render().unwrap(), "");
    }

    #[test]
    fn a_header_says_what_the_text_does_not() {
        let mut all = draft("# Six\n\nLow tide. #Tide\n");
        all.title = Some("Six".into());
        all.tags = tags(&["tide", "gauge"]);
        all.in_reply_to = Some("urn:uuid:7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11".into());
        all.author = Some("Odo \"the\" Gull".into());
        all.date = Stamp::parse("2026-11-23T10:15:30+01:00");
        assert_eq!(
            all.render().unwrap(),
            "+++\ndate = 2026-11-23T10:15:30+01:00\nauthor = \"Odo \\\"the\\\" Gull\"\ntags = [\"gauge\"]\n\
             in_reply_to = \"urn:uuid:7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\n+++\n# Six\n\nLow tide. #Tide\n"
        );
    }

    #[test]
    fn a_header_of_the_text_stays_and_is_added_to() {
        let mut toml = draft("+++\nprivate = true # mine\n[extra]\nx = 1\n+++\nText\n");
        toml.title = Some("T".into());
        let made = toml.render().unwrap();
        assert_eq!(made, "+++\ntitle = \"T\"\nprivate = true # mine\n[extra]\nx = 1\n+++\nText\n");
        let mut yaml = draft("---\ndraft: true\n---\nText\n");
        yaml.tags = tags(&["a", "b"]);
        let made = yaml.render().unwrap();
        assert_eq!(made, "---\ntags: [\"a\", \"b\"]\ndraft: true\n---\nText\n");
        yaml.title = Some("a \"b\" # c".into());
        assert!(yaml.render().unwrap_err().why.contains("title"));
        let mut twice = draft("---\ntitle: A\n---\nText\n");
        twice.title = Some("B".into());
        assert!(twice.render().unwrap_err().why.contains("its own `title`"));
        twice.title = Some("A".into());
        assert_eq!(twice.render().unwrap(), twice.text);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refused = |draft: Draft, part: &str| {
            let error = draft.render().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        refused(draft("+++\nprivate = true\nText"), "never ends");
        refused(draft("+++\nprivate = \n+++\nText"), "line 2");
        refused(draft("\n---\nprivate: true\n---\nx"), "first line");
        refused(draft("A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3"), "read-only key");
        refused(Draft { language: Some("no language".into()), ..draft("x") }, "language tag");
        let reply = |to: &str| Draft { in_reply_to: Some(to.into()), ..draft("x") };
        refused(reply("http://localhost:8888/a.html"), "this machine");
        refused(reply("the other one"), "nothing that can be answered");
        assert!(reply("https://example.org/a").render().is_ok());
    }

    #[test]
    fn a_plain_text_has_no_header_whatever_it_says() {
        let mut all = draft("Low tide.\n");
        all.title = Some("Six".into());
        all.tags = tags(&["tide"]);
        assert_eq!(all.render_plain().unwrap(), "# Six\n\nLow tide.\n\n#tide\n");
        all.author = Some("Odo".into());
        assert!(all.render_plain().unwrap_err().hint.contains("write_txt"));
        assert!(draft("+++\n+++\nx").render_plain().is_err());
        let mut open = draft("```\ncode\n");
        open.tags = tags(&["tide"]);
        assert!(open.render_plain().unwrap_err().why.contains("a tag"));
    }

    #[test]
    fn names_are_made_of_title_or_first_words() {
        let check = |text: &str, words: &str| assert_eq!(draft(text).words(), words);
        check("Low tide. #tide #gauge", "Low tide.");
        check("#tide", "#tide");
        check("#tide is low", "#tide is low");
        check("# Six\n\nText", "Six");
        check("+++\ntitle = \"T\"\n+++\nText", "T");
        check("", "");
    }

    #[test]
    fn an_edit_sets_its_time() {
        let at = Stamp::parse("2026-11-24T12:00:00Z").unwrap();
        let check = |text: &str, expect: &str| assert_eq!(edited(text, at, None).unwrap(), expect);
        check("Text", "+++\nupdated = 2026-11-24T12:00:00Z\n+++\nText\n");
        check(
            "+++\nupdated = 2020-01-01 # once\ntitle = \"x\"\n+++\nText\n",
            "+++\nupdated = 2026-11-24T12:00:00Z # once\ntitle = \"x\"\n+++\nText\n",
        );
        check(
            "---\ntitle: x\nupdated: 2020-01-01\n---\nText\n",
            "---\ntitle: x\nupdated: 2026-11-24T12:00:00Z\n---\nText\n",
        );
        let day = Stamp::parse("2026-11-01T08:00:00Z");
        let dated = edited("Text", at, day).unwrap();
        assert!(dated.starts_with("+++\ndate = 2026-11-01T08:00:00Z\nupdated = "), "{dated}");
        assert!(edited("+++\nupdated = [1]\n+++\nx", at, None).is_err());
        let meta = parse(file(&edited("Text", at, None).unwrap())).value;
        assert_eq!(meta.rare.updated, Some(at));
    }

    proptest! {
        #[test]
        fn reading_gives_back_what_was_written(
            text in "(?s)[^\\x00\\r]{0,60}",
            title in proptest::option::of("\\PC{1,30}"),
            author in proptest::option::of("[\\w \"'\\\\#]{1,20}"),
            tags in proptest::collection::vec("[a-zé][a-z0-9_-]{0,8}", 0..4),
            reply in any::<bool>(),
        ) {
            let draft = Draft {
                text: text.clone(),
                title: title.clone(),
                author: author.clone(),
                tags: tags.iter().filter_map(|tag| Tag::parse(tag)).collect(),
                in_reply_to: reply.then(|| "https://example.org/a".to_owned()),
                ..Draft::default()
            };
            if let Ok(made) = draft.render() {
                let read = split(file(&made)).value;
                let kept = tidy(&text);
                let own = split(file(&kept)).value;
                prop_assert_eq!(read.body(&made), own.body(&kept));
                let meta = parse(file(&made)).value;
                if let Some(title) = title.map(|t| clean_line(&t)).filter(|t| !t.is_empty()) {
                    prop_assert_eq!(meta.title.as_deref(), Some(&*title));
                }
                if let Some(author) = author.map(|a| clean_line(&a)).filter(|a| !a.is_empty()) {
                    prop_assert_eq!(meta.rare.author.as_ref(), Some(&author));
                }
                for tag in &draft.tags {
                    prop_assert!(meta.tags.iter().any(|t| t.key() == tag.key()));
                }
                prop_assert_eq!(meta.rare.in_reply_to.is_some(), reply);
            } else {
                // Only texts that open like a header are refused here.
                let odd = text.trim_start().starts_with(['+', '-']);
                prop_assert!(odd, "{:?}", draft.render());
            }
        }
    }
}
