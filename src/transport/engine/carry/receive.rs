//! From the channel onto the disk.

use super::super::budget::Entry;
use super::super::decide::{Before, Digest, at_once};
use super::super::fetch::Contents;
use super::super::folder::Staged;
use super::super::name;
use super::super::node::hash;
use super::super::state::Trouble;
use super::clock::{conflict_name, now, stamp, time_of};
use super::{Carrier, Look, TOGETHER};
use crate::diagnostic::shown;
use crate::library::Side;
use crate::listing::Stat;
use crate::path::RelPath;
use anyhow::{Result, bail};
use iroh_blobs::api::blobs::{ExportMode, ExportOptions};
use tokio::task::block_in_place;

/// What lies on the disk under a name: size and times, and its hash.
pub(super) type There = (Option<Stat>, Option<Digest>);

impl Carrier {
    /// Puts what the channel says onto the disk.
    pub(super) async fn export(
        &mut self,
        look: &mut Look,
        path: &RelPath,
        (stat, disk): There,
        entry: &Entry,
        before: Before,
    ) -> Result<()> {
        let Some(digest) = entry.digest else { return Ok(()) };
        if entry.size > 0 {
            let from = self.sources();
            match self.fetches.ask(&self.node, &self.live, (digest, entry.size), &from).await {
                Contents::Here => {}
                Contents::Coming => return Ok(()),
                Contents::Lies => bail!("what came is not what was announced"),
            }
        }
        let staged = self.stage(look, &digest, entry.size).await?;
        let before = match before {
            Before::ConflictIfRecent => self.resolve(path, disk, entry.time).await?,
            before => before,
        };
        let put = block_in_place(|| -> Result<Option<Stat>> {
            if look.folder.look(path) != stat {
                return Ok(None);
            }
            self.before(look, path, before)?;
            // A message is of the time at which it was written, for all who read it.
            Ok(Some(look.folder.put(&staged, path, &digest, time_of(entry.time))?))
        });
        match put? {
            Some(stat) => {
                self.stored.insert(digest);
                self.settled(look, path, digest, stat);
            }
            // Somebody has just changed it: it is decided anew.
            None => look.soon(TOGETHER),
        }
        Ok(())
    }

    /// Makes a file of contents that are in the store.
    async fn stage(&self, look: &Look, digest: &Digest, size: u64) -> Result<Staged> {
        let staged = look.folder.stage()?;
        let target = staged.path().to_owned();
        if size == 0 {
            block_in_place(|| std::fs::write(&target, b""))?;
        } else {
            let options = ExportOptions { hash: hash(digest), mode: ExportMode::Copy, target };
            self.node.blobs.export_with_opts(options).finish().await?;
        }
        Ok(staged)
    }

    /// Takes a file off the disk.
    pub(super) fn remove(
        &mut self,
        look: &mut Look,
        path: &RelPath,
        stat: Option<Stat>,
        before: Before,
    ) -> Result<()> {
        block_in_place(|| -> Result<()> {
            if look.folder.look(path) != stat {
                look.soon(TOGETHER);
                return Ok(());
            }
            self.before(look, path, before)?;
            look.folder.remove(path)?;
            self.memory.files.remove(path);
            look.changed = true;
            Ok(())
        })
    }

    /// Tells whether what another replaces was written here at the same time.
    async fn resolve(&self, path: &RelPath, disk: Option<Digest>, time: u64) -> Result<Before> {
        let mine = self.doc.get_exact(self.node.author, name::key(path), false).await?;
        let Some(mine) = mine.filter(|mine| Some(*mine.content_hash().as_bytes()) == disk) else {
            return Ok(Before::Nothing);
        };
        let recent = at_once(mine.timestamp(), time) && path.as_str() != "channel.toml";
        Ok(if recent { Before::Conflict } else { Before::KeepAside })
    }

    /// Keeps what is about to be replaced or removed, where it is to be kept.
    fn before(&mut self, look: &Look, path: &RelPath, before: Before) -> Result<()> {
        let name = shown(&format!("{}/{}", self.carried.contact, path.as_str()));
        match before {
            Before::Nothing | Before::ConflictIfRecent => Ok(()),
            Before::Conflict => {
                look.folder.rename(path, &conflict_name(path.name(), now()))?;
                self.tell(Trouble::Conflict(name));
                Ok(())
            }
            Before::KeepAside => {
                let kept = self.ground.state.join("state").join("engine").join("kept");
                let folder = kept.join(&self.carried.contact).join(stamp(now()));
                look.folder.keep(path, &folder.join(path.as_str()))?;
                self.tell(match self.carried.side {
                    Side::Inbox => Trouble::Altered(name),
                    Side::Outbox => Trouble::Kept(name),
                });
                Ok(())
            }
        }
    }
}
