//! What is shown of a page where somebody links to it.

use super::types::CardView;
use super::wording::summary;
use crate::library::{Attachment, Media, Message};
use crate::message::body::Found;
use crate::path::OutPath;
use crate::plan::{ListOf, Page};
use crate::render::Look;
use crate::text::cut;

/// The longest description, in characters.
const LONGEST: usize = 200;

/// Returns it for a page of the public edition that has an address.
pub(in crate::render) fn card(page: &Page, look: &Look<'_>) -> CardView {
    let address = |path: &OutPath| look.address(path, path);
    let site = |description: Option<&String>, image: Option<&Attachment>| CardView {
        of: "website",
        description: description.map(|text| cut(text, LONGEST)),
        image: image.map(|file| address(&file.out)),
        published: None,
        updated: None,
    };
    match page {
        Page::Message(page) => {
            let message = &*page.item.message;
            CardView {
                of: "article",
                description: Some(cut(summary(message), LONGEST)).filter(|text| !text.is_empty()),
                image: picture(message).map(address),
                published: Some(message.stamp.date_time().to_rfc3339()),
                updated: message
                    .rare
                    .updated
                    .filter(|updated| updated.unix() > message.stamp.unix())
                    .map(|stamp| stamp.date_time().to_rfc3339()),
            }
        }
        Page::List(list) => match &list.of {
            ListOf::Contact(head) => site(head.info.description.as_ref(), head.avatar.as_ref()),
            _ => site(None, None),
        },
        _ => site(None, None),
    }
}

/// Returns the picture that stands for a message: the one its header names, else its first, else
/// that of the contact.
fn picture(message: &Message) -> Option<&OutPath> {
    let found = |found: &'_ Found| match found {
        Found::Picture(path, _) => Some(path.as_str().to_owned()),
        _ => None,
    };
    let named = message.rare.thumbnail.as_ref().and_then(found);
    let is_picture =
        |file: &&Attachment| matches!(file.media, Media::Picture(_)) && !file.too_large;
    let mut pictures =
        message.rare.attachments.iter().chain(&message.rare.others).filter(is_picture);
    let first = match named {
        Some(named) => pictures.find(|file| file.out.as_str() == named),
        None => pictures.next(),
    };
    first.or(message.head.avatar.as_ref()).map(|file| &file.out)
}
