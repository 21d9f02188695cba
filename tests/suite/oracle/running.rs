//! A process that builds again and again, told by each edit where to look, as a watch is.

use crate::support::Base;
use handbill::disk::{BuildOptions, BuildReport, Keeper};
use handbill::listing::errand::{Errand, Extent, Scope};
use handbill::path::{RelPath, fold};
use std::collections::BTreeMap;
use std::time::SystemTime;

/// By path: size, modification time, and the time of the last change of any kind; none of a folder.
type Times = BTreeMap<String, Option<(u64, Option<SystemTime>, i64)>>;

/// A keeper, and how all files were when it had built.
pub struct Running {
    keeper: Keeper,
    after: Times,
}

impl Running {
    /// Builds, looking only where something has changed; begins anew where somebody else has
    /// touched the output or the state, for a running process trusts those.
    pub fn build(
        running: &mut Option<Running>,
        base: &Base,
        options: &BuildOptions,
    ) -> BuildReport {
        let now = times(base);
        let mut errand = Errand::whole();
        if let Some(known) = running {
            let places = differing(&known.after, &now);
            if places.contains_key("_site") || places.contains_key(".handbill") {
                *running = None;
            } else {
                errand.scope = Scope::Contacts(places);
            }
        }
        let known = running
            .get_or_insert_with(|| Running { keeper: Keeper::new(base.places()), after: now });
        let report = known.keeper.build(options, &errand).unwrap();
        known.keeper.save_cache();
        report
    }

    /// Takes the files as they are now for what the last build left.
    pub fn settle(&mut self, base: &Base) {
        self.after = times(base);
    }
}

/// Returns how all that lies in a base folder is; of a folder, that it is one.
fn times(base: &Base) -> Times {
    let mut times = Times::new();
    for entry in walkdir::WalkDir::new(base.path()).min_depth(1).into_iter().flatten() {
        let path = entry.path().strip_prefix(base.path()).unwrap().to_str().unwrap().to_owned();
        let metadata = entry.metadata().unwrap();
        #[cfg(unix)]
        let changed = std::os::unix::fs::MetadataExt::ctime_nsec(&metadata);
        #[cfg(not(unix))]
        let changed = 0;
        let file = (metadata.len(), metadata.modified().ok(), changed);
        times.insert(path, Some(file).filter(|_| !metadata.is_dir()));
    }
    times
}

/// Returns where a watch would look, by the first part of each path that is not the same in both.
fn differing(before: &Times, after: &Times) -> BTreeMap<String, Extent> {
    let mut all: BTreeMap<String, Extent> = BTreeMap::new();
    let mut look = |path: &str, is_new_folder: bool| {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let (folder, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let side = match fold(folder).as_str() {
            "outbox" => Some(false),
            "inbox" => Some(true),
            _ => None,
        };
        let extent = match (side, RelPath::parse(rest)) {
            (Some(is_inbox), Some(path)) if !is_new_folder => Extent::file(is_inbox, path),
            _ => Extent::All,
        };
        match all.get_mut(first) {
            Some(known) => known.add(extent),
            None => drop(all.insert(first.to_owned(), extent)),
        }
    };
    for (path, now) in after {
        // A folder that was there and is there is told of by what is in it.
        if before.get(path) != Some(now) {
            look(path, now.is_none());
        }
    }
    before.keys().filter(|path| !after.contains_key(*path)).for_each(|path| look(path, false));
    all
}
