//! `handbill share`: how others subscribe to a channel.

use super::via::{self, Admission, Among, Via};
use super::{At, Format, admit, links, options, print};
use crate::config::{NoWay, Subscribe, edit};
use crate::diagnostic::{argument, shown};
use crate::disk::outbox::Outbox;
use crate::disk::{self, Boxes, Opened, Places};
use crate::keys::syncthing::DeviceId;
use crate::library::{Edition, Head, Kind};
use crate::path::fold;
use crate::qr::Grid;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde::Serialize;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The contact's folder
    name: String,
    #[command(flatten)]
    at: At,
    /// Record one more way to subscribe: a read-only key, or a link
    #[arg(long, value_name = "KEY|LINK")]
    add: Option<String>,
    /// With `--add`: the tool that opens the link, where that does not tell
    #[arg(long, value_name = "TOOL", requires = "add")]
    tool: Option<String>,
    #[command(flatten)]
    via: Via,
    #[command(flatten)]
    admission: Admission,
    /// With `--via`: where this device is always found, as 192.0.2.7:4433, for Syncthing as
    /// tcp://example.org:22000; goes into the link
    #[arg(long, value_name = "ADDRESS", requires = "via")]
    address: Vec<String>,
    /// Print the master key, by which others write in the channel as its authors do; asks first
    #[cfg(feature = "engine")]
    #[arg(long, conflicts_with_all = ["add", "via", "qr"])]
    with_author: bool,
    /// Draw QR codes even where the output is no terminal
    #[arg(long)]
    qr: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A way to subscribe as it is printed.
#[derive(Debug, Serialize)]
struct Way {
    transport: String,
    key: Option<String>,
    link: Option<String>,
    /// What a QR code of it holds.
    scan: Option<String>,
}

/// How to subscribe.
#[derive(Debug, Serialize)]
struct Sheet {
    name: String,
    title: String,
    kind: &'static str,
    /// Its page in the public edition.
    page: Option<String>,
    /// Its feed in the public edition.
    feed: Option<String>,
    ways: Vec<Way>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let base = arguments.at.base()?;
    let boxes = disk::boxes(&base, &arguments.name)?;
    if let Some(given) = &arguments.add {
        add(&base, &boxes, given, arguments.tool.as_deref())?;
    }
    let mut open = look(&base)?;
    let head = head_of(&open, &boxes)?;
    #[cfg(feature = "engine")]
    if arguments.with_author {
        return with_author(&base, &boxes, &head);
    }
    #[cfg(feature = "engine")]
    if arguments.via.is_handbill() || is_new_channel(arguments, &open, &head) {
        let link = by_handbill(&base, &boxes, &head, &arguments.address)?;
        open = look(&base)?;
        let head = head_of(&open, &boxes)?;
        show(arguments, &sheet(&open, &head, Some(&link)))?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.via.is_syncthing() {
        let client = arguments.via.client()?;
        let shared = share(arguments, &client, &base, &boxes, &head)?;
        let own = (shared.among != Among::TwoAnswering).then(|| shared.link.to_string());
        open = look(&base)?;
        let head = head_of(&open, &boxes)?;
        show(arguments, &sheet(&open, &head, own.as_deref()))?;
        match (shared.among, arguments.format) {
            (_, Format::Json) => {}
            (Among::TwoAnswering, _) => answers(&shared.link.devices[0]),
            (Among::Readers | Among::Two, _) => hints(&sheet(&open, &head, own.as_deref())),
        }
        admit::admit(&client, &shared, &boxes.contact, &arguments.admission)?;
        return Ok(ExitCode::SUCCESS);
    }
    let sheet = sheet(&open, &head, None);
    show(arguments, &sheet)?;
    match arguments.format {
        Format::Text if head.kind == Kind::Conversation && via::carries(&boxes) => {
            print::talk(&format!(
                "Syncthing carries it: `handbill share {} --via syncthing` says with whom, shows the \
                 link, and lets the other side in",
                argument(&sheet.name)
            ));
        }
        Format::Text => hints(&sheet),
        Format::Json => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether nothing is known of how others have a channel of one's own: then Handbill itself
/// carries it, which needs nothing else.
#[cfg(feature = "engine")]
fn is_new_channel(arguments: &Arguments, open: &Opened, head: &Head) -> bool {
    let ways = sheet(open, head, None).ways;
    head.kind == Kind::Channel && arguments.via.via.is_none() && ways.is_empty()
}

/// Has Handbill itself carry the outbox of a channel, or pass on a subscription; returns the link.
#[cfg(feature = "engine")]
fn by_handbill(base: &Path, boxes: &Boxes, head: &Head, addresses: &[String]) -> Result<String> {
    use super::engine::{self, Ground};
    let ground = Ground::of(base)?;
    let link = engine::link(&ground, boxes, &head.title, addresses, &head.info.subscribe)?;
    let text = link.to_string();
    if boxes.inbox.is_none() {
        let way = Subscribe::given(&text, None)?;
        Outbox::of(base, &boxes.contact)?.edit_channel(|text| edit::add_way(text, &way))?;
    }
    engine::say_running(&ground, &format!("Handbill carries `{}`", boxes.contact));
    Ok(text)
}

/// Prints the master key of a channel, after a question.
#[cfg(feature = "engine")]
fn with_author(base: &Path, boxes: &Boxes, head: &Head) -> Result<ExitCode> {
    use crate::keys::handbill::Master;
    use crate::library::Side;
    use crate::transport::engine::book;
    use std::io::BufRead;
    let name = &boxes.contact;
    let ground = super::engine::Ground::of(base)?;
    let known = book::read(&ground.state)?;
    let carried = known.and_then(|mut book| {
        super::engine::find(&mut book, name, Side::Outbox).map(|one| one.clone())
    });
    let carried = carried.filter(|_| boxes.inbox.is_none()).with_context(|| {
        format!("Handbill does not carry `{name}` as a channel: `handbill share NAME` has it do so")
    })?;
    print::talk(&format!(
        "the master key of `{name}` lets its holder write in it as you do: add, change and delete, in \
         your name. It cannot be taken back. Give it only to whom you trust with all of that, and not \
         where others read along"
    ));
    print::question("Print it? Write `yes`:");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
    if line.trim() != "yes" {
        print::talk("it was not printed");
        return Ok(ExitCode::from(2));
    }
    let link = super::engine::link(&ground, boxes, &head.title, &[], &head.info.subscribe)?;
    let secret = carried.secret.context("there is no master key here")?;
    let mut about = link.about;
    about.title = String::new();
    print::master_key(&Master { secret, about }.text());
    print::talk("there it is `handbill join - NAME`, which reads the key from its input");
    Ok(ExitCode::SUCCESS)
}

/// Says how things go on for the side of a conversation that has not begun it.
pub(super) fn answers(own: &DeviceId) {
    print::talk(&format!(
        "the other side has begun this conversation, and lets you in by `handbill share NAME --via \
         syncthing` there; your device is {own}"
    ));
}

fn look(base: &Path) -> Result<Opened> {
    disk::open(&Places::for_a_look(base, None, None)?, &options(None)?)
}

fn head_of(open: &Opened, boxes: &Boxes) -> Result<Arc<Head>> {
    let mut heads = open.built.reader.heads.iter();
    let head = heads.find(|head| fold(&head.name) == fold(&boxes.contact));
    head.cloned().with_context(|| format!("`{}` cannot be read", boxes.contact))
}

/// Records a way to subscribe in `channel.toml`.
fn add(base: &Path, boxes: &Boxes, given: &str, tool: Option<&str>) -> Result<()> {
    let name = &boxes.contact;
    if boxes.inbox.is_some() {
        bail!("`{name}` is no channel of your own: what its author says of it is the author's");
    }
    let way = Subscribe::given(given, tool).map_err(|why| match why {
        NoWay::Tool => anyhow!("{why}: say it by `--tool NAME`"),
        why => why.into(),
    })?;
    let added = Outbox::of(base, name)?.edit_channel(|text| edit::add_way(text, &way))?;
    print::talk(&match added {
        true => format!("`{name}/outbox/channel.toml` says it now; a build shows it on its page"),
        false => format!("`{name}/outbox/channel.toml` says it already"),
    });
    Ok(())
}

fn share(
    arguments: &Arguments,
    client: &crate::transport::syncthing::Client,
    base: &Path,
    boxes: &Boxes,
    head: &Head,
) -> Result<via::Shared> {
    let addresses = via::addresses(&arguments.address)?;
    match head.kind {
        Kind::Channel => {
            let mut shared = via::channel(client, boxes, head.info.id, &head.title, &addresses)?;
            shared.link = links::with_recorded(shared.link, &head.info.subscribe);
            if let Some(other) = links::replaced(&shared.link, &head.info.subscribe) {
                print::talk(&format!(
                    "the link recorded so far, {other}, is of another device, and is replaced. Where both \
                     are yours, record one that names both: `--add syncthing:FOLDER@DEVICE,DEVICE`"
                ));
            }
            let way = Subscribe::given(&shared.link.to_string(), None)?;
            let outbox = Outbox::of(base, &boxes.contact)?;
            outbox.edit_channel(|text| edit::add_way(text, &way))?;
            Ok(shared)
        }
        Kind::Subscription if !addresses.is_empty() => bail!(
            "`{}` is somebody else's: its link has the author's address. `--address` is for what you \
             publish",
            boxes.contact
        ),
        Kind::Subscription => via::subscription(client, boxes, head),
        Kind::Conversation => {
            if arguments.admission.accept_all {
                bail!("`{}` is between you and one other: let that one in", boxes.contact);
            }
            let id = own_id(base, boxes)?;
            via::conversation(client, boxes, id, &addresses)
        }
    }
}

/// Returns the id in the `channel.toml` of one's own box: what is known of a conversation is said by
/// the other side.
pub(super) fn own_id(base: &Path, boxes: &Boxes) -> Result<Option<uuid::Uuid>> {
    let mut id = None;
    Outbox::of(base, &boxes.contact)?.edit_channel(|text| {
        let file = crate::fields::File {
            path: "channel.toml",
            text,
            owner: crate::diagnostic::Owner::Own,
        };
        id = crate::config::read_channel(file).value.id;
        Ok(None)
    })?;
    Ok(id)
}

/// Returns what is shown; `own` is the link of this device.
fn sheet(open: &Opened, head: &Head, own: Option<&str>) -> Sheet {
    let public = open.planned(Edition::Public);
    let is_public = public.heads.iter().any(|other| fold(&other.name) == fold(&head.name));
    let world = open.loaded.settings.world_base().filter(|_| is_public);
    let address = |file: &str| world.map(|base| format!("{}{}/{file}", base.as_str(), head.dir));
    let parse = |text: &str| Subscribe::given(text, None).ok();
    let mut ways: Vec<Subscribe> = own.and_then(parse).into_iter().collect();
    if head.kind != Kind::Conversation {
        ways.extend(head.given.as_deref().and_then(given));
        ways.extend(head.info.subscribe.iter().cloned());
    }
    let mut seen = Vec::new();
    ways.retain(|way| {
        let is_new = !seen.contains(&way.text().to_owned());
        seen.push(way.text().to_owned());
        is_new
    });
    let way = |way: Subscribe| Way {
        scan: way.scanned(&head.title),
        transport: way.transport,
        key: way.key,
        link: way.link,
    };
    Sheet {
        name: head.name.clone(),
        title: head.title.clone(),
        kind: head.kind.word(),
        page: address(""),
        feed: address("feed.xml"),
        ways: ways.into_iter().map(way).collect(),
    }
}

/// Returns the way to subscribe that is recorded, as it stands there where its form is not known.
fn given(text: &str) -> Option<Subscribe> {
    match Subscribe::given(text, None) {
        Ok(way) => Some(way),
        Err(NoWay::Writing) => None,
        Err(_) => Some(Subscribe {
            transport: "unknown tool".to_owned(),
            key: None,
            link: Some(text.to_owned()),
        }),
    }
}

fn show(arguments: &Arguments, sheet: &Sheet) -> Result<()> {
    if arguments.format == Format::Json {
        print::json(&serde_json::to_value(sheet)?);
        return Ok(());
    }
    let draws = arguments.qr || std::io::stdout().is_terminal();
    if let Some(feed) = &sheet.feed {
        print::line(&format!("{}  {feed}", print::strong("feed reader")));
    }
    for way in &sheet.ways {
        for (what, text) in [("key", &way.key), ("link", &way.link)] {
            if let Some(text) = text {
                let what = format!("{}, {what}", shown(&way.transport));
                print::line(&format!("{}  {}", print::strong(&what), shown(text)));
            }
        }
        if let Some(grid) = way.scan.as_deref().filter(|_| draws).and_then(Grid::of) {
            print::qr(&grid);
        }
    }
    Ok(())
}

/// Says what to do with it.
fn hints(sheet: &Sheet) {
    let name = argument(&sheet.name);
    match (sheet.kind, sheet.ways.is_empty()) {
        ("conversation", true) => print::talk(&format!(
            "a conversation is between two: `handbill share {name} --via syncthing` sets it up"
        )),
        ("conversation", false) => print::talk(
            "give the link to the other side alone; there it is \
             `handbill add conversation NAME --via syncthing --link LINK`",
        ),
        ("subscription", true) => print::talk(&format!(
            "the key or link that you were given is not recorded: `handbill subscribe KEY|LINK {name}` \
             records it; `handbill share {name} --via syncthing` passes on what Syncthing carries"
        )),
        (_, true) => print::talk(&format!(
            "no way to subscribe is recorded: `handbill share {name} --add KEY` records a read-only key, \
             `--via syncthing` shares it by Syncthing"
        )),
        (_, false) => print::talk(
            "whoever has a key or link can read, and pass it on; nobody can take it back. With \
             Handbill it is `handbill subscribe KEY|LINK NAME`",
        ),
    }
}
