//! Lets in who asks for what is shared: `share --via`.

use super::print;
use super::via::{Admission, Among, Shared, meet_in_private, taken};
use crate::diagnostic::shown;
use crate::keys::syncthing::DeviceId;
use crate::transport::syncthing::{Client, Error, Introducer, Knock, Trouble};
use anyhow::{Context, Result, bail};
use std::io::BufRead;
use std::time::Duration;

/// How often one looks who asks.
const LOOK: Duration = Duration::from_secs(1);
/// How many letters of a device name one that asks.
const SHORT: usize = 7;

/// Lets in who asks, as is wanted: all, those that are named, or whoever a person says yes to.
pub(super) fn admit(client: &Client, shared: &Shared, name: &str, how: &Admission) -> Result<()> {
    let named = Named::of(&how.accept)?;
    let mut door = Door { client, shared, name, how, named, done: Vec::new(), heard: false };
    if door.for_two() {
        if how.accept.len() > 1 {
            bail!("`{name}` is between two: name one device");
        }
        if door.is_settled()? {
            return Ok(());
        }
    }
    door.whole()?;
    let mut was_silent = false;
    loop {
        let looked = door.look();
        let silent = how.wait && looked.as_ref().is_err_and(is_silent);
        match looked {
            // It may be started anew.
            Err(error) if silent && !was_silent => print::talk(&format!("{error} Trying again")),
            Err(_) if silent => {}
            looked => looked?,
        }
        was_silent = silent;
        if !how.wait || door.is_full() {
            break;
        }
        if !std::mem::replace(&mut door.heard, true) {
            print::talk("nobody asks now; waiting for who does, until Ctrl-C");
        }
        std::thread::sleep(LOOK);
    }
    if let Some(short) = door.named.short.first().filter(|_| !door.is_full()) {
        bail!("no device that begins with `{short}` asks for `{name}`");
    }
    if !door.heard {
        print::talk("nobody asks now; run it again, or add `--wait`");
    }
    Ok(())
}

fn is_silent(error: &anyhow::Error) -> bool {
    let trouble = || error.downcast_ref::<Trouble>();
    let inner = || match error.downcast_ref::<Error>() {
        Some(Error::Trouble(trouble)) => Some(trouble),
        _ => None,
    };
    trouble().or_else(inner) == Some(&Trouble::Silent)
}

/// The devices that are named: all are looked at before any is let in.
struct Named {
    /// By their whole ids.
    whole: Vec<DeviceId>,
    /// By their first letters, in capitals, as long as none of these has asked.
    short: Vec<String>,
}

impl Named {
    fn of(texts: &[String]) -> Result<Named> {
        let mut named = Named { whole: Vec::new(), short: Vec::new() };
        for text in texts {
            match DeviceId::parse(text) {
                Some(device) => named.whole.push(device),
                None if text.len() == SHORT && text.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                    named.short.push(text.to_ascii_uppercase());
                }
                None => {
                    bail!("`{}` is no device: a letter is missing or wrong", shown(text));
                }
            }
        }
        Ok(named)
    }
}

struct Door<'d> {
    client: &'d Client,
    shared: &'d Shared,
    name: &'d str,
    how: &'d Admission,
    named: Named,
    /// Who was let in, or not.
    done: Vec<DeviceId>,
    /// Whether anybody has asked, or was told that nobody does.
    heard: bool,
}

impl Door<'_> {
    fn for_two(&self) -> bool {
        self.shared.among != Among::Readers
    }

    /// Who has it already.
    fn inside(&self) -> Result<Vec<DeviceId>> {
        Ok(self.client.who_has(&self.shared.folders)?)
    }

    /// Returns whether a conversation has its two already, and nobody else is wanted. What was only
    /// half done for the other is done.
    fn is_settled(&self) -> Result<bool> {
        let inside = self.inside()?;
        let [device] = &inside[..] else {
            let Some(first) = inside.first() else { return Ok(false) };
            let all: Vec<&str> = inside.iter().map(DeviceId::as_str).collect();
            print::talk(&format!(
                "`{}` is between two, and these devices have it: {}. Take out on Syncthing's page who is \
                 not the other side",
                self.name,
                all.join(", ")
            ));
            return match self.how.accept.is_empty() {
                true => Ok(true),
                false => bail!("{}", taken(self.name, first)),
            };
        };
        let names_it = |named: &Named| {
            named.whole.contains(device) || named.short.iter().any(|short| short == device.short())
        };
        if !self.how.accept.is_empty() && !names_it(&self.named) {
            bail!("{}", taken(self.name, device));
        }
        self.enter(device, "")?;
        print::talk(&format!("`{}` is between you and {device}; nobody else gets it", self.name));
        Ok(true)
    }

    /// Returns whether nobody else is let in.
    fn is_full(&self) -> bool {
        self.for_two() && self.inside().is_ok_and(|inside| !inside.is_empty())
    }

    /// Lets in those that are named by their whole ids, whether they ask or not.
    fn whole(&mut self) -> Result<()> {
        for device in std::mem::take(&mut self.named.whole) {
            let asks = self.client.knocking(&self.shared.link.folder)?.into_iter();
            let knock = asks.into_iter().find(|knock| knock.device == device);
            let name = knock.as_ref().map_or("", |knock| &knock.name);
            self.enter(&device, name)?;
            print::talk(&format!(
                "{} gets `{}` now",
                knock.as_ref().map_or_else(|| device.to_string(), who),
                self.name
            ));
            self.heard = true;
            self.done.push(device);
        }
        Ok(())
    }

    /// Looks who asks, once.
    fn look(&mut self) -> Result<()> {
        for knock in self.client.knocking(&self.shared.link.folder)? {
            if self.done.contains(&knock.device) {
                continue;
            }
            if self.is_full() {
                return Ok(());
            }
            self.heard = true;
            let short = knock.device.short();
            let is_named = self.named.short.iter().any(|one| one == short);
            let only_named = !self.how.accept.is_empty();
            let welcome =
                is_named || self.how.accept_all || (!only_named && ask(&knock, self.name)?);
            if welcome {
                self.enter(&knock.device, &knock.name)?;
                print::talk(&format!("{} gets `{}` now", who(&knock), self.name));
            }
            self.named.short.retain(|one| one != short);
            self.done.push(knock.device);
        }
        Ok(())
    }

    fn enter(&self, device: &DeviceId, name: &str) -> Result<()> {
        match self.for_two() {
            true => meet_in_private(self.client, device, name, &[])?,
            false => drop(self.client.know(device, name, &[], Introducer::No)?),
        }
        let device = std::slice::from_ref(device);
        let mut folders = self.shared.folders.iter();
        folders.try_for_each(|folder| Ok(self.client.share_with(folder, device)?))
    }
}

/// Asks the person. Without an answer it is a no.
fn ask(knock: &Knock, name: &str) -> Result<bool> {
    let what = if knock.known { "asks for it" } else { "asks to be let in" };
    print::question(&format!("{} {what}. Let it have `{name}`? [y/N]", who(knock)));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
    let yes = matches!(&*line.trim().to_lowercase(), "y" | "yes");
    if line.is_empty() {
        print::talk("");
    }
    if !yes {
        print::talk(&format!("not let in; `--accept {}` does", knock.device.short()));
    }
    Ok(yes)
}

fn who(knock: &Knock) -> String {
    let about = [&knock.name, &knock.address];
    let about: Vec<&str> =
        about.into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    match about.is_empty() {
        true => knock.device.to_string(),
        false => format!("{} ({})", knock.device, about.join(", ")),
    }
}
