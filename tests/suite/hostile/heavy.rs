//! wip
use handbill::diagnostic::Owner;
use handbill::fields::File;
use handbill::message::body::{self, Env, Found};
use handbill::message::parse;
use handbill::words::Words;
use std::thread;
use std::time::Instant;

fn inputs() -> Vec<(String, String)> {
    let mut v: Vec<(String, String)> = Vec::new();
    for n in [10_000, 40_000] {
        v.push((
            "attributes".into(),
            format!("<b {}>x", (0..n).map(|n| format!("a{n} ")).collect::<String>()),
        ));
        v.push(("classes".into(), format!("<b class=\"{}\">x", "tag ".repeat(n))));
        v.push((
            "attributes block".into(),
            format!("<div {}>x", (0..n).map(|n| format!("a{n}\n")).collect::<String>()),
        ));
        v.push((
            "heading attrs".into(),
            format!("# x {{{}}}", (0..n).map(|n| format!("a{n}=b ")).collect::<String>()),
        ));
        v.push(("imgs".into(), format!("<div>{}", "![a](pic.jpg) ".repeat(n))));
        v.push((
            "refs".into(),
            format!("{}", (0..n).map(|n| format!("[a]({n}) ")).collect::<String>()),
        ));
        v.push((
            "notes nested".into(),
            format!("{}", (0..n).map(|n| format!("[^{n}]:[^{n}] ")).collect::<String>()),
        ));
        v.push((
            "notes twice".into(),
            format!(
                "{}",
                (0..n).map(|n| format!("[^{n}][^{n}]\n\n[^{n}]: a\n\n")).collect::<String>()
            ),
        ));
        v.push((
            "headings".into(),
            format!("{}", (0..n).map(|n| format!("# a{n}\n")).collect::<String>()),
        ));
        v.push(("fonts".into(), format!("{}", "<font size=1>".repeat(n))));
        v.push(("raw refs".into(), format!("<img alt=\"{}\" src=pic.jpg>", "&lt;".repeat(n))));
    }
    v
}

#[test]
fn wip_times() {
    let words = Words::default();
    for (name, text) in inputs() {
        let len = text.len();
        let w = words.clone();
        let t = Instant::now();
        let r = thread::Builder::new()
            .stack_size(512 << 10)
            .spawn(move || {
                let t = Instant::now();
                let m = parse(File { path: "m.md", text: &text, owner: Owner::Other });
                let p = t.elapsed();
                let env = Env {
                    prefix: "m1",
                    find: &|_| Found::Missing,
                    tag: &|_| None,
                    remote_images: false,
                    local_links: false,
                    skip_title: false,
                    words: &w,
                };
                let h = body::render(&text, &env);
                (p, h.len(), m.diagnostics.len())
            })
            .unwrap()
            .join()
            .unwrap();
        eprintln!(
            "{:>8.1} ms parse {:>8.1} ms {name} {len} -> {}",
            t.elapsed().as_secs_f64() * 1000.0,
            r.0.as_secs_f64() * 1000.0,
            r.1
        );
    }
}
