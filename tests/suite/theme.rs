//! Overrides of the default theme, file by file.

mod budget;
mod built_in;
mod crowd;
mod docs;
mod languages;
mod tutorial;

use crate::support::Base;

/// A base folder with one public channel and these theme files.
fn with_theme(files: &[(&str, &str)]) -> Base {
    let base = Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
         -- notes/outbox/2026-11-23-tide.md\nLow tide.\n",
    );
    for (path, text) in files {
        base.write(&format!("theme/{path}"), text);
    }
    base
}

#[test]
fn an_override_takes_the_place_of_one_file() {
    let base = with_theme(&[("templates/404.html", "<p>mine: {{ site.title }}</p>")]);
    assert_eq!(base.findings(), [""; 0]);
    base.build();
    assert_eq!(base.page("public/404.html"), "<p>mine: Handbill</p>");
    assert!(base.page("public/index.html").contains("<!doctype html>"));
}

#[test]
fn an_override_can_build_on_the_default() {
    let template = "{% extends \"default/404.html\" %}{% block main %}<h1>mine</h1>{% endblock %}";
    let base = with_theme(&[("templates/404.html", template)]);
    base.build();
    let page = base.page("reader/404.html");
    assert!(page.contains("<h1>mine</h1>") && page.contains("Content-Security-Policy"), "{page}");
}

#[test]
fn a_template_of_ones_own_can_be_included() {
    let base = with_theme(&[
        ("templates/_greeting.html", "Ahoy from {{ page.path }}"),
        ("templates/404.html", "{% include \"_greeting.html\" %}"),
    ]);
    base.build();
    assert_eq!(base.page("public/404.html"), "Ahoy from 404.html");
}

#[test]
fn a_template_that_does_not_parse_falls_back_and_is_reported_with_its_place() {
    let base = with_theme(&[("templates/message.html", "<p>\n{{ view. }}</p>")]);
    let report = base.build();
    assert!(base.page("public/notes/2026-11-23-tide.html").contains("Low tide."));
    let found = report.found.iter().find(|d| d.code == "bad-template").unwrap();
    assert_eq!(found.path, "theme/templates/message.html");
    assert_eq!(found.place.as_ref().map(|place| place.line), Some(2));
    assert!(found.is_own_error());
    assert!(base.page("reader/status/index.html").contains("theme/templates/message.html"));
}

#[test]
fn a_template_that_fails_while_it_renders_falls_back_and_is_reported_once() {
    let base = with_theme(&[("templates/message.html", "{{ view.message.nothing.of.the.kind }}")]);
    base.write("notes/outbox/2026-11-22-more.md", "More.\n");
    let report = base.build();
    assert!(base.page("public/notes/2026-11-22-more.html").contains("More."));
    let found: Vec<_> = report.found.iter().filter(|d| d.code == "bad-template").collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].path, "theme/templates/message.html");
}

#[test]
fn a_template_with_a_parent_that_is_not_there_falls_back() {
    let base = with_theme(&[("templates/list.html", "{% extends \"no-such.html\" %}")]);
    let report = base.build();
    assert!(report.found.iter().any(|d| d.code == "bad-template"));
    assert!(base.page("public/notes/2026-11/index.html").contains("Low tide."));
}

#[test]
fn assets_and_words_can_be_overridden() {
    let base = with_theme(&[
        ("assets/style.css", "body { color: teal }"),
        ("assets/extra/logo.png", "not really"),
        ("words/en.toml", "archive = \"Old ones\"\n"),
    ]);
    base.build();
    assert_eq!(base.page("public/assets/style.css"), "body { color: teal }");
    assert_eq!(base.page("public/assets/extra/logo.png"), "not really");
    assert!(base.page("public/index.html").contains("Old ones"));
    assert!(base.page("public/assets/feed.css").contains("feed"));
}

#[test]
fn words_of_another_language_are_used_where_it_is_set() {
    let base = with_theme(&[("words/nl.toml", "archive = \"Archief\"\n")]);
    base.write(
        "handbill.toml",
        "public = [\"notes\"]\nlanguage = \"nl\"\nbase_url = \"https://example.org/\"\n",
    );
    base.build();
    let page = base.page("public/index.html");
    assert!(
        page.contains("Archief") && page.contains("<html lang=\"nl\"") && page.contains("Tags")
    );
}

#[test]
fn a_file_that_is_no_part_of_a_theme_is_reported() {
    let base = with_theme(&[("notes.txt", "x"), ("assets/a b.css", "x")]);
    assert_eq!(base.findings(), ["theme-file theme/assets/a b.css", "theme-file theme/notes.txt"]);
}

#[test]
fn the_theme_can_lie_elsewhere_in_the_base_folder() {
    let base = with_theme(&[]);
    base.write("handbill.toml", "theme = \"looks/mine\"\n");
    assert_eq!(base.findings()[0], "theme-missing handbill.toml");
    base.write("looks/mine/templates/404.html", "mine");
    base.build();
    assert_eq!(base.page("reader/404.html"), "mine");
}

#[test]
fn text_of_messages_and_names_is_escaped_in_every_template() {
    let base = with_theme(&[("templates/404.html", "{{ site.title }}")]);
    base.write("handbill.toml", "title = \"<b>&\"\n");
    base.build();
    assert_eq!(base.page("reader/404.html"), "&lt;b&gt;&amp;");
    assert!(base.page("reader/index.html").contains("<title>&lt;b&gt;&amp;</title>"));
}

#[test]
fn the_register_knows_where_it_stands_and_falls_back_like_a_page() {
    let base =
        with_theme(&[("templates/register.html", "<nav>at {{ current or \"none\" }}</nav>")]);
    base.build();
    assert!(base.page("public/notes/index.html").contains("<nav>at notes/index.html</nav>"));
    assert!(base.page("public/notes/2026-11-23-tide.html").contains("<nav>at none</nav>"));

    let base = with_theme(&[("templates/register.html", "{{ page.title.nothing.here }}")]);
    let report = base.build();
    let found: Vec<_> = report.found.iter().filter(|d| d.code == "bad-template").collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(base.page("public/notes/index.html").contains("class=\"register\""));
}

#[test]
fn a_file_where_a_folder_must_be_is_left_out_and_told() {
    let base = Base::of("-- notes/outbox/2026-11-20.md\nLow tide.\n");
    for path in ["assets/search", "assets/reader", "assets/style.css/more.css"] {
        base.write(&format!("theme/{path}"), "x");
    }
    let report = base.build();
    assert_eq!(report.editions.len(), 2);
    assert_eq!(
        base.findings().iter().filter(|one| one.starts_with("theme-file")).count(),
        3,
        "{:?}",
        base.findings()
    );
    assert!(base.page("reader/assets/style.css").contains("color-scheme"));
}
