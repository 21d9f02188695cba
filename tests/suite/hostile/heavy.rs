//! What is large, deep or many ends on a small stack and gives no more than a body may be.

use super::holds::markup::assert_safe;
use handbill::config::{read_channel, read_settings};
use handbill::diagnostic::Owner;
use handbill::fields::File;
use handbill::limits::{BODY_ELEMENTS, BODY_HTML, RAW_TAGS};
use handbill::message::body::{self, Beside, Env, Found};
use handbill::message::parse;
use handbill::path::OutPath;
use handbill::sanitize::SafeHtml;
use handbill::words::Words;
use std::fmt::Write;
use std::thread;

/// A quarter of what threads usually have: what recurses with the input's depth overflows it.
const SMALL: usize = 512 << 10;

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(SMALL).spawn(run).unwrap().join().unwrap();
}

fn render(text: &str) -> SafeHtml {
    let picture = OutPath::fixed("notes/in/x/pic.jpg");
    let words = Words::default();
    let find = |name: &str| match name {
        "pic.jpg" => Found::Picture(picture.clone(), None),
        _ => Found::Missing,
    };
    let beside = |_: &OutPath| Beside { widths: vec![480, 960], ..Beside::default() };
    let env = Env {
        prefix: "m1",
        find: &find,
        beside: &beside,
        tag: &|_| None,
        remote_images: false,
        local_links: false,
        skip_title: false,
        words: &words,
    };
    body::render(text, &env)
}

/// Parses and renders a text and returns its HTML.
fn bear(text: String) {
    on_a_small_stack(move || {
        let checked = parse(File { path: "m.md", text: &text, owner: Owner::Other });
        assert!(checked.value.excerpt.len() < 2_000 && checked.value.lead().len() < 2_000);
        assert!(checked.value.tags.len() <= 30 && checked.value.rare.refs.len() <= 1_000);
        let html = render(&text);
        assert!(html.len() <= BODY_HTML, "{} bytes", html.len());
        let html = html.at("");
        let elements = html.as_str().matches('<').count() - html.as_str().matches("</").count();
        assert!(elements <= BODY_ELEMENTS, "{elements} elements");
        assert_safe(html.as_str(), "m1", &text[..text.floor_char_boundary(60)]);
    });
}

#[test]
fn a_line_of_a_megabyte_ends() {
    for piece in [
        "a",
        "a ",
        "潮",
        " ",
        "\t",
        "#a ",
        "#",
        "http ",
        "http://a/ ",
        "&",
        "&amp;",
        "\\",
        "\"",
        "\r",
        "\0",
    ] {
        bear(piece.repeat(1_000_000 / piece.len()));
    }
}

#[test]
fn a_hundred_thousand_marks_that_nest_end() {
    for piece in [
        "[",
        "![",
        "(",
        "<",
        "> ",
        "- ",
        "1. ",
        "`",
        "*",
        "_",
        "~~",
        "***a**",
        "[^",
        "[^a]: ",
        "[^a]",
        "|",
        "{",
        "# ",
        "![a](",
        "[a](<",
        "<div>",
        "<b>",
        "<table>",
        "<a>",
        "</div>",
        "<!--",
        "<?",
        "<b title=",
        "<b title=\">",
        "<svg>",
        "<math>",
        "<select>",
        "&#",
        "&#1;",
        "&",
        "<p>&amp;",
    ] {
        bear(piece.repeat(100_000));
    }
}

#[test]
fn fifty_thousand_blocks_and_links_end() {
    for piece in [
        "a\n\n",
        "- a\n",
        "\n# a",
        "> [!NOTE]\n",
        "|a|b|\n",
        "~~~\n",
        "[a]: b\n\n",
        "<b>x</b>\n\n",
        "[a](b) ",
        "![a](pic.jpg) ",
        "`a` ",
        "#tag ",
        "https://a.example/ ",
    ] {
        bear(piece.repeat(50_000));
    }
}

#[test]
fn a_row_of_brackets_behind_an_address_is_looked_at_once() {
    bear(format!("http://a.example/{}", ")".repeat(900_000)));
    bear(format!("http://a.example/{}", ".)".repeat(450_000)));
}

#[test]
fn what_multiplies_is_refused_before_it_does() {
    let numbered = |count: usize, make: &dyn Fn(usize, &mut String)| {
        let mut text = String::new();
        (0..count).for_each(|n| make(n, &mut text));
        text
    };
    // Each paragraph would open all of the 990 again: 20 million elements.
    let formatting = numbered(990, &|n, out| write!(out, "<b title={n}>").unwrap());
    bear(format!("{formatting}\n\n{}", "x\n\n".repeat(19_000)));
    // A parser compares each attribute of a tag with all before it.
    let attributes = numbered(150_000, &|n, out| write!(out, "a{n} ").unwrap());
    bear(format!("<b {attributes}>x"));
    bear(format!("<div {}>x", attributes.replace(' ', "\n")));
    // Short rows are filled up to the width of the table's head.
    bear(format!("{}\n{}\n{}", "|a".repeat(3_000), "|-".repeat(3_000), "|\n".repeat(20_000)));
    bear(numbered(30_000, &|n, out| write!(out, "[^{n}]: [^{}]\n\n", n + 1).unwrap()));
    bear(numbered(30_000, &|n, out| write!(out, "x[^{n}][^{n}]\n\n[^{n}]: a\n\n").unwrap()));
    bear(numbered(30_000, &|n, out| writeln!(out, "# a {n}").unwrap()));
}

#[test]
fn a_body_beyond_the_caps_is_shown_as_it_was_written() {
    let shown = |text: &str| render(text).at("").as_str().to_owned();
    let long = "*a* ".repeat(BODY_ELEMENTS + 1);
    assert!(shown(&long).starts_with("<pre tabindex=\"0\">*a* *a* "));
    let long = "`&` ".repeat(BODY_HTML / 20);
    assert!(shown(&long).starts_with("<pre tabindex=\"0\">`&amp;` "));
    let just = "*a* ".repeat(BODY_ELEMENTS - 1);
    assert!(shown(&just).starts_with("<p><em>a</em>"));
}

#[test]
fn more_raw_html_than_can_be_cleaned_is_text_and_the_markdown_stays() {
    let text = |tags: usize| format!("*a* {}<!-- hidden -->", "<br>".repeat(tags));
    let shown = |tags: usize| render(&text(tags)).at("").as_str().to_owned();
    assert!(shown(RAW_TAGS - 1).starts_with("<p><em>a</em> <br><br>"));
    let as_text = shown(RAW_TAGS + 1);
    assert!(as_text.starts_with("<p><em>a</em> &lt;br&gt;&lt;br&gt;"));
    assert!(!as_text.contains("hidden"));
}

#[test]
fn deep_headers_and_settings_end() {
    for piece in ["[", "{a=", "[[a]]\n", "[a.a]\n", "a.", "a=[", "\"", "'", "\"\"\"", "a=1\n", "#"]
    {
        for tail in ["", "\n"] {
            let text = format!("{}{tail}", piece.repeat(60_000 / piece.len()));
            let deep = format!("a = {text}");
            on_a_small_stack(move || {
                for text in [text, deep] {
                    read_settings(file(&text));
                    read_channel(file(&text));
                    let headers = [
                        format!("+++\n{text}\n+++\n"),
                        format!("+++\n[extra]\n{text}\n+++\n"),
                        format!("---\na:\n{text}\n---\n"),
                        format!("---\nextra: {text}\n---\n"),
                    ];
                    headers.iter().for_each(|header| drop(parse(file(header))));
                }
            });
        }
    }
    let ladder: String = (0..350).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    on_a_small_stack(move || {
        let text = format!("---\nextra:\n {}\n---\n", ladder.replace('\n', "\n "));
        parse(file(&text));
    });
}

fn file(text: &str) -> File<'_> {
    File { path: "x", text, owner: Owner::Own }
}
