//! The budgets, in one place. What goes beyond one is reported and offered as the raw file.

use serde::{Deserialize, Serialize};

/// What the program is willing to do for one file, message or contact.
///
/// Sizes in bytes. Settings of the same names in `[limits]` of `handbill.toml` override them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The largest message text of an inbox.
    pub inbox_message: u64,
    /// The largest message text of one's own.
    pub own_message: u64,
    /// The largest attachment of an inbox that is copied into the site.
    pub inbox_attachment: u64,
    /// The largest attachment of one's own that is copied into the site.
    pub own_attachment: u64,
    /// How many attachments of one message are shown.
    pub attachments: usize,
    /// How many messages of one contact are shown; the newest are.
    pub messages: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            inbox_message: 1 << 20,
            own_message: 8 << 20,
            inbox_attachment: 20 << 20,
            own_attachment: 2 << 30,
            attachments: 200,
            messages: 100_000,
        }
    }
}

/// The largest header, and the largest `channel.toml`.
pub const HEADER: usize = 64 << 10;
/// How deep folders below a box are walked.
pub const FOLDER_DEPTH: usize = 12;
/// How deep Markdown containers may nest; what is deeper loses its markup, not its text.
pub const NESTING: usize = 64;
/// The most HTML one message may become; beyond it the message is shown as plain text.
pub const BODY_HTML: usize = 512 << 10;
/// The most elements one message may become; beyond it the message is shown as plain text.
pub const BODY_ELEMENTS: usize = 20_000;
/// The most raw tags a message may hold and still have them interpreted.
pub const RAW_TAGS: usize = 1_000;
/// The most `&` a message may hold and still have its raw HTML interpreted.
pub const RAW_REFERENCES: usize = 10_000;
/// The most raw HTML a message may hold and still have it interpreted, in bytes: the parser takes
/// quadratic time in the attributes of one tag.
pub const RAW_HTML: usize = 64 << 10;
/// The most elements that raw formatting (`<b>` without an end) may become when it is opened again
/// in every block: its tags times all elements. Beyond it the message is shown as plain text.
pub const REOPENED: usize = 200_000;
/// The most tags one message may carry.
pub const TAGS: usize = 30;
/// The most different tags the messages of one inbox may carry together: each has pages.
pub const INBOX_TAGS: usize = 1_000;
/// The longest tag, in characters.
pub const TAG_LENGTH: usize = 64;
/// The most pixels of a picture that is embedded; a larger one is a link.
pub const PICTURE_PIXELS: u64 = 40_000_000;
/// The longest side of a picture that is embedded.
pub const PICTURE_SIDE: u32 = 12_000;
/// How many bytes of bodies that several pages and feeds show are kept while an edition is made.
pub const KEPT_BODIES: usize = 16 << 20;
/// The most findings about one header, settings file or message that are told at once: a file of a
/// stranger could give rise to thousands.
pub const FINDINGS: usize = 20;
/// How many messages a subscription document of a feed holds.
pub const FEED_ENTRIES: usize = 50;
/// The most HTML the entries of one feed may hold together, 2 MB; older entries give way.
pub const FEED_HTML: usize = 2 << 20;
/// The most HTML the messages of one page may hold together, 2 MB; of the others their first words
/// are shown.
pub const PAGE_HTML: usize = 2 << 20;
/// How many replies the page of a message names.
pub const REPLIES: usize = 200;
/// How many messages the page of a thread shows.
pub const THREAD: usize = 1_000;
/// How many relative addresses of one message are looked up.
pub const REFS: usize = 200;
/// How many authors, and ways to subscribe, of one channel are taken.
pub const PEOPLE: usize = 50;
