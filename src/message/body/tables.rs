//! Tables.

use super::{Alignment, Walk};

/// A table, as far as it has come.
#[derive(Default)]
pub(super) struct Table {
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
}

impl Table {
    /// Returns the element of a cell.
    pub(super) fn cell(&self) -> &'static str {
        if self.in_head { "th" } else { "td" }
    }
}

impl Walk<'_, '_> {
    pub(super) fn table(&mut self, columns: &[Alignment]) {
        self.table = Table { columns: columns.to_vec(), ..Table::default() };
        let label = self.env.words.get("table");
        self.w
            .open("div")
            .class("table")
            .attribute("tabindex", "0")
            .attribute("role", "region")
            .attribute("aria-label", label)
            .end();
        self.w.open("table").end();
    }

    pub(super) fn end_table(&mut self) {
        self.w.close("tbody");
        self.w.close("table");
        self.w.close("div");
    }

    pub(super) fn table_head(&mut self) {
        (self.table.column, self.table.in_head) = (0, true);
        self.w.open("thead").end();
        self.w.open("tr").end();
    }

    pub(super) fn end_table_head(&mut self) {
        self.table.in_head = false;
        self.w.close("tr");
        self.w.close("thead");
        self.w.open("tbody").end();
    }

    pub(super) fn table_row(&mut self) {
        self.table.column = 0;
        self.w.open("tr").end();
    }

    pub(super) fn cell(&mut self) {
        let class = match self.table.columns.get(self.table.column) {
            Some(Alignment::Left) => Some("align-left"),
            Some(Alignment::Center) => Some("align-center"),
            Some(Alignment::Right) => Some("align-right"),
            _ => None,
        };
        self.table.column += 1;
        let cell = if self.table.in_head {
            self.w.open("th").attribute("scope", "col")
        } else {
            self.w.open("td")
        };
        match class {
            Some(class) => cell.class(class).end(),
            None => cell.end(),
        }
    }
}
