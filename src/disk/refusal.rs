//! When an edition is left as it is.

use super::load::SettingsFile;
use super::site::{BuildOptions, Opened};
use crate::diagnostic::Diagnostic;
use crate::library::Edition;
use crate::names::{Spot, out_name};
use crate::path::OutPath;
use crate::plan::diff::{Manifest, Published};

/// Returns why an edition is left as it is: something looks as if a folder or a file had been lost
/// for a moment, and nothing that was published may go for that.
pub(super) fn refusal(
    opened: &Opened,
    edition: Edition,
    manifest: &Manifest,
    options: &BuildOptions,
) -> Option<String> {
    if manifest.is_empty() {
        return None;
    }
    if edition == Edition::Public && opened.loaded.settings_file == SettingsFile::Broken {
        return Some("the public edition is left as it was: handbill.toml cannot be read whole, and it says what is public".into());
    }
    if options.allow_empty {
        return None;
    }
    let why = if opened.built.reader.heads.is_empty() {
        // Where there never was one, nothing is lost.
        has_contacts(manifest).then(|| "the base folder has no contacts any more".to_owned())
    } else if edition == Edition::Public {
        lost_channel(opened, manifest)
    } else {
        None
    }?;
    let name = edition.name();
    Some(format!(
        "the {name} edition is left as it was: {why} (`--allow-empty` builds it all the same)"
    ))
}

/// Whether anything that was published is of a contact.
fn has_contacts(manifest: &Manifest) -> bool {
    // Words of the program are reserved: no contact has an address that begins with one.
    let of_contact = |first: &str| out_name(first, Spot::Contact) == first;
    let mut files = manifest.files();
    files.any(|(path, _)| path.depth() > 0 && path.parts().next().is_some_and(of_contact))
}

/// Returns what looks lost of the channels that are published.
fn lost_channel(opened: &Opened, manifest: &Manifest) -> Option<String> {
    let loaded = &opened.loaded;
    let published = |dir: &str| {
        // A channel that waits for its first message has a front page and nothing else to lose.
        let front = format!("{dir}/index.html");
        let is_page = |(path, _): &(OutPath, Published)| {
            let page = path.as_str();
            path.depth() > 0
                && page.ends_with(".html")
                && page != front
                && path.parts().next() == Some(dir)
        };
        manifest.files().any(is_page)
    };
    if (loaded.settings_file == SettingsFile::Absent || !loaded.settings.says_public)
        && has_contacts(manifest)
    {
        return Some(
            "handbill.toml does not say any more what is public; `public = []` says nothing is"
                .into(),
        );
    }
    loaded.settings.public.iter().find_map(|(name, _)| {
        let lost = match opened.counts.get(name) {
            None => format!("the channel `{name}` is gone; take it out of `public` if it is to go"),
            Some(count) if count.outbox.messages == 0 && !count.has_inbox_trace => {
                format!("the channel `{name}` has lost all its messages")
            }
            Some(_) => return None,
        };
        let outbox = format!("{name}/outbox");
        let is_its = |report: &Diagnostic| report.code == "unreadable" && report.path == outbox;
        let is_shut = opened.found.iter().any(is_its);
        let lost = if is_shut { format!("`{outbox}` cannot be read") } else { lost };
        // Only what was published can be lost.
        published(&out_name(name, Spot::Contact)).then_some(lost)
    })
}
