//! The base folder: names and contents that do harm wherever a program trusts them.

use super::super::NASTY;
use crate::support::Base;

/// Stands in every attachment, to find what became of it.
pub const PAYLOAD: &str = "<!doctype html><script>alert('payload')</script>";

/// Names of contacts that mean something to a site, a system, a template or a terminal.
pub const CONTACTS: &[&str] = &[
    "feed.xml",
    "index.html",
    "404.html",
    "tags",
    "assets",
    "archive",
    "status",
    "in",
    "con",
    "NUL",
    "cgi-bin",
    "2026",
    "2026-11",
    "a\"b'c",
    "a<b>c&d",
    "<img src=x onerror=alert(1)>",
    "new\nline",
    "bidi\u{202E}txt",
    "\u{1B}[31mred",
    "{{ 7*7 }}",
    "{% include 'base.html' %}",
    "javascript:alert(1)",
    "notes..",
    " notes ",
    "Notes",
    "NOTES",
    "no\u{308}tes",
    "%2e%2e",
    "潮",
    "a b",
    "-rf",
    "inbox",
];

/// Names of attachments that a server, a browser or a host acts on.
pub const ATTACHMENTS: &[&str] = &[
    "x.html",
    "x.HTM",
    "x.xhtml",
    "x.svg",
    "x.xml",
    "x.js",
    "sw.js",
    "x.css",
    "x.php",
    "x.exe",
    "index.html",
    "feed.xml",
    "404.html",
    "CNAME",
    "_headers",
    "_redirects",
    "robots.txt",
    "con.txt",
    "x.png.html",
    "x.jpg",
    "x\".png",
    "<img src=x onerror=alert(1)>.pdf",
    "a/b/index.html",
    "{{ 7*7 }}.txt",
    "javascript:alert(1).md",
    "new\nline.txt",
    "\u{202E}gpj.exe",
];

/// A base folder with a good channel and a bad neighbour of every kind.
pub fn hostile_base() -> Base {
    let base = Base::of(
        "-- handbill.toml\n\
         title = \"Site <b>&amp;</b> {{ 7*7 }}\"\n\
         public = [\"good\", \"mine\"]\n\
         base_url = \"https://example.org/site\"\n\
         -- good/outbox/2026-11-20T10-00-00Z-plain.md\n\
         A plain message. #tide\n\
         -- good/outbox/2026-11-21T10-00-00Z-pictures.md\n\
         # With a title\n\n\
         {{ 1234*4321 }} {% include \"base.html\" %} {# comment #} stays as typed. #tide\n",
    );
    for (n, name) in CONTACTS.iter().enumerate() {
        let side = if n % 2 == 0 { "inbox" } else { "outbox" };
        base.write(&format!("{name}/{side}/2026-11-22T10-00-{n:02}Z.md"), format!("From {name}"));
        base.write(&format!("{name}/{side}/channel.toml"), hostile_channel(n));
    }
    for (n, value) in NASTY.iter().enumerate() {
        let stamp = format!("2026-11-{:02}T10-{:02}-00Z", n % 23 + 1, n % 60);
        base.write(&format!("stranger/inbox/{stamp}-{n}.md"), hostile_message(value, n));
        base.write(&format!("mine/outbox/{stamp}-{n}.md"), hostile_message(value, n));
    }
    for name in ATTACHMENTS {
        for contact in ["stranger/inbox", "mine/outbox"] {
            base.write(&format!("{contact}/2026-11-19T10-00-00Z/{name}"), PAYLOAD);
        }
    }
    let links: String =
        ATTACHMENTS.iter().map(|name| format!("![x](<{name}>) [y](<{name}>)\n")).collect();
    for contact in ["stranger/inbox", "mine/outbox"] {
        base.write(&format!("{contact}/2026-11-19T10-00-00Z.md"), &links);
    }
    base
}

/// A header with a hostile value in each field, and a text with it.
fn hostile_message(value: &str, n: usize) -> String {
    let quoted = serde_json::to_string(value).unwrap().replace("\\b", "").replace("\\f", "");
    format!(
        "+++\ntitle = {quoted}\nauthor = {quoted}\ntags = [{quoted}, \"tide\", \"t{n}\"]\n\
         summary = {quoted}\nin_reply_to = {quoted}\nlanguage = {quoted}\nthumbnail = {quoted}\n\
         id = {quoted}\ntemplate = {quoted}\npath = {quoted}\naliases = [{quoted}]\n\
         [extra]\nx = {quoted}\n+++\n{value}\n\n# {value}\n\n[{value}](<{value}>) ![{value}]({value})\n"
    )
}

fn hostile_channel(n: usize) -> String {
    let quoted = serde_json::to_string(NASTY[n % NASTY.len()]).unwrap();
    format!(
        "id = \"7a4f2b0e-9d0c-4c57-8c7a-0d2f5d0a6b11\"\ntitle = {quoted}\ndescription = {quoted}\n\
         language = {quoted}\nhome_page = {quoted}\navatar = {quoted}\nlicense = {quoted}\n\
         theme = {quoted}\ncommand = {quoted}\noutput = {quoted}\npublic = true\n\
         [[author]]\nname = {quoted}\nuri = {quoted}\nemail = {quoted}\navatar = {quoted}\n\
         [[subscribe]]\ntransport = {quoted}\nkey = {quoted}\nlink = {quoted}\n\
         [[subscribe]]\ntransport = \"x\"\nlink = \"https://example.org/{n}\\\" onclick=\\\"x\"\n"
    )
}
