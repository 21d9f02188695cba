//! HTML and XML.

use super::{Class, Pieces, run};
use memchr::memmem;

/// Colours elements, attributes with their values, comments and references.
pub(super) fn scan(text: &str, out: &mut Pieces<'_, '_>) {
    let mut at = 0;
    while let Some(n) = memchr::memchr2(b'<', b'&', &text.as_bytes()[at..]) {
        at += n;
        at = match &text[at..] {
            rest if rest.starts_with("<!--") => through(text, at, "-->", Class::Comment, out),
            rest if rest.starts_with("<![CDATA[") => through(text, at, "]]>", Class::Text, out),
            rest if rest.starts_with("<!") => through(text, at, ">", Class::Attribute, out),
            rest if rest.starts_with("<?") => through(text, at, "?>", Class::Attribute, out),
            rest if rest.starts_with('<') => element(text, at, out),
            _ => reference(text, at, out),
        };
    }
}

/// Gives a class to all up to a mark and the mark itself.
fn through(text: &str, at: usize, mark: &str, class: Class, out: &mut Pieces<'_, '_>) -> usize {
    let found = memmem::find(&text.as_bytes()[at..], mark.as_bytes());
    let end = found.map_or(text.len(), |n| at + n + mark.len());
    out.put(class, at, end);
    end
}

fn reference(text: &str, at: usize, out: &mut Pieces<'_, '_>) -> usize {
    let end = run(text, at + 1, |c| c.is_ascii_alphanumeric() || c == '#');
    if !text[end..].starts_with(';') {
        return end.max(at + 1);
    }
    out.put(Class::Constant, at, end + 1);
    end + 1
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '@')
}

fn element(text: &str, at: usize, out: &mut Pieces<'_, '_>) -> usize {
    let from = if text[at + 1..].starts_with('/') { at + 2 } else { at + 1 };
    let mut here = run(text, from, is_name);
    if here == from {
        return from;
    }
    out.put(Class::Tag, from, here);
    while let Some(c) = text[here..].chars().next() {
        here = match c {
            '>' => return here + 1,
            '<' => return here,
            '"' | '\'' => {
                let from = here + 1;
                let close = memchr::memchr(c as u8, &text.as_bytes()[from..]);
                let end = close.map_or(text.len(), |n| from + n + 1);
                out.put(Class::Text, here, end);
                end
            }
            c if is_name(c) => {
                let end = run(text, here, is_name);
                out.put(Class::Key, here, end);
                end
            }
            c => here + c.len_utf8(),
        };
    }
    here
}
