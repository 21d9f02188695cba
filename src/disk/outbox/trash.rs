//! `.handbill/trash/`: what was deleted or replaced, until a person empties it.
//!
//! Names are `<time>-<contact>-<name>`, `/` in a name written as `_`. Restoring is moving back.

use super::super::AtPath;
use super::staging;
use crate::time::{Now, Stamp};
use anyhow::{Context, Result};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use std::io;
use std::path::Path;

/// The trash of a base folder.
pub(super) struct Trash(Dir);

/// The most bytes of a name in the trash, without number and extension.
const LONGEST: usize = 200;

impl Trash {
    pub(super) fn of(base: &Path) -> Result<Trash> {
        let path = base.join(".handbill").join("trash");
        std::fs::create_dir_all(&path).at("make", &path)?;
        Ok(Trash(Dir::open_ambient_dir(&path, ambient_authority()).at("open", &path)?))
    }

    /// Returns a name that nothing in the trash has: for a message and for its attachments alike.
    pub(super) fn stem(&self, contact: &str, stem: &str, now: Now) -> Result<String> {
        let time = Stamp::from_unix(now.0).name();
        let mut usual = format!("{time}-{contact}-{}", stem.replace('/', "_"));
        // Systems allow a name 255 bytes.
        while usual.len() > LONGEST {
            usual.pop();
        }
        let mut taken = Vec::new();
        for entry in self.0.entries()? {
            taken.push(entry?.file_name().to_string_lossy().into_owned());
        }
        let numbered = |n: usize| if n == 1 { usual.clone() } else { format!("{usual}-{n}") };
        // `x.md` and `x/` go together: neither may be there.
        let is_free = |stem: &String| {
            !taken.iter().any(|name| name == stem || name.starts_with(&format!("{stem}.")))
        };
        (1..).map(numbered).find(is_free).context("the trash is full")
    }

    /// Writes a copy into the trash; it is on the disk when this returns.
    pub(super) fn keep(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut file = staging::create(&self.0, name)?;
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        staging::sync(&self.0)?;
        Ok(())
    }

    /// Moves a file or a folder of a box into the trash, be it on another file system.
    pub(super) fn take(&self, from: &Dir, name: &str, to: &str) -> Result<()> {
        match from.rename(name, &self.0, to) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                copy(from, name, &self.0, to)?;
                staging::sync(&self.0)?;
                if from.symlink_metadata(name)?.is_dir() {
                    from.remove_dir_all(name)?;
                } else {
                    from.remove_file(name)?;
                }
            }
            moved => moved?,
        }
        staging::sync(&self.0)?;
        staging::sync(from)?;
        Ok(())
    }
}

/// Copies a file or a folder with all that lies in it; links are left where they are.
fn copy(from: &Dir, name: &str, to: &Dir, new: &str) -> io::Result<()> {
    let kind = from.symlink_metadata(name)?.file_type();
    if kind.is_dir() {
        to.create_dir(new)?;
        let (inside, copy_to) = (from.open_dir(name)?, to.open_dir(new)?);
        for entry in inside.entries()? {
            let name = entry?.file_name();
            let name = name.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
            copy(&inside, name, &copy_to, name)?;
        }
        return staging::sync(&copy_to);
    }
    if kind.is_file() {
        let mut file = staging::create(to, new)?;
        io::copy(&mut from.open(name)?, &mut file)?;
        file.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_on_another_file_system_is_copied_whole_and_then_removed() {
        let there = Path::new("/dev/shm");
        let box_folder = match there.is_dir() {
            true => tempfile::tempdir_in(there),
            false => tempfile::tempdir(),
        };
        let (box_folder, base) = (box_folder.unwrap(), tempfile::tempdir().unwrap());
        let from = Dir::open_ambient_dir(box_folder.path(), ambient_authority()).unwrap();
        from.create_dir_all("m/deep").unwrap();
        from.write("m/deep/a.txt", "attached").unwrap();
        from.write("m.md", "text").unwrap();
        let trash = Trash::of(base.path()).unwrap();
        let now = Now(0);
        let stem = trash.stem("c", "2026/m", now).unwrap();
        assert_eq!(stem, "1970-01-01T00-00-00Z-c-2026_m");
        trash.take(&from, "m.md", &format!("{stem}.md")).unwrap();
        trash.take(&from, "m", &stem).unwrap();
        assert_eq!(from.entries().unwrap().count(), 0);
        assert_eq!(trash.0.read_to_string(format!("{stem}.md")).unwrap(), "text");
        assert_eq!(trash.0.read_to_string(format!("{stem}/deep/a.txt")).unwrap(), "attached");
        assert_eq!(trash.stem("c", "2026/m", now).unwrap(), format!("{stem}-2"));
    }
}
