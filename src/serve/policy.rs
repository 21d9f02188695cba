//! Content Security Policies of what is served (CSP Level 3).

/// For what the program and the theme made and is no page: a feed with its style sheet.
pub const MADE: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                        form-action 'none'; frame-ancestors 'none'";

/// For copies from boxes: no script, no origin, nothing loaded. A picture in a tab of its own is
/// still seen.
pub const COPIED: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// For a page that has no policy of its own.
const PAGE: &str = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'";

/// Returns the policies of a page as they are sent for `host`: all of them hold at once.
pub fn of_page(own: &[String], host: &str) -> String {
    match own {
        [] => served(PAGE, host),
        own => own.iter().map(|own| served(own, host)).collect::<Vec<_>>().join(", "),
    }
}

/// Makes the policy that a page carries into the one it is served with.
///
/// Live reload is added: its script, its style, its events. Scripts come from `/_app/`, and from
/// `/assets/` where the page's own policy allows scripts of its origin; by folder, so that nothing
/// else in the edition can ever be one. Nobody may frame the page, and it connects only to this
/// server. All else stays as the theme wrote it.
fn served(own: &str, host: &str) -> String {
    let own = Directives::parse(own);
    let app = source(host, "_app");
    let mut scripts = vec![app.clone()];
    if own.effective("script-src").contains(&"'self'") {
        scripts.push(source(host, "assets"));
    }
    scripts.dedup();
    let mut styles = own.effective("style-src");
    styles.push(&app);
    let mut out = vec![
        written("default-src", &own.effective("default-src")),
        written("style-src", &styles),
        format!("script-src {}", scripts.join(" ")),
    ];
    out.extend(FIXED.iter().map(|(name, value)| format!("{name} {value}")));
    let theirs = own.0.iter().filter(|(name, _)| !is_ours(name));
    out.extend(theirs.map(|(name, values)| written(name, values)));
    out.join("; ")
}

/// Directives of a served page that are the same whatever the page says.
const FIXED: &[(&str, &str)] = &[
    ("connect-src", "'self'"),
    ("base-uri", "'none'"),
    ("object-src", "'none'"),
    ("worker-src", "'none'"),
    ("frame-ancestors", "'none'"),
];

/// Returns whether a directive is written here and not by the page.
fn is_ours(name: &str) -> bool {
    let kinds =
        ["default-src", "style-src", "style-src-elem", "report-uri", "report-to", "sandbox"];
    name.starts_with("script-src")
        || kinds.contains(&name)
        || FIXED.iter().any(|(fixed, _)| *fixed == name)
}

/// Returns a folder of this server as a source.
fn source(host: &str, folder: &str) -> String {
    match host.starts_with('[') {
        // The grammar of sources has no IPv6 addresses (CSP 3, 2.3.1).
        true => "'self'".to_owned(),
        // `http` stands for `https` too, behind a proxy (CSP 3, 6.7.2.9).
        false => format!("http://{host}/{folder}/"),
    }
}

/// Writes a directive. `'none'` beside other sources means nothing and is left out.
fn written(name: &str, values: &[&str]) -> String {
    let only = values.len() == 1;
    let values = values.iter().filter(|value| only || !value.eq_ignore_ascii_case("'none'"));
    [&name].into_iter().chain(values).copied().collect::<Vec<_>>().join(" ")
}

/// The directives of a policy by their names in small letters, each with its values.
struct Directives<'p>(Vec<(String, Vec<&'p str>)>);

impl<'p> Directives<'p> {
    /// Parses a policy (CSP 3, 2.2.1); of two directives of one name the first counts. Words that
    /// could end the policy, or the header, are left out.
    fn parse(text: &'p str) -> Directives<'p> {
        let mut all: Vec<(String, Vec<&str>)> = Vec::new();
        for directive in text.split(';') {
            let is_plain = |word: &&str| word.bytes().all(|b| b.is_ascii_graphic() && b != b',');
            let mut words = directive.split_ascii_whitespace().filter(is_plain);
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            if !all.iter().any(|(known, _)| *known == name) {
                all.push((name, words.collect()));
            }
        }
        Directives(all)
    }

    /// Returns the values that hold for a kind of fetch: its own or else those of `default-src`.
    /// Without either nothing is allowed, for no page needs to be more generous than ours.
    fn effective<'a>(&self, name: &str) -> Vec<&'a str>
    where
        'p: 'a,
    {
        let named = |name: &str| self.0.iter().find(|(known, _)| known == name);
        let found = named(name).or_else(|| named("default-src"));
        found.map_or(vec!["'none'"], |(_, values)| values.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(own: &[&str], host: &str, expected: &str) {
        let own: Vec<String> = own.iter().map(|own| (*own).to_owned()).collect();
        assert_eq!(of_page(&own, host), expected);
    }

    const FIXED: &str = "connect-src 'self'; base-uri 'none'; object-src 'none'; \
                         worker-src 'none'; frame-ancestors 'none'";

    #[test]
    fn live_reload_is_added_and_all_else_stays() {
        let app = "http://localhost:8888/_app/";
        check(
            &["default-src 'none'; style-src 'self'; img-src 'self' https:; base-uri 'none'"],
            "localhost:8888",
            &format!(
                "default-src 'none'; style-src 'self' {app}; script-src {app}; {FIXED}; \
                 img-src 'self' https:"
            ),
        );
        check(
            &["default-src 'none'"],
            "localhost:8888",
            &format!("default-src 'none'; style-src {app}; script-src {app}; {FIXED}"),
        );
    }

    #[test]
    fn scripts_of_a_theme_come_from_its_assets_only() {
        let scripts = "script-src http://h:1/_app/ http://h:1/assets/";
        check(
            &["default-src 'none'; Script-Src 'self' 'unsafe-inline' https://x.example"],
            "h:1",
            &format!("default-src 'none'; style-src http://h:1/_app/; {scripts}; {FIXED}"),
        );
        check(
            &["default-src 'self'; script-src-elem *"],
            "h:1",
            &format!("default-src 'self'; style-src 'self' http://h:1/_app/; {scripts}; {FIXED}"),
        );
    }

    #[test]
    fn a_page_without_a_policy_gets_one() {
        let app = "http://h:1/_app/";
        let expected = format!(
            "default-src 'none'; style-src 'self' {app}; script-src {app}; {FIXED}; \
             img-src 'self'; media-src 'self'"
        );
        check(&[], "h:1", &expected);
        let empty = format!("default-src 'none'; style-src {app}; script-src {app}; {FIXED}");
        check(&[""], "h:1", &empty);
    }

    #[test]
    fn several_policies_all_hold_and_none_can_add_another() {
        let app = "http://h:1/_app/";
        let one = format!("default-src 'none'; style-src {app}; script-src {app}; {FIXED}");
        check(&["default-src 'none'", "default-src 'none'"], "h:1", &format!("{one}, {one}"));
        let odd = "default-src 'none'; img-src a, b\r\n\u{e9} c";
        check(&[odd], "h:1", &format!("{one}; img-src b c"));
    }

    #[test]
    fn an_ipv6_address_is_no_source() {
        check(
            &["default-src 'none'; script-src 'self'"],
            "[::1]:8888",
            &format!("default-src 'none'; style-src 'self'; script-src 'self'; {FIXED}"),
        );
    }
}
