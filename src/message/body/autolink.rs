//! Bare web addresses in text.

/// Returns the first bare web address of a text with what stands before and after it.
///
/// As GitHub's extended autolinks: it begins at the start or after white space or an opening
/// mark, ends before white space or `<`, and leaves closing punctuation to the sentence.
pub(super) fn bare_address(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find("http")?;
        let tail = &text[at..];
        let opens = text[..at].chars().next_back();
        let at_start =
            opens.is_none_or(|c| c.is_whitespace() || "([{*_~\"'„“‘«—–、。：（「".contains(c));
        let scheme = ["https://", "http://"].iter().find(|scheme| tail.starts_with(**scheme));
        if let (true, Some(scheme)) = (at_start, scheme) {
            let end = tail.find(|c: char| {
                c.is_whitespace() || c.is_control() || "<>\"“”「」。、）".contains(c)
            });
            let address = trim_sentence(&tail[..end.unwrap_or(tail.len())]);
            if address.len() > scheme.len() {
                return Some((&text[..at], address, &tail[address.len()..]));
            }
        }
        from = at + 4;
    }
}

fn trim_sentence(address: &str) -> &str {
    let count = |bracket| address.matches(bracket).count();
    // Counted once, lest each bracket of a long row costs a walk over the whole row.
    let (opened, mut closed) = (count('('), count(')'));
    let mut address = address;
    loop {
        let trimmed =
            address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', ']', '}']);
        let next = match trimmed.strip_suffix(')') {
            Some(shorter) if closed > opened => {
                closed -= 1;
                shorter
            }
            _ => trimmed,
        };
        if next.len() == address.len() {
            return address;
        }
        address = next;
    }
}
