//! Every field of every event of the Markdown parser is fed hostile values; so is raw HTML.

use super::holds::body::assert_body as check;
use super::{NASTY, property};
use proptest::prelude::*;

/// Where a hostile value can stand in a Markdown text: every field of every event.
const MARKDOWN: &[&str] = &[
    "VALUE",
    "# VALUE",
    "VALUE\n===",
    "# x {#VALUE}",
    "# x {.VALUE}",
    "# x {VALUE}",
    "# x {VALUE=VALUE}",
    "## x {onclick=VALUE style=VALUE}",
    "[x](VALUE)",
    "[x](<VALUE>)",
    "[x](y \"VALUE\")",
    "[x](y 'VALUE')",
    "[x](https://example.org/VALUE)",
    "[x](mailto:VALUE)",
    "[x](#VALUE)",
    "[x](pic.jpg?VALUE#VALUE)",
    "[VALUE](https://example.org/)",
    "[https://VALUE](https://example.org/)",
    "[x][y]\n\n[y]: VALUE",
    "[x][y]\n\n[y]: <VALUE> 'VALUE'",
    "[VALUE]\n\n[VALUE]: https://example.org/",
    "![VALUE](pic.jpg)",
    "![x](VALUE)",
    "![x](<VALUE>)",
    "![x](pic.jpg \"VALUE\")",
    "![VALUE](https://example.org/p.png \"VALUE\")",
    "![VALUE](sound.ogg \"VALUE\")",
    "![VALUE](film.webm)",
    "![VALUE](file.pdf)",
    "![VALUE](missing.png)",
    "[![VALUE](pic.jpg)](VALUE)",
    "[![VALUE](https://example.org/p.png)](https://example.org/)",
    "<VALUE>",
    "<https://VALUE>",
    "<VALUE@example.org>",
    "https://VALUE",
    "https://example.org/VALUE",
    "http://VALUE/ (https://VALUE)",
    "#VALUE",
    "#tag-VALUE",
    "```VALUE\nx\n```",
    "~~~ VALUE VALUE\nVALUE\n~~~",
    "```x\nVALUE\n```",
    "    VALUE",
    "`VALUE`",
    "x[^VALUE]\n\n[^VALUE]: y",
    "x[^a]\n\n[^a]: VALUE",
    "[x[^a]](https://example.org/)\n\n[^a]: VALUE",
    "[^VALUE]: nobody refers to it",
    "| VALUE | x |\n|:-:|--:|\n| y | VALUE |",
    "- VALUE",
    "7. VALUE",
    "- [ ] VALUE\n- [x] VALUE",
    "> VALUE",
    "> [!NOTE]\n> VALUE",
    "> [!VALUE]\n> x",
    "*VALUE* **VALUE** ~~VALUE~~",
    "VALUE\\\nVALUE  \nVALUE",
];

/// Where a hostile value can stand in raw HTML.
const HTML: &[&str] = &[
    "<VALUE>",
    "<b>VALUE",
    "<b VALUE>x</b>",
    "<b title=\"VALUE\">x</b>",
    "<b title='VALUE'>x</b>",
    "<b title=VALUE>x</b>",
    "<b lang=\"VALUE\" dir=\"VALUE\">x</b>",
    "<p id=\"VALUE\" class=\"VALUE\" name=\"VALUE\" style=\"VALUE\">x</p>",
    "<p id=\"m1-VALUE\" class=\"language-VALUE tag\">x</p>",
    "<p onclick=\"VALUE\" data-x=\"VALUE\">x</p>",
    "<a href=\"VALUE\">x</a>",
    "<a href='VALUE'>x</a>",
    "<a href=VALUE>x</a>",
    "<a href=\"https://example.org/VALUE\">x</a>",
    "<a href=\"mailto:VALUE\">x</a>",
    "<a href=\"#VALUE\" target=VALUE rel=VALUE>x</a>",
    "<a href=\"pic.jpg?VALUE\">x</a>",
    "<img src=\"VALUE\" alt=\"VALUE\">",
    "<img src='VALUE'>",
    "<img src=pic.jpg alt=\"VALUE\" width=\"VALUE\" srcset=\"VALUE\">",
    "<img alt=\" src=VALUE\" src=\"https://example.org/VALUE\">",
    "<b title=\"<img src=VALUE>\">x</b>",
    "<b title='<img '>x</b><i title=' onload=VALUE '>y</i>",
    "<video src=\"VALUE\" poster=\"VALUE\" controls>x</video>",
    "<audio src=\"pic.jpg\" preload=\"VALUE\"></audio>",
    "<ol start=\"VALUE\"><li value=\"VALUE\">x</ol>",
    "<td colspan=\"VALUE\">x",
    "<table><tr><td VALUE>x</table>",
    "<time datetime=\"VALUE\">x</time>",
    "<details open=\"VALUE\"><summary>VALUE</summary>x</details>",
    "<pre tabindex=\"VALUE\">VALUE</pre>",
    "<div role=\"VALUE\" aria-label=\"VALUE\">x</div>",
    "<!-- VALUE -->x",
    "<!VALUE>x",
    "<?VALUE?>x",
    "<![CDATA[VALUE]]>x",
    "<style>VALUE</style>x",
    "<script>VALUE</script>x",
    "<title>VALUE</title>x",
    "<textarea>VALUE</textarea>x",
    "<noscript>VALUE</noscript>x",
    "<template>VALUE</template>x",
    "<svg>VALUE</svg>x",
    "<svg><a xlink:href=\"VALUE\"><text>x</text></a></svg>",
    "<math>VALUE</math>x",
    "<math><annotation-xml encoding=\"text/html\">VALUE</annotation-xml></math>",
    "<select><option>VALUE</select>",
    "<form action=\"VALUE\"><input value=\"VALUE\"></form>",
    "<table>VALUE<tr>VALUE<td>VALUE</table>",
    "</div></article></main>VALUE",
    "<b>x</b>\n\n# VALUE\n\n[VALUE](VALUE)\n\n![VALUE](VALUE)\n\n`VALUE`\n\n<i>y</i>",
    "<details>\n\nVALUE\n\n</details>",
    "<p\nVALUE\n>x",
    "<b title=\"VALUE",
];

#[test]
fn no_value_in_any_field_of_markdown_becomes_markup() {
    for place in MARKDOWN {
        for value in NASTY {
            check(&place.replace("VALUE", value));
        }
    }
}

#[test]
fn no_value_anywhere_in_raw_html_gets_through() {
    for place in HTML {
        for value in NASTY {
            check(&place.replace("VALUE", value));
        }
    }
}

#[test]
fn what_is_hidden_beside_raw_html_is_found_too() {
    for place in MARKDOWN {
        for value in NASTY {
            check(&format!("<b>x</b>\n\n{}\n\n<i>y</i>", place.replace("VALUE", value)));
        }
    }
}

/// Pieces of Markdown and HTML that do harm when they stand in the wrong order.
const FRAGMENTS: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "--!>",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "&",
    "&#",
    "&#x",
    ";",
    "\"",
    "'",
    "`",
    "```",
    "~~~",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "    ",
    "  \n",
    "\\",
    "\\\n",
    "# ",
    "## ",
    " {#a}",
    " {.b c=d}",
    "===\n",
    "---\n",
    "> ",
    "> [!NOTE]\n",
    "- ",
    "1. ",
    "- [ ] ",
    "- [x] ",
    "*",
    "**",
    "_",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "![",
    "](",
    "](<",
    "[^a]",
    "[^a]: ",
    "[b]: ",
    "[b]",
    "| a | b |\n|:-|-:|\n| c | d |\n",
    "|",
    "\n|--|\n",
    "#tag",
    "#",
    "http://",
    "https://a.example/x",
    "mailto:",
    "javascript:",
    "data:",
    "pic.jpg",
    "missing",
    "y",
    "../",
    "//",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "<a href=",
    "<a href=\"",
    "</a>",
    "<img src=",
    "<img src='pic.jpg'>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mtext>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<select>",
    "<form>",
    "<input>",
    "<template>",
    "<title>",
    "<textarea>",
    "</textarea>",
    "<noscript>",
    "<details>",
    "<summary>",
    " onclick=x",
    " style=x",
    " id=x",
    " id=m1-x",
    " class=tag",
    " title=",
    "=",
    "\u{1}",
    "\u{2}",
    "\u{3}",
    "\u{4}",
    "\u{5}",
    "\u{0}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\u{7F}",
    "&#1;",
    "&#5",
    "\u{202E}",
    "\u{A0}",
    "\u{2028}",
    "word",
    "é",
    "潮",
    "👩",
    "1",
    " ",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => proptest::sample::select(NASTY).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[test]
fn any_mixture_of_nasty_pieces_is_safe() {
    property(4_000, texts(), |text| check(&text));
}

#[test]
fn any_text_is_safe() {
    property(1_000, any::<String>(), |text| check(&text));
}

#[test]
fn what_a_comment_hides_is_nowhere_in_public_and_hides_nothing_behind_it() {
    let base = crate::support::Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://site.example/\"\n\
         -- notes/outbox/2026-11-21.md\nUse the <title> element well. #title\n\nAnd this too.\n",
    );
    base.write("notes/outbox/2026-11-22.md", "Seen.\n\n<!-- SECRETG\n");
    base.write(
        "notes/outbox/2026-11-20.md",
        "<div>\n<!-- for later:\n\nSECRETB of Mira #secrettag\n\n\
         [SECRETC](https://secretd.example/) ![SECRETE](secretf.png)\n\n-->\nFor all.\n</div>\n",
    );
    base.build();
    for (path, bytes) in base.edition("public") {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("secret") && !path.contains("secret"), "{path}");
    }
    let page = |path: &str| base.page(path);
    assert!(page("public/notes/2026-11-20.html").contains("For all."));
    let title = page("public/notes/2026-11-21.html");
    assert!(
        title.contains("Use the &lt;title&gt; element well.") && title.contains("And this too.")
    );
    assert_eq!(base.findings(), ["open-comment notes/outbox/2026-11-22.md"]);
}
