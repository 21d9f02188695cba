//! Machines of their own on a network of their own: network namespaces, joined by a switch. Nothing
//! of it reaches the network of this machine. They take root and `ip`: `cargo test --test suite --
//! --ignored engine::nets`.

use super::{Person, names};
use handbill::keys::handbill::Link;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `ip` with words that a space parts.
#[track_caller]
fn ip(words: &str) {
    let out = Command::new("ip").args(words.split(' ')).output().expect("iproute2 is installed");
    assert!(out.status.success(), "ip {words}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A switch, and machines at it.
struct Network {
    name: String,
    machines: Vec<String>,
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in self.machines.iter().chain([&self.name]) {
            // A test that has failed may have left it half made.
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

impl Network {
    fn new() -> Network {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("hb{}-{number}", std::process::id());
        ip(&format!("netns add {name}"));
        let network = Network { name, machines: Vec::new() };
        ip(&format!("-n {} link add switch type bridge", network.name));
        ip(&format!("-n {} link set switch up", network.name));
        network
    }

    /// Puts a machine with an address and its bits of the network at the switch.
    fn machine(&mut self, address: &str) -> Machine {
        let (switch, port) = (self.name.clone(), self.machines.len());
        let name = format!("{switch}-{port}");
        ip(&format!("netns add {name}"));
        self.machines.push(name.clone());
        ip(&format!("-n {name} link add net0 type veth peer name port{port} netns {switch}"));
        ip(&format!("-n {switch} link set port{port} master switch up"));
        ip(&format!("-n {name} link set lo up"));
        let machine = Machine { name };
        machine.connect(address);
        machine
    }
}

/// A machine of a network.
struct Machine {
    name: String,
}

impl Machine {
    /// Takes it from the network.
    fn disconnect(&self) {
        ip(&format!("-n {} address flush dev net0", self.name));
        ip(&format!("-n {} link set net0 down", self.name));
    }

    /// Puts it onto the network, under whatever address.
    fn connect(&self, address: &str) {
        ip(&format!("-n {} link set net0 up", self.name));
        ip(&format!("-n {} address add {address} dev net0", self.name));
        // As if there were a router, behind which there is nothing.
        ip(&format!("-n {} route add default dev net0", self.name));
    }

    /// Makes somebody at this machine whose Handbill runs.
    fn person(&self) -> Person {
        let mut person = Person::with("reach = \"network\"\n", Some(&self.name));
        person.start();
        person
    }
}

/// Makes a channel with one message; returns a link to it that names the device and no address.
fn publish(author: &Person) -> String {
    author.run(&["add", "channel", "notes"]);
    author.write("notes/outbox/one.md", "One.");
    without_addresses(&author.run(&["share", "notes", "--via", "handbill", "--format", "json"]))
}

/// Returns the link of a sheet, with the device that printed it alone, which stands last.
fn without_addresses(sheet: &str) -> String {
    let sheet: serde_json::Value = serde_json::from_str(sheet).unwrap();
    let mut link = Link::parse(sheet["ways"][0]["link"].as_str().unwrap()).unwrap();
    let mut own = link.about.peers.pop().unwrap();
    own.addresses.clear();
    link.about.peers = vec![own];
    link.to_string()
}

#[test]
#[ignore = "takes root, and seconds"]
fn on_one_network_they_find_each_other_without_addresses_and_without_the_internet() {
    let mut network = Network::new();
    let (one, two) = (network.machine("10.91.0.1/24"), network.machine("10.91.0.2/24"));
    let (author, reader) = (one.person(), two.person());
    reader.run(&["subscribe", &publish(&author), "tides"]);
    reader.until_has("tides/inbox/one.md", "One.");
    author.write("notes/outbox/two.md", "Two.");
    reader.until_has("tides/inbox/two.md", "Two.");

    // The reader's machine is taken away, and comes back.
    two.disconnect();
    author.write("notes/outbox/three.md", "Three.");
    author.until_listed("connected: 0");
    assert!(!reader.base.at("tides/inbox/three.md").exists());
    two.connect("10.91.0.2/24");
    reader.until_has("tides/inbox/three.md", "Three.");

    // The author's gets another address, as from a router that was started anew.
    one.disconnect();
    one.connect("10.91.0.77/24");
    author.write("notes/outbox/four.md", "Four.");
    reader.until_has("tides/inbox/four.md", "Four.");
}

#[test]
#[ignore = "takes root, and seconds"]
fn a_third_machine_gets_it_from_the_second_when_the_author_is_off() {
    let mut network = Network::new();
    let machines = ["10.92.0.1/24", "10.92.0.2/24", "10.92.0.3/24"].map(|at| network.machine(at));
    let (author, reader) = (machines[0].person(), machines[1].person());
    let link = publish(&author);
    reader.run(&["subscribe", &link, "tides"]);
    reader.until_has("tides/inbox/one.md", "One.");
    machines[0].disconnect();
    reader.until_listed("connected: 0");
    let out = reader.run(&["share", "tides", "--via", "handbill", "--format", "json"]);
    let passed_on = without_addresses(&out);
    assert_ne!(passed_on, link);
    let third = machines[2].person();
    third.run(&["subscribe", &passed_on, "tides"]);
    third.until_has("tides/inbox/one.md", "One.");
    // When the author is there again, the third hears of what is new.
    machines[0].connect("10.92.0.1/24");
    author.write("notes/outbox/two.md", "Two.");
    third.until_has("tides/inbox/two.md", "Two.");
    assert_eq!(names(&third.base.at("tides/inbox")).len(), 3);
}
