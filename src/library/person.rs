//! Who writes.

use super::Attachment;
use crate::config::Author;
use crate::web::WebUrl;
use serde::{Deserialize, Serialize};

/// Somebody who writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name, never empty.
    pub name: String,
    /// A page about the person.
    pub uri: Option<WebUrl>,
    /// A mail address.
    pub email: Option<String>,
    /// A picture.
    pub avatar: Option<Attachment>,
}

impl Person {
    /// Returns somebody of whom only the name is known.
    pub fn named(name: String) -> Person {
        Person { name, uri: None, email: None, avatar: None }
    }

    /// Returns the person that a channel speaks of, with the picture found for him.
    pub fn of(author: &Author, avatar: Option<Attachment>) -> Person {
        let Author { name, uri, email, .. } = author.clone();
        Person { name, uri, email, avatar }
    }
}
