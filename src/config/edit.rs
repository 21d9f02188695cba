//! Edits of `handbill.toml` by commands: text to text. What is not meant stays byte for byte,
//! comments and the order of lines too.

use crate::keys::{self, KeyKind};
use crate::path::fold;
use std::fmt;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, RawString, TableLike, Value, value};

/// Why the settings cannot be edited: they are left as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotEdited(String);

impl fmt::Display for NotEdited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotEdited {}

/// Returns the settings with a contact listed as public, or `None` where it is already.
///
/// # Errors
/// When the text is no TOML, or `public` is no list.
pub fn list(text: &str, contact: &str) -> Result<Option<String>, NotEdited> {
    let mut settings = read(text)?;
    let listed = public(&mut settings)?;
    if listed.iter().any(|item| is(item, contact)) {
        return Ok(None);
    }
    push(listed, contact);
    Ok(Some(written(text, &settings)))
}

/// Returns the settings with a contact no longer listed as public, in whatever case it was written,
/// or `None` where it was not. The list itself stays: an empty one says that nothing is public.
///
/// # Errors
/// As [`list`].
pub fn unlist(text: &str, contact: &str) -> Result<Option<String>, NotEdited> {
    let mut settings = read(text)?;
    let listed = public(&mut settings)?;
    let before = listed.len();
    for at in (0..before).rev() {
        if listed.get(at).is_some_and(|item| is(item, contact)) {
            remove(listed, at);
        }
    }
    Ok((listed.len() < before).then(|| written(text, &settings)))
}

/// Returns the settings with the key or link that one was given for a contact.
///
/// # Errors
/// When it is a key of a writing kind, or the text is no TOML.
pub fn subscribe(text: &str, contact: &str, given: &str) -> Result<String, NotEdited> {
    if keys::kind_of(given) == Some(KeyKind::Writing) || keys::holds_writing_key(given) {
        return Err(NotEdited(
            "this key lets its holder write: ask for the read-only key, and tell whoever gave it to you"
                .into(),
        ));
    }
    let mut settings = read(text)?;
    let contacts = settings.get("contact");
    let known = contacts.and_then(|contacts| contacts.get(contact)).is_some();
    let inline = contacts.is_some_and(Item::is_value);
    if known || inline {
        let contacts = table(settings.as_table_mut(), "contact")?;
        set(table(contacts, contact)?, "subscribe", given);
        return Ok(written(text, &settings));
    }
    // A new table comes last, behind all comments: one that is made a setting later must not become
    // part of it.
    let (key, given) = (Key::new(contact), Value::from(given));
    let new = format!("[contact.{}]\nsubscribe = {given}\n", key.display_repr());
    let gap = if text.is_empty() { "" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let whole = read(&format!("{text}{end}{gap}{new}"))?;
    Ok(written(text, &whole))
}

fn read(text: &str) -> Result<DocumentMut, NotEdited> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        NotEdited(format!(
            "handbill.toml:{line} is not valid TOML ({}): mend it first",
            error.message().replace('\n', ", ")
        ))
    })
}

/// Returns the text of settings, with the line ends that the text before had.
fn written(before: &str, settings: &DocumentMut) -> String {
    let text = settings.to_string();
    match before.contains("\r\n") {
        true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => text,
    }
}

fn public(settings: &mut DocumentMut) -> Result<&mut Array, NotEdited> {
    let item = settings.entry("public").or_insert_with(|| value(Array::new()));
    // A single name is read as a list of one.
    if let Some(name) = item.as_str().map(str::to_owned)
        && let Some(single) = item.as_value_mut()
    {
        let decor = single.decor().clone();
        *single = Value::Array(Array::from_iter([name]));
        *single.decor_mut() = decor;
    }
    item.as_array_mut()
        .ok_or_else(|| NotEdited("`public` in handbill.toml is no list: mend it first".into()))
}

fn is(item: &Value, contact: &str) -> bool {
    item.as_str().is_some_and(|name| fold(name) == fold(contact))
}

/// Adds to a list in the manner in which it is written: on one line, or one to a line.
fn push(list: &mut Array, contact: &str) {
    let last = list.iter().last().and_then(|item| item.decor().prefix());
    let indent = last.and_then(RawString::as_str).and_then(|text| text.rsplit_once('\n'));
    let mut item = Value::from(contact);
    match indent.map(|(_, indent)| indent.to_owned()) {
        Some(indent) => {
            // A comment behind the last item stays on its line.
            let comment = list.trailing().as_str().unwrap_or("").trim_end().to_owned();
            let (first, rest) = comment.split_once('\n').unwrap_or((&comment, ""));
            let rest = if rest.is_empty() { String::new() } else { format!("\n{rest}") };
            item.decor_mut().set_prefix(format!("{first}{rest}\n{indent}"));
            list.push_formatted(item);
            list.set_trailing("\n");
            list.set_trailing_comma(true);
        }
        None => list.push(item),
    }
}

/// Takes an item out of a list; comments around it go to what follows.
fn remove(list: &mut Array, at: usize) {
    let gone = list.remove(at);
    let text = |raw: Option<&RawString>| raw.and_then(RawString::as_str).unwrap_or("").to_owned();
    let before = text(gone.decor().prefix()) + &text(gone.decor().suffix());
    let comment = match before.rsplit_once('\n') {
        Some((lines, _)) if lines.contains('#') => lines.to_owned(),
        _ => return,
    };
    match list.get_mut(at) {
        Some(next) => {
            let prefix = text(next.decor().prefix());
            next.decor_mut().set_prefix(comment + &prefix);
        }
        None => {
            let trailing = list.trailing().as_str().unwrap_or("").to_owned();
            let end = if trailing.contains('\n') { trailing } else { "\n".into() };
            list.set_trailing(comment + &end);
        }
    }
}

/// Returns a table of a table, inline where it is made: its neighbours are.
fn table<'t>(parent: &'t mut dyn TableLike, key: &str) -> Result<&'t mut dyn TableLike, NotEdited> {
    let new = || Item::Value(Value::InlineTable(InlineTable::new()));
    parent.entry(key).or_insert_with(new).as_table_like_mut().ok_or_else(|| no_table(key))
}

fn no_table(key: &str) -> NotEdited {
    NotEdited(format!("`{key}` in handbill.toml is no table: mend it first"))
}

/// Sets a key, with the comment behind its old value kept.
fn set(table: &mut dyn TableLike, key: &str, text: &str) {
    let mut new = Value::from(text);
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(new));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = "# Mine.\ntitle = \"T\" # the title\n\npublic = [\"a\"] # for all\n\n[contact.mira]\nalias = \"Mira\"\n";

    fn check(made: Result<Option<String>, NotEdited>, expect: &str) {
        assert_eq!(made.unwrap().as_deref(), Some(expect));
    }

    #[test]
    fn listing_keeps_all_else() {
        check(list(SETTINGS, "b"), &SETTINGS.replace("[\"a\"]", "[\"a\", \"b\"]"));
        check(unlist(SETTINGS, "A"), &SETTINGS.replace("[\"a\"]", "[]"));
        assert_eq!(list(SETTINGS, "A").unwrap(), None);
        assert_eq!(unlist(SETTINGS, "b").unwrap(), None);
    }

    #[test]
    fn a_list_of_many_lines_stays_one() {
        let lines = "public = [\n  # all of it\n  \"a\", # mine\n  \"b\", # hers\n]\n";
        check(
            list(lines, "c"),
            "public = [\n  # all of it\n  \"a\", # mine\n  \"b\", # hers\n  \"c\",\n]\n",
        );
        check(unlist(lines, "b"), "public = [\n  # all of it\n  \"a\", # mine # hers\n]\n");
        check(unlist(lines, "a"), "public = [\n  # all of it # mine\n  \"b\", # hers\n]\n");
    }

    #[test]
    fn what_is_not_there_is_made_where_it_belongs() {
        check(list("", "a"), "public = [\"a\"]\n");
        check(list("public = \"b\" # all\n", "a"), "public = [\"b\", \"a\"] # all\n");
        check(
            list("[contact.mira]\nmute = true\n", "a"),
            "public = [\"a\"]\n[contact.mira]\nmute = true\n",
        );
        assert_eq!(
            subscribe("title = \"T\"\n", "harbour log", "B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3")
                .unwrap(),
            "title = \"T\"\n\n[contact.\"harbour log\"]\nsubscribe = \"B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3\"\n"
        );
        assert_eq!(
            subscribe("title = \"T\"\n\n# port = 1\n", "a", "y").unwrap(),
            "title = \"T\"\n\n# port = 1\n\n[contact.a]\nsubscribe = \"y\"\n"
        );
        let two = subscribe("[contact.a]\nmute = true\n# end\n[limits]\n# x\n", "b", "y").unwrap();
        assert!(
            two.contains("# end")
                && two.contains("# x")
                && two.starts_with("[contact.a]\nmute = true\n# end\n[limits]")
                && two.ends_with("# x\n\n[contact.b]\nsubscribe = \"y\"\n"),
            "{two}"
        );
        let known = "[contact.a]\nsubscribe = \"x\" # old\nmute = true\n";
        assert_eq!(
            subscribe(known, "a", "y").unwrap(),
            "[contact.a]\nsubscribe = \"y\" # old\nmute = true\n"
        );
        assert_eq!(
            subscribe("contact = { a = { mute = true } }\n", "a", "y").unwrap(),
            "contact = { a = { mute = true , subscribe = \"y\" } }\n"
        );
    }

    #[test]
    fn line_ends_stay() {
        check(
            list("title = \"T\"\r\npublic = []\r\n", "a"),
            "title = \"T\"\r\npublic = [\"a\"]\r\n",
        );
    }

    #[test]
    fn what_is_broken_is_left_alone() {
        let refused = |text: &str, part: &str| {
            let error = list(text, "a").unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        refused("title = \"T\"\npublic = [\n", "handbill.toml:");
        refused("public = 1\n", "is no list");
        assert!(subscribe("contact = 1\n", "a", "y").is_err());
        let key = "A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
        let error = subscribe("", "a", key).unwrap_err().to_string();
        assert!(error.contains("read-only key") && !error.contains(key));
    }
}
