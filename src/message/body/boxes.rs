//! Alerts and tasks.

use super::{BlockQuoteKind, Walk};

impl Walk<'_, '_> {
    pub(super) fn alert(&mut self, kind: BlockQuoteKind) {
        let name = match kind {
            BlockQuoteKind::Note => "note",
            BlockQuoteKind::Tip => "tip",
            BlockQuoteKind::Important => "important",
            BlockQuoteKind::Warning => "warning",
            BlockQuoteKind::Caution => "caution",
        };
        self.w.open("div").class(&format!("alert {name}")).end();
        self.w.open("p").class("alert-title").end();
        self.w.text(self.env.words.get(name));
        self.w.close("p");
    }

    pub(super) fn task(&mut self, done: bool) {
        let (class, label, sign) =
            if done { ("task done", "done", "☑") } else { ("task open", "to_do", "☐") };
        let label = self.env.words.get(label);
        self.w
            .open("span")
            .class(class)
            .attribute("role", "img")
            .attribute("aria-label", label)
            .end();
        self.w.text(sign);
        self.w.close("span");
        self.w.text(" ");
    }
}
