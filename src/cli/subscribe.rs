//! `handbill subscribe`: makes a subscription of what one was given.

use super::via::{self, Via};
use super::{At, print};
use crate::config::{NewChannel, NoWay, Subscribe, Tool, edit};
use crate::diagnostic::{argument, shown};
use crate::disk::{self, Places, edit_settings, make_contact};
#[cfg(feature = "engine")]
use crate::keys::handbill::Link;
use crate::keys::holds_writing_key;
use crate::library::Kind;
use crate::names::slug;
use crate::path::fold;
use crate::source::{Decoded, decode};
use crate::transport::panel::{self, Panel};
use crate::transport::syncthing::{Client, Introducer};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The read-only key, the link, or a saved page of the channel
    #[arg(value_name = "KEY|LINK|FILE")]
    given: String,
    /// The name of its folder; where it is left out, one is made of the title in the link
    name: Option<String>,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    via: Via,
    /// With `--via syncthing`: receive from the author alone, and do not get to know other readers
    #[arg(long, requires = "via")]
    direct: bool,
}

/// A page larger than this is none.
const PAGE: u64 = 16 << 20;

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let base = arguments.at.base()?;
    let by_syncthing = arguments.via.is_syncthing();
    let way = way(arguments, by_syncthing)?;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => name_of(&way)?,
    };
    // All that can be wrong is looked at before anything is made.
    edit::subscribe("", &name, way.text())?;
    #[cfg(feature = "engine")]
    if way.tool() == Tool::Handbill {
        Link::parse(way.text())?;
    }
    #[cfg(feature = "engine")]
    if arguments.via.is_handbill() && way.handbill().is_none() {
        bail!("this is for {}, not for Handbill: leave `--via` out", shown(&way.transport));
    }
    let client = match by_syncthing {
        true => Some(arguments.via.client()?),
        false => None,
    };
    #[cfg(feature = "engine")]
    if let Some(link) = way.handbill() {
        let ground = super::engine::Ground::of(&base)?;
        let name = super::engine::fill(&ground, &name, &link, || contact(&base, &name, &way))?;
        super::engine::say_running(&ground, &format!("`{name}/inbox` is filled"));
        return Ok(ExitCode::SUCCESS);
    }
    let name = contact(&base, &name, &way)?;
    let boxes = disk::boxes(&base, &name)?;
    let inbox = boxes.inbox.context("the inbox has gone")?;
    match (client, way.syncthing()) {
        (Some(client), Some(link)) => {
            let introducer = if arguments.direct { Introducer::Never } else { Introducer::Yes };
            via::subscribe(&client, &inbox, &name, &link, introducer)?;
            done(&client, &name)?;
        }
        _ => step(&way, &name, &inbox),
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the way to subscribe that was given, or that a saved page says.
fn way(arguments: &Arguments, by_syncthing: bool) -> Result<Subscribe> {
    let given = &arguments.given;
    let fits = |way: &Subscribe| !by_syncthing || way.syncthing().is_some();
    match Subscribe::given(given, None) {
        Ok(way) if fits(&way) => Ok(way),
        Ok(way) => {
            bail!("this is for {}, not for Syncthing: leave `--via` out", shown(&way.transport))
        }
        Err(NoWay::Tool) => bail!(
            "this is the address of a page: save the page (in the browser, or by `curl -o page.html \
             ADDRESS`) and give the file, as `handbill subscribe page.html {}`",
            argument(arguments.name.as_deref().unwrap_or("NAME"))
        ),
        Err(NoWay::Unknown) if Path::new(given).is_file() => {
            let panel = saved(Path::new(given))?;
            of_panel(panel, fits)
        }
        Err(why @ NoWay::Unknown) => bail!("{why}; nor is it a file that is there"),
        Err(why) => bail!("{why}"),
    }
}

/// Returns a name for the folder of a channel, of what its link calls it.
fn name_of(way: &Subscribe) -> Result<String> {
    let title = way.handbill().map(|link| link.about.title).unwrap_or_default();
    let name = slug(&title, 40);
    if name.is_empty() {
        bail!("how is its folder to be called? `handbill subscribe LINK NAME`");
    }
    Ok(name)
}

fn saved(file: &Path) -> Result<Panel> {
    let mut bytes = Vec::new();
    let cannot = || format!("cannot read `{}`", file.display());
    File::open(file)
        .with_context(cannot)?
        .take(PAGE)
        .read_to_end(&mut bytes)
        .with_context(cannot)?;
    match decode(&bytes) {
        Decoded::Text { text, .. } => Ok(panel::read(&text)),
        Decoded::Binary => bail!("`{}` is no page: save it as HTML", file.display()),
    }
}

fn of_panel(panel: Panel, fits: impl Fn(&Subscribe) -> bool) -> Result<Subscribe> {
    if panel.had_writing {
        print::talk(
            "warning: the page gives away a key by which anybody can write in its author's name; it \
             is not used. Tell the author",
        );
    }
    let known = panel.ways.len();
    let mut ways = panel.ways.into_iter().filter(fits);
    let Some(way) = ways.next() else {
        match panel.page {
            Some(page) if known == 0 && !holds_writing_key(&page) => bail!(
                "this is a feed, which a feed reader takes; how to subscribe by a sync tool stands on \
                 the page `{}`: save that and give the file",
                shown(&page)
            ),
            _ if known > 0 => bail!("the page names no way to subscribe by this tool"),
            _ => bail!("the page names no way to subscribe"),
        }
    };
    for other in ways {
        print::talk(&format!(
            "it can be had by {} too: {}",
            shown(&other.transport),
            shown(other.text())
        ));
    }
    Ok(way)
}

/// Makes the subscription, or finds it; returns its exact name.
fn contact(base: &Path, name: &str, way: &Subscribe) -> Result<String> {
    let places = Places::for_a_look(base, None, None)?;
    let known = disk::boxes(base, name).ok();
    let name = match known {
        Some(boxes) if boxes.inbox.is_some() && boxes.outbox.is_none() => {
            let name = boxes.contact;
            let settings = disk::settings(&places);
            let mut said = settings.contacts.iter().filter(|(other, _)| fold(other) == fold(&name));
            let other = said.find_map(|(_, said)| said.subscribe.as_ref());
            if other.is_some_and(|other| !is_same(other, way)) {
                bail!(
                    "`{name}` is another subscription: `[contact.{name}]` in handbill.toml has another \
                     key. Choose another name, or take that out"
                );
            }
            name
        }
        _ => {
            make_contact(base, name, Kind::Subscription, &NewChannel::default())?;
            print::talk(&format!("made the subscription `{name}`"));
            name.to_owned()
        }
    };
    edit_settings(base, |text| edit::subscribe(text, &name, way.text()).map(Some))?;
    Ok(name)
}

/// Returns whether what is recorded is a way to the same channel. A link for Syncthing or Handbill may
/// have got other addresses since, and name other readers.
fn is_same(recorded: &str, way: &Subscribe) -> bool {
    let Ok(recorded) = Subscribe::given(recorded, None) else { return recorded == way.text() };
    if let (Some(a), Some(b)) = (recorded.syncthing(), way.syncthing()) {
        return (a.folder, &a.devices[0]) == (b.folder, &b.devices[0]);
    }
    match (recorded.handbill(), way.handbill()) {
        (Some(a), Some(b)) => a.channel == b.channel,
        _ => recorded.text() == way.text(),
    }
}

fn done(client: &Client, name: &str) -> Result<()> {
    print::talk(&format!("Syncthing fills `{name}/inbox` now, to receive only"));
    print::talk(&format!(
        "it comes when the author has let this device in, which asks for it by itself: {}",
        client.own_id()?
    ));
    Ok(())
}

/// Says the one step that is left.
fn step(way: &Subscribe, name: &str, inbox: &Path) {
    let shown_inbox = inbox.display();
    let text = &shown(way.text());
    print::talk(&match (way.tool(), &*way.transport) {
        (Tool::Resilio, _) => format!(
            "in Resilio Sync choose `Enter a key or link`, give it {text} and the folder {shown_inbox}"
        ),
        // One with its engine has followed the link by now.
        (Tool::Handbill, _) => format!(
            "this Handbill was built without its engine: with one that has it, the same command has it \
             fill {shown_inbox}"
        ),
        (Tool::Syncthing, _) => format!(
            "the same with `--via syncthing` has the Syncthing of this machine fill {shown_inbox}; \
             docs/sync.md says how it is done by hand ({})",
            argument(name)
        ),
        (_, "git") => {
            let folder = quoted(&shown_inbox.to_string());
            let from = quoted(text);
            format!(
                "fetch it by `git clone {from} {folder}`, and what is new by `git -C {folder} pull`"
            )
        }
        (_, "rsync") => format!(
            "fetch it, and what is new, by `rsync -a --delete-after --delay-updates {} {}`",
            quoted(&format!("{}/", text.trim_end_matches('/'))),
            quoted(&format!("{shown_inbox}/"))
        ),
        (_, tool) => format!(
            "have {} put what is at {text} into {shown_inbox}, to receive only",
            shown(tool)
        ),
    });
}

/// Returns a text as a shell takes it for one word: an address may come from a stranger's page.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::handbill::{Channel, Device};

    #[test]
    fn a_channel_is_known_again_by_its_key_or_by_folder_and_author() {
        const A: &str = "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";
        const B: &str = "AFKPUZ6-DINSX4E-AFKPUZ6-DINSX4E-AFKPUZ6-DINSX4E-AFKPUZ6-DINSX4E";
        let key = "B2CNYVXULNUVYH42J5DN6YTHJT6ESXOR3";
        let same = |a: &str, b: &str| is_same(a, &Subscribe::given(b, None).unwrap());
        assert!(same(key, &format!("btsync://{key}?n=x")) && same(&key.to_lowercase(), key));
        assert!(!same(key, &key.replacen('B', "R", 1)));
        let link = format!("syncthing:n@{A}");
        assert!(same(&format!("{link}?address=tcp://h:1"), &format!("{link},{B}")));
        assert!(
            !same(&link, &format!("syncthing:n@{B}")) && !same(&link, &format!("syncthing:m@{A}"))
        );
        assert!(!same("nonsense", key));
        let (one, two) = (Channel([1; 32]).text(), Channel([2; 32]).text());
        let link = format!("handbill:{one}?peer={}&title=Tides", Device([3; 32]).text());
        assert!(same(&format!("handbill:{one}"), &link) && same(&link, &format!("handbill:{one}")));
        assert!(!same(&link, &format!("handbill:{two}?title=Tides")));
    }
}
