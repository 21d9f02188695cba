//! A build: from what was found in the base folder to what each edition is made of.
//!
//! A pure function. The shell has listed and read the boxes; it compares the plan with the disk,
//! renders what differs and publishes it.

use crate::config::Settings;
use crate::diagnostic::{Checked, Diagnostic, shown};
use crate::library::{
    Contact, ContactInput, Context, Edition, Head, Kind, Library, Memory, admit, contact,
    next_release,
};
use crate::path::fold;
use crate::plan::look::Private;
use crate::plan::{Segments, Site, plan};
use crate::theme::Theme;
use crate::time::Now;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a build is made from.
pub struct Input<'i> {
    /// The contacts, by name.
    pub contacts: &'i [Arc<ContactInput>],
    /// My settings.
    pub settings: &'i Settings,
    /// The look.
    pub theme: &'i Theme,
    /// What the local state remembers.
    pub memory: &'i Memory,
    /// The instant that decides what is held.
    pub now: Now,
    /// What was found while listing and reading.
    pub found: Vec<Diagnostic>,
}

/// What the last build made, to be reused.
#[derive(Default)]
pub struct Last {
    /// The segments of the public edition.
    pub public: Segments,
    /// The segments of the reader edition.
    pub reader: Segments,
    /// The contacts.
    pub contacts: Option<Made>,
}

/// Contacts with what they were made from.
///
/// Sound as a cache because a contact is a pure function of its input, the settings and whether the
/// clock has reached certain instants; all three are compared.
pub struct Made {
    inputs: Vec<Arc<ContactInput>>,
    settings: Settings,
    at: Now,
    made: Vec<Checked<Option<Arc<Contact>>>>,
}

impl Made {
    /// Keeps contacts with what they were made from: `inputs` and `settings`, those of the build.
    pub fn new(built: Contacts, inputs: Vec<Arc<ContactInput>>, settings: Settings) -> Made {
        Made { inputs, settings, at: built.at, made: built.made }
    }

    /// Returns what the contacts were made from, by name.
    pub fn inputs(&self) -> &[Arc<ContactInput>] {
        &self.inputs
    }

    /// Returns the contacts that have a box, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Contact>> {
        self.made.iter().filter_map(|made| made.value.as_ref())
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

/// The contacts of a build, in the order of its input.
pub struct Contacts {
    at: Now,
    made: Vec<Checked<Option<Arc<Contact>>>>,
}

impl Contacts {
    /// Returns the contacts that have a box, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Contact>> {
        self.made.iter().filter_map(|made| made.value.as_ref())
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
    /// The contacts, for [`Made`].
    pub contacts: Contacts,
}

/// The plan of an edition.
pub struct Planned {
    /// The edition.
    pub edition: Edition,
    /// Its contacts.
    pub heads: Vec<Arc<Head>>,
    /// Its outputs.
    pub segments: Segments,
    /// What must not appear in it.
    pub private: Private,
}

/// Builds both editions. The findings are all there are, sorted, none twice.
pub fn build(input: Input<'_>, last: &Last) -> Checked<Built> {
    let mut found = input.found;
    let context = Context { settings: input.settings, now: input.now };
    let make = |folder: &Arc<ContactInput>| match last
        .contacts
        .as_ref()
        .and_then(|made| made.same(folder, &context))
    {
        Some(made) => made.clone(),
        None => contact::make(folder, &context),
    };
    let made: Vec<_> = input.contacts.par_iter().map(make).collect();
    let contacts: Vec<_> = made.iter().filter_map(|made| made.clone().take(&mut found)).collect();
    let mut memory = input.memory.clone();
    let with_inbox = input.contacts.iter().filter(|contact| contact.inbox_trace.is_some());
    memory.inboxes.extend(with_inbox.map(|contact| fold(&contact.name)));

    let next_release = next_release(&contacts);
    let reader = Library::reader(contacts, input.settings).take(&mut found);
    memory.replies.extend(private_replies(&reader));
    let open = admit::public(&reader, input.settings, &memory).take(&mut found);
    let public = Library::public(open, input.settings).take(&mut found);
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
    let contacts = Contacts { at: input.now, made };
    let private = private_names(&reader, &public);
    let problems: Arc<[Diagnostic]> = found.clone().into();
    let planned = |library: &Library, last: &Segments, private, moved| {
        let (settings, theme) = (input.settings, input.theme);
        let site = Site { library, settings, theme, problems: &problems, moved };
        let heads = library.contacts.iter().map(|contact| Arc::clone(&contact.head)).collect();
        Planned { edition: library.edition, heads, segments: plan(&site, last), private }
    };
    let (public, reader) = rayon::join(
        || planned(&public, &last.public, private, &public_moved),
        || planned(&reader, &last.reader, Private::new([]), &moved),
    );
    Checked { value: Built { public, reader, next_release, memory, contacts }, diagnostics: found }
}

/// Returns what messages of channels answer and must not be seen to answer.
fn private_replies(reader: &Library) -> impl Iterator<Item = String> {
    let channels = reader.contacts.iter().filter(|contact| contact.head.kind == Kind::Channel);
    let messages = channels.flat_map(|contact| &contact.messages);
    let held = messages.filter(|message| reader.answers_conversation(message));
    held.filter_map(|message| message.meta.in_reply_to.clone())
}

/// Reports a channel that only its owner sees, and how to publish it.
fn unlisted(head: &Head) -> Option<Diagnostic> {
    (head.kind == Kind::Channel && !head.listed).then(|| {
        Diagnostic::note(&head.name, "unlisted", "this channel is not in the public edition").hint(
            format!(
                "to publish it, `handbill public add {}`, or add it to `public` in handbill.toml",
                shown(&head.name)
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
