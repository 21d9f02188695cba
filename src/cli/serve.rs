//! `handbill serve`: watches, and shows the reader edition in the browser.

use super::live::{self, Live};
use super::{open, print};
use crate::app::carriage::Carriage;
use crate::app::desk::Clerk;
use crate::app::{Built, News};
use crate::disk::{Places, settings};
use crate::library::Edition;
use crate::serve::write::Desk;
use crate::serve::{self, Hosts, Limits, Listen, Password, Problem, Server, Site, Update};
use anyhow::Result;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    live: Live,
    /// The port; overrides `port` of handbill.toml, which is 8888 unless set
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Listen on this address too, by which other machines may reach the server
    #[arg(long, value_name = "IP")]
    listen: Vec<IpAddr>,
    /// Answer to this name too, as of a proxy in front
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// With `--listen` or `--host`: let whoever reaches the server write, not only read
    #[arg(long)]
    write: bool,
    /// Open the site in the browser
    #[arg(long)]
    open: bool,
}

impl Arguments {
    /// Returns whether the pages can be written in: by the person at this machine; by others, who
    /// need no password to reach it, only if that is wanted.
    fn may_write(&self) -> bool {
        self.write || self.host.is_empty() && !self.is_reached()
    }

    /// Returns where to listen. This machine always finds the server under its usual name.
    fn addresses(&self) -> Vec<IpAddr> {
        let local = |ip: &IpAddr| ip.is_loopback() || ip.is_unspecified();
        let added = (!self.listen.is_empty() && !self.listen.iter().any(local))
            .then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        self.listen.iter().copied().chain(added).collect()
    }

    /// Returns whether other machines can reach the server.
    fn is_reached(&self) -> bool {
        self.listen.iter().any(|ip| !ip.is_loopback())
    }

    /// Returns the hosts by which other machines reach the server.
    fn doors(&self, port: u16) -> Vec<String> {
        let outside = self.listen.iter().filter(|ip| !ip.is_loopback() && !ip.is_unspecified());
        let bound = outside.map(|ip| SocketAddr::new(*ip, port).to_string());
        let named = self.host.iter().map(|name| match name.contains(':') {
            true => name.clone(),
            false => format!("{name}:{port}"),
        });
        bound.chain(named).collect()
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let places = arguments.live.common.places()?;
    let port = arguments.port.unwrap_or_else(|| settings(&places).port);
    let listeners = serve::bind(&Listen { port, addresses: arguments.addresses() })?;
    let addresses = listeners.iter().map(std::net::TcpListener::local_addr);
    let addresses = addresses.collect::<Result<Vec<SocketAddr>, _>>()?;
    let site = Site::new(Hosts::new(&addresses, &arguments.host));
    let (sender, events) = mpsc::channel();
    let clerk = Clerk::new(places.base.clone(), super::now, sender.clone());
    let (clerk, told) = clerk.keep_reading(&places.state);
    if let Some(told) = told {
        print::talk(&format!("warning: {told}"));
    }
    let clerk = Arc::new(clerk);
    if arguments.may_write() {
        site.open_desk(clerk.clone());
    }
    let password = arguments.is_reached().then(|| site.require(Password::new(clerk.secret())));
    let carriage = Carriage::start(Arc::clone(&site), Arc::clone(&clerk), &places.base);
    let server = Server::start(listeners, Arc::clone(&site), Limits::default())?;
    let hearing = Arc::clone(&carriage);
    let hear = move |state: &crate::transport::engine::state::State| hearing.take(state);
    let (site, clerk, places, carriage) = (&site, &clerk, &places, &carriage);
    let mut hearer = Hearer { arguments, site, clerk, carriage, places, port, password };
    let with = |options: &mut crate::disk::BuildOptions| options.port = Some(port);
    let result = live::run(&arguments.live, places, (events, sender), &with, hear, &mut |news| {
        hearer.hear(news);
    });
    server.stop()?;
    result
}

/// Hands builds over to the server.
struct Hearer<'h> {
    arguments: &'h Arguments,
    site: &'h Site,
    clerk: &'h Clerk,
    carriage: &'h Carriage,
    places: &'h Places,
    port: u16,
    /// What others than this machine are asked for.
    password: Option<&'h Password>,
}

impl Hearer<'_> {
    fn hear(&mut self, news: &News<'_>) {
        match news {
            News::Built(built) => self.built(built),
            News::Failed(_) => self.site.not_current("the last build failed"),
            News::Lost => self.site.not_current("the base folder is gone"),
            News::Begun(_) | News::Back | News::Polling(_) => {}
        }
    }

    fn built(&mut self, built: &Built<'_>) {
        self.clerk.update(built.keeper.known());
        self.site.update(Update {
            folder: self.places.output.join(Edition::Reader.name()),
            files: built.keeper.files(Edition::Reader),
            problems: built.report.found.iter().map(Problem::from).collect(),
        });
        self.carriage.tell();
        if built.scope.is_some() {
            return;
        }
        let address = format!("http://localhost:{}/", self.port);
        if !self.arguments.live.common.quiet {
            print::talk(&format!("serving {address}"));
        }
        if let Some(password) = self.password {
            let also = if self.arguments.may_write() { ", and write in your name" } else { "" };
            print::talk(&format!(
                "warning: whoever has one of these addresses can read all your contacts, \
                 conversations too{also}; without one, nobody gets in from another machine:"
            ));
            let doors = self.arguments.doors(self.port);
            for host in &doors {
                print::talk(&format!("  {}", password.address(host)));
            }
            if doors.is_empty() {
                print::talk("  none yet: say by `--host NAME` what others call this machine");
            }
        }
        if self.arguments.open && !open::open(&address) {
            print::talk("nothing here opens a browser: open the address above yourself");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn whoever_is_not_at_this_machine_writes_only_if_that_is_wanted() {
        let check = |line: &str, expected: bool| {
            let line_of = Line::parse_from(line.split(' '));
            assert_eq!(line_of.arguments.may_write(), expected, "{line}");
        };
        check("serve", true);
        check("serve --listen 127.0.0.2 --listen ::1", true);
        check("serve --listen 192.168.1.5", false);
        check("serve --listen 127.0.0.1 --listen 0.0.0.0", false);
        check("serve --host pi.lan", false);
        check("serve --host pi.lan --write", true);
        check("serve --listen 0.0.0.0 --write", true);
    }
}
