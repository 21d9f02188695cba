//! A process that builds again and again, told by each edit where to look, as a watch is.

use crate::support::Base;
use handbill::disk::{BuildOptions, BuildReport, Keeper};
use handbill::listing::errand::Errand;
use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

/// By path: size, modification time, and the time of the last change of any kind.
type Times = BTreeMap<String, (u64, Option<SystemTime>, i64)>;

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
            let firsts = differing(&known.after, &now);
            if firsts.contains("_site") || firsts.contains(".handbill") {
                *running = None;
            } else {
                errand = Errand::at(firsts);
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

fn times(base: &Base) -> Times {
    let mut times = Times::new();
    for entry in walkdir::WalkDir::new(base.path()).min_depth(1).into_iter().flatten() {
        let path = entry.path().strip_prefix(base.path()).unwrap().to_str().unwrap().to_owned();
        let metadata = entry.metadata().unwrap();
        #[cfg(unix)]
        let changed = std::os::unix::fs::MetadataExt::ctime_nsec(&metadata);
        #[cfg(not(unix))]
        let changed = 0;
        let size = if metadata.is_dir() { 0 } else { metadata.len() };
        times.insert(path, (size, metadata.modified().ok(), changed));
    }
    times
}

/// Returns the first part of each path that is not the same in both.
fn differing(before: &Times, after: &Times) -> BTreeSet<String> {
    let unlike = |(path, times): &(&String, &_)| before.get(*path) != Some(times);
    let changed = after.iter().filter(unlike).map(|(path, _)| path);
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    let first = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
    changed.chain(gone).map(first).collect()
}
