//! The words that sanitized HTML shows.

use super::tag_end;
use memchr::memchr;

/// Elements that do not part words.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark",
    "q", "s", "samp", "small", "span", "strong", "sub", "sup", "u", "var", "wbr",
];

/// Appends the words of sanitized HTML, and those that stand for its pictures.
pub fn words_into(out: &mut String, html: &str) {
    let mut rest = html;
    while let Some(at) = memchr(b'<', rest.as_bytes()) {
        push_unescaped(out, &rest[..at]);
        rest = &rest[at..];
        let tag = &rest[..tag_end(rest)];
        rest = &rest[tag.len()..];
        let name = tag.trim_start_matches(['<', '/']);
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        if !INLINE.contains(&name) {
            out.push(' ');
        }
        let alt = tag.split_once(" alt=\"").and_then(|(_, rest)| rest.split_once('"'));
        if let Some((alt, _)) = alt {
            push_unescaped(out, alt);
            out.push(' ');
        }
    }
    push_unescaped(out, rest);
}

/// Appends text with the references resolved that sanitized HTML has.
fn push_unescaped(out: &mut String, text: &str) {
    const REFERENCES: &[(&str, &str)] = &[
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
    ];
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = REFERENCES.iter().find(|(reference, _)| rest.starts_with(reference));
        let (reference, character) = known.unwrap_or(&("&", "&"));
        out.push_str(character);
        rest = &rest[reference.len()..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let mut out = String::new();
        words_into(&mut out, html);
        assert_eq!(out.split_whitespace().collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn the_text_of_a_body_is_what_it_shows() {
        check("<p>Low <em>ti</em>de</p><p>at &lt;six&gt; &amp;lt;</p>", "Low tide at <six> &lt;");
        check("<p>a<br>b</p><ul><li>c</li><li>d</li></ul>", "a b c d");
        check(
            "<p><img src=\"x.png\" alt=\"A &quot;gauge&quot; > 3\" width=\"4\">e</p>",
            "A \"gauge\" > 3 e",
        );
        check("<a href=\"https://x.example/?a>b\">f</a>g", "fg");
        check("潮<ruby>汐</ruby>", "潮 汐");
        check("<p", "");
        check("a & b &unknown; c", "a & b &unknown; c");
    }
}
