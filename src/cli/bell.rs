//! Has Syncthing look at the outboxes that have changed while `watch` and `serve` run: by itself it
//! would wait some seconds.

use super::print;
use crate::app::Built;
use crate::diagnostic::shown;
use crate::disk::Places;
use crate::library::{ContactInput, Side};
use crate::listing::errand::Scope;
use crate::transport::ring::Ringer;
use crate::transport::syncthing::{Error, Home};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Asks for the looks.
pub(super) struct Bell {
    ringer: Ringer,
    places: Places,
    /// The contacts as the last build read them, by name; none before the first.
    last: Option<Vec<Arc<ContactInput>>>,
}

impl Bell {
    /// Prepares to ask. Why that is not possible is said where `verbose` wants it.
    pub(super) fn start(places: Places, verbose: bool) -> Bell {
        let ringer = Ringer::start(Home::of(None), complaint(verbose));
        Bell { ringer, places, last: None }
    }

    /// A build begins: where it looks for a reason is asked for at once.
    pub(super) fn begun(&self, scope: &Scope) {
        if let Scope::Contacts(names) = scope {
            names.keys().for_each(|name| self.ring(name));
        }
    }

    /// A build was made. One that looked everywhere, as it does where nobody tells of changes, says
    /// only now what has changed.
    pub(super) fn built(&mut self, built: &Built<'_>) {
        let Some(known) = built.keeper.known() else { return };
        let last = self.last.replace(known.inputs);
        if let (Some(Scope::Whole), Some(last), Some(now)) = (built.scope, last, &self.last) {
            changed(&last, now).for_each(|name| self.ring(name));
        }
    }

    fn ring(&self, name: &str) {
        let outbox = self.places.base.join(name).join(Side::Outbox.folder());
        if outbox.is_dir() {
            self.ringer.ring(outbox);
        }
    }
}

/// Returns the contacts in whose outbox something is another than before. Both are sorted by name.
fn changed<'n>(
    last: &[Arc<ContactInput>],
    now: &'n [Arc<ContactInput>],
) -> impl Iterator<Item = &'n str> {
    let before: BTreeMap<&str, &Arc<ContactInput>> =
        last.iter().map(|input| (input.name.as_str(), input)).collect();
    let is_other = move |input: &&Arc<ContactInput>| {
        before
            .get(input.name.as_str())
            .is_none_or(|known| !Arc::ptr_eq(known, input) && known.outbox != input.outbox)
    };
    let other: Vec<_> = now.iter().filter(is_other).map(|input| input.name.as_str()).collect();
    other.into_iter()
}

/// Returns what says why Syncthing could not be asked: once of each box, and only to those who want
/// to know.
fn complaint(verbose: bool) -> impl FnMut(&Path, &Error) + Send + 'static {
    let mut said = BTreeMap::<PathBuf, String>::new();
    move |outbox: &Path, error: &Error| {
        let text = error.to_string();
        if verbose && said.get(outbox) != Some(&text) {
            print::talk(&format!(
                "Syncthing was not asked to look at `{}` at once: {text}",
                shown(&outbox.display().to_string())
            ));
            said.insert(outbox.to_owned(), text);
        }
    }
}
