//! Keys and values with their places: the one form into which TOML and flat YAML are read.
//!
//! A [`Reader`] then takes the known keys out one by one, says what is wrong with each, and at
//! the end names the unknown ones with the nearest known name.

use crate::diagnostic::{Diagnostic, Owner};
use crate::limits;
use crate::source::Place;
use crate::text::clean_line;
use crate::time::Stamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table: keys in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields(pub Vec<Field>);

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key.
    pub key: String,
    /// Where the key stands, in bytes of the file's text.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// In bytes of the file's text.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a value can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A text; in YAML any scalar.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A date, or a date and time, as written.
    Date(String),
    /// A list.
    List(Vec<Value>),
    /// A table.
    Table(Fields),
}

/// A place where the syntax is broken.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntaxError {
    /// In bytes of the file's text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

/// Reads TOML that begins at byte `offset` of a file. What can be read beside an error is kept.
pub fn parse_toml(text: &str, offset: usize) -> (Fields, Vec<SyntaxError>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let errors = errors
        .iter()
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            SyntaxError { span: span.start + offset..span.end + offset, message }
        })
        .collect();
    (from_table(table.get_ref(), offset), errors)
}

fn from_table(table: &DeTable<'_>, offset: usize) -> Fields {
    let mut fields: Vec<Field> = table
        .iter()
        .map(|(key, value)| Field {
            key: key.get_ref().to_string(),
            key_span: key.span().start + offset..key.span().end + offset,
            value: from_value(value, offset),
        })
        .collect();
    fields.sort_by_key(|field| field.key_span.start);
    Fields(fields)
}

fn from_value(value: &Spanned<DeValue<'_>>, offset: usize) -> Value {
    let span = value.span().start + offset..value.span().end + offset;
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Boolean(bool) => Kind::Bool(*bool),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Kind::Text(number.to_string()), Kind::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Kind::Text(number.to_string()), Kind::Float)
        }
        DeValue::Datetime(date) => Kind::Date(date.to_string()),
        DeValue::Array(list) => {
            Kind::List(list.iter().map(|item| from_value(item, offset)).collect())
        }
        DeValue::Table(table) => Kind::Table(from_table(table, offset)),
    };
    Value { span, kind }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for field in &self.0 {
            map.serialize_entry(&field.key, &field.value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Text(text) | Kind::Date(text) => serializer.serialize_str(text),
            Kind::Bool(bool) => serializer.serialize_bool(*bool),
            Kind::Integer(number) => serializer.serialize_i64(*number),
            Kind::Float(number) => serializer.serialize_f64(*number),
            Kind::List(list) => list.serialize(serializer),
            Kind::Table(table) => table.serialize(serializer),
        }
    }
}

/// What a file is called in reports, and its text for showing places.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// The path reports name.
    pub path: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// Whose file it is.
    pub owner: Owner,
}

impl File<'_> {
    /// Returns the place of a byte range of the file.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place::of(self.text, span)
    }

    /// Returns an error at a byte range of the file.
    pub fn error(&self, code: &'static str, span: Range<usize>, message: String) -> Diagnostic {
        Diagnostic::error(self.path, code, message).at(self.place(span)).owned_by(self.owner)
    }

    /// Returns a warning at a byte range of the file.
    pub fn warning(&self, code: &'static str, span: Range<usize>, message: String) -> Diagnostic {
        Diagnostic::warning(self.path, code, message).at(self.place(span)).owned_by(self.owner)
    }
}

/// Takes known keys out of a table, one by one.
pub struct Reader<'a> {
    file: File<'a>,
    fields: Vec<Field>,
    asked: Vec<&'static str>,
    found: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// Begins to read `fields` of `file`; what is wrong goes to `found`.
    pub fn new(file: File<'a>, fields: Fields, found: &'a mut Vec<Diagnostic>) -> Reader<'a> {
        Reader { file, fields: fields.0, asked: Vec::new(), found }
    }

    /// Returns the value of a key and removes it from what is left.
    pub fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        let at = self.fields.iter().position(|field| field.key == key)?;
        Some(self.fields.remove(at).value)
    }

    /// Returns every value of a key, in whatever case it is written, and removes them.
    pub fn take_all(&mut self, key: &'static str) -> Vec<Value> {
        self.asked.push(key);
        let (found, left) = std::mem::take(&mut self.fields)
            .into_iter()
            .partition(|field: &Field| field.key.to_lowercase() == key);
        self.fields = left;
        let found: Vec<Field> = found;
        found.into_iter().map(|field| field.value).collect()
    }

    /// Reports that the value at `span` is not what `key` takes.
    pub fn wrong(&mut self, key: &str, span: Range<usize>, expected: &str) {
        if !self.is_full() {
            let message = format!("`{key}` should be {expected}; it is ignored");
            self.found.push(self.file.warning("wrong-value", span, message));
        }
    }

    /// Returns whether enough is found for now: what is left is told once this is mended.
    fn is_full(&self) -> bool {
        self.found.len() >= limits::FINDINGS
    }

    /// Returns the file that is read.
    pub fn file(&self) -> File<'a> {
        self.file
    }

    /// Returns a text exactly as it was written.
    pub fn raw_text(&mut self, key: &'static str) -> Option<(String, Range<usize>)> {
        let value = self.take(key)?;
        match value.kind {
            Kind::Text(text) => Some((text, value.span)),
            _ => {
                self.wrong(key, value.span, "text in quotes");
                None
            }
        }
    }

    /// Returns one line of cleaned text; an empty one counts as missing.
    pub fn line(&mut self, key: &'static str) -> Option<String> {
        self.raw_text(key).map(|(text, _)| clean_line(&text)).filter(|text| !text.is_empty())
    }

    /// Returns what `parse` makes of a text; reports what it refuses as not being `expected`.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, span) = self.raw_text(key)?;
        let value = parse(&text);
        if value.is_none() {
            self.wrong(key, span, expected);
        }
        value
    }

    /// Returns a truth value.
    pub fn truth(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        match &value.kind {
            Kind::Bool(bool) => Some(*bool),
            Kind::Text(text) if matches!(text.as_str(), "true" | "yes") => Some(true),
            Kind::Text(text) if matches!(text.as_str(), "false" | "no") => Some(false),
            _ => {
                self.wrong(key, value.span, "true or false");
                None
            }
        }
    }

    /// Returns a whole number from `range`.
    pub fn number(&mut self, key: &'static str, range: Range<i64>) -> Option<i64> {
        let value = self.take(key)?;
        match value.kind {
            Kind::Integer(number) if range.contains(&number) => Some(number),
            _ => {
                let expected = format!("a whole number from {} to {}", range.start, range.end - 1);
                self.wrong(key, value.span, &expected);
                None
            }
        }
    }

    /// Returns a date or a date and time.
    pub fn stamp(&mut self, key: &'static str) -> Option<Stamp> {
        let value = self.take(key)?;
        let stamp = match &value.kind {
            Kind::Date(text) | Kind::Text(text) => Stamp::parse(text),
            _ => None,
        };
        if stamp.is_none() {
            self.wrong(key, value.span, "a date, as 2026-11-23 or 2026-11-23T10:15:30+01:00");
        }
        stamp
    }

    /// Returns a list of texts with their places; a single text counts as a list of one.
    pub fn texts(&mut self, key: &'static str) -> Vec<(String, Range<usize>)> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let items = match value.kind {
            Kind::List(items) => items,
            Kind::Text(_) => vec![value],
            _ => {
                self.wrong(key, value.span, "a list of texts");
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.kind {
                Kind::Text(text) => texts.push((text, item.span)),
                _ => self.wrong(key, item.span, "a list of texts"),
            }
        }
        texts
    }

    /// Returns whether a key is there and holds a list of texts or a single one.
    pub fn has_list(&self, key: &str) -> bool {
        let is_text = |value: &Value| matches!(value.kind, Kind::Text(_));
        self.fields.iter().filter(|field| field.key == key).any(|field| match &field.value.kind {
            Kind::List(items) => items.iter().all(is_text),
            _ => is_text(&field.value),
        })
    }

    /// Returns a table.
    pub fn table(&mut self, key: &'static str) -> Option<Fields> {
        let value = self.take(key)?;
        match value.kind {
            Kind::Table(fields) => Some(fields),
            _ => {
                self.wrong(key, value.span, "a table");
                None
            }
        }
    }

    /// Returns a list of tables, as `[[author]]` writes them.
    pub fn tables(&mut self, key: &'static str) -> Vec<Fields> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let span = value.span.clone();
        let Kind::List(items) = value.kind else {
            self.wrong(key, span, &format!("written as [[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.kind {
                Kind::Table(fields) => tables.push(fields),
                _ => self.wrong(key, item.span, &format!("written as [[{key}]]")),
            }
        }
        tables
    }

    /// Begins to read a table inside this one.
    pub fn inner(&mut self, fields: Fields) -> Reader<'_> {
        Reader { file: self.file, fields: fields.0, asked: Vec::new(), found: self.found }
    }

    /// Reports each key that nobody has asked for, with the nearest one that is known.
    pub fn finish(self) {
        for field in &self.fields {
            if self.is_full() {
                break;
            }
            let message = format!("unknown key `{}`", crate::diagnostic::shown(&field.key));
            let mut report = self.file.warning("unknown-key", field.key_span.clone(), message);
            if let Some(near) = nearest(&field.key, &self.asked) {
                report = report.hint(format!("did you mean `{near}`?"));
            }
            self.found.push(report);
        }
    }
}

/// Returns the known name that is most like `name`, if one is much like it.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let score = |known: &str| strsim::jaro_winkler(&name.to_lowercase(), known);
    let near = known.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(near) > 0.8).then_some(*near)
}
