//! Colours for code: which words of a block are keywords, texts, comments.
//!
//! 1. [`Language::named`] finds a language by the word behind the fence of a block.
//! 2. [`Language::pieces`] goes through a text once and cuts it into pieces, most with a class.
//!
//! It is a scanner and no parser: it knows how words, texts, comments and numbers of a language
//! look, by a table (`languages`), and not what they mean. So it takes linear time whatever a
//! stranger writes, which an engine for the regular expressions of editors' grammars does not, it
//! starts without loading anything, and it adds some kilobytes to the program and not megabytes.
//! What it takes for the wrong thing has the wrong colour; the text is never changed.

mod languages;
mod lines;
mod markup;
mod style;
mod words;

use words::Words;

/// What a piece of code is, as far as its colour goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A keyword.
    Keyword,
    /// A type.
    Type,
    /// What is called: a function, a macro, a command.
    Function,
    /// A text or a character.
    Text,
    /// A number, a colour, a date.
    Number,
    /// A comment.
    Comment,
    /// A fixed value, as `true`.
    Constant,
    /// A variable that is marked as one, as `$x`.
    Variable,
    /// An annotation, a directive.
    Attribute,
    /// The name of an element or of a section.
    Tag,
    /// The name of a property, a key.
    Key,
    /// A line that was added.
    Inserted,
    /// A line that was taken away.
    Deleted,
}

impl Class {
    /// All, in the order of their letters in [`Class::letter`].
    pub const ALL: [Class; 13] = [
        Class::Attribute,
        Class::Comment,
        Class::Deleted,
        Class::Function,
        Class::Tag,
        Class::Inserted,
        Class::Keyword,
        Class::Number,
        Class::Constant,
        Class::Key,
        Class::Text,
        Class::Type,
        Class::Variable,
    ];

    /// Returns its letter, which is its class in a page: see `docs/themes.md`.
    pub fn letter(self) -> char {
        match self {
            Class::Attribute => 'a',
            Class::Comment => 'c',
            Class::Deleted => 'd',
            Class::Function => 'f',
            Class::Tag => 'g',
            Class::Inserted => 'i',
            Class::Keyword => 'k',
            Class::Number => 'n',
            Class::Constant => 'o',
            Class::Key => 'p',
            Class::Text => 's',
            Class::Type => 't',
            Class::Variable => 'v',
        }
    }
}

/// A language that is known.
#[derive(Debug)]
pub struct Language {
    /// What it is called behind a fence, in small letters.
    names: &'static [&'static str],
    rules: Rules,
}

#[derive(Debug)]
enum Rules {
    /// Made of words: nearly all.
    Words(Words),
    /// HTML, XML.
    Markup,
    /// CSS.
    Style,
    /// Differences between files.
    Diff,
    /// What was typed into a terminal, and what it said.
    Session,
}

impl Language {
    /// Returns the language of a name, in any case of letters.
    pub fn named(name: &str) -> Option<&'static Language> {
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        languages::ALL.iter().find(|language| language.names.iter().any(is))
    }

    /// Goes through a text, and hands out all of it in pieces with their classes. Takes time in
    /// proportion to its length.
    pub fn pieces<'t>(&self, text: &'t str, take: &mut dyn FnMut(Option<Class>, &'t str)) {
        let mut out = Pieces { text, done: 0, take };
        match &self.rules {
            Rules::Words(words) => words.scan(text, &mut out),
            Rules::Markup => markup::scan(text, &mut out),
            Rules::Style => style::scan(text, &mut out),
            Rules::Diff => lines::diff(text, &mut out),
            Rules::Session => lines::session(text, &mut out),
        }
        out.plain_to(text.len());
    }
}

/// Hands out a text in pieces: what nobody gives a class to comes without one.
struct Pieces<'t, 'o> {
    text: &'t str,
    /// Up to where the text was handed out.
    done: usize,
    take: &'o mut dyn FnMut(Option<Class>, &'t str),
}

impl Pieces<'_, '_> {
    /// Gives a class to what stands from `from` to `to`, at the bounds of characters.
    fn put(&mut self, class: Class, from: usize, to: usize) {
        self.plain_to(from);
        if to > self.done {
            (self.take)(Some(class), &self.text[self.done..to]);
            self.done = to;
        }
    }

    fn plain_to(&mut self, to: usize) {
        if to > self.done {
            (self.take)(None, &self.text[self.done..to]);
            self.done = to;
        }
    }
}

/// Returns where the line ends in which `at` stands, before its line feed.
fn line_end(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |n| at + n)
}

/// Returns where the run of characters that `holds` likes ends, which begins at `from`.
fn run(text: &str, from: usize, holds: impl Fn(char) -> bool) -> usize {
    text[from..].find(|c| !holds(c)).map_or(text.len(), |n| from + n)
}

/// Returns whether a character can stand in a word of a program.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests;
