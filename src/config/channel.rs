//! `channel.toml`: what the owner says of a channel. All of it is optional.

use super::parse_file;
use super::way::{has_login, is_by_ssh, on_one_line};
use crate::diagnostic::Checked;
use crate::fields::{Fields, File, Reader};
use crate::keys::handbill::{self, Link};
use crate::keys::syncthing::{SCHEME, SyncthingLink};
use crate::keys::{self, KeyKind};
use crate::web::WebUrl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the owner of a box says of it. Texts are cleaned; addresses are checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// The namespace of the ids of its messages.
    pub id: Option<Uuid>,
    /// Its name for people.
    pub title: Option<String>,
    /// A sentence about it.
    pub description: Option<String>,
    /// The language of its messages, a BCP 47 tag.
    pub language: Option<String>,
    /// Where its public edition is read.
    pub home_page: Option<WebUrl>,
    /// A picture in the box, as a path relative to it.
    pub avatar: Option<String>,
    /// The licence of what it holds, in the owner's words.
    pub license: Option<String>,
    /// Who writes; the first is meant where a message names nobody.
    pub authors: Vec<Author>,
    /// Ways to subscribe.
    pub subscribe: Vec<Subscribe>,
}

/// Somebody who writes in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name, never empty.
    pub name: String,
    /// A page about the author.
    pub uri: Option<WebUrl>,
    /// A mail address.
    pub email: Option<String>,
    /// A picture in the box, as a path relative to it.
    pub avatar: Option<String>,
}

/// A way to subscribe: a tool, with the read-only key or the link it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// The tool, as `resilio` or `syncthing`.
    pub transport: String,
    /// The read-only key.
    pub key: Option<String>,
    /// The link that the tool opens.
    pub link: Option<String>,
}

/// What is said of a new channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewChannel {
    /// Its name for people.
    pub title: Option<String>,
    /// A sentence about it.
    pub description: Option<String>,
    /// The language of its messages.
    pub language: Option<String>,
    /// The name of whoever writes.
    pub author: Option<String>,
}

impl NewChannel {
    /// Returns the `channel.toml` of a new channel, with lines to be filled in as comments.
    pub fn text(&self, id: Uuid) -> String {
        let quoted = |text: &str| toml_edit::Value::from(text).to_string();
        let line = |key: &str, value: &Option<String>, example: &str| match value {
            Some(value) => format!("{key} = {}\n", quoted(value)),
            None => format!("# {key} = {}\n", quoted(example)),
        };
        let author = match &self.author {
            Some(name) => format!("[[author]]\nname = {}\n", quoted(name)),
            None => "# [[author]]\n# name = \"My name\"\n".to_owned(),
        };
        [
            "# What this channel says of itself. Whoever has its read-only key gets this file too.\n\n",
            "# Replies refer to messages by this id. It stays as it is, wherever the folder goes.\n",
            &format!("id = \"{id}\"\n\n"),
            &line("title", &self.title, "What it is called"),
            &line("description", &self.description, "A sentence about it"),
            &line("language", &self.language, "en"),
            "\n",
            &author,
            "\n# How to subscribe, with the read-only key: never the one that can write.\n",
            "# [[subscribe]]\n# transport = \"resilio\"\n# key = \"B…\"\n",
        ]
        .concat()
    }
}

/// Reads a `channel.toml`.
pub fn read_channel(file: File<'_>) -> Checked<ChannelInfo> {
    let mut found = Vec::new();
    let fields = parse_file(file, &mut found);
    let mut reader = Reader::new(file, fields, &mut found);
    let value = ChannelInfo {
        id: reader.parsed("id", "a UUID", |text| Uuid::parse_str(text).ok()),
        title: reader.line("title"),
        description: reader.line("description"),
        language: reader.parsed("language", "a language tag, as en or pt-BR", language),
        home_page: reader.parsed("home_page", "an http or https address", WebUrl::parse),
        avatar: reader.raw_text("avatar").map(|(text, _)| text),
        license: reader.line("license"),
        authors: read_each(&mut reader, "author", "given a `name`", read_author),
        subscribe: read_each(
            &mut reader,
            "subscribe",
            "given a `transport` and a read-only `key` or a `link`",
            read_subscribe,
        ),
    };
    reader.finish();
    Checked { value, diagnostics: found }
}

/// Returns a language tag in its usual form, or `None` where it is none (BCP 47, by its shape).
pub fn language(text: &str) -> Option<String> {
    let parts = || text.split('-');
    let sound = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let first = parts().next()?;
    let letters = (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    (letters && text.len() <= 35 && parts().all(sound)).then(|| text.to_owned())
}

fn read_each<T>(
    reader: &mut Reader<'_>,
    key: &'static str,
    needed: &str,
    read: fn(&mut Reader<'_>) -> Option<T>,
) -> Vec<T> {
    let tables = reader.tables(key);
    let tables = tables.into_iter().take(crate::limits::PEOPLE);
    tables.filter_map(|fields| read_one(reader, fields, key, needed, read)).collect()
}

fn read_one<T>(
    reader: &mut Reader<'_>,
    fields: Fields,
    key: &'static str,
    needed: &str,
    read: fn(&mut Reader<'_>) -> Option<T>,
) -> Option<T> {
    let span = fields.0.first().map(|field| field.key_span.clone());
    let mut inner = reader.inner(fields);
    let value = read(&mut inner);
    inner.finish();
    if value.is_none() {
        reader.wrong(key, span.unwrap_or(0..0), needed);
    }
    value
}

fn read_author(reader: &mut Reader<'_>) -> Option<Author> {
    let name = reader.line("name");
    let (uri, email) = (
        reader.parsed("uri", "an http or https address", WebUrl::parse),
        reader.parsed("email", "a mail address, as odo@example.org", email),
    );
    let avatar = reader.raw_text("avatar").map(|(text, _)| text);
    Some(Author { name: name?, uri, email, avatar })
}

/// Returns a mail address by its shape. It becomes a `mailto:` link, in which `?` and `%` would begin
/// more than an address (RFC 6068, section 2).
fn email(text: &str) -> Option<String> {
    let (name, host) = text.split_once('@')?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let sound = |part: &str| !part.is_empty() && part.chars().all(plain);
    (sound(name) && sound(host) && text.len() <= 254).then(|| text.to_owned())
}

fn read_subscribe(reader: &mut Reader<'_>) -> Option<Subscribe> {
    let transport = reader.line("transport");
    let key = reader.parsed("key", "a read-only key", |text| {
        let publishable = keys::kind_of(text) != Some(KeyKind::Writing);
        publishable.then(|| crate::text::clean_line(text))
    });
    let link = reader.raw_text("link").map(|(text, _)| on_one_line(&text));
    let link = link.filter(|link| is_link(link));
    let way = key.is_some() || link.is_some();
    way.then_some(Subscribe { transport: transport?, key, link })
}

/// Returns whether a subscribe link is of a scheme that some sync tool opens; one for Syncthing or
/// Handbill by its whole form.
fn is_link(link: &str) -> bool {
    if link.starts_with(SCHEME) {
        return SyncthingLink::parse(link).is_ok();
    }
    if link.starts_with(handbill::SCHEME) {
        return Link::parse(link).is_ok();
    }
    if has_login(link) {
        return false;
    }
    let schemes = ["https://", "http://", "btsync://", "rslsync://", "git://", "rsync://"];
    is_by_ssh(link) || schemes.iter().any(|scheme| link.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Owner;

    fn check(text: &str, codes: &[&str]) -> ChannelInfo {
        let file = File { path: "c/outbox/channel.toml", text, owner: Owner::Own };
        let checked = read_channel(file);
        let found: Vec<&str> = checked.diagnostics.iter().map(|d| &*d.code).collect();
        assert_eq!(found, codes, "{:#?}", checked.diagnostics);
        checked.value
    }

    #[test]
    fn a_whole_channel() {
        let info = check(
            "id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\ntitle = \" Tide  notes \"\n\
             language = \"en\"\nhome_page = \"https://example.org/tide/\"\n\
             [[author]]\nname = \"Odo\"\nuri = \"https://example.org/odo\"\n\
             [[subscribe]]\ntransport = \"resilio\"\nkey = \"B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3\"\n",
            &[],
        );
        assert_eq!(info.title.as_deref(), Some("Tide notes"));
        assert_eq!(info.authors[0].name, "Odo");
        assert_eq!(info.subscribe.len(), 1);
    }

    #[test]
    fn wrong_values_are_named_and_the_rest_is_kept() {
        let info = check(
            "id = \"nonsense\"\ntitel = \"x\"\ntitle = 5\nhome_page = \"javascript:x\"\n\
             language = \"en\"\n",
            &["wrong-value", "wrong-value", "wrong-value", "unknown-key"],
        );
        assert_eq!(info.language.as_deref(), Some("en"));
    }

    #[test]
    fn a_syntax_error_keeps_what_could_be_read() {
        let info =
            check("title = \"Tide\"\ndescription = \"open\nlanguage = \"en\"\n", &["bad-toml"]);
        assert_eq!(info.title.as_deref(), Some("Tide"));
    }

    #[test]
    fn a_mail_address_is_no_more_than_that() {
        let email = |text: &str| {
            let codes: &[&str] = if text == "odo+notes@e.example" { &[] } else { &["wrong-value"] };
            let text = format!("[[author]]\nname = \"Odo\"\nemail = \"{text}\"\n");
            check(&text, codes).authors[0].email.clone()
        };
        assert_eq!(email("odo+notes@e.example").as_deref(), Some("odo+notes@e.example"));
        for wrong in [
            "odo",
            "@",
            "odo@",
            "a@e.example?attach=/etc/passwd",
            "a@e.example%3f",
            "a b@e",
            "a@b@c",
        ] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_new_channel_is_read_as_it_was_meant() {
        let id = Uuid::from_u128(7);
        let new = NewChannel {
            title: Some("Tide \"notes\" \\ #1".into()),
            description: None,
            language: Some("pt-BR".into()),
            author: Some("Odo".into()),
        };
        let info = check(&new.text(id), &[]);
        assert_eq!((info.id, &info.title, &info.language), (Some(id), &new.title, &new.language));
        assert_eq!((info.description, info.authors[0].name.as_str()), (None, "Odo"));
        let bare = check(&NewChannel::default().text(id), &[]);
        assert_eq!(bare, ChannelInfo { id: Some(id), ..ChannelInfo::default() });
    }

    #[test]
    fn a_link_is_read_whole_however_many_it_names() {
        let channel = handbill::Channel([1; 32]).text();
        let peers: Vec<String> =
            (0..16).map(|n| format!("peer={}", handbill::Device([n; 32]).text())).collect();
        let link = format!("handbill:{channel}?{}&title=Tides", peers.join("&"));
        let text = format!("[[subscribe]]\ntransport = \"handbill\"\nlink = \"{link}\"\n");
        assert_eq!(check(&text, &[]).subscribe[0].text(), link);
    }

    #[test]
    fn a_writing_key_is_never_taken() {
        let text =
            "[[subscribe]]\ntransport = \"resilio\"\nkey = \"A2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3\"";
        assert!(check(text, &["wrong-value", "wrong-value"]).subscribe.is_empty());
        check("[[author]]\nuri = \"https://example.org/\"\n", &["wrong-value"]);
        let text = "[[subscribe]]\ntransport = \"git\"\nlink = \"https://o:pw@example.org/n.git\"";
        assert!(check(text, &["wrong-value"]).subscribe.is_empty());
        check(&text.replace("o:pw@", ""), &[]);
        check(&text.replace("https://o:pw@example.org/", "git@example.org:"), &[]);
    }
}
