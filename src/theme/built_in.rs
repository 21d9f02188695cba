//! The themes inside the program.

use include_dir::{Dir, include_dir};

static DEFAULT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/default");
static PLAIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes/plain");

/// A theme inside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// The one that is used where nothing is said. All others lie over it.
    Default,
    /// One column, one style sheet, no script.
    Plain,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [BuiltIn; 2] = [BuiltIn::Default, BuiltIn::Plain];

    /// Returns the theme of a name.
    pub fn named(name: &str) -> Option<BuiltIn> {
        BuiltIn::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// Returns its name, as it stands in `handbill.toml`.
    pub fn name(self) -> &'static str {
        match self {
            BuiltIn::Default => "default",
            BuiltIn::Plain => "plain",
        }
    }

    /// Returns what its templates can be had under, overridden or not.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            BuiltIn::Default => "default/",
            BuiltIn::Plain => "plain/",
        }
    }

    /// Returns the theme and those below it, the lowest first.
    pub(super) fn layers(self) -> &'static [BuiltIn] {
        match self {
            BuiltIn::Default => &[BuiltIn::Default],
            BuiltIn::Plain => &[BuiltIn::Default, BuiltIn::Plain],
        }
    }

    /// Returns its files by their paths, in order.
    pub fn files(self) -> Vec<(String, &'static [u8])> {
        files(self.dir())
    }

    /// Returns a file that is a text.
    pub(super) fn text(self, path: &str) -> Option<&'static str> {
        self.dir().get_file(path)?.contents_utf8()
    }

    fn dir(self) -> &'static Dir<'static> {
        match self {
            BuiltIn::Default => &DEFAULT,
            BuiltIn::Plain => &PLAIN,
        }
    }
}

fn files(dir: &'static Dir<'static>) -> Vec<(String, &'static [u8])> {
    let mut all: Vec<_> = dir
        .files()
        .map(|file| (file.path().to_string_lossy().replace('\\', "/"), file.contents()))
        .collect();
    for inner in dir.dirs() {
        all.extend(files(inner));
    }
    all.sort();
    all
}
