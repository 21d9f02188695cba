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
/// The shortest photograph of which smaller versions are made, in bytes.
pub const PHOTO_LEAST: u64 = 64 << 10;
/// The longest one, in bytes.
pub const PHOTO_FILE: u64 = 64 << 20;
/// The most pixels times passes over them that decoding a photograph may take: a progressive JPEG can
/// ask for any number of passes.
pub const PHOTO_WORK: u64 = 600_000_000;
/// The longest colour profile that smaller versions carry; longer ones are for printing, in bytes.
pub const PHOTO_PROFILE: usize = 64 << 10;
/// How much memory the photographs may take that are decoded at once, in bytes; a larger one is
/// decoded alone.
pub const PHOTO_MEMORY: u64 = 128 << 20;
/// How many bytes of smaller versions are kept in the cache; the oldest give way.
pub const PHOTO_CACHE: u64 = 512 << 20;
/// The longest code block that is coloured, in bytes.
pub const CODE: usize = 64 << 10;
/// How many words of the code blocks of one message are coloured.
pub const CODE_MARKS: usize = 6_000;
/// How many bytes of bodies that several pages and feeds show are kept while an edition is made.
pub const KEPT_BODIES: usize = 4 << 20;
/// The most findings about one header, settings file or message that are told at once: a file of a
/// stranger could give rise to thousands.
pub const FINDINGS: usize = 20;
/// How many messages a subscription document of a feed holds.
pub const FEED_ENTRIES: usize = 50;
/// How many older messages it holds beside them because they were edited since.
pub const FEED_EDITED: usize = 20;
/// How many deleted messages it names.
pub const FEED_GONE: usize = 50;
/// How many deleted messages an edition remembers.
pub const GONE: usize = 1_000;
/// For how long a deleted message is remembered, in seconds: a year.
pub const GONE_FOR: i64 = 365 * 86_400;
/// The most HTML the entries of one feed document may hold together, 2 MB; of the older ones
/// their first words are shown.
pub const FEED_HTML: usize = 2 << 20;
/// The largest list of feeds (OPML) that is read, in bytes.
pub const OUTLINE: usize = 4 << 20;
/// How deep its folders may lie.
pub const OUTLINE_DEPTH: usize = 32;
/// How many feeds it may hold.
pub const OUTLINES: usize = 10_000;
/// The most HTML the messages of one page may hold together, 2 MB; of the others their first words
/// are shown.
pub const PAGE_HTML: usize = 2 << 20;
/// The most text that is searched of the messages of one script of the search, 2 MB; of the others
/// their first words are searched.
pub const SHARD_TEXT: usize = 2 << 20;
/// How many replies the page of a message names.
pub const REPLIES: usize = 200;
/// How many messages the page of a thread shows.
pub const THREAD: usize = 1_000;
/// How many earlier versions of one message are kept.
pub const VERSIONS: usize = 10;
/// The longest text of a version that is kept, in bytes; of a longer one only that there was one.
pub const VERSION_TEXT: usize = 64 << 10;
/// The most bytes that the texts of all earlier versions have together; the oldest give way.
pub const VERSION_TEXTS: u64 = 32 << 20;
/// How many bytes of texts one build keeps in case they are changed: the first one of a large folder is
/// no reason to hold all of it in memory.
pub const VERSION_BUILD: usize = 16 << 20;
/// The most pairs of lines, and of words of a stretch of lines that differ, of two versions that are
/// compared. Where there would be more, all of it is shown as gone and as new. A limit of time would
/// give other bytes on another machine.
pub const VERSION_PAIRS: usize = 4 << 20;
/// The most bytes that the texts of messages have which may still be changed; the oldest give way.
pub const RECENT_TEXTS: u64 = 32 << 20;
/// For how many days after it was written the text of a message is kept in case it is changed.
pub const RECENT_DAYS: i64 = 60;
/// For how many days the versions of a message are kept that is gone.
pub const GONE_DAYS: i64 = 30;
/// How long a version of one's own must have stood, in seconds, to be kept.
pub const STEADY: i64 = 600;
/// How many unread messages of one contact are kept; the oldest beyond count as read.
pub const UNREAD: usize = 1_000;
/// How many messages can be starred.
pub const STARS: usize = 5_000;
/// How long what names a starred message may be, in characters.
pub const STAR_TEXT: usize = 200;
/// How many words can be muted.
pub const MUTED_WORDS: usize = 200;
/// The longest of them, in characters.
pub const MUTED_WORD: usize = 64;
/// How many relative addresses of one message are looked up.
pub const REFS: usize = 200;
/// How many authors, and ways to subscribe, of one channel are taken.
pub const PEOPLE: usize = 50;
