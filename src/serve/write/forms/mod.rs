//! The forms, as HTML.
//!
//! Here is what they share; `compose` makes those for what is new, `change` those for what is there.

mod change;
mod compose;

pub use change::{Edit, delete, edit, lost};
pub use compose::{Compose, compose, drafts, title, written};

use super::Writing;
use crate::text::escape_into;
use crate::words::Words;
use url::form_urlencoded;

/// Escapes a text for HTML.
pub fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(&mut out, text);
    out
}

/// Returns the query of an address: `?a=b&c=d`.
pub fn query(pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("?{}", query.extend_pairs(pairs).finish())
}

/// Returns a link.
pub fn link(address: &str, pairs: &[(&str, &str)], words: &str, class: &str) -> String {
    let address = esc(&format!("{address}{}", query(pairs)));
    format!("<a class=\"{class}\" href=\"{address}\">{}</a>", esc(words))
}

/// What a form is made of, beside what was typed.
pub struct Scene<'s> {
    /// For the token.
    pub writing: &'s Writing,
    /// The words of the interface.
    pub words: &'s Words,
    /// Tells this form from all others.
    pub nonce: &'s str,
    /// Why the last try was refused.
    pub refused: Option<&'s str>,
}

impl Scene<'_> {
    fn w(&self, key: &str) -> String {
        esc(self.words.get(key))
    }

    fn hidden(&self, name: &str, value: &str) -> String {
        // Without this a browser may fill in the value that it had before.
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\" autocomplete=\"off\">\n",
            esc(value)
        )
    }

    /// Returns the beginning of a form. The token is its first field: see `intake`.
    fn begin(&self, address: &str, more: &str) -> String {
        format!(
            "<form class=\"hb-form\" method=\"post\" action=\"{address}\" \
             enctype=\"multipart/form-data\"{more}>\n{}{}",
            self.hidden("token", &self.writing.token),
            self.hidden("nonce", self.nonce)
        )
    }

    /// Returns why the last try was refused, where one was; it has the focus.
    fn refusal(&self, key: &str) -> String {
        let Some(why) = self.refused else { return String::new() };
        format!(
            "<div class=\"hb-refused\" role=\"alert\" tabindex=\"-1\" autofocus><p><strong>{}</strong> {}</p></div>\n",
            self.w(key),
            esc(why)
        )
    }

    /// Returns what gives the text the focus, unless a refusal has it.
    fn focus(&self) -> &'static str {
        if self.refused.is_some() { "" } else { " autofocus" }
    }

    fn field(&self, id: &str, key: &str, hint: &str, control: &str) -> String {
        let hint = match hint {
            "" => String::new(),
            key => format!("<span class=\"hb-hint\" id=\"{id}-hint\">{}</span>", self.w(key)),
        };
        format!(
            "<div class=\"hb-field\"><label for=\"{id}\">{}</label>{control}{hint}</div>\n",
            self.w(key)
        )
    }

    fn textarea(&self, text: &str, more: &str) -> String {
        // As many as there are, so that one sees what one changes; the style sheet knows how many fit.
        let rows = text.lines().count().clamp(9, 24);
        // The parser drops a first line end (HTML, 13.2.6.4.7), so that one more is written.
        format!(
            "<textarea id=\"text\" name=\"text\" rows=\"{rows}\" dir=\"auto\" spellcheck=\"true\"{more}>\n{}</textarea>",
            esc(text)
        )
    }

    fn button(&self, key: &str, more: &str) -> String {
        format!("<button type=\"submit\"{more}>{}</button>\n", self.w(key))
    }

    fn preview_button(&self) -> String {
        let more = " formaction=\"/_app/preview\" formtarget=\"_blank\" data-preview";
        self.button("write_preview", more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_and_escaped() {
        assert_eq!(query(&[]), "");
        assert_eq!(query(&[("to", "a&b=c d\"<ü")]), "?to=a%26b%3Dc+d%22%3C%C3%BC");
        assert_eq!(
            link("/_app/x", &[("a", "1"), ("b", "2")], "<W>", "c"),
            "<a class=\"c\" href=\"/_app/x?a=1&amp;b=2\">&lt;W&gt;</a>"
        );
    }
}
