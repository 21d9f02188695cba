//! The server on a real port.

use super::client::Served;
use handbill::serve::{Hosts, Limits, Listen, Server, Site, bind};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Starts a server with an empty site on a port of the system's choice.
fn start(limits: Limits) -> (Server, SocketAddr, Arc<Site>) {
    let listeners = bind(&Listen { port: 0, addresses: Vec::new() }).unwrap();
    let addresses: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
    let site = Site::new(Hosts::new(&addresses, &[]));
    let server = Server::start(listeners, site.clone(), limits).unwrap();
    (server, addresses[0], site)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

fn send(stream: &mut TcpStream, path: &str, address: SocketAddr) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", address.port());
    stream.write_all(request.as_bytes()).unwrap();
}

/// Reads until `word` has come.
fn read_until(stream: &mut TcpStream, word: &str) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while !text.contains(word) {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the end came before `{word}`: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    text
}

#[test]
fn pages_come_over_both_loopback_addresses_and_an_open_page_does_not_hold_up_the_end() {
    let listeners = bind(&Listen { port: 0, addresses: Vec::new() }).unwrap();
    let addresses: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
    let served = Served::new_at(&addresses);
    let server = Server::start(listeners, served.site.clone(), Limits::default()).unwrap();
    for address in &addresses {
        let mut stream = connect(*address);
        send(&mut stream, "/", *address);
        let answer = read_until(&mut stream, "</html>");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(!answer.to_ascii_lowercase().contains("\r\nserver:"), "{answer}");
    }
    let mut page = connect(addresses[0]);
    send(&mut page, "/_app/events/index.html", addresses[0]);
    read_until(&mut page, "event: state");
    let before = Instant::now();
    server.stop().unwrap();
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
    // The stream ended as streams do.
    assert!(read_until(&mut page, "0\r\n\r\n").ends_with("0\r\n\r\n"));
    assert!(TcpStream::connect(addresses[0]).is_err());
    // The same site on the same port again.
    let listen = Listen { port: addresses[0].port(), addresses: Vec::new() };
    let server = Server::start(bind(&listen).unwrap(), served.site, Limits::default()).unwrap();
    let mut page = connect(addresses[0]);
    send(&mut page, "/_app/events/index.html", addresses[0]);
    read_until(&mut page, "event: state");
    server.stop().unwrap();
}

#[test]
fn who_sends_a_byte_now_and_then_loses_the_connection() {
    let limits = Limits { head: Duration::from_millis(200), ..Limits::default() };
    let (server, address, _site) = start(limits);
    let mut slow = connect(address);
    let before = Instant::now();
    for byte in "GET / HTTP/1.1\r\nHost: localhost\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyy".bytes() {
        if slow.write_all(&[byte]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).ok();
    assert!(before.elapsed() < Duration::from_secs(5));
    assert!(!String::from_utf8_lossy(&rest).contains(" 200 "));
    server.stop().unwrap();
}

#[test]
fn more_connections_than_there_are_places_wait() {
    let limits = Limits { connections: 4, head: Duration::from_millis(300), ..Limits::default() };
    let (server, address, _site) = start(limits);
    let idle: Vec<_> = (0..6).map(|_| connect(address)).collect();
    // Those that say nothing are dropped, and then it is this one's turn.
    let mut patient = connect(address);
    send(&mut patient, "/", address);
    assert!(read_until(&mut patient, "</html>").starts_with("HTTP/1.1 503"));
    drop(idle);
    server.stop().unwrap();
}

/// Limits under which nothing ends by itself while a test runs.
const PATIENT: Limits = Limits {
    head: Duration::from_secs(3600),
    stall: Duration::from_secs(3600),
    connections: 8,
    grace: Duration::from_millis(100),
};

#[test]
fn who_asks_for_nothing_makes_room() {
    let (server, address, _site) = start(PATIENT);
    let mut kept = connect(address);
    // A page that listens is being answered: it stays.
    send(&mut kept, "/_app/events/index.html", address);
    read_until(&mut kept, "event: state");
    let idle: Vec<_> = (0..30).map(|_| connect(address)).collect();
    for _ in 0..3 {
        let mut other = connect(address);
        send(&mut other, "/", address);
        assert!(read_until(&mut other, "</html>").starts_with("HTTP/1.1 503"));
    }
    kept.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let still = kept.read(&mut [0; 64]);
    assert!(still.as_ref().map_or(true, |count| *count > 0), "{still:?}");
    drop(idle);
    server.stop().unwrap();
}

/// Starts a server with a file that fits into no buffer, and asks for it so many times without
/// taking more than the beginning.
fn stalled(limits: Limits, count: usize) -> (Server, SocketAddr, Vec<TcpStream>) {
    let listeners = bind(&Listen { port: 0, addresses: Vec::new() }).unwrap();
    let addresses: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
    let served = Served::new_at(&addresses);
    let stem = "notes/2026-11-23T10-15-30Z-low-tide";
    let folder = stem.replace("notes", "notes/outbox");
    served.base.write(&format!("{folder}/sound.ogg"), vec![7; 16 << 20]);
    served.publish();
    let server = Server::start(listeners, served.site.clone(), limits).unwrap();
    let mut asked = Vec::new();
    for _ in 0..count {
        let mut stream = connect(addresses[0]);
        send(&mut stream, &format!("/{stem}/sound.ogg"), addresses[0]);
        let mut begin = [0; 15];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200 OK");
        asked.push(stream);
    }
    // The folder may go: the files are open.
    (server, addresses[0], asked)
}

#[test]
fn who_takes_nothing_makes_room() {
    let (server, address, asked) = stalled(PATIENT, 30);
    for _ in 0..3 {
        let mut other = connect(address);
        send(&mut other, "/nothing.txt", address);
        read_until(&mut other, "HTTP/1.1 404");
    }
    drop(asked);
    server.stop().unwrap();
}

#[test]
fn who_takes_nothing_is_given_up() {
    let limits = Limits { stall: Duration::from_millis(200), ..PATIENT };
    let (server, _, mut asked) = stalled(limits, 1);
    std::thread::sleep(Duration::from_millis(600));
    // What is on the way still comes, and then the end.
    let mut rest = Vec::new();
    asked[0].read_to_end(&mut rest).ok();
    assert!(rest.len() < 16 << 20, "{} bytes came", rest.len());
    server.stop().unwrap();
}
