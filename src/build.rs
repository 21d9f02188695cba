//! A build: from what was found in the base folder to what each edition is made of.
//!
//! Two pure functions: [`contacts`] makes what was read into contacts, [`build`] makes these into
//! editions. The shell has listed and read the boxes; it compares the plan with the disk, renders
//! what differs and publishes it.

use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, argument};
use crate::library::{
    Admitted, Contact, ContactInput, Context, Deleted, Edition, Head, Kind, LastSlices, Library,
    Memory, Moved, Tombstone, admit, contact, next_release,
};
use crate::path::{OutPath, fold};
use crate::plan::look::Private;
use crate::plan::{Site, Take, plan};
use crate::theme::Theme;
use crate::time::Now;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a build is made from.
pub struct Input<'i> {
    /// The contacts, made under the same settings.
    pub contacts: Contacts,
    /// My settings.
    pub settings: &'i Settings,
    /// What the local state remembers.
    pub memory: &'i Memory,
    /// What was found while listing and reading.
    pub found: Vec<Diagnostic>,
}

/// Where a contact comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// It is made of what was read.
    Read(Arc<ContactInput>),
    /// An earlier process has made it, of the very same.
    Made(Box<Checked<Arc<Contact>>>),
}

impl From<Arc<ContactInput>> for Origin {
    fn from(input: Arc<ContactInput>) -> Origin {
        Origin::Read(input)
    }
}

impl<T: Clone + Into<Origin>> From<&T> for Origin {
    fn from(other: &T) -> Origin {
        other.clone().into()
    }
}

/// Whether a build is gone on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It may be: what each message was made of is kept.
    Some,
    /// It is the last one: nothing is kept for another.
    None,
}

/// What the last build made, to be reused.
#[derive(Default)]
pub struct Last {
    /// The contacts.
    pub contacts: Option<Made>,
    /// What was let through into the public edition.
    pub admitted: Admitted,
    /// The slices of the public edition.
    pub public: LastSlices,
    /// The slices of the reader edition.
    pub reader: LastSlices,
}

impl Last {
    /// Returns the page of what the message of a page answered in an edition, if that was there.
    pub fn answered(&self, edition: Edition, page: &OutPath) -> Option<&OutPath> {
        self.slices(edition).answered(page)
    }

    /// Returns the contacts as they were in an edition, by name; nothing before the first build.
    pub fn contacts(&self, edition: Edition) -> Option<&[Arc<Contact>]> {
        self.slices(edition).contacts.as_deref()
    }

    fn slices(&self, edition: Edition) -> &LastSlices {
        match edition {
            Edition::Reader => &self.reader,
            Edition::Public => &self.public,
        }
    }
}

impl Built {
    /// Returns when the clock changes anything, in seconds since 1970.
    pub fn changes_at(&self) -> Option<i64> {
        let contacts = self.contacts.all().filter_map(|contact| contact.changes_at);
        let deleted = [&self.memory.deleted, &self.memory.public_deleted];
        contacts.chain(deleted.into_iter().filter_map(|deleted| deleted.forgotten_at())).min()
    }

    /// Turns a build into what the next one goes on from; `origins` and `settings` are those that it
    /// was made of. Contacts that were not made of what was read are made anew next time, and all
    /// others with them.
    pub fn into_last(
        self,
        origins: impl IntoIterator<Item: Into<Origin>>,
        settings: Settings,
    ) -> Last {
        let read = |origin: Origin| match origin {
            Origin::Read(input) => Some(input),
            Origin::Made(_) => None,
        };
        let inputs: Option<Vec<_>> = origins.into_iter().map(|one| read(one.into())).collect();
        let Contacts { at, made, .. } = self.contacts;
        Last {
            contacts: inputs.map(|inputs| Made { inputs, settings, at, made }),
            admitted: self.admitted,
            public: self.public.library.into_slices(),
            reader: self.reader.library.into_slices(),
        }
    }
}

/// Contacts with what they were made from.
///
/// Sound as a cache because a contact is a pure function of its input, the settings and whether the
/// clock has reached certain instants; all three are compared.
pub struct Made {
    inputs: Vec<Arc<ContactInput>>,
    settings: Settings,
    at: Now,
    made: Arc<[Checked<Option<Arc<Contact>>>]>,
}

impl Made {
    /// Returns what the contacts were made from, by name.
    pub fn inputs(&self) -> &[Arc<ContactInput>] {
        &self.inputs
    }

    /// Returns the contacts that have a box, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Contact>> {
        self.made.iter().filter_map(|made| made.value.as_ref())
    }

    /// Returns the contact of a name, for one that is made under some terms.
    fn of(&self, name: &str, context: &Context<'_>) -> Option<contact::Before<'_>> {
        let at = self.inputs.binary_search_by(|known| known.name.as_str().cmp(name)).ok()?;
        let contact = self.made.get(at)?.value.as_deref()?;
        let same_terms = self.at <= context.now && self.settings == *context.settings;
        Some(contact::Before { contact, same_terms })
    }

    /// Returns the contact of an input, if it would be made the same again.
    fn same(
        &self,
        input: &Arc<ContactInput>,
        context: &Context<'_>,
    ) -> Option<&Checked<Option<Arc<Contact>>>> {
        let at = self.inputs.binary_search_by(|known| known.name.cmp(&input.name)).ok()?;
        let same = Arc::ptr_eq(&self.inputs[at], input) || self.inputs[at] == *input;
        let made = self.made.get(at).filter(|_| same)?;
        let until = made.value.as_ref().and_then(|contact| contact.changes_at);
        let in_time = self.at <= context.now && until.is_none_or(|until| context.now.0 < until);
        (in_time && self.settings == *context.settings).then_some(made)
    }
}

/// The contacts of a build, in the order of what they were made from.
#[derive(Clone)]
pub struct Contacts {
    at: Now,
    made: Arc<[Checked<Option<Arc<Contact>>>]>,
    /// The folded names of those in whose folder anything is called like an inbox.
    inboxes: Arc<[String]>,
}

impl Contacts {
    /// Returns the contacts that have a box, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Contact>> {
        self.made().map(|(contact, _)| contact)
    }

    /// Returns the same, each with what was found when it was made.
    pub fn made(&self) -> impl Iterator<Item = (&Arc<Contact>, &[Diagnostic])> {
        self.made.iter().filter_map(|made| Some((made.value.as_ref()?, &*made.diagnostics)))
    }
}

/// What is to be published.
pub struct Built {
    /// The public edition.
    pub public: Planned,
    /// The reader edition.
    pub reader: Planned,
    /// When the next held message will be shown, in seconds since 1970.
    pub next_release: Option<i64>,
    /// What the local state has to remember from now on.
    pub memory: Memory,
    /// The contacts.
    pub contacts: Contacts,
    admitted: Admitted,
}

/// What the plan of an edition is made from.
pub struct Planned {
    /// The edition.
    pub edition: Edition,
    /// Its contacts.
    pub heads: Vec<Arc<Head>>,
    /// What must not appear in it.
    pub private: Private,
    library: Library,
    problems: Arc<[Diagnostic]>,
    moved: Moved,
    gone: Vec<Tombstone>,
}

impl Planned {
    /// Returns the contacts of the edition, by name.
    pub fn contacts(&self) -> &[Arc<Contact>] {
        &self.library.contacts
    }

    /// Plans the edition, under the settings and the theme it was built with: hands its segments to
    /// `take`, one after the other.
    pub fn plan(&self, settings: &Settings, theme: &Theme, take: &mut dyn Take) {
        plan(&self.site(settings, theme), take);
    }

    /// Returns what all outputs of the edition share.
    pub fn site<'s>(&'s self, settings: &'s Settings, theme: &'s Theme) -> Site<'s> {
        let Planned { library, problems, moved, gone, .. } = self;
        Site { library, settings, theme, problems, moved, gone }
    }
}

/// Makes contacts, by name, at an instant that decides what is held. Where nothing goes on from this
/// build and what was read is handed over, that is let go of as soon as its contact is made.
pub fn contacts<I>(origins: I, context: &Context<'_>, last: &Last, next: Next) -> Contacts
where
    I: IntoParallelIterator<Item: Into<Origin>, Iter: IndexedParallelIterator>,
{
    let known = last.contacts.as_ref();
    let make = |folder: Arc<ContactInput>| {
        let again = known.and_then(|known| known.same(&folder, context)).cloned();
        let before = || known.and_then(|known| known.of(&folder.name, context));
        let mut made = again.unwrap_or_else(|| contact::make(&folder, before(), context));
        if next == Next::None
            && let Some(made) = made.value.as_mut().and_then(Arc::get_mut)
        {
            made.end();
        }
        (made, folder.inbox_trace.is_some().then(|| fold(&folder.name)))
    };
    let made = |origin: I::Item| match origin.into() {
        Origin::Read(folder) => make(folder),
        Origin::Made(made) => {
            let Checked { value: contact, diagnostics } = *made;
            let inbox = contact.inbox_trace.is_some().then(|| fold(&contact.head.name));
            (Checked { value: Some(contact), diagnostics }, inbox)
        }
    };
    let (made, inboxes): (Vec<_>, Vec<_>) = origins.into_par_iter().map(made).unzip();
    let made = made.into();
    Contacts { at: context.now, made, inboxes: inboxes.into_iter().flatten().collect() }
}

/// Builds both editions. The findings are all there are, sorted, none twice.
pub fn build(input: Input<'_>, last: &Last) -> Checked<Built> {
    let mut found = input.found;
    let Contacts { at: now, made, inboxes } = &input.contacts;
    let contacts: Vec<_> = made.iter().filter_map(|made| made.clone().take(&mut found)).collect();
    let mut memory = input.memory.clone();
    memory.inboxes.extend(inboxes.iter().cloned());

    let next_release = next_release(&contacts);
    let mut reader = Library::reader(contacts, input.settings, &last.reader).take(&mut found);
    memory.replies.extend(private_replies(&reader));
    let (open, admitted) =
        admit::public(&reader, input.settings, &memory, &last.admitted).take(&mut found);
    let mut public =
        Library::public(open, input.settings, (&last.public, &reader)).take(&mut found);
    let tell = |library: &mut Library, deleted: &mut Deleted| {
        deleted.settle(library, *now);
        library.tell_deleted(deleted.all(), input.settings);
    };
    rayon::join(
        || tell(&mut reader, &mut memory.deleted),
        || tell(&mut public, &mut memory.public_deleted),
    );
    found.extend(base_report(&public, input.settings));
    found.extend(reader.contacts.iter().filter_map(|contact| unlisted(&contact.head)));
    for report in &mut found {
        report.redact();
    }
    found.sort();
    found.dedup();

    let names = |contact: &Arc<Contact>| [contact.head.dir.clone(), fold(&contact.head.name)];
    let taken: BTreeSet<String> = reader.contacts.iter().flat_map(names).collect();
    let moved = memory.addresses.moved(&reader, &taken);
    let public_moved = memory.public_addresses.moved(&public, &taken);
    memory.addresses.note(&reader);
    memory.public_addresses.note(&public);
    let private = private_names(&reader, &public);
    let problems: Arc<[Diagnostic]> = found.clone().into();
    let planned = |library: Library, private, moved, gone: &Deleted| {
        let heads = library.contacts.iter().map(|contact| Arc::clone(&contact.head)).collect();
        let (edition, problems) = (library.edition, Arc::clone(&problems));
        Planned { edition, heads, private, library, problems, moved, gone: gone.all().into() }
    };
    let public = planned(public, private, public_moved, &memory.public_deleted);
    let reader = planned(reader, Private::new([]), moved, &memory.deleted);
    Checked {
        value: Built { public, reader, next_release, memory, contacts: input.contacts, admitted },
        diagnostics: found,
    }
}

/// Returns what messages of channels answer and must not be seen to answer.
fn private_replies(reader: &Library) -> impl Iterator<Item = String> {
    let channels = reader.contacts.iter().filter(|contact| contact.head.kind == Kind::Channel);
    let messages = channels.flat_map(|contact| &contact.slices.answers);
    let held = messages.filter(|message| reader.answers_conversation(message));
    held.filter_map(|message| message.meta.rare.in_reply_to.clone())
}

/// Reports a channel that only its owner sees, and how to publish it.
fn unlisted(head: &Head) -> Option<Diagnostic> {
    (head.kind == Kind::Channel && !head.listed).then(|| {
        Diagnostic::note(&head.name, "unlisted", "this channel is not in the public edition").hint(
            format!(
                "to publish it, `handbill public add {}`, or add it to `public` in handbill.toml",
                argument(&head.name)
            ),
        )
    })
}

/// Reports that public feeds have no address of their own to speak of.
fn base_report(public: &Library, settings: &Settings) -> Option<Diagnostic> {
    let hint = "set `base_url` in handbill.toml to where the site will be read, or build with `--base-url`";
    let report =
        |text: &str| Some(Diagnostic::warning("handbill.toml", "no-base-url", text).hint(hint));
    match &settings.base_url {
        _ if public.contacts.is_empty() => None,
        None => report("the public feeds have no absolute addresses, which many feed readers need"),
        Some(base) if base.is_loopback() => report(
            "the public feeds speak of an address of this machine, which nobody else can reach",
        ),
        Some(_) => None,
    }
}

/// Returns the names of the folders that the public edition must not show.
fn private_names(reader: &Library, public: &Library) -> Private {
    let open: BTreeSet<&str> = public.contacts.iter().map(|c| c.head.name.as_str()).collect();
    let closed =
        reader.contacts.iter().filter(|contact| !open.contains(contact.head.name.as_str()));
    Private::new(closed.map(|contact| (contact.head.name.as_str(), contact.head.dir.as_str())))
}
