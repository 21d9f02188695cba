//! Drops what need not be kept any more.
//!
//! - Of a file that has been gone for [`GONE_DAYS`] everything.
//! - Of texts that may be changed those that were first seen [`RECENT_DAYS`] ago, but for the last
//!   version of a message that has been changed before.
//! - Texts of earlier versions that nothing speaks of.

use super::{DAY, recent, store::Store};
use crate::limits::{GONE_DAYS, RECENT_DAYS};
use crate::time::Now;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

pub(super) fn sweep(
    folder: &Path,
    store: &Store,
    now: Now,
    present: &dyn Fn(&str) -> bool,
) -> io::Result<Store> {
    let mut frames = recent::load(folder);
    let mut store = store.clone();
    let paths: BTreeSet<String> =
        frames.iter().map(|frame| &frame.path).chain(store.histories.keys()).cloned().collect();
    store.gone.retain(|path, _| paths.contains(path) && !present(path));
    for path in paths {
        if !present(&path) {
            store.gone.entry(path).or_insert(now.0);
        }
    }
    let over: BTreeSet<String> = store
        .gone
        .iter()
        .filter(|(_, since)| now.0 - **since >= GONE_DAYS * DAY)
        .map(|(path, _)| path.clone())
        .collect();
    store.histories.retain(|path, _| !over.contains(path));
    store.gone.retain(|path, _| !over.contains(path));

    // Of two of the same the later one stays: what a message said last is the last that is known.
    let mut known = BTreeSet::new();
    frames.reverse();
    frames.retain(|frame| {
        let current = store.histories.get(&frame.path).map(|history| history.current.source);
        let wanted = current == Some(frame.source) || now.0 - frame.seen < RECENT_DAYS * DAY;
        wanted && !over.contains(&frame.path) && known.insert((frame.path.clone(), frame.source))
    });
    frames.reverse();
    recent::write(folder, frames)?;
    store.swept = now.0;
    store.save(folder)?;
    drop_texts(folder, &store)?;
    Ok(store)
}

/// Removes the texts that nothing speaks of.
fn drop_texts(folder: &Path, store: &Store) -> io::Result<()> {
    let earlier = store.histories.values().flat_map(|history| &history.earlier);
    let wanted: BTreeSet<String> =
        earlier.map(|version| format!("{}.txt", version.source.hex(32))).collect();
    let entries = match std::fs::read_dir(folder.join("texts")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if !wanted.contains(&*entry.file_name().to_string_lossy()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
