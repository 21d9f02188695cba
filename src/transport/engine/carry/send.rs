//! From the disk into the channel.

use super::super::decide::Digest;
use super::super::name;
use super::super::node::hash;
use super::clock::{STILL, not_still, now};
use super::{Carrier, EMPTY, LOOK, Look, SMALL};
use crate::diagnostic::shown;
use crate::keys::Search;
use crate::listing::Stat;
use crate::path::RelPath;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use iroh_blobs::api::TempTag;
use iroh_blobs::api::blobs::BlobStatus;
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::block_in_place;

const KEY: &str = "it holds a key by which others could write in somebody's name";

impl Carrier {
    /// Returns the hash of a file that was found; none where it has gone since.
    pub(super) fn digest(&self, look: &mut Look, path: &RelPath) -> Result<Option<Digest>> {
        let known =
            self.memory.files.get(path).filter(|known| look.found.get(path) == Some(&known.stat));
        if let Some(known) = known {
            return Ok(Some(known.digest));
        }
        match block_in_place(|| look.folder.digest(path)) {
            Ok(digest) => Ok(Some(digest)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                look.soon(STILL);
                Ok(None)
            }
            Err(error) => Err(error).context("it cannot be read"),
        }
    }

    /// Has the contents of a file in the store, so that others can be given them: the store may have
    /// been deleted.
    pub(super) async fn store(&mut self, look: &Look, path: &RelPath, digest: Digest) {
        if self.stored.contains(&digest) {
            return;
        }
        let is_here =
            matches!(self.node.blobs.status(hash(&digest)).await, Ok(BlobStatus::Complete { .. }));
        if !is_here && digest != *blake3::hash(b"").as_bytes() {
            // Without it others are given this file by somebody else.
            let _ = self.add(look, path).await;
        }
        self.stored.insert(digest);
    }

    /// Puts a file into the channel.
    pub(super) async fn import(
        &mut self,
        look: &mut Look,
        path: &RelPath,
        stat: Option<Stat>,
        last: Option<u64>,
    ) -> Result<()> {
        let Some(stat) = stat else { return Ok(()) };
        if let Err(why) = name::fits(path, name::System::Unix) {
            look.unsent.push((path.clone(), why.to_string()));
            return Ok(());
        }
        let now = now();
        if let Some(wait) = not_still(&stat, now) {
            look.soon(wait);
            return Ok(());
        }
        if look.is_too_early(last, now) {
            return Ok(());
        }
        let (tag, size) = match self.add(look, path).await {
            Ok(added) => added,
            Err(error) => {
                look.unsent.push((path.clone(), shown(&format!("{error:#}"))));
                return Ok(());
            }
        };
        let author = self.node.author;
        self.doc.set_hash(author, name::key(path), tag.hash(), size).await?;
        let digest = match size {
            size if size == EMPTY.len() as u64 && stat.size == 0 => *blake3::hash(b"").as_bytes(),
            _ => *tag.hash().as_bytes(),
        };
        self.stored.insert(digest);
        self.settled(look, path, digest, stat);
        Ok(())
    }

    /// Says in the channel that a file was deleted.
    pub(super) async fn erase(
        &mut self,
        look: &mut Look,
        path: &RelPath,
        last: Option<u64>,
    ) -> Result<()> {
        if look.is_too_early(last, now()) {
            return Ok(());
        }
        self.doc.del(self.node.author, name::key(path)).await?;
        self.memory.files.remove(path);
        look.changed = true;
        Ok(())
    }

    /// Puts the contents of a file into the store; they are safe until what is returned is dropped.
    async fn add(&self, look: &Look, path: &RelPath) -> Result<(TempTag, u64)> {
        let mut file = look.folder.read(path).context("it cannot be read")?;
        if file.metadata()?.len() > SMALL {
            return self.add_large(file).await;
        }
        let mut bytes = Vec::new();
        block_in_place(|| file.read_to_end(&mut bytes)).context("it cannot be read")?;
        if bytes.is_empty() {
            bytes = EMPTY.to_vec();
        }
        if Search::default().finds(&bytes) {
            bail!(KEY);
        }
        let size = bytes.len() as u64;
        Ok((self.node.blobs.add_bytes(bytes).temp_tag().await?, size))
    }

    /// Puts contents into the store piece by piece, up to the first that must not go out.
    async fn add_large(&self, file: File) -> Result<(TempTag, u64)> {
        let end = Arc::new(Mutex::new(End::Not));
        let pieces = Pieces { file, search: Search::default(), size: 0, end: Arc::clone(&end) };
        let tag =
            self.node.blobs.add_stream(n0_future::stream::iter(pieces)).await.temp_tag().await?;
        let end =
            std::mem::replace(&mut *end.lock().unwrap_or_else(PoisonError::into_inner), End::Not);
        match end {
            End::Whole(size) => Ok((tag, size)),
            End::Key => bail!(KEY),
            End::Failed(error) => Err(error).context("it cannot be read"),
            End::Not => bail!("it cannot be put into the store"),
        }
    }
}

impl Look {
    /// Returns whether what is said now would be older than what it is to replace, by our clock, so
    /// that nobody would take it. Then that is told, and tried again.
    fn is_too_early(&mut self, last: Option<u64>, now: u64) -> bool {
        let is_early = last.is_some_and(|last| last >= now);
        if is_early {
            self.clock = true;
            self.soon(LOOK / 6);
        }
        is_early
    }
}

/// How the reading of a file has ended.
enum End {
    /// It has not.
    Not,
    /// At its end, after so many bytes.
    Whole(u64),
    /// At a key of a writing kind.
    Key,
    /// At an error.
    Failed(io::Error),
}

/// The contents of a file, piece by piece. The store would wait for ever if it were told of an
/// error: so it is told of none, and what was put into it is let go of.
struct Pieces {
    file: File,
    search: Search,
    size: u64,
    end: Arc<Mutex<End>>,
}

impl Pieces {
    fn read(&mut self) -> Result<Bytes, End> {
        let mut piece = vec![0; 1 << 18];
        loop {
            match self.file.read(&mut piece) {
                Ok(0) => return Err(End::Whole(self.size)),
                Ok(read) => {
                    piece.truncate(read);
                    self.size += read as u64;
                    return if self.search.finds(&piece) {
                        Err(End::Key)
                    } else {
                        Ok(piece.into())
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(End::Failed(error)),
            }
        }
    }
}

impl Iterator for Pieces {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        match block_in_place(|| self.read()) {
            Ok(piece) => Some(Ok(piece)),
            Err(end) => {
                *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
                None
            }
        }
    }
}
