//! Ways to subscribe, as the page of a contact shows them.

use crate::config::{Subscribe, Tool};
use crate::library::{Edition, Head, Kind};
use crate::qr::Grid;
use serde::Serialize;

/// A way to subscribe on the page of a contact.
#[derive(Debug, Clone, Serialize)]
pub struct WayView {
    /// The tool, for programs.
    pub transport: String,
    /// Its name, for people.
    pub name: String,
    /// The read-only key.
    pub key: Option<String>,
    /// The link that the tool opens.
    pub link: Option<String>,
    /// Whether whoever has it passes it on, so that it arrives while its author is offline.
    pub passed_on: bool,
    /// Whether it lies in one place on the net, which has to be up, be its author online or not.
    pub one_place: bool,
    /// The QR code that holds it.
    pub qr: Option<QrView>,
}

/// A QR code.
#[derive(Debug, Clone, Serialize)]
pub struct QrView {
    /// What it says when it is scanned.
    pub text: String,
    /// How many squares a side has: the width and height of the box of the path.
    pub size: usize,
    /// Its dark squares, as the `d` of an SVG `path`.
    pub path: String,
}

/// Returns the ways that the page of a contact shows: of a channel what its owner says; of a
/// subscription, to those who may pass it on, what one was given too; of a conversation none.
pub(super) fn ways(head: &Head, edition: Edition) -> Vec<WayView> {
    let said = || head.info.subscribe.iter().cloned();
    match (head.kind, edition) {
        (Kind::Channel, _) => said().map(|way| view(way, &head.title)).collect(),
        (Kind::Subscription, Edition::Reader) => {
            let given = head.given.as_deref().and_then(|text| Subscribe::given(text, None).ok());
            let rest =
                said().filter(|way| given.as_ref().is_none_or(|given| given.text() != way.text()));
            given.clone().into_iter().chain(rest).map(|way| view(way, &head.title)).collect()
        }
        (Kind::Subscription | Kind::Conversation, _) => Vec::new(),
    }
}

fn view(way: Subscribe, title: &str) -> WayView {
    let text = way.scanned(title);
    let qr = text.and_then(|text| {
        let grid = Grid::of(&text)?;
        Some(QrView { size: grid.size, path: grid.path(), text })
    });
    WayView {
        name: way.tool_name().to_owned(),
        one_place: way.link.is_some()
            && matches!(&*way.transport.to_lowercase(), "git" | "rsync" | "dropbox"),
        passed_on: way.tool() != Tool::Other,
        transport: way.transport,
        key: way.key,
        link: way.link,
        qr,
    }
}
