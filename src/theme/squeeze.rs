//! Style sheets without what is in them for people only: every page waits for them.

/// Returns `css` without comments and without spaces that mean nothing. What stands in quotes stays
/// as it is. Of spaces between words one is left; beside `{ } ; , >` and after `:` none is.
pub fn squeeze(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    let mut space = false;
    while let Some(next) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            space = true;
            continue;
        }
        let length = if matches!(next, '"' | '\'') { quoted(rest, next) } else { next.len_utf8() };
        let (piece, after) = rest.split_at(length);
        rest = after;
        if next.is_whitespace() {
            space = true;
            continue;
        }
        let is_apart = |c: char| matches!(c, '{' | '}' | ';' | ',' | '>');
        let before = out.chars().next_back();
        if space && !is_apart(next) && before.is_some_and(|c| !is_apart(c) && c != ':') {
            out.push(' ');
        }
        space = false;
        if next == '}' && before == Some(';') {
            out.pop();
        }
        out.push_str(piece);
    }
    out
}

/// Returns the length of the quoted text that `rest` begins with.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::squeeze;

    fn check(css: &str, expected: &str) {
        assert_eq!(squeeze(css), expected);
    }

    #[test]
    fn comments_and_spare_spaces_go() {
        check("/* a */\na { color: red; }\n\nb > c,\nd { top: 0 }\n", "a{color:red}b>c,d{top:0}");
        check("a { b: c }/* to the end", "a{b:c}");
    }

    #[test]
    fn spaces_that_mean_something_stay() {
        check("a :hover { margin: 0 auto }", "a :hover{margin:0 auto}");
        check("a { width: calc(1px + 2px) }", "a{width:calc(1px + 2px)}");
        check(
            "@media (width >= 52rem) and (hover) { a { b: c } }",
            "@media (width>= 52rem) and (hover){a{b:c}}",
        );
        check("a/**/b { c: d }", "a b{c:d}");
    }

    #[test]
    fn what_is_quoted_stays_as_it_is() {
        check(r#"a { content: "*  ; /* \" }" }"#, r#"a{content:"*  ; /* \" }"}"#);
        check("a { content: 'x  y' ; b: \"", "a{content:'x  y';b:\"");
    }
}
