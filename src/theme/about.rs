//! `theme.toml`: what a theme says of itself. All of it is optional.

use super::BuiltIn;
use crate::diagnostic::{Diagnostic, Owner};
use crate::fields::{File, Reader, nearest, parse_toml};

/// The name of the file.
pub(super) const FILE: &str = "theme.toml";

/// What a theme says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// One line for people.
    pub description: Option<String>,
    /// The theme below it: what it does not have comes from there.
    pub base: BuiltIn,
    /// Which assets of the theme below are published too: files, and folders that end in `/`; all
    /// of them where nothing is said. A theme with style sheets and scripts of its own needs none.
    pub base_assets: Option<Vec<String>>,
}

impl Default for About {
    fn default() -> About {
        About { description: None, base: BuiltIn::Default, base_assets: None }
    }
}

impl About {
    /// Reads a `theme.toml`. `path` is what reports name.
    pub fn read(text: &str, path: &str, found: &mut Vec<Diagnostic>) -> About {
        let file = File { path, text, owner: Owner::Own };
        let (fields, errors) = parse_toml(text, 0);
        for error in errors {
            let said = format!("not valid TOML: {}", error.message);
            found.push(file.error("bad-toml", error.span, said));
        }
        let mut reader = Reader::new(file, fields, found);
        let description = reader.line("description");
        let known = BuiltIn::ALL.map(BuiltIn::name);
        let base = reader.parsed("base", &format!("a theme of {}", listed(&known)), BuiltIn::named);
        let has_assets = reader.has_list("base_assets");
        let assets = reader.texts("base_assets").into_iter().map(|(name, _)| name).collect();
        reader.finish();
        About {
            description,
            base: base.unwrap_or(BuiltIn::Default),
            base_assets: has_assets.then_some(assets),
        }
    }

    /// Returns what a theme inside the program says of itself.
    pub fn of(theme: BuiltIn) -> About {
        theme.text(FILE).map_or_else(About::default, |text| About::read(text, FILE, &mut vec![]))
    }

    /// Returns whether an asset of the theme below is published, by its path below `assets/`.
    pub(super) fn takes(&self, asset: &str) -> bool {
        let holds = |part: &String| asset == part || part.ends_with('/') && asset.starts_with(part);
        self.base_assets.as_ref().is_none_or(|parts| parts.iter().any(holds))
    }
}

/// Returns names as one lists them in a sentence.
pub fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Returns what to do about a theme that is not there; `known` are the names that are.
pub fn unknown(name: &str, known: &[&str]) -> String {
    let known_names = format!("there are {}", listed(known));
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`? {known_names}"),
        None => known_names,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (About, Vec<String>) {
        let mut found = Vec::new();
        let about = About::read(text, "theme/theme.toml", &mut found);
        (about, found.into_iter().map(|report| report.message).collect())
    }

    #[test]
    fn all_of_it_is_optional() {
        assert_eq!(read(""), (About::default(), vec![]));
        assert!(About::default().takes("style.css"));
    }

    #[test]
    fn assets_of_the_theme_below_are_taken_by_file_and_by_folder() {
        let (about, found) = read("base = \"plain\"\nbase_assets = [\"feed.css\", \"reader/\"]\n");
        assert_eq!((about.base, found.len()), (BuiltIn::Plain, 0));
        let taken = ["feed.css", "reader/reading.js", "style.css", "readers.css", "reader"];
        assert_eq!(taken.map(|asset| about.takes(asset)), [true, true, false, false, false]);
        let (none, _) = read("base_assets = []");
        assert!(!none.takes("style.css"));
    }

    #[test]
    fn what_is_wrong_is_said_and_the_rest_is_used() {
        let (about, found) = read("base = \"plane\"\ndescription = \"x\"\nbas = 1\n");
        assert_eq!((about.base, about.description.as_deref()), (BuiltIn::Default, Some("x")));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`default`, `plain`"), "{found:?}");
    }

    #[test]
    fn a_theme_that_is_not_there_is_told_from_those_that_are() {
        assert_eq!(
            unknown("plian", &["default", "plain"]),
            "did you mean `plain`? there are `default`, `plain`"
        );
        assert_eq!(unknown("x", &["default"]), "there are `default`");
    }
}
