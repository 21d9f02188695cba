//! One file of an edition, whole or not at all.

use super::sound::mtime;
use super::writer::{Writer, lock};
use crate::diagnostic::Diagnostic;
use crate::disk::boxes::is_unchanged;
use crate::disk::{AtPath, PathError, strip};
use crate::hash::Hash;
use crate::library::{Attachment, Side};
use crate::path::RelPath;
use crate::plan::Output;
use crate::plan::diff::Published;
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

impl Writer<'_> {
    /// Writes a file unless it is right already, or somebody else's.
    pub fn write(
        &self,
        output: &Output,
        bytes: &[u8],
        ours: bool,
    ) -> Result<Option<Published>, PathError> {
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
                // It may be new to the manifest, and then its folder is.
                self.touch(output.path.folder());
                return Ok(Some(published(mtime(metadata))));
            }
            if self.is_foreign(output, &path, ours) {
                return Ok(None);
            }
        }
        self.put(output, &path, |file| file.write_all(bytes), content, bytes.len() as u64)
    }

    /// Returns whether something is in the way that the manifest does not name, and reports it.
    fn is_foreign(&self, output: &Output, path: &Path, ours: bool) -> bool {
        let foreign = match std::fs::symlink_metadata(path) {
            Ok(there) => there.is_dir() || !ours,
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
        let folder = output.path.folder();
        if lock(&self.made).contains(folder) {
            return Ok(());
        }
        self.touch(folder);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).at("make", parent)?;
        }
        lock(&self.made).insert(folder.to_owned());
        Ok(())
    }

    /// Opens the file of a box that an output is made of, if it is as it was listed; says also in
    /// which box it lies and where.
    pub(super) fn source(
        &self,
        output: &Output,
        file: &Attachment,
    ) -> Option<(std::fs::File, Side, RelPath)> {
        let head = &output.drew_on[0];
        let mut parts = file.source.as_str().splitn(3, '/').skip(1);
        let side = match parts.next()? {
            "outbox" => Side::Outbox,
            _ => Side::Inbox,
        };
        let below = RelPath::parse(parts.next()?)?;
        let source = self.texts.dir(&head.name, side)?.file(&below);
        match source {
            Ok(source) if is_unchanged(&source, &file.stat) => Some((source, side, below)),
            _ => {
                self.changed(output);
                None
            }
        }
    }

    /// Copies a file of a box. On file systems that can, the copy shares its blocks.
    pub fn copy(
        &self,
        output: &Output,
        file: &Attachment,
        stripped: bool,
        ours: bool,
    ) -> Result<Option<Published>, PathError> {
        let Some((mut source, side, below)) = self.source(output, file) else { return Ok(None) };
        let path = self.root.join(output.path.as_str());
        let bytes = match strip::look(&mut source, &below, stripped) {
            Ok(bytes) => bytes,
            Err((why, hint)) => {
                let report = Diagnostic::error(&file.source, "not-copied", why);
                self.report(report.hint(hint).owned_by(side.owner()));
                return Ok(None);
            }
        };
        if let Some(bytes) = bytes {
            return self.write(output, &bytes, ours);
        }
        if self.temp.is_some() {
            if let Some(mtime) = equal_copy(&mut source, &path).at("read", &path)? {
                let (fingerprint, size) = (Some(output.fingerprint), file.stat.size);
                let content = Hash::default();
                self.touch(output.path.folder());
                return Ok(Some(Published { fingerprint, content, size, mtime }));
            }
            if self.is_foreign(output, &path, ours) {
                return Ok(None);
            }
        }
        let fill = |to: &mut std::fs::File| io::copy(&mut source, to).map(drop);
        self.put(output, &path, fill, Hash::default(), file.stat.size)
    }
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
