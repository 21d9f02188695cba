//! Code blocks.

use super::{CodeBlockKind, Walk};
use crate::code::Language;
use crate::limits;

/// A code block that is open.
pub(super) struct Code {
    /// Its language, if it is known.
    language: Option<&'static Language>,
}

impl Walk<'_, '_> {
    pub(super) fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        self.w.open("pre").attribute("tabindex", "0").end();
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or(""),
            CodeBlockKind::Indented => "",
        };
        let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'#' | b'_' | b'-');
        self.code = Some(Code { language: Language::named(language) });
        let element = self.w.open("code");
        if (1..=32).contains(&language.len()) && language.bytes().all(sound) {
            element.class(&format!("language-{language}")).end();
        } else {
            element.end();
        }
    }

    pub(super) fn end_code(&mut self) {
        self.code = None;
        self.w.close("code");
        self.w.close("pre");
    }

    /// Writes the text of a code block, with classes where its language is known.
    pub(super) fn code_text(&mut self, text: &str) {
        let language = self.code.as_ref().and_then(|code| code.language);
        match language.filter(|_| text.len() <= limits::CODE) {
            None => self.w.text(text),
            Some(language) => language.pieces(text, &mut |class, piece| match class {
                Some(class) => self.w.code(class, piece),
                None => self.w.text(piece),
            }),
        }
    }
}
