//! `handbill unsubscribe`: fills an inbox no more, or ends a conversation.

use super::engine::{self, Ground};
use super::{At, print};
use crate::config::{Subscribe, edit};
use crate::diagnostic::argument;
use crate::disk::{self, Boxes, Places, edit_settings};
use crate::library::Side;
use crate::path::fold;
use crate::transport::engine::book::{self, Carried, Reach};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The contact's folder
    name: String,
    #[command(flatten)]
    at: At,
    /// Delete what has arrived, with its folder
    #[arg(long)]
    delete: bool,
    /// End a conversation, in both directions
    #[arg(long)]
    yes: bool,
}

/// What is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Subscription,
    Conversation,
    /// A channel of one's own whose folder is gone and whose key is kept elsewhere.
    Channel,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let ground = Ground::of(&arguments.at.base()?)?;
    let boxes = disk::boxes(&ground.base, &arguments.name);
    let name = boxes.as_ref().map_or(&arguments.name, |boxes| &boxes.contact).clone();
    let known = book::read(&ground.state)?.map(|book| book.boxes).unwrap_or_default();
    let its = known.into_iter().filter(|one| fold(&one.contact) == fold(&name)).collect::<Vec<_>>();
    let is_recorded = is_recorded(&ground.base, &name)?;
    let what = what(&ground, &name, boxes.as_ref(), &its, is_recorded)?;
    if what == What::Conversation {
        may_end(arguments, &name)?;
    }
    if is_recorded && what == What::Subscription {
        edit_settings(&ground.base, |text| edit::unsubscribe(text, &name))?;
    }
    let ends = |one: &Carried| match what {
        What::Subscription => one.side == Side::Inbox,
        What::Conversation => one.reach != Reach::Open,
        What::Channel => one.side == Side::Outbox,
    };
    book::change(&ground.state, |book| {
        book.boxes.retain(|one| fold(&one.contact) != fold(&name) || !ends(one));
        Ok(())
    })?;
    let inbox = boxes.ok().and_then(|boxes| boxes.inbox);
    match (what, inbox) {
        (What::Subscription, Some(inbox)) if arguments.delete => delete(&ground, &name, &inbox)?,
        (What::Subscription, Some(_)) => {
            print::talk(&format!("nothing more arrives in `{name}/inbox`; what is there stays"));
        }
        (What::Subscription, None) => print::talk(&format!("nothing more arrives for `{name}`")),
        (What::Conversation, _) => print::talk(&format!(
            "`{name}` is ended: nothing more arrives, and nothing more of yours goes out. What is there \
             stays, and the other side keeps what it has"
        )),
        (What::Channel, _) => print::talk(&format!(
            "`{name}` is not carried any more; its readers keep what they have, and `handbill keys import` \
             takes its key over again"
        )),
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns what ends, from what lies there and what is carried; the folder may be gone.
fn what(
    ground: &Ground,
    name: &str,
    boxes: Result<&Boxes, &anyhow::Error>,
    its: &[Carried],
    is_recorded: bool,
) -> Result<What> {
    let has = |side| its.iter().find(|one| one.side == side);
    match (has(Side::Inbox), has(Side::Outbox)) {
        (_, Some(outbox)) if outbox.reach != Reach::Open => Ok(What::Conversation),
        (Some(inbox), _) if inbox.reach != Reach::Open => Ok(What::Conversation),
        (Some(_), _) => Ok(What::Subscription),
        (None, Some(outbox)) if engine::is_there(&ground.base, outbox) => {
            bail!("`{name}` is a channel of your own: whoever has its key keeps it")
        }
        (None, Some(outbox)) if outbox.is_safe => Ok(What::Channel),
        (None, Some(_)) => bail!(
            "`{name}` is a channel of your own, and its key is here alone: `handbill keys export FILE` \
             first, or nobody can write in it any more"
        ),
        (None, None) if is_recorded => Ok(What::Subscription),
        (None, None) => match boxes {
            Err(error) => bail!("{error:#}"),
            Ok(Boxes { inbox: None, .. }) => {
                bail!("`{name}` is a channel of your own: whoever has its key keeps it")
            }
            Ok(_) => {
                bail!("Handbill does not fill `{name}/inbox`: end it in the sync tool that does")
            }
        },
    }
}

/// Asks that the end of a conversation be meant: it cannot be taken back by one side alone.
fn may_end(arguments: &Arguments, name: &str) -> Result<()> {
    if arguments.delete {
        bail!("`{name}` is a conversation: your own words lie there too, so delete it yourself");
    }
    if !arguments.yes {
        bail!(
            "`{name}` is a conversation, and would end in both directions: nothing more would arrive, and \
             nothing more of yours would go out. Both sides keep what they have; to go on later takes two \
             new letters. `handbill unsubscribe {} --yes` ends it",
            argument(name)
        );
    }
    Ok(())
}

/// Returns whether a link of Handbill is recorded for a contact.
fn is_recorded(base: &Path, name: &str) -> Result<bool> {
    let settings = disk::settings(&Places::for_a_look(base, None, None)?);
    let mut said = settings.contacts.iter().filter(|(other, _)| fold(other) == fold(name));
    let link = |text: &String| Subscribe::given(text, None).ok()?.handbill();
    Ok(said.any(|(_, said)| said.subscribe.as_ref().and_then(link).is_some()))
}

fn delete(ground: &Ground, name: &str, inbox: &Path) -> Result<()> {
    if disk::boxes(&ground.base, name)?.outbox.is_some() {
        bail!(
            "nothing more arrives; but your own words lie in `{name}` too, so delete it yourself"
        );
    }
    // A running engine may be about to put one more file there.
    std::thread::sleep(std::time::Duration::from_millis(800));
    let folder = ground.base.join(name);
    std::fs::remove_dir_all(inbox).with_context(|| format!("cannot delete `{name}/inbox`"))?;
    // Only if nothing else is in it.
    let _ = std::fs::remove_dir_all(folder.join(".handbill-arriving"));
    let _ = std::fs::remove_dir(&folder);
    print::talk(&format!("nothing more arrives, and `{name}/inbox` is deleted"));
    Ok(())
}
