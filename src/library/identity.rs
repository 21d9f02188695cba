//! Identity of messages: UUIDv5 of the channel's id and the stem (RFC 9562, section 5.5).

use crate::path::{RelPath, nfc};
use uuid::Uuid;

/// The namespace of boxes without an `id`, a constant of the folder format.
const UNNAMED: Uuid = Uuid::from_u128(0xd962f1c6_bb17_4b44_9763_cf4cdd74f066);

/// Returns the namespace of a box's messages: the `id` of its `channel.toml`, else one made from
/// contact and box, which means nothing on any other machine.
pub fn channel_namespace(id: Option<Uuid>, contact: &str, box_folder: &str) -> Uuid {
    id.unwrap_or_else(|| {
        Uuid::new_v5(&UNNAMED, format!("{}/{box_folder}", nfc(contact)).as_bytes())
    })
}

/// Returns the id of a message as an IRI; `stem` is in NFC.
pub fn message_id(namespace: Uuid, stem: &RelPath) -> String {
    format!("urn:uuid:{}", Uuid::new_v5(&namespace, stem.as_str().as_bytes()))
}
