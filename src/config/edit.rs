//! Edits of `handbill.toml` and `channel.toml` by commands: text to text. What is not meant stays byte for byte,
//! comments and the order of lines too.

use super::Subscribe;
use crate::keys::handbill::Link;
use crate::keys::syncthing::SyncthingLink;
use crate::keys::{self, KeyKind};
use crate::path::fold;
use std::fmt;
use toml_edit::{
    Array, Decor, Document, DocumentMut, InlineTable, Item, Key, RawString, TableLike, Value, value,
};

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
    let known = said_of(contacts, contact);
    let contact = known.as_deref().unwrap_or(contact);
    let inline = contacts.is_some_and(Item::is_value);
    if known.is_some() || inline {
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

/// Returns the settings without the key or link that one was given for a contact, or `None` where
/// they have none. Comments around it stay, and so does whatever else is said of the contact.
///
/// # Errors
/// When the text is no TOML, or `contact` in it is no table.
pub fn unsubscribe(text: &str, contact: &str) -> Result<Option<String>, NotEdited> {
    let mut settings = read(text)?;
    let Some(name) = said_of(settings.get("contact"), contact) else { return Ok(None) };
    let contacts = table(settings.as_table_mut(), "contact")?;
    let entry = table(contacts, &name)?;
    let Some(comments) = take_out(entry, "subscribe") else { return Ok(None) };
    if !comments.is_empty() {
        let first = entry.iter().map(|(key, _)| key.to_owned()).next();
        match first.and_then(|first| entry.key_mut(&first)) {
            Some(mut key) => put_before(key.leaf_decor_mut(), &comments),
            None => {
                if let Some(Item::Table(table)) = contacts.get_mut(&name) {
                    put_before(table.decor_mut(), &comments);
                }
            }
        }
    } else if entry.is_empty() {
        if contacts.get(&name).is_some_and(Item::is_table) {
            let without = settings.to_string();
            let whole = without_head(&without, &name).unwrap_or(without);
            return Ok(Some(written(text, &read(&whole)?)));
        }
        contacts.remove(&name);
    }
    Ok(Some(written(text, &settings)))
}

/// Returns settings without the head of a contact's table in which nothing stands, unless there is a
/// comment to it.
fn without_head(text: &str, contact: &str) -> Option<String> {
    let settings = Document::parse(text).ok()?;
    let head = settings.get("contact")?.get(contact)?.as_table()?.span()?;
    let start = text[..head.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
    let (before, after) = (&text[..start], &text[end..]);
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    if text[start..end].contains('#') || before.lines().next_back().is_some_and(is_comment) {
        return None;
    }
    // The gap above it goes too.
    let before = if before.ends_with("\n\n") { &before[..before.len() - 1] } else { before };
    Some(format!("{before}{after}"))
}

/// Takes a key out of a table; returns the lines of comments about it, or nothing where it is not
/// there.
fn take_out(table: &mut dyn TableLike, key: &str) -> Option<String> {
    let raw = |raw: Option<&RawString>| raw.and_then(RawString::as_str).unwrap_or("").to_owned();
    let above = raw(table.key(key)?.leaf_decor().prefix());
    let behind = raw(table.get(key)?.as_value().and_then(|value| value.decor().suffix()));
    table.remove(key);
    let lines = above.lines().chain(behind.lines()).map(str::trim);
    let lines = lines.filter(|line| line.starts_with('#'));
    Some(lines.map(|line| format!("{line}\n")).collect())
}

fn put_before(decor: &mut Decor, comments: &str) {
    let before = decor.prefix().and_then(RawString::as_str).unwrap_or("").to_owned();
    decor.set_prefix(format!("{before}{comments}"));
}

/// Returns the settings with a contact muted or not, or `None` where it is so already.
///
/// # Errors
/// When the text is no TOML.
pub fn mute(text: &str, contact: &str, on: bool) -> Result<Option<String>, NotEdited> {
    let mut settings = read(text)?;
    let contacts = settings.get("contact");
    let name = said_of(contacts, contact);
    let contact = name.as_deref().unwrap_or(contact);
    let known = contacts.and_then(|contacts| contacts.get(contact));
    let before = known.and_then(|known| known.get("mute")).and_then(Item::as_bool);
    if before.unwrap_or(false) == on {
        return Ok(None);
    }
    if known.is_some() || contacts.is_some_and(Item::is_value) {
        let contacts = table(settings.as_table_mut(), "contact")?;
        set(table(contacts, contact)?, "mute", on);
        return Ok(Some(written(text, &settings)));
    }
    let new = format!("[contact.{}]\nmute = {on}\n", Key::new(contact).display_repr());
    let gap = if text.is_empty() { "" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let whole = read(&format!("{text}{end}{gap}{new}"))?;
    Ok(Some(written(text, &whole)))
}

/// Returns the name by which the settings speak of a contact, if they do: in whatever case.
fn said_of(contacts: Option<&Item>, contact: &str) -> Option<String> {
    let contacts = contacts?.as_table_like()?;
    let mut names = contacts.iter().map(|(name, _)| name);
    let exact = contacts.get(contact).is_some().then_some(contact);
    let found = exact.or_else(|| names.find(|name| fold(name) == fold(contact)));
    found.map(str::to_owned)
}

/// Returns a `channel.toml` with one more way to subscribe, or `None` where it has it already. A
/// link for Syncthing or Handbill takes the place of one to the same folder or channel.
///
/// # Errors
/// When the text is no TOML, or `subscribe` in it is no list of tables.
pub fn add_way(text: &str, way: &Subscribe) -> Result<Option<String>, NotEdited> {
    let mut channel = read_file(text, "channel.toml")?;
    let bad = || NotEdited("`subscribe` in channel.toml is no list: mend it first".into());
    let place = way.link.as_deref().and_then(place);
    let mut fields = vec![("transport", way.transport.as_str())];
    fields.extend(way.key.as_deref().map(|key| ("key", key)));
    fields.extend(way.link.as_deref().map(|link| ("link", link)));
    match channel.get_mut("subscribe") {
        Some(Item::ArrayOfTables(ways)) => {
            let ways = ways.iter_mut().map(|table| table as &mut dyn TableLike);
            if let Some(done) = known(ways, way, place.as_deref()) {
                return Ok(done.then(|| written(text, &channel)));
            }
        }
        Some(Item::Value(Value::Array(ways))) => {
            let tables = ways.iter_mut().filter_map(Value::as_inline_table_mut);
            let tables = tables.map(|table| table as &mut dyn TableLike);
            if let Some(done) = known(tables, way, place.as_deref()) {
                return Ok(done.then(|| written(text, &channel)));
            }
            ways.push(InlineTable::from_iter(fields));
            return Ok(Some(written(text, &channel)));
        }
        Some(_) => return Err(bad()),
        None => {}
    }
    // At the end, behind all comments, as in `subscribe` above.
    let line = |(name, text): &(&str, &str)| format!("{name} = {}\n", Value::from(*text));
    let lines: String = fields.iter().map(line).collect();
    let gap = if text.is_empty() { "" } else { "\n" };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let whole = format!("{text}{end}{gap}[[subscribe]]\n{lines}");
    Ok(Some(written(text, &read_file(&whole, "channel.toml")?)))
}

/// Looks for a way among those that are there; returns whether one was changed, or nothing where it
/// is a new one.
fn known<'t>(
    ways: impl Iterator<Item = &'t mut dyn TableLike>,
    way: &Subscribe,
    wanted: Option<&str>,
) -> Option<bool> {
    for table in ways {
        let text =
            |table: &dyn TableLike, key| table.get(key).and_then(Item::as_str).map(str::to_owned);
        let (key, link) = (text(table, "key"), text(table, "link"));
        if (&key, &link) == (&way.key, &way.link) {
            return Some(false);
        }
        let other = link.as_deref().and_then(place);
        if let (Some(other), Some(new)) = (other, &way.link)
            && Some(&*other) == wanted
        {
            set(table, "link", new);
            return Some(true);
        }
    }
    None
}

/// Returns what a link leads to, whoever is named in it as having that.
fn place(link: &str) -> Option<String> {
    let folder = SyncthingLink::parse(link).ok().map(|link| format!("folder {}", link.folder));
    let channel = || Link::parse(link).ok().map(|link| format!("channel {}", link.channel.text()));
    folder.or_else(channel)
}

fn read(text: &str) -> Result<DocumentMut, NotEdited> {
    read_file(text, "handbill.toml")
}

fn read_file(text: &str, file: &str) -> Result<DocumentMut, NotEdited> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        NotEdited(format!(
            "{file}:{line} is not valid TOML ({}): mend it first",
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
fn set(table: &mut dyn TableLike, key: &str, new: impl Into<Value>) {
    let mut new = new.into();
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
    fn muting_keeps_all_else() {
        let muted = SETTINGS.replace("alias = \"Mira\"\n", "alias = \"Mira\"\nmute = true\n");
        check(mute(SETTINGS, "mira", true), &muted);
        check(mute(&muted, "mira", false), &muted.replace("true", "false"));
        assert_eq!(mute(&muted, "mira", true).unwrap(), None);
        assert_eq!(mute(SETTINGS, "old friend", false).unwrap(), None);
        let new = format!("{SETTINGS}\n[contact.\"old friend\"]\nmute = true\n");
        check(mute(SETTINGS, "old friend", true), &new);
        check(mute("", "a", true), "[contact.a]\nmute = true\n");
        check(
            mute("contact = { a = { alias = \"A\" } }\n", "b", true),
            "contact = { a = { alias = \"A\" } , b = { mute = true } }\n",
        );
    }

    #[test]
    fn unsubscribing_keeps_all_else() {
        let link = subscribe(SETTINGS, "tides", "y").unwrap();
        check(unsubscribe(&link, "Tides"), SETTINGS);
        let after = "# Mine.\n\n[contact.a]\nsubscribe = \"x\"\n\n[limits]\n";
        check(unsubscribe(after, "a"), "# Mine.\n\n[limits]\n");
        check(unsubscribe(&subscribe("# Mine.\r\n", "a", "y").unwrap(), "a"), "# Mine.\r\n");
        assert_eq!(unsubscribe(SETTINGS, "tides").unwrap(), None);
        assert_eq!(unsubscribe(SETTINGS, "mira").unwrap(), None);
        let link = subscribe(SETTINGS, "mira", "y").unwrap();
        check(unsubscribe(&link, "mira"), SETTINGS);
        check(
            unsubscribe("[contact.a]\nsubscribe = \"x\"\n[limits]\n# x\n", "a"),
            "[limits]\n# x\n",
        );
        check(
            unsubscribe("[contact.a]\n# given by Odo\nsubscribe = \"x\" # old\nmute = true\n", "a"),
            "[contact.a]\n# given by Odo\n# old\nmute = true\n",
        );
        check(
            unsubscribe("# Theirs.\n[contact.a]\nsubscribe = \"x\"\n", "a"),
            "# Theirs.\n[contact.a]\n",
        );
        check(
            unsubscribe("[contact.a]\nsubscribe = \"x\" # old\n# end\n", "a"),
            "# old\n[contact.a]\n# end\n",
        );
        check(
            unsubscribe("contact = { a = { subscribe = \"x\" }, b = { mute = true } }\n", "a"),
            "contact = { b = { mute = true } }\n",
        );
    }

    #[test]
    fn a_contact_is_known_in_any_case() {
        let muted = SETTINGS.replace("alias = \"Mira\"\n", "alias = \"Mira\"\nmute = true\n");
        check(mute(SETTINGS, "MIRA", true), &muted);
        check(mute(&muted, "Mira", false), &muted.replace("true", "false"));
        let made = subscribe("[contact.Mira]\nsubscribe = \"x\"\n", "mira", "y").unwrap();
        assert_eq!(made, "[contact.Mira]\nsubscribe = \"y\"\n");
        let made = subscribe("contact = { Mira = { mute = true } }\n", "mira", "y").unwrap();
        assert_eq!(made, "contact = { Mira = { mute = true , subscribe = \"y\" } }\n");
        let two = "[contact.Mira]\n[contact.mira]\n";
        assert_eq!(subscribe(two, "mira", "y").unwrap(), format!("{two}subscribe = \"y\"\n"));
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
    fn a_way_to_subscribe_comes_last_and_once() {
        const DEVICE: &str = "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";
        let way = |text: &str| Subscribe::given(text, None).unwrap();
        let key = way("B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3");
        let channel = "id = \"x\"\n# [[subscribe]]\n";
        let one = add_way(channel, &key).unwrap().unwrap();
        let table = "\n[[subscribe]]\ntransport = \"resilio\"\nkey = \"B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3\"\n";
        assert_eq!(one, format!("{channel}{table}"));
        assert_eq!(add_way(&one, &key).unwrap(), None);
        let link = way(&format!("syncthing:n@{DEVICE}"));
        let two = add_way(&one, &link).unwrap().unwrap();
        assert_eq!(
            two,
            format!(
                "{one}\n[[subscribe]]\ntransport = \"syncthing\"\nlink = \"syncthing:n@{DEVICE}\"\n"
            )
        );
        // The same folder at another address.
        let moved = way(&format!("syncthing:n@{DEVICE}?address=tcp://h:1"));
        let three = add_way(&two, &moved).unwrap().unwrap();
        assert_eq!(three, two.replace(DEVICE, &format!("{DEVICE}?address=tcp://h:1")));
        check(
            add_way("subscribe = [] # none\n", &key),
            "subscribe = [{ transport = \"resilio\", key = \"B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3\" }] # none\n",
        );
        assert!(add_way("subscribe = 1\n", &key).unwrap_err().to_string().contains("channel.toml"));
        assert!(add_way("x = [\n", &key).unwrap_err().to_string().contains("channel.toml:"));
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
