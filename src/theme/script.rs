//! Scripts as they are sent: what only people need is left out.

/// Returns a script of the program's own without comments and without white space that means nothing.
/// Texts, templates and regular expressions stay as they are, and so do the ends of lines that may
/// end a statement (ECMA-262, section 12.10): nothing is renamed, nothing is written in another way.
pub fn lean(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let (mut rest, mut space, mut line) = (script, false, false);
    while let Some(next) = rest.chars().next() {
        let length = match comment(rest) {
            Some(length) => {
                line |= rest[..length].contains('\n');
                space = true;
                rest = &rest[length..];
                continue;
            }
            None if next.is_whitespace() => {
                line |= next == '\n';
                space = true;
                rest = &rest[next.len_utf8()..];
                continue;
            }
            None if matches!(next, '\'' | '"' | '`') => quoted(rest, next),
            None if next == '/' && begins_expression(&out) => pattern(rest),
            None => next.len_utf8(),
        };
        if space && let Some(before) = out.chars().next_back() {
            if line
                && !matches!(before, '{' | '(' | '[' | ',' | ';')
                && !matches!(next, '}' | ')' | ']')
            {
                out.push('\n');
            } else if is_word(before) && is_word(next)
                || before == next && matches!(next, '+' | '-')
            {
                out.push(' ');
            }
        }
        (space, line) = (false, false);
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '\\') || !c.is_ascii()
}

/// Returns the length of the comment that `rest` begins with, if it does.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let inside = rest.strip_prefix("/*")?;
    Some(inside.find("*/").map_or(rest.len(), |end| end + 4))
}

/// Returns the length of the text that `rest` begins with. In a template, what stands in `${}` may
/// hold others.
fn quoted(rest: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(next) = rest[at..].chars().next() {
        at += match next {
            '\\' => 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8),
            '$' if quote == '`' && rest[at + 1..].starts_with('{') => 2 + braces(&rest[at + 2..]),
            _ => next.len_utf8(),
        };
        if next == quote {
            return at;
        }
    }
    rest.len()
}

/// Returns the length of what stands before the brace that closes one, with it.
fn braces(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 1);
    while let Some(next) = rest[at..].chars().next() {
        at += match next {
            '\'' | '"' | '`' => quoted(&rest[at..], next),
            _ => next.len_utf8(),
        };
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Returns whether a `/` behind some code begins a regular expression and divides nothing.
fn begins_expression(before: &str) -> bool {
    let word_at = before.rfind(|c| !is_word(c)).map_or(0, |at| at + 1);
    let word = &before[word_at..];
    match word {
        "" => before
            .chars()
            .next_back()
            .is_none_or(|c| !matches!(c, ')' | ']' | '}' | '\'' | '"' | '`')),
        _ => {
            matches!(word, "return" | "typeof" | "case" | "in" | "of" | "await" | "yield" | "void")
        }
    }
}

/// Returns the length of the regular expression that `rest` begins with, without its flags.
fn pattern(rest: &str) -> usize {
    let (mut escaped, mut in_class) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &str) {
        assert_eq!(lean(script), format!("{expected}\n"));
        assert_eq!(lean(&lean(script)), lean(script), "what is lean stays so");
    }

    #[test]
    fn comments_and_spare_space_go() {
        check(
            "// Why.\n(() => {\n  const a = 'x // y'; // here\n\n  /* there */\n  a();\n})();\n",
            "(()=>{const a='x // y';a();})();",
        );
        check("if (a) {\n  b();\n}\nc();", "if(a){b();}\nc();");
    }

    #[test]
    fn what_means_something_stays() {
        check("let a\nlet b = a + +c - -d;", "let a\nlet b=a+ +c- -d;");
        check(
            "return /[/ ]a b/.test(c) ? d / e : typeof /f/;",
            "return/[/ ]a b/.test(c)?d/e:typeof/f/;",
        );
        check(
            "x = `a  ${b ? `c  ${{ d: '}' }.d}` : ''}  e`;",
            "x=`a  ${b ? `c  ${{ d: '}' }.d}` : ''}  e`;",
        );
        check(
            "a = 'it\\'s  ' ;\nfor (const ü of b) c\nd()",
            "a='it\\'s  ';for(const ü of b)c\nd()",
        );
        check(
            "class A { #b = 1; get c() { return this.#b } }",
            "class A{#b=1;get c(){return this.#b}}",
        );
    }
}
