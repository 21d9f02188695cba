//! Identity of messages: UUIDv5 of the channel's id and the stem (RFC 9562, section 5.5).

use crate::path::{RelPath, nfc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use uuid::Uuid;
use uuid::fmt::Urn;

/// The identity of a message for everybody, an IRI. There are one or two for each message in memory:
/// those that are made here take no room beside themselves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Id(Form);

/// How an id is kept, in memory and where it takes as little room in a file; elsewhere it is a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Form {
    /// `urn:uuid:`, in lower case.
    Uuid(Uuid),
    /// Anything else.
    Iri(Box<str>),
}

impl Id {
    /// Returns the id of a message; `stem` is in NFC.
    pub(super) fn of(namespace: Uuid, stem: &str) -> Id {
        Id(Form::Uuid(Uuid::new_v5(&namespace, stem.as_bytes())))
    }

    /// Returns the id of a message on this machine alone; `stem` is in NFC.
    pub(super) fn local(contact: &str, box_folder: &str, stem: &str) -> Id {
        Id::of(channel_namespace(None, contact, box_folder), stem)
    }

    /// Returns the id that is written so.
    pub fn new(text: &str) -> Id {
        let uuid = text.strip_prefix("urn:uuid:").and_then(|uuid| Uuid::parse_str(uuid).ok());
        let id = uuid.map(|uuid| Id(Form::Uuid(uuid)));
        id.filter(|id| id == text).unwrap_or_else(|| Id(Form::Iri(text.into())))
    }

    /// Returns how it is kept.
    pub(super) fn form(&self) -> &Form {
        &self.0
    }

    /// Does something with its text.
    pub fn with<R>(&self, work: impl FnOnce(&str) -> R) -> R {
        match &self.0 {
            Form::Uuid(uuid) => work(uuid.urn().encode_lower(&mut [0; Urn::LENGTH])),
            Form::Iri(text) => work(text),
        }
    }
}

impl From<Form> for Id {
    fn from(form: Form) -> Id {
        Id(form)
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, text: &str) -> bool {
        self.with(|own| own == text)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|text| f.write_str(text))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.with(|text| to.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
        String::deserialize(from).map(|text| Id::new(&text))
    }
}

/// The namespace of boxes without an `id`, a constant of the folder format.
const UNNAMED: Uuid = Uuid::from_u128(0xd962f1c6_bb17_4b44_9763_cf4cdd74f066);

/// Returns the namespace of a box's messages: the `id` of its `channel.toml`, else one made from
/// contact and box, which means nothing on any other machine.
pub fn channel_namespace(id: Option<Uuid>, contact: &str, box_folder: &str) -> Uuid {
    id.unwrap_or_else(|| {
        Uuid::new_v5(&UNNAMED, format!("{}/{box_folder}", nfc(contact)).as_bytes())
    })
}

/// Returns the id of a message; `stem` is in NFC.
pub fn message_id(namespace: Uuid, stem: &RelPath) -> Id {
    Id::of(namespace, stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_was_written() {
        let check = |text: &str, takes_room: bool| {
            let id = Id::new(text);
            assert_eq!(id.to_string(), text);
            assert!(id == *text && id.with(|own| own == text));
            let bytes = postcard::to_allocvec(&id).unwrap();
            assert_eq!(postcard::from_bytes::<Id>(&bytes), Ok(id.clone()));
            assert_eq!(matches!(id.0, Form::Iri(_)), takes_room, "{text}");
        };
        check("urn:uuid:d962f1c6-bb17-4b44-9763-cf4cdd74f066", false);
        check("urn:uuid:D962F1C6-bb17-4b44-9763-cf4cdd74f066", true);
        check("urn:uuid:d962f1c6bb174b449763cf4cdd74f066", true);
        check("d962f1c6-bb17-4b44-9763-cf4cdd74f066", true);
        check("https://site.example/1", true);
        check("", true);
    }
}
