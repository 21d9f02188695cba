//! What an event of the file system means: where to look, never what happened.

use crate::library::Side;
use crate::listing::leftovers::is_ours;
use crate::path::{RelPath, fold};
use notify::event::{
    AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RemoveKind, RenameMode,
};
use std::path::Path;

/// What is said of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// Settings or theme.
    Top,
    /// The base folder itself or a folder in it came or went: what is watched may be another now.
    Contacts,
    /// Something about a contact's folder.
    Contact(String),
    /// Something about a file that is whole.
    File(Spot),
    /// A folder is new in a contact: what was put into it meanwhile is not told.
    Folder(String),
    /// A file has come under its own name, and may be about to be written.
    Created(Spot),
    /// A file is being written under its own name.
    Writing(Spot),
    /// A file under its own name was closed by who wrote it.
    Closed(Spot),
    /// A file came by its name in one step, or went.
    Settled(Spot),
    /// A tool's temporary file is being written, or is gone when false.
    Temporary(String, bool),
}

/// A file in a box.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The contact.
    pub contact: String,
    /// The box.
    pub side: Side,
    /// Where in the box.
    pub path: RelPath,
}

/// Returns what an event says. `theme` is the theme's folder below the base folder. A path that is
/// not below the base folder, or none, says nothing.
///
/// Every kind that is not known to mean less is taken as "look there": systems differ in what they
/// tell. What the program itself causes by reading is nothing.
pub fn signs(event: &notify::Event, base: &Path, theme: &str) -> Vec<Sign> {
    let Some(act) = act(event.kind) else { return Vec::new() };
    if let (Act::Renamed, [from, to]) = (act, event.paths.as_slice()) {
        let both = [(from, Act::Gone), (to, Act::Arrived)];
        return both.into_iter().filter_map(|(path, act)| sign(path, act, base, theme)).collect();
    }
    event.paths.iter().filter_map(|path| sign(path, act, base, theme)).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Created,
    Written,
    Closed,
    Arrived,
    Renamed,
    Gone,
    Folder,
    Touched,
}

fn act(kind: EventKind) -> Option<Act> {
    Some(match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Act::Closed,
        EventKind::Access(_) => return None,
        EventKind::Create(CreateKind::Folder) => Act::Folder,
        EventKind::Create(_) => Act::Created,
        EventKind::Modify(ModifyKind::Data(_)) => Act::Written,
        // Windows tells no more of a file that is being written.
        EventKind::Modify(ModifyKind::Any) if cfg!(windows) => Act::Written,
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Act::Gone,
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => Act::Renamed,
        EventKind::Modify(ModifyKind::Name(_)) => Act::Arrived,
        EventKind::Remove(RemoveKind::Any | RemoveKind::File | RemoveKind::Folder) => Act::Gone,
        _ => Act::Touched,
    })
}

fn sign(path: &Path, act: Act, base: &Path, theme: &str) -> Option<Sign> {
    let below = path.strip_prefix(base).ok()?;
    let Some(text) = below.to_str() else {
        // Of a name that is no text only the contact can be told, if that.
        let first = below.components().next()?.as_os_str().to_str();
        return Some(first.map_or(Sign::Contacts, |first| Sign::Contact(first.to_owned())));
    };
    let text = text.replace(std::path::MAIN_SEPARATOR, "/");
    if text.is_empty() {
        return (act != Act::Touched).then_some(Sign::Contacts);
    }
    if text == theme || text.strip_prefix(theme).is_some_and(|rest| rest.starts_with('/')) {
        return Some(Sign::Top);
    }
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        // The output, the state, and what tools keep beside the contacts.
        [first, ..] if first.starts_with(['.', '_']) => None,
        ["handbill.toml"] => Some(Sign::Top),
        // A touched folder or a strange file says nothing; a folder that came or went does.
        [name] => (!is_ours(name)
            && matches!(act, Act::Folder | Act::Arrived | Act::Gone | Act::Renamed))
        .then_some(Sign::Contacts),
        [] => None,
        [contact, rest @ ..] => in_contact(contact, rest, &text, act),
    }
}

fn in_contact(contact: &str, rest: &[&str], text: &str, act: Act) -> Option<Sign> {
    let (name, folders) = rest.split_last()?;
    if folders.iter().any(|part| is_ours(part)) {
        return None;
    }
    if is_ours(name) {
        // A folder of a tool is no work in progress.
        let open = matches!(act, Act::Created | Act::Written | Act::Touched | Act::Closed);
        return (act != Act::Folder).then(|| Sign::Temporary(text.to_owned(), open));
    }
    let contact = contact.to_owned();
    if act == Act::Folder {
        return Some(Sign::Folder(contact));
    }
    let side = match fold(rest[0]).as_str() {
        "outbox" => Some(Side::Outbox),
        "inbox" => Some(Side::Inbox),
        _ => None,
    };
    let path = RelPath::parse(&rest[1..].join("/"));
    let (Some(side), Some(path)) = (side, path) else { return Some(Sign::Contact(contact)) };
    let spot = Spot { contact, side, path };
    Some(match act {
        Act::Created => Sign::Created(spot),
        Act::Written => Sign::Writing(spot),
        Act::Closed => Sign::Closed(spot),
        Act::Arrived | Act::Renamed | Act::Gone => Sign::Settled(spot),
        Act::Folder | Act::Touched => Sign::File(spot),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::Event;
    use notify::event::DataChange;
    use std::path::PathBuf;

    /// An event of a kind at paths below the base folder is read as these signs.
    fn check(kind: EventKind, paths: &[&str], expected: &[&str]) {
        let mut event = Event::new(kind);
        event.paths = paths.iter().map(|path| PathBuf::from("/base").join(path)).collect();
        let told: Vec<String> =
            signs(&event, Path::new("/base"), "theme").iter().map(word).collect();
        assert_eq!(told, expected, "{kind:?} {paths:?}");
    }

    fn word(sign: &Sign) -> String {
        let spot = |spot: &Spot| format!("{}/{}/{}", spot.contact, spot.side.folder(), spot.path);
        match sign {
            Sign::Top => "top".into(),
            Sign::Contacts => "contacts".into(),
            Sign::Contact(name) => format!("contact {name}"),
            Sign::File(at) => format!("file {}", spot(at)),
            Sign::Folder(name) => format!("folder {name}"),
            Sign::Created(at) => format!("created {}", spot(at)),
            Sign::Writing(at) => format!("writing {}", spot(at)),
            Sign::Closed(at) => format!("closed {}", spot(at)),
            Sign::Settled(at) => format!("settled {}", spot(at)),
            Sign::Temporary(path, open) => format!("temporary {path} {open}"),
        }
    }

    const CREATE: EventKind = EventKind::Create(CreateKind::File);
    const FOLDER: EventKind = EventKind::Create(CreateKind::Folder);
    const WRITE: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const CLOSE: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const FROM: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::From));
    const TO: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::To));
    const BOTH: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::Both));
    const GONE: EventKind = EventKind::Remove(RemoveKind::File);

    #[test]
    fn a_file_in_place_is_told_from_one_that_came_by_a_rename() {
        check(CREATE, &["mira/inbox/a.md"], &["created mira/inbox/a.md"]);
        check(WRITE, &["mira/inbox/a.md"], &["writing mira/inbox/a.md"]);
        check(CLOSE, &["mira/inbox/a.md"], &["closed mira/inbox/a.md"]);
        check(TO, &["mira/Inbox/x/a.png"], &["settled mira/inbox/x/a.png"]);
        check(GONE, &["mira/outbox/a.md"], &["settled mira/outbox/a.md"]);
    }

    #[test]
    fn temporary_files_lengthen_and_never_trigger() {
        let temp = "mira/inbox/.syncthing.a.md.tmp";
        check(CREATE, &[temp], &["temporary mira/inbox/.syncthing.a.md.tmp true"]);
        check(CLOSE, &[temp], &["temporary mira/inbox/.syncthing.a.md.tmp true"]);
        check(FROM, &[temp], &["temporary mira/inbox/.syncthing.a.md.tmp false"]);
        check(
            BOTH,
            &[temp, "mira/inbox/a.md"],
            &["temporary mira/inbox/.syncthing.a.md.tmp false", "settled mira/inbox/a.md"],
        );
        check(FOLDER, &["mira/inbox/.stversions"], &[]);
        check(TO, &["mira/inbox/.stversions/a~2026.md"], &[]);
    }

    #[test]
    fn the_programs_own_reading_and_writing_says_nothing() {
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), &["mira/inbox/a.md"], &[]);
        check(WRITE, &["_site/reader/index.html"], &[]);
        check(FOLDER, &[".handbill"], &[]);
        check(EventKind::Modify(ModifyKind::Any), &[""], &[]);
    }

    #[test]
    fn what_every_page_depends_on_is_at_the_top() {
        check(WRITE, &["handbill.toml"], &["top"]);
        check(WRITE, &["theme/assets/style.css"], &["top"]);
        check(FOLDER, &["odo"], &["contacts"]);
        check(BOTH, &["odo", "udo"], &["contacts", "contacts"]);
        check(GONE, &[""], &["contacts"]);
        check(WRITE, &["notes.txt"], &[]);
    }

    #[test]
    fn the_rest_of_a_contact_is_looked_at() {
        check(FOLDER, &["odo/inbox"], &["folder odo"]);
        check(FOLDER, &["odo/inbox/2026"], &["folder odo"]);
        check(WRITE, &["odo/drafts/a.md"], &["contact odo"]);
        check(EventKind::Modify(ModifyKind::Any), &["odo/inbox/a.md"], &["file odo/inbox/a.md"]);
        check(EventKind::Any, &["odo/inbox/a.md"], &["file odo/inbox/a.md"]);
    }
}
