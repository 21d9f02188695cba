//! The page that a message would have: made as a build makes it, of the contact with one message
//! more, and written nowhere.

use super::{Clerk, find, look, source_hash};
use crate::diagnostic::Owner;
use crate::disk::Known;
use crate::disk::outbox::picture_size;
use crate::fields;
use crate::library::contact::{self, BoxInput, ContactInput, Post};
use crate::library::{Context, Message, Side, Target, answered};
use crate::listing::{Entry, MessageFile, PublicCopy, Stat, naming};
use crate::media::media_type;
use crate::message;
use crate::path::RelPath;
use crate::plan::{Item, MessagePage, Page};
use crate::render::{Bodies, Texts, html};
use crate::serve::write::{Desk, Letter, Upload};
use crate::time::{Now, Stamp};
use anyhow::{Context as _, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

/// The most bytes of pictures that come in a preview; of the others the name is shown.
const PICTURES: u64 = 24 << 20;

/// The text of the one message that is previewed.
struct Text(String);

impl Texts for Text {
    fn text(&self, _: &Message) -> Option<String> {
        Some(self.0.clone())
    }
}

impl Clerk {
    pub(super) fn preview_of(&self, letter: &mut Letter) -> Result<String> {
        let known = self.known().context(self.words().get("write_fault").to_owned())?;
        let now = (self.now)()?;
        let edited = letter.page.as_deref().and_then(|page| find(&known, page));
        let edited = edited.filter(|message| message.side == Side::Outbox);
        let (name, text, path) = match &edited {
            Some(message) => (message.head.name.clone(), letter.text.clone(), message.file.clone()),
            None => {
                let draft = self.draft_of(letter)?;
                let (name, text) = (self.own(&letter.to)?, draft.render()?);
                let stem = naming::message_stem(now, &draft.words(), "preview");
                (name, text, RelPath::parse(&format!("{stem}.md")).context("no plain name")?)
            }
        };
        let input = known.inputs.iter().find(|input| input.name == name);
        let mut input = ContactInput::clone(input.context("the contact is gone")?);
        let outbox = input.outbox.as_mut().context("the contact has no outbox")?;
        let files = match edited {
            Some(_) => Vec::new(),
            None => attach(&mut letter.files, &path)?,
        };
        put(outbox, &path, &text, now, files.iter().map(|file| file.entry.clone()).collect());
        let settings = &known.settings;
        let made = contact::make(&input, None, &Context { settings, now }).value;
        let made = made.context("the contact is gone")?;
        let is_it = |message: &&Arc<Message>| message.side == Side::Outbox && message.file == path;
        let Some(message) = made.messages.iter().find(is_it) else {
            bail!("{}", self.words().get("write_no_page"));
        };
        let page = render(&known, message, text)?;
        Ok(with_pictures(page, message, &files))
    }
}

/// Puts a text into a box, in the place of the one of the same path.
fn put(outbox: &mut BoxInput, path: &RelPath, text: &str, now: Now, files: Vec<Entry>) {
    let file = fields::File { path: "", text, owner: Owner::Own };
    let meta = Arc::new(message::parse(file).value);
    let source = source_hash(text);
    let place = outbox.posts.search_by(|post| post.file.path.cmp(path));
    if let Some(post) = place.ok().and_then(|place| outbox.posts.get_mut(place)) {
        let post = Arc::make_mut(post);
        (post.meta, post.source, post.too_large) = (meta, source, false);
        return;
    }
    let stem = path.as_str().strip_suffix(".md").and_then(RelPath::parse);
    let file = MessageFile {
        stem: stem.unwrap_or_else(|| path.clone()),
        path: path.clone(),
        stat: Stat { size: text.len() as u64, mtime: 0, ctime: 0, inode: 0 },
        named_time: Some(Stamp::from_unix(now.0)),
        attachments: files,
        suspect: None,
    };
    let (Ok(place) | Err(place)) = place;
    let post = Post { file, source, meta, too_large: false, history: None };
    outbox.posts.insert(place, Arc::new(post));
}

/// A file of the message, and its bytes where it is a picture that is shown.
struct Attached {
    entry: Entry,
    bytes: Vec<u8>,
}

fn attach(uploads: &mut [Upload], path: &RelPath) -> Result<Vec<Attached>> {
    let folder = path.as_str().strip_suffix(".md").unwrap_or(path.as_str());
    let (mut taken, mut room) = (BTreeSet::new(), PICTURES);
    let mut attach = |upload: &mut Upload| {
        let name = naming::distinct(&naming::attachment_name(&upload.name), &mut taken);
        let path = RelPath::parse(&format!("{folder}/{name}")).context("no plain name")?;
        let stat = Stat { size: upload.size, mtime: 0, ctime: 0, inode: 0 };
        let mut bytes = Vec::new();
        if upload.size <= room && data_type(&name).is_some() {
            room -= upload.size;
            (&upload.file).read_to_end(&mut bytes)?;
            (&upload.file).seek(SeekFrom::Start(0))?;
        }
        let picture = picture_size(&bytes);
        Ok(Attached {
            entry: Entry { path, stat, picture, photo: false, copy: PublicCopy::Whole },
            bytes,
        })
    };
    uploads.iter_mut().map(&mut attach).collect()
}

fn render(known: &Known, message: &Arc<Message>, text: String) -> Result<String> {
    let look = look(known);
    let texts = Text(text);
    let bodies = Bodies::new(&texts, &look);
    let target = message.meta.rare.in_reply_to.as_deref().map(|reference| {
        answered(&known.contacts, &known.settings, reference).map_or(Target::Unknown, Target::Known)
    });
    let page = Page::Message(MessagePage {
        item: Item { message: Arc::clone(message), target },
        older: None,
        newer: None,
        replies: Vec::new(),
        more_replies: 0,
        thread: None,
    });
    match html::page(&message.page, &page, &look, &bodies) {
        Ok(page) => Ok(String::from_utf8(page.bytes)?),
        Err(html::NotMade::Gone) => bail!("the text is gone"),
        Err(html::NotMade::Failed(report)) => bail!("{}", report.message),
    }
}

/// Puts the bytes of pictures in the place of their addresses, at which there is nothing yet. An
/// address is made of characters that need no escaping and ends with its quote.
fn with_pictures(mut page: String, message: &Message, files: &[Attached]) -> String {
    for shown in &message.rare.attachments {
        let name = shown.source.name();
        let file = files.iter().find(|file| file.entry.path.name() == name);
        let Some((file, kind)) = file.and_then(|file| Some((file, data_type(name)?))) else {
            continue;
        };
        if file.bytes.is_empty() {
            continue;
        }
        let address = format!("src=\"{}{}\"", message.page.to_root(), shown.out);
        let data = format!("src=\"data:{kind};base64,{}\"", STANDARD.encode(&file.bytes));
        page = page.replace(&address, &data);
    }
    page
}

/// Returns the type of a picture of pixels, by its name.
fn data_type(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let is_shown = matches!(&*extension, "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif");
    is_shown.then(|| media_type(&extension))
}
