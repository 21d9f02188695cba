//! Writes an edition: only what differs, each file whole or not at all.
//!
//! 1. An edition whose folder is absent or empty is written into a staging folder, which is
//!    renamed in whole.
//! 2. In every other case files are written one by one, each to a temporary file that is renamed:
//!    what is pointed to first, then what points to it, deletions last.
//! 3. What the manifest does not name is somebody else's: it is neither overwritten nor deleted.
//!
//! Output is not synced to the disk: it can be built again.

use super::boxes::nanoseconds;
use super::read::{DiskTexts, is_unchanged};
use super::{AtPath, PathError, Progress, manifest, strip};
use crate::build::Planned;
use crate::diagnostic::Diagnostic;
use crate::hash::Hash;
use crate::library::{Attachment, Edition};
use crate::path::{OutPath, RelPath};
use crate::plan::diff::{Manifest, Published};
use crate::plan::look::{last_look, look_inside};
use crate::plan::{Output, Rank, Reason, What, Work, diff};
use crate::render::html::NotMade;
use crate::render::{Bodies, Look, feed, html, sitemap};
use anyhow::Result;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How to publish.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublishOptions {
    /// How far what is on the disk is trusted to be what was published.
    pub check: Check,
    /// Where the files are counted, if somebody waits for them.
    pub progress: Option<&'static Progress>,
}

/// How far what is on the disk is trusted to be what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Check {
    /// It is: this process has looked a moment ago.
    Trust,
    /// Where size and time of the file are as they were.
    #[default]
    Times,
    /// Where its bytes are.
    Bytes,
}

/// What was done to an edition.
#[derive(Debug, Serialize)]
pub struct EditionReport {
    /// `public` or `reader`.
    pub edition: &'static str,
    /// Its folder.
    pub path: PathBuf,
    /// Files written.
    pub written: usize,
    /// Files that were right already.
    pub kept: usize,
    /// Files removed.
    pub removed: usize,
    /// How many segments of the plan were made.
    pub segments_made: usize,
}

/// Publishes a plan. Returns what was done and what the manifest says now.
///
/// # Errors
/// When the output cannot be written, or when the last look finds what must not be public.
pub fn publish(
    output: &Path,
    planned: &Planned,
    manifest: Manifest,
    look: &Look<'_>,
    texts: &DiskTexts<'_>,
    options: PublishOptions,
    found: &mut Vec<Diagnostic>,
) -> Result<(EditionReport, Manifest)> {
    let folder = output.join(planned.edition.name());
    let staging = output.join(format!(".{}.new", planned.edition.name()));
    let temp = output.join(format!(".{}.tmp", planned.edition.name()));
    for leftover in [&staging, &temp] {
        remove_folder(leftover)?;
    }
    if planned.edition == Edition::Public {
        last_look(planned.segments.outputs(), look.settings, &planned.private).map_err(Leak)?;
    }
    // A link or a mount point that is empty cannot be renamed over: it is filled file by file.
    let fresh = is_absent_or_empty(&folder)?
        && match std::fs::remove_dir(&folder) {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
    let manifest = if fresh { Manifest::default() } else { manifest };
    let damaged = damaged(&folder, &manifest, options.check);
    let work = diff(planned.segments.groups(), &manifest, |path| !damaged.contains(path));
    let mut report = EditionReport {
        edition: planned.edition.name(),
        path: folder.clone(),
        written: 0,
        kept: work.kept,
        removed: 0,
        segments_made: planned.segments.made(),
    };
    if work.groups.is_empty() && work.remove.is_empty() {
        return Ok((report, manifest));
    }
    let root = if fresh { &staging } else { &folder };
    std::fs::create_dir_all(root).at("make", root)?;
    let writer = Writer {
        root,
        temp: (!fresh).then_some(&temp),
        planned,
        look,
        texts,
        bodies: Bodies::new(texts, look, work.groups.iter().flatten().map(|(output, _)| *output)),
        manifest: &manifest,
        folders: Mutex::default(),
        done: Mutex::default(),
        found: Mutex::default(),
        written: AtomicUsize::new(0),
        next_temp: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        progress: options.progress,
    };
    if let Some(progress) = options.progress {
        progress.expect(work.groups.iter().map(Vec::len).sum());
    }
    if !fresh {
        // What is there and not ours stays somebody else's, even if this build is killed.
        let ours = |path: &&OutPath| {
            manifest.files.contains_key(*path)
                || std::fs::symlink_metadata(folder.join(path.as_str())).is_err()
        };
        let paths = work.groups.iter().flatten().map(|(output, _)| &output.path).filter(ours);
        manifest::begin(output, planned.edition, paths)?;
        std::fs::create_dir_all(&temp).at("make", &temp)?;
        for path in in_the_way(&work) {
            remove_file(&folder, path)?;
        }
    }
    writer.all(&work.groups, fresh)?;

    let done = std::mem::take(&mut *lock(&writer.done));
    found.append(&mut lock(&writer.found));
    report.written = writer.written.load(Ordering::Relaxed);
    drop(writer);
    let mut after = manifest;
    let files = Arc::make_mut(&mut after.files);
    files.extend(done);
    report.kept += work.groups.iter().map(Vec::len).sum::<usize>() - report.written;
    for path in &work.remove {
        remove_file(&folder, path)?;
        files.remove(path);
        report.removed += 1;
    }
    remove_folder(&temp)?;
    // The manifest comes before the folder: a manifest of what is not there yet does no harm, a
    // folder without its manifest would be somebody else's.
    manifest::save(output, planned.edition, &after)?;
    if fresh {
        std::fs::rename(&staging, &folder).at("rename into place", &folder)?;
    }
    Ok((report, after))
}

/// The last look found something that must not be public.
#[derive(Debug)]
pub struct Leak(pub Box<Diagnostic>);

impl std::fmt::Display for Leak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Leak {}

/// Writes outputs in parallel.
struct Writer<'w> {
    root: &'w Path,
    /// Where files are written before they are renamed; none in a staging folder.
    temp: Option<&'w PathBuf>,
    planned: &'w Planned,
    look: &'w Look<'w>,
    texts: &'w DiskTexts<'w>,
    bodies: Bodies<'w>,
    manifest: &'w Manifest,
    folders: Mutex<BTreeSet<String>>,
    done: Mutex<Vec<(OutPath, Published)>>,
    found: Mutex<Vec<Diagnostic>>,
    written: AtomicUsize,
    next_temp: AtomicUsize,
    stopped: AtomicBool,
    progress: Option<&'w Progress>,
}

type Group<'p> = Vec<(&'p Output, Reason)>;

impl Writer<'_> {
    /// Writes all groups; into a folder that is being read, what is pointed to before what points
    /// to it.
    fn all(&self, groups: &[Group<'_>], fresh: bool) -> Result<()> {
        if fresh {
            return groups.par_iter().try_for_each(|group| self.group(group, |_| true));
        }
        for rank in [Rank::File, Rank::Message, Rank::Pointer] {
            groups
                .par_iter()
                .try_for_each(|group| self.group(group, |output| output.rank() == rank))?;
        }
        Ok(())
    }

    fn group(&self, group: &Group<'_>, now: impl Fn(&Output) -> bool) -> Result<()> {
        let mut done = Vec::with_capacity(group.len());
        for (output, _) in group.iter().filter(|(output, _)| now(output)) {
            if self.stopped.load(Ordering::Relaxed) {
                break;
            }
            match self.one(output) {
                Ok(published) => {
                    done.extend(published.map(|published| (output.path.clone(), published)));
                    self.progress.inspect(|progress| progress.step());
                }
                Err(error) => {
                    self.stopped.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        lock(&self.done).extend(done);
        Ok(())
    }

    /// Makes and writes one output. A page that panics costs one page.
    fn one(&self, output: &Output) -> Result<Option<Published>> {
        if let What::Copy { file, stripped } = &output.what {
            return Ok(self.copy(output, file, *stripped)?);
        }
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.bytes(output)));
        let Ok(bytes) = made else {
            let text = format!("`{}` could not be made: the program failed", output.path);
            self.report(
                Diagnostic::error("", "panic", text).hint("please report it with the message"),
            );
            return Ok(None);
        };
        let Some((mut bytes, settled)) = bytes else { return Ok(None) };
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let std::borrow::Cow::Owned(clean) = crate::keys::redact(text).0
        {
            // Put together only when it was read, by escapes or from pieces.
            let text =
                format!("`{}` would have held a key that lets its holder write", output.path);
            self.report(
                Diagnostic::error("", "writing-key", text)
                    .hint("look for it in what the page shows"),
            );
            bytes = clean.into_bytes();
        }
        if self.planned.edition == Edition::Public && !matches!(output.what, What::Asset(_)) {
            let base = self.look.settings.base_url.as_ref().map(|base| base.as_str());
            look_inside(output, &bytes, base, &self.planned.private).map_err(Leak)?;
        }
        let published = self.write(output, &bytes)?;
        Ok(published
            .map(|known| Published { fingerprint: known.fingerprint.filter(|_| settled), ..known }))
    }

    /// Makes the bytes of an output, and says whether it is done with. A page for which the default
    /// template had to stand in is not: the next build makes it again, so that the report of the
    /// broken template is not seen once and never again.
    fn bytes(&self, output: &Output) -> Option<(Vec<u8>, bool)> {
        match &output.what {
            What::Asset(bytes) => Some((bytes.to_vec(), true)),
            What::Crawlers(what) => Some((sitemap::crawlers(what, self.look).into_bytes(), true)),
            What::Feed(feed) => {
                let (bytes, whole) = feed::feed(feed, self.look, &self.bodies);
                if !whole {
                    self.changed(output);
                }
                whole.then_some((bytes, true))
            }
            What::Page(page) => match html::page(&output.path, page, self.look, &self.bodies) {
                Ok(made) => {
                    let settled = made.fallback.is_none();
                    made.fallback.into_iter().for_each(|report| self.report(report));
                    Some((made.bytes, settled))
                }
                Err(NotMade::Gone) => {
                    self.changed(output);
                    None
                }
                Err(NotMade::Failed(report)) => {
                    self.report(*report);
                    None
                }
            },
            What::Copy { .. } => None,
        }
    }

    /// Reports that a file changed under the build: the next one sees to it.
    fn changed(&self, output: &Output) {
        let text = format!("`{}` waits: a file it shows changed during the build", output.path);
        self.report(Diagnostic::note("", "changed", text).hint("build again"));
    }

    fn report(&self, report: Diagnostic) {
        let mut found = lock(&self.found);
        if !found.contains(&report) {
            found.push(report);
        }
    }

    /// Writes a file unless it is right already, or somebody else's.
    fn write(&self, output: &Output, bytes: &[u8]) -> Result<Option<Published>, PathError> {
        let content = Hash::of(bytes);
        let path = self.root.join(output.path.as_str());
        if self.temp.is_some() {
            let published = |mtime| Published {
                fingerprint: Some(output.fingerprint),
                content,
                size: bytes.len() as u64,
                mtime,
            };
            let there = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file);
            let equal = there.as_ref().filter(|m| m.len() == bytes.len() as u64).is_some()
                && std::fs::read(&path).is_ok_and(|old| old == bytes);
            if let (true, Some(metadata)) = (equal, &there) {
                return Ok(Some(published(mtime(metadata))));
            }
            if self.is_foreign(output, &path) {
                return Ok(None);
            }
        }
        self.put(output, &path, |file| file.write_all(bytes), content, bytes.len() as u64)
    }

    /// Returns whether something is in the way that the manifest does not name, and reports it.
    fn is_foreign(&self, output: &Output, path: &Path) -> bool {
        let foreign = match std::fs::symlink_metadata(path) {
            Ok(there) => there.is_dir() || !self.manifest.files.contains_key(&output.path),
            // A file in the place of a folder.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if foreign {
            let name = format!("{}/{}", self.planned.edition.name(), output.path);
            let text =
                format!("`{name}` in the output folder is not Handbill's; it is left as it is");
            self.report(
                Diagnostic::error("", "foreign-file", text)
                    .hint("move it away, or delete the edition's folder to build it anew"),
            );
        }
        foreign
    }

    fn put(
        &self,
        output: &Output,
        path: &Path,
        fill: impl FnOnce(&mut std::fs::File) -> io::Result<()>,
        content: Hash,
        size: u64,
    ) -> Result<Option<Published>, PathError> {
        self.make_folder(output, path)?;
        let direct = self
            .temp
            .map(|temp| temp.join(self.next_temp.fetch_add(1, Ordering::Relaxed).to_string()));
        let target = direct.as_deref().unwrap_or(path);
        let mut file = std::fs::File::create(target).at("write", target)?;
        fill(&mut file).at("write", target)?;
        let mtime = file.metadata().map(|metadata| mtime(&metadata)).at("write", target)?;
        drop(file);
        if target != path {
            std::fs::rename(target, path).at("rename into place", path)?;
        }
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(Some(Published { fingerprint: Some(output.fingerprint), content, size, mtime }))
    }

    fn make_folder(&self, output: &Output, path: &Path) -> Result<(), PathError> {
        let Some((folder, _)) = output.path.as_str().rsplit_once('/') else { return Ok(()) };
        if lock(&self.folders).contains(folder) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).at("make", parent)?;
        }
        lock(&self.folders).insert(folder.to_owned());
        Ok(())
    }

    /// Copies a file of a box. On file systems that can, the copy shares its blocks.
    fn copy(
        &self,
        output: &Output,
        file: &Attachment,
        stripped: bool,
    ) -> Result<Option<Published>, PathError> {
        let head = &output.drew_on[0];
        let mut parts = file.source.as_str().splitn(3, '/').skip(1);
        let side = parts.next().map(|folder| match folder {
            "outbox" => crate::library::Side::Outbox,
            _ => crate::library::Side::Inbox,
        });
        let below = parts.next().and_then(RelPath::parse);
        let dir = side.and_then(|side| self.texts.dir(&head.name, side));
        let (Some(dir), Some(below)) = (dir, below) else { return Ok(None) };
        let mut source = match dir.file(&below) {
            Ok(source) if is_unchanged(&source, &file.stat) => source,
            _ => {
                self.changed(output);
                return Ok(None);
            }
        };
        let path = self.root.join(output.path.as_str());
        let bytes = match strip::look(&mut source, &below, stripped) {
            Ok(bytes) => bytes,
            Err((why, hint)) => {
                let owner = side.map_or(crate::diagnostic::Owner::Own, crate::library::Side::owner);
                let report = Diagnostic::error(&file.source, "not-copied", why);
                self.report(report.hint(hint).owned_by(owner));
                return Ok(None);
            }
        };
        if let Some(bytes) = bytes {
            return self.write(output, &bytes);
        }
        if self.temp.is_some() {
            if let Some(mtime) = equal_copy(&mut source, &path).at("read", &path)? {
                let (fingerprint, size) = (Some(output.fingerprint), file.stat.size);
                let content = Hash::default();
                return Ok(Some(Published { fingerprint, content, size, mtime }));
            }
            if self.is_foreign(output, &path) {
                return Ok(None);
            }
        }
        let fill = |to: &mut std::fs::File| io::copy(&mut source, to).map(drop);
        self.put(output, &path, fill, Hash::default(), file.stat.size)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn mtime(metadata: &std::fs::Metadata) -> i64 {
    metadata.modified().map_or(0, nanoseconds)
}

/// Returns the files that are no longer as they were written.
fn damaged<'m>(folder: &Path, manifest: &'m Manifest, check: Check) -> BTreeSet<&'m OutPath> {
    if check == Check::Trust {
        return BTreeSet::new();
    }
    let known: Vec<(&OutPath, &Published)> = manifest.files.iter().collect();
    let damaged = known.into_par_iter().filter(|(path, p)| !is_sound(folder, path, p, check));
    damaged.map(|(path, _)| path).collect()
}

/// Returns the modification time of the file at `path` if it holds what its source holds, which is
/// then read again from its beginning.
fn equal_copy(source: &mut std::fs::File, path: &Path) -> io::Result<Option<i64>> {
    let there = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file);
    let Some(metadata) = there else { return Ok(None) };
    let equal = metadata.len() == source.metadata()?.len()
        && same_bytes(&*source, &std::fs::File::open(path)?)?;
    source.rewind()?;
    Ok(equal.then(|| mtime(&metadata)))
}

fn same_bytes(left: &std::fs::File, right: &std::fs::File) -> io::Result<bool> {
    let (mut left, mut right) = (BufReader::new(left), BufReader::new(right));
    loop {
        let (a, b) = (left.fill_buf()?, right.fill_buf()?);
        let count = a.len().min(b.len());
        if count == 0 || a[..count] != b[..count] {
            return Ok(a.is_empty() && b.is_empty());
        }
        left.consume(count);
        right.consume(count);
    }
}

/// Returns whether a published file is still as it was written. Of a copy no hash is known: to
/// verify it, it is compared with its source, as if it had to be written.
fn is_sound(folder: &Path, path: &OutPath, known: &Published, check: Check) -> bool {
    let path = folder.join(path.as_str());
    let Ok(metadata) = std::fs::symlink_metadata(&path) else { return false };
    let same =
        metadata.is_file() && metadata.len() == known.size && mtime(&metadata) == known.mtime;
    same && (check != Check::Bytes
        || std::fs::read(&path).is_ok_and(|b| Hash::of(&b) == known.content))
}

fn is_absent_or_empty(folder: &Path) -> Result<bool, PathError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error).at("read", folder),
    }
}

fn remove_folder(folder: &Path) -> Result<(), PathError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("remove", folder),
        _ => Ok(()),
    }
}

/// Returns the files that are no longer part of the edition and have the name of a folder that is
/// now needed, or lie in a folder that has the name of a file. These cannot go last.
fn in_the_way<'w>(work: &'w Work<'_>) -> Vec<&'w OutPath> {
    fn folders(path: &OutPath) -> impl Iterator<Item = &str> {
        path.as_str().match_indices('/').map(|(at, _)| &path.as_str()[..at])
    }
    if work.remove.is_empty() {
        return Vec::new();
    }
    let coming = || work.groups.iter().flatten().map(|(output, _)| &output.path);
    let files: BTreeSet<&str> = coming().map(OutPath::as_str).collect();
    let needed: BTreeSet<&str> = coming().flat_map(folders).collect();
    let blocks = |path: &&OutPath| {
        needed.contains(path.as_str()) || folders(path).any(|folder| files.contains(folder))
    };
    work.remove.iter().filter(blocks).collect()
}

/// Removes a file of ours and the folders that are empty without it. What somebody put in its place
/// stays.
fn remove_file(folder: &Path, path: &OutPath) -> Result<(), PathError> {
    let file = folder.join(path.as_str());
    match std::fs::symlink_metadata(&file) {
        Ok(there) if !there.is_dir() => std::fs::remove_file(&file).at("remove", &file)?,
        _ => {}
    }
    let below = file.ancestors().skip(1).take_while(|parent| *parent != folder);
    for parent in below {
        match std::fs::remove_dir(parent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => break, // Not empty.
            Ok(()) => {}
        }
    }
    Ok(())
}
