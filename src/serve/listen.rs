//! Takes the port.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The port; 0 lets the system choose one.
    pub port: u16,
    /// The addresses. None means the loopback, by both of its addresses: nobody but this machine
    /// reaches it.
    pub addresses: Vec<IpAddr>,
}

/// Why a port could not be taken.
#[derive(Debug)]
pub struct BindError {
    address: SocketAddr,
    source: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BindError { address, source } = self;
        let port = address.port();
        match source.kind() {
            ErrorKind::AddrInUse => write!(
                f,
                "port {port} is taken, perhaps by another `handbill serve`; stop that program, or \
                 choose another port with `--port`"
            ),
            ErrorKind::PermissionDenied => write!(
                f,
                "port {port} may not be used by this user; choose one above 1023 with `--port`"
            ),
            ErrorKind::AddrNotAvailable => {
                write!(f, "`{}` is not an address of this machine", address.ip())
            }
            _ => write!(f, "cannot listen on `{address}`: {source}"),
        }
    }
}

// The cause is told above where it says more than the rest.
impl std::error::Error for BindError {}

/// Takes one port on all addresses. By default a machine without IPv6 has only one of them.
///
/// # Errors
/// When the port is taken on any of the addresses: another program there would be found under the
/// same name as this one.
pub fn bind(listen: &Listen) -> Result<Vec<TcpListener>, BindError> {
    if !listen.addresses.is_empty() {
        return bind_all(listen.port, &listen.addresses);
    }
    let mut listeners = bind_all(listen.port, &[IpAddr::V4(Ipv4Addr::LOCALHOST)])?;
    let port = port(&listeners, listen.port);
    match bind_all(port, &[IpAddr::V6(Ipv6Addr::LOCALHOST)]) {
        Ok(more) => listeners.extend(more),
        Err(error) if error.source.kind() == ErrorKind::AddrInUse => return Err(error),
        Err(_) => {}
    }
    Ok(listeners)
}

fn bind_all(wanted: u16, addresses: &[IpAddr]) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::new();
    for ip in addresses {
        let address = SocketAddr::new(*ip, port(&listeners, wanted));
        let listener =
            TcpListener::bind(address).map_err(|source| BindError { address, source })?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Returns the port of the first listener, else the wanted one: all have the same, also when the
/// system chose it.
fn port(listeners: &[TcpListener], wanted: u16) -> u16 {
    let first = listeners.first().and_then(|listener| listener.local_addr().ok());
    first.map_or(wanted, |address| address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_said_with_the_remedy() {
        let first = bind(&Listen { port: 0, addresses: Vec::new() }).unwrap();
        let address = first[0].local_addr().unwrap();
        assert!(first.iter().all(|l| l.local_addr().unwrap().ip().is_loopback()));
        let again = Listen { port: address.port(), addresses: Vec::new() };
        let error = bind(&again).unwrap_err().to_string();
        assert!(error.contains(&format!("port {} is taken", address.port())), "{error}");
        assert!(error.contains("`--port`"), "{error}");
        drop(first);
        assert!(bind(&again).is_ok());
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        // TEST-NET-1 (RFC 5737).
        let there = Listen { port: 0, addresses: vec!["192.0.2.1".parse().unwrap()] };
        let error = bind(&there).unwrap_err().to_string();
        assert_eq!(error, "`192.0.2.1` is not an address of this machine");
    }
}
