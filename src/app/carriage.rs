//! What the sync tools say, in sentences: for the pages of the server and for the command line.

use super::desk::Clerk;
use super::engine_said;
use crate::config::{Subscribe, Tool};
use crate::diagnostic::shown;
use crate::library::{Head, Kind};
use crate::path::fold;
use crate::serve::{Said, Site, Sync, SyncContact};
use crate::transport::engine::state::State as Engine;
use crate::transport::follow::{self, Known, Why};
use crate::transport::state::{Carried, Phase, State};
use crate::transport::syncthing::{Home, Role, Trouble};
use crate::words::Words;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Returns what is said of contacts, and in general.
pub fn told<'h>(
    known: &Known,
    heads: impl Iterator<Item = &'h Head> + Clone,
    words: &Words,
) -> Sync {
    let page = |head: &Head| format!("{}/index.html", head.dir);
    let pages = heads.clone().map(page).collect();
    let state = match known {
        Known::Unused => return Sync { pages, ..Sync::default() },
        // It may be there for other things than this folder.
        Known::Failed { carries: false, .. } if !heads.clone().any(uses) => {
            return Sync { pages, ..Sync::default() };
        }
        Known::Failed { why, .. } => {
            let general = vec![problem(failure(why, words))];
            return Sync { pages, general, contacts: Vec::new() };
        }
        Known::Said(state) => state,
    };
    let contact = |head: &Head| {
        let said = of_contact(head, state, words);
        (!said.is_empty()).then(|| SyncContact {
            title: head.title.clone(),
            page: page(head),
            said,
        })
    };
    // They may knock for anything: where nothing is carried, not for this.
    let strangers = if state.boxes.is_empty() { 0 } else { state.strangers.len() };
    let general = (strangers > 0)
        .then(|| problem(words.with("sync_strangers", &strangers.to_string())))
        .into_iter()
        .collect();
    Sync { pages, general, contacts: heads.filter_map(contact).collect() }
}

/// Returns whether a person has recorded that a contact comes or goes by Syncthing. What a stranger's
/// `channel.toml` says of it is not that.
fn uses(head: &Head) -> bool {
    let given = head.given.as_deref().and_then(|text| Subscribe::given(text, None).ok());
    let own = (head.kind == Kind::Channel).then_some(&head.info.subscribe);
    own.into_iter().flatten().chain(&given).any(|way| way.tool() == Tool::Syncthing)
}

fn failure(why: &Why, words: &Words) -> String {
    match why {
        Why::Trouble(Trouble::Silent) => words.get("sync_silent").to_owned(),
        Why::Trouble(why) => words.with("sync_barred", &why.to_string()),
        Why::Barred(why) => words.with("sync_barred", &why.to_string()),
    }
}

fn problem(text: String) -> Said {
    Said { text, problem: true, link: None }
}

/// Returns what is said of the boxes of a contact.
fn of_contact(head: &Head, state: &State, words: &Words) -> Vec<Said> {
    let is_its = |one: &&Carried| fold(&one.contact) == fold(&head.name);
    let boxes: Vec<&Carried> = state.boxes.iter().filter(is_its).collect();
    let is_pair = boxes.len() > 1;
    let mut said: Vec<Said> = Vec::new();
    for one in boxes {
        for mut new in of_box(one, state, words) {
            if is_pair {
                new.text = format!("{}: {}", shown(&one.folder), new.text);
            }
            said.push(new);
        }
        // Whoever is let in gets both boxes: it is said once.
        let new = asking(one, words).filter(|new| !said.contains(new));
        said.extend(new);
    }
    said
}

/// Returns what is said of a box: how it stands, in one line, and what should be done.
fn of_box(one: &Carried, state: &State, words: &Words) -> Vec<Said> {
    let mut line = vec![with_whom(one, words)];
    match &one.phase {
        Phase::Arriving(files) => line.push(words.with("sync_arriving", &files.to_string())),
        Phase::Looking => line.push(words.get("sync_looking").to_owned()),
        Phase::Paused => line.push(words.get("sync_paused").to_owned()),
        Phase::Still | Phase::Stuck(_) => {}
    }
    if let Some(last) = one.last.as_ref().filter(|_| one.role != Role::Send) {
        // To the minute: nobody looks for more.
        let at = last.at.get(..16).unwrap_or(&last.at).replace('T', " ");
        line.push(words.with("sync_last", &format!("{}, {at}", last.name)));
    }
    let mut said = vec![Said { text: line.join("; "), problem: false, link: None }];
    if let Phase::Stuck(why) = &one.phase {
        said.push(problem(words.with("sync_stuck", why)));
    }
    if one.failing > 0 {
        said.push(problem(words.with("sync_failing", &one.failing.to_string())));
    }
    if one.altered > 0 {
        let text = words.with("sync_altered", &one.altered.to_string());
        let text = format!("{text} {}", words.with("sync_open", &state.page));
        said.push(Said { link: Some(state.page.clone()), ..problem(text) });
    }
    if one.role == Role::Other {
        said.push(problem(words.get("sync_both_ways").to_owned()));
    }
    said
}

/// Returns what is said of those who ask for a box.
fn asking(one: &Carried, words: &Words) -> Option<Said> {
    let text = words.with("sync_asks", &one.asking.to_string());
    (one.asking > 0).then(|| problem(text.replacen("{}", &shown(&one.contact), 1)))
}

fn with_whom(one: &Carried, words: &Words) -> String {
    if one.devices == 0 {
        return words.get("sync_nobody").to_owned();
    }
    let is_inbox = fold(&one.folder) == "inbox";
    let key = if is_inbox { "sync_inbox" } else { "sync_outbox" };
    words.with(key, &one.devices.to_string()).replacen("{}", &one.connected.to_string(), 1)
}

/// Hands what the sync tools say to the server, whenever that or the contacts change.
pub struct Carriage {
    site: Arc<Site>,
    clerk: Arc<Clerk>,
    last: Mutex<Known>,
    engine: Mutex<Engine>,
}

impl Carriage {
    /// Begins to follow the Syncthing of this machine for the base folder of a server.
    pub fn start(site: Arc<Site>, clerk: Arc<Clerk>, base: &Path) -> Arc<Carriage> {
        let carriage = Arc::new(Carriage {
            site,
            clerk,
            last: Mutex::new(Known::Unused),
            engine: Mutex::default(),
        });
        let hearer = Arc::clone(&carriage);
        let hear = move |known: &Known| {
            *hearer.last.lock().unwrap_or_else(PoisonError::into_inner) = known.clone();
            hearer.tell();
        };
        follow::start(Home::of(None), base, hear);
        carriage
    }

    /// Takes in what the engine inside Handbill says.
    pub fn take(&self, engine: &Engine) {
        *self.engine.lock().unwrap_or_else(PoisonError::into_inner) = engine.clone();
        self.tell();
    }

    /// Tells the pages how things stand; to be called after a build too, for it may know other
    /// contacts.
    pub fn tell(&self) {
        // First, so that of two who tell at once the later one knows the newer contacts.
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = self.clerk.known() else { return };
        let heads = known.contacts.iter().map(|contact| &*contact.head);
        let engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        let words = &known.theme.words;
        let of_engine = engine_said::told(&engine, heads.clone(), words);
        self.site.carried(engine_said::together(told(&last, heads, words), of_engine));
    }
}
