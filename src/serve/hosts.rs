//! The names this server answers to.

use std::net::SocketAddr;

/// The values of `Host` that are answered.
///
/// A web page can give its own host name any address, ours too, and then reads what that address
/// answers as if it were its own (DNS rebinding). It cannot choose the name the browser sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Returns the names of a server that listens on `addresses`: `localhost`, `127.0.0.1` and
    /// `[::1]` with its port, every other address it was bound to, and `names`.
    ///
    /// A name is admitted with the server's port and without a port, as it comes through a proxy;
    /// with a port of its own (`pi.lan:8443`) it is admitted only so.
    pub fn new(addresses: &[SocketAddr], names: &[String]) -> Hosts {
        let mut hosts = Vec::new();
        for address in addresses {
            let port = address.port();
            let local = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
            let bound = SocketAddr::new(address.ip(), 0).to_string();
            let bound = bound.strip_suffix(":0").unwrap_or(&bound).to_owned();
            let specific = !address.ip().is_unspecified();
            for name in local.into_iter().chain(specific.then_some(bound)) {
                hosts.push(format!("{name}:{port}"));
                // Clients leave the usual port out (RFC 9110, 4.2.3).
                hosts.extend((port == 80).then_some(name));
            }
            hosts.extend(names.iter().map(|name| format!("{name}:{port}")));
        }
        hosts.extend(names.iter().cloned());
        hosts.sort();
        hosts.dedup();
        Hosts(hosts)
    }

    /// Returns whether this server answers to `host`. Names have no case (RFC 9110, 4.2.3).
    pub(super) fn admit(&self, host: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(addresses: &[&str], names: &[&str], host: &str) -> bool {
        let addresses: Vec<_> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Hosts::new(&addresses, &names).admit(host)
    }

    #[test]
    fn the_loopback_is_known_by_three_names_and_one_port() {
        let both = ["127.0.0.1:8888", "[::1]:8888"];
        for host in ["localhost:8888", "LocalHost:8888", "127.0.0.1:8888", "[::1]:8888"] {
            assert!(admitted(&both, &[], host), "{host}");
        }
        for host in [
            "localhost",
            "localhost:8889",
            "localhost:08888",
            "localhost.:8888",
            "127.0.0.2:8888",
            "evil.example:8888",
            "localhost:8888.evil.example",
            "0.0.0.0:8888",
            "::1:8888",
            "",
        ] {
            assert!(!admitted(&both, &[], host), "{host}");
        }
        assert!(admitted(&["127.0.0.1:80"], &[], "localhost"));
    }

    #[test]
    fn other_names_are_those_that_were_given_and_bound() {
        let any = ["0.0.0.0:8888"];
        assert!(!admitted(&any, &[], "192.168.1.5:8888"));
        assert!(admitted(&["192.168.1.5:8888"], &[], "192.168.1.5:8888"));
        assert!(admitted(&["[fd00::5]:8888"], &[], "[fd00::5]:8888"));
        assert!(admitted(&any, &["pi.lan"], "pi.lan:8888"));
        assert!(admitted(&any, &["pi.lan"], "pi.lan"));
        assert!(!admitted(&any, &["pi.lan"], "a.pi.lan"));
        assert!(!admitted(&any, &["pi.lan:8443"], "pi.lan"));
    }
}
