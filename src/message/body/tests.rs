//! What Markdown becomes.

use super::*;

fn html(text: &str) -> String {
    let words = Words::new(
        [("picture_at", "picture at {}"), ("not_arrived", "{} has not arrived")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    );
    let env = Env {
        prefix: "m1",
        find: &|name| match name {
            "a.jpg" => Found::Picture(OutPath::fixed("c/m/a.jpg"), Some((4, 3))),
            "large.jpg" => Found::Picture(OutPath::fixed("c/m/large.jpg"), Some((2000, 1000))),
            "a.mp4" => Found::Film(OutPath::fixed("c/m/a.mp4")),
            "a.ogg" => Found::Sound(OutPath::fixed("c/m/a.ogg")),
            "b.md" => Found::Page(OutPath::fixed("c/b.html")),
            "later.jpg" => Found::Missing,
            _ => Found::Withheld,
        },
        beside: &|path| match path.as_str() {
            "c/m/large.jpg" => Beside { widths: vec![480, 960], ..Beside::default() },
            "c/m/a.mp4" => Beside {
                poster: Some(OutPath::fixed("c/m/a.jpg")),
                tracks: vec![Track {
                    path: OutPath::fixed("c/m/a.de.vtt"),
                    language: Some("de".into()),
                }],
                ..Beside::default()
            },
            _ => Beside::default(),
        },
        tag: &|tag| OutPath::parse(&format!("tags/{}/index.html", tag.key())),
        remote_images: false,
        local_links: false,
        skip_title: false,
        words: &words,
    };
    render(text, &env).at("../").as_str().replace('\n', "")
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(html(text), expect, "{text}");
}

#[test]
fn links_lead_where_they_may() {
    check("[x](b.md)", "<p><a href=\"../c/b.html\">x</a></p>");
    check("[x](javascript:alert(1))", "<p>x</p>");
    check("[x](../../other/inbox/y.md)", "<p>x</p>");
    check(
        "[x](https://example.org \"t\")",
        "<p><a href=\"https://example.org/\" title=\"t\">x</a></p>",
    );
    check(
        "[bank.example](https://evil.example/)",
        "<p><a href=\"https://evil.example/\">bank.example</a><span class=\"host\"> (evil.example)</span></p>",
    );
    check(
        "[example.org](https://www.example.org/)",
        "<p><a href=\"https://www.example.org/\">example.org</a></p>",
    );
}

#[test]
fn a_link_that_names_another_host_cannot_hide_where_it_leads() {
    let told = "<span class=\"host\"> (evil.example)</span>";
    for text in [
        "[bank.example!](https://evil.example/)",
        "[bank.example\n2026](https://evil.example/)",
        "[bank.example\\\n2026](https://evil.example/)",
        "<a class=remote href=\"https://evil.example/\">bank.example</a>",
        "<a href=\"https://evil.example/\">bank.example<br>2026</a>",
        "<b>x</b> [bank.example](https://evil.example/)",
        "![<b>](later.jpg) [bank.example](https://evil.example/)",
    ] {
        let html = html(text);
        assert_eq!(html.matches(told).count(), 1, "{text}: {html}");
    }
}

#[test]
fn classes_are_the_programs_own() {
    check("<p class=\"alert picture\">x</p>", "<p>x</p>");
    check(
        "<b>x</b> #tide",
        "<p><b>x</b> <a class=\"tag\" href=\"../tags/tide/index.html\">#tide</a></p>",
    );
}

#[test]
fn bare_addresses_become_links_outside_code() {
    check(
        "(see https://example.org/a_(b)_c, or `https://x.example`).",
        "<p>(see <a href=\"https://example.org/a_(b)_c\">https://example.org/a_(b)_c</a>, or <code>https://x.example</code>).</p>",
    );
    check("https:// xhttp://y.example", "<p>https:// xhttp://y.example</p>");
}

#[test]
fn pictures_are_files_of_the_message() {
    check(
        "![A \"gull\"](a.jpg)",
        "<p><img src=\"../c/m/a.jpg\" alt=\"A &quot;gull&quot;\" width=\"4\" height=\"3\" loading=\"lazy\" decoding=\"async\"></p>",
    );
    check(
        "![](a.ogg)",
        "<p><audio src=\"../c/m/a.ogg\" controls=\"\" preload=\"none\"></audio></p>",
    );
    check("![x](later.jpg)", "<p><span class=\"missing\">[later.jpg has not arrived] </span></p>");
    check(
        "![x](https://t.example/p.gif)",
        "<p><a class=\"remote\" href=\"https://t.example/p.gif\">[picture at t.example: x]</a></p>",
    );
}

#[test]
fn large_pictures_have_smaller_versions_and_lead_to_themselves() {
    let picture = "<a class=\"picture\" href=\"../c/m/large.jpg\"><img src=\"../c/m/large.jpg\" \
        srcset=\"../_/pictures/480/c/m/large.jpg 480w, ../_/pictures/960/c/m/large.jpg 960w, \
        ../c/m/large.jpg 2000w\" sizes=\"(max-width: 46em) 100vw, 44em\" alt=\"Low water\" \
        width=\"2000\" height=\"1000\" loading=\"lazy\" decoding=\"async\"></a>";
    check("![Low *water*](large.jpg)", &format!("<p>{picture}</p>"));
    check(
        "![Low water](large.jpg \"At <six>\")",
        &format!("<figure>{picture}<figcaption>At &lt;six&gt;</figcaption></figure>"),
    );
    check(
        "see ![](a.jpg \"x\")",
        "<p>see <img src=\"../c/m/a.jpg\" alt=\"\" width=\"4\" height=\"3\" title=\"x\" loading=\"lazy\" decoding=\"async\"></p>",
    );
    // Raw HTML makes the whole body go through the sanitizer.
    check("![Low water](large.jpg)<br>", &format!("<p>{picture}<br></p>"));
}

#[test]
fn films_have_their_poster_and_subtitles() {
    let film = "<p><video src=\"../c/m/a.mp4\" controls=\"\" preload=\"none\" poster=\"../c/m/a.jpg\">\
        <track src=\"../c/m/a.de.vtt\" kind=\"captions\" srclang=\"de\" label=\"de\"></video></p>";
    check("![](a.mp4)", film);
    check("![](a.mp4)<!-- raw -->", film);
}

#[test]
fn headings_get_ids_of_ours_and_begin_at_the_second_level() {
    check(
        "# One {#own .c onclick=x}\n\n## Two\n\n[to](#own) [two](#two)",
        "<h2 id=\"m1-h1-one\">One</h2><h3 id=\"m1-h2-two\">Two</h3>\
         <p><a href=\"#m1-h1-one\">to</a> <a href=\"#m1-h2-two\">two</a></p>",
    );
}

#[test]
fn footnotes_are_numbered_by_their_first_reference() {
    check(
        "[^z]: Last.\n[^a]: First.\n\nx[^a] y[^z]",
        "<p>x<sup class=\"footnote-ref\" id=\"m1-r1\"><a href=\"#m1-n1\">1</a></sup> \
         y<sup class=\"footnote-ref\" id=\"m1-r2\"><a href=\"#m1-n2\">2</a></sup></p>\
         <section class=\"footnotes\" aria-label=\"footnotes\"><ol>\
         <li id=\"m1-n1\"><p>First.</p><a class=\"footnote-back\" href=\"#m1-r1\" aria-label=\"back_to_text\">↩</a></li>\
         <li id=\"m1-n2\"><p>Last.</p><a class=\"footnote-back\" href=\"#m1-r2\" aria-label=\"back_to_text\">↩</a></li>\
         </ol></section>",
    );
}

#[test]
fn hashtags_link_to_their_page() {
    check(
        "#Low-Tide \\#no",
        "<p><a class=\"tag\" href=\"../tags/low-tide/index.html\">#Low-Tide</a> #no</p>",
    );
}

#[test]
fn code_keeps_its_language_only_when_it_is_a_word() {
    check(
        "```c++\na<b\n```",
        "<pre tabindex=\"0\"><code class=\"language-c++\">a&lt;b</code></pre>",
    );
    check("```x\"y\n```", "<pre tabindex=\"0\"><code></code></pre>");
}

#[test]
fn code_of_a_known_language_has_classes_of_ours() {
    let code = "<pre tabindex=\"0\"><code class=\"language-Rust\"><span class=\"k\">let</span> a = \
        <span class=\"s\">&quot;&lt;b&gt;&quot;</span>;</code></pre>";
    check("```Rust\nlet a = \"<b>\";\n```", code);
    let raw = code.replace("&quot;", "\"");
    check("```Rust\nlet a = \"<b>\";\n```\n<b>x</b>", &format!("{raw}<p><b>x</b></p>"));
    check("<span class=k>x</span>", "<p><span>x</span></p>");
    check("<div>&#16;kx&#17;</div>", "<div>&amp;#16;kx&amp;#17;</div>");
}

#[test]
fn feeds_have_whole_pictures_and_plain_code() {
    let words = Words::default();
    let env = Env {
        prefix: "m1",
        find: &|_| Found::Picture(OutPath::fixed("c/m/a.jpg"), Some((2000, 1000))),
        beside: &|_| Beside { widths: vec![480], ..Beside::default() },
        tag: &|_| None,
        remote_images: false,
        local_links: false,
        skip_title: false,
        words: &words,
    };
    let html = render("![x](a.jpg)\n\n```js\nif (a) b()\n```", &env);
    let base = crate::web::BaseUrl::parse("https://example.org/").unwrap();
    assert_eq!(
        html.absolute(&base, &OutPath::fixed("c/m.html")).replace('\n', ""),
        "<p><a class=\"picture\" href=\"https://example.org/c/m/a.jpg\"><img src=\"https://example.org/c/m/a.jpg\" \
         alt=\"x\" width=\"2000\" height=\"1000\" loading=\"lazy\" decoding=\"async\"></a></p>\
         <pre tabindex=\"0\"><code class=\"language-js\">if (a) b()</code></pre>"
    );
}

#[test]
fn tables_tasks_and_alerts() {
    check(
        "|a|b|\n|-|:-:|\n|1|2|",
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"table\"><table><thead><tr>\
         <th scope=\"col\">a</th><th scope=\"col\" class=\"align-center\">b</th></tr></thead><tbody>\
         <tr><td>1</td><td class=\"align-center\">2</td></tr></tbody></table></div>",
    );
    check(
        "- [x] a",
        "<ul><li><span class=\"task done\" role=\"img\" aria-label=\"done\">☑</span> a</li></ul>",
    );
    check(
        "> [!TIP]\n> x",
        "<div class=\"alert tip\"><p class=\"alert-title\">tip</p><p>x</p></div>",
    );
}
