//! Addresses in the attributes of HTML and Atom.

use super::Private;
use memchr::{memchr_iter, memchr3, memrchr};

/// The attributes that hold an address; `content` holds one where Open Graph says so.
const NAMES: [&str; 5] = ["href", "src", "srcset", "poster", "content"];

/// Returns whether an address in an attribute leads into a private folder: a relative one, or one
/// below `base` that the program wrote. The quotes may be `escaped`.
pub(super) fn lead_in(
    text: &[u8],
    escaped: Option<&[u8]>,
    base: Option<&str>,
    private: &Private,
) -> bool {
    memchr_iter(b'=', text).any(|at| {
        let Some(attribute) = Attribute::at(text, at, escaped) else { return false };
        attribute.addresses().any(|address| {
            // An author may write the address of his own site; the program writes it in the head.
            let inside = base
                .and_then(|base| address.strip_prefix(base.as_bytes()))
                .filter(|_| attribute.is_programs());
            let relative =
                (attribute.name != "content" && !address.contains(&b':')).then_some(address);
            let path = inside.or(relative).filter(|path| path.contains(&b'/'));
            path.is_some_and(|path| private.holds(path))
        })
    })
}

struct Attribute<'t> {
    name: &'static str,
    value: &'t [u8],
    /// The text from the `<` on that it stands behind.
    element: &'t [u8],
}

impl<'t> Attribute<'t> {
    /// Returns the attribute whose `=` stands at `at`, if it may hold an address.
    fn at(text: &'t [u8], at: usize, escaped: Option<&[u8]>) -> Option<Attribute<'t>> {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let is_called = |name: &&str| {
            let rest = before.strip_suffix(name.as_bytes());
            rest.is_some_and(|rest| rest.last().is_some_and(u8::is_ascii_whitespace))
        };
        let name = NAMES.into_iter().find(is_called)?;
        let quoted = || after.strip_prefix(escaped?);
        let value = after.strip_prefix(b"\"").or_else(quoted)?;
        // Up to the end, or to a fragment.
        let value = &value[..memchr3(b'"', b'&', b'#', value).unwrap_or(value.len())];
        let element = memrchr(b'<', before).map_or(&[][..], |start| &text[start..]);
        Some(Attribute { name, value, element })
    }

    /// Returns the addresses it holds: a `srcset` has several, each with a size behind it.
    fn addresses(&self) -> impl Iterator<Item = &'t [u8]> {
        let several = self.name == "srcset";
        let parts = self.value.split(move |byte| several && *byte == b',');
        parts.map(|part| part.trim_ascii()).map(move |part| {
            let end = part.iter().position(|byte| several && byte.is_ascii_whitespace());
            &part[..end.unwrap_or(part.len())]
        })
    }

    /// Returns whether only the program writes such an attribute.
    fn is_programs(&self) -> bool {
        let opens = |with: &str| self.element.starts_with(with.as_bytes());
        match self.name {
            "content" => opens("<meta property=\"og:url\"") || opens("<meta property=\"og:image\""),
            _ => opens("<link "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_into_private_folders_are_found() {
        let private = Private::new([("Mira", "mira-1f"), ("archive", "archive-2e")]);
        let base = Some("https://e.example/n/");
        let leaks = |text: &str| lead_in(text.as_bytes(), Some(b"&quot;"), base, &private);
        for leak in [
            "<a href=\"../mira-1f/in/x.html\">",
            "x = y <img src=\"../mira/p.png\">",
            "<link rel=\"x\" href=\"https://e.example/n/mira-1f/x.html\"/>",
            "<link href=\"https://e.example/n/mira/\"/>",
            "<a href=\"../_/thread/mira/x.html\">",
            "&lt;a href=&quot;../mira/x.html&quot;&gt;",
            "<meta property=\"og:url\" content=\"https://e.example/n/mira/x.html\">",
            "<img srcset=\"../notes/a-480.jpg 480w, ../mira/a-960.jpg 960w\">",
            "<video poster=\"../mira/a.jpg\">",
        ] {
            assert!(leaks(leak), "{leak}");
        }
        for harmless in [
            "<a href=\"../notes/mira/x.html\">",
            "<a href=\"https://other.example/mira/x.html\">",
            "<link/><a href=\"https://e.example/n/mira/\">",
            "<a href=\"../archive/index.html\">",
            "<a href=\"../_/mira/x.html\">",
            "<a href=\"mira\">",
            "<img alt=\"../mira/p.png\">",
            "<meta name=\"description\" content=\"https://e.example/n/mira/\">",
            "<meta name=\"description\" content=\"mira/x\">",
            "href=",
        ] {
            assert!(!leaks(harmless), "{harmless}");
        }
        let page = "<code>&lt;a href=&quot;../mira/x.html&quot;&gt;</code>";
        assert!(!lead_in(page.as_bytes(), None, base, &private));
    }
}
