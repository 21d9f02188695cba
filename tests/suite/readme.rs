//! The commands of the README run, as a reader would run them.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the lines of the README's `sh` blocks.
fn commands() -> Vec<String> {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// Runs a script in `folder` with the program on its path; returns what it printed.
#[track_caller]
fn sh(folder: &Path, script: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_handbill")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let out = Command::new("sh")
        .args(["-euc", script])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{script}\n{text}");
    text
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from)
        .into_iter()
        .filter_entry(|e| e.file_name() != "_site" && e.file_name() != ".handbill")
    {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_first_command_serves_the_example() {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(ROOT).join("example-channel"), &folder.path().join("example-channel"));
    let commands = commands();
    let first = commands.iter().find(|line| line.starts_with("cargo run")).unwrap();
    let arguments =
        first.strip_prefix("cargo run --release --no-default-features -- ").unwrap().split(' ');
    let port = free_port();
    let mut server = Command::new(env!("CARGO_BIN_EXE_handbill"))
        .args(arguments)
        .args(["--port", &port.to_string(), "--verbose"])
        .current_dir(folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let page = loop {
        match get(port, "/") {
            Some(page) if page.starts_with("HTTP/1.1 200") => break page,
            _ => assert!(begun.elapsed() < Duration::from_secs(30), "nothing is served"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(page.contains("<title>The Chart Room</title>"), "{page}");
    assert!(get(port, "/status/index.html").unwrap().starts_with("HTTP/1.1 200"));
    assert!(folder.path().join("example-channel/_site/public/index.html").is_file());
    sh(folder.path(), &format!("kill -TERM {}", server.id()));
    let mut said = String::new();
    server.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(server.wait().unwrap().success(), "it ends cleanly: {said}");
    assert!(said.contains(&format!("serving http://localhost:{port}/")), "{said}");
    for what in ["error[", "warning[", "note["] {
        assert_eq!(said.matches(what).count(), 1, "the README says what is reported: {said}");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Returns the answer to a request, head and body, or none where nobody answers.
fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    String::from_utf8(answer).ok()
}

#[test]
fn a_channel_of_ones_own_takes_the_commands_of_the_readme() {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands();
    let begin = commands.iter().position(|line| line.starts_with("handbill init")).unwrap();
    sh(folder.path(), &commands[begin..].join("\n"));
    let base = folder.path().join("hello");
    let page = fs::read_to_string(base.join("_site/reader/field-notes/index.html")).unwrap();
    assert!(page.contains("Low tide at six."));
    assert!(base.join("_site/public/field-notes/index.html").is_file());
    let settings = fs::read_to_string(base.join("handbill.toml")).unwrap();
    assert!(settings.contains("\npublic = [\"field-notes\"]\n"), "as the README says: {settings}");
}

#[test]
fn every_command_of_the_table_runs_on_the_example() {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(ROOT).join("example-channel"), folder.path());
    sh(folder.path(), "handbill build --edition public --strict || test $? = 1");
    sh(
        folder.path(),
        "handbill check && handbill debug plan && handbill debug view reader/index.html",
    );
    sh(
        folder.path(),
        "handbill build --output out --state st --base-url https://example.org/ --format json -q --verify",
    );
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    sh(folder.path(), "handbill list && handbill timeline && handbill open --edition public");
    for command in
        ["handbill build", "handbill check", "handbill debug plan", "handbill debug view"]
    {
        assert!(readme.contains(&format!("| `{command}")), "{command}");
    }
}
