use super::*;

/// Colours a text and returns it with `letter[…]` around what has a class.
fn marked(language: &str, text: &str) -> String {
    let mut out = String::new();
    let mut all = String::new();
    Language::named(language).unwrap().pieces(text, &mut |class, piece| {
        all.push_str(piece);
        match class {
            Some(class) => out.push_str(&format!("{}[{piece}]", class.letter())),
            None => out.push_str(piece),
        }
    });
    assert_eq!(all, text, "{language}");
    out
}

#[track_caller]
fn check(language: &str, text: &str, expect: &str) {
    assert_eq!(marked(language, text), expect);
}

#[test]
fn rust_has_lifetimes_characters_macros_and_raw_texts() {
    check(
        "rust",
        "#[test]\nfn f<'a>(x: &'a str) -> Tide { let c = 'c'; g(1_000u64, r#\"a \"b\" c\"#) } // end",
        "a[#[test]]\nk[fn] f<v['a]>(x: &v['a] t[str]) -> t[Tide] { k[let] c = s['c']; f[g](n[1_000u64], s[r#\"a \"b\" c\"#]) } c[// end]",
    );
    check(
        "rs",
        "/* a /* b */ c */ println!(\"x\\\"y\")",
        "c[/* a /* b */ c */] f[println!](s[\"x\\\"y\"])",
    );
    check("rust", "'\\'' a != b", "s['\\''] a != b");
}

#[test]
fn python_has_long_texts_and_annotations() {
    check(
        "python",
        "@cache\ndef depth(mark: str) -> float:\n    \"\"\"At low\n    tide.\"\"\"\n    return 2.5e-3 if mark else None # m",
        "a[@cache]\nk[def] f[depth](mark: t[str]) -> t[float]:\n    s[\"\"\"At low\n    tide.\"\"\"]\n    k[return] n[2.5e-3] k[if] mark k[else] o[None] c[# m]",
    );
}

#[test]
fn javascript_tells_patterns_from_divisions() {
    check("js", "a = b / c / d", "a = b / c / d");
    check("js", "x.replace(/[/\"]+/g, `a ${b}`)", "x.f[replace](s[/[/\"]+/g], s[`a ${b}`])");
    check("ts", "const a = { at: true ? b : c };", "k[const] a = { p[at]: o[true] ? b : c };");
}

#[test]
fn settings_have_keys_sections_and_dates() {
    check(
        "json",
        "{\"a\": [1, -2.5, \"b\", null]}",
        "{p[\"a\"]: [n[1], -n[2.5], s[\"b\"], o[null]]}",
    );
    check(
        "toml",
        "[[author]]\nname = \"Odo\" # me\nsince-when = 2013-08-11\n",
        "g[[[author]]]\np[name] = s[\"Odo\"] c[# me]\np[since-when] = n[2013-08-11]\n",
    );
    check("yaml", "- key: value#1 # c\n  on: yes", "- p[key]: value#n[1] c[# c]\n  p[on]: o[yes]");
    check("ini", "; c\n[a]\nb = c", "c[; c]\ng[[a]]\np[b] = c");
}

#[test]
fn a_terminal_shows_what_was_typed() {
    check(
        "sh",
        "for f in *.md; do echo \"$f\" ${#f} # x\ndone",
        "k[for] f k[in] *.md; k[do] f[echo] s[\"$f\"] v[${#f}] c[# x]\nk[done]",
    );
    check("console", "$ ls -l\nls\n", "a[$] f[ls] -l\nls\n");
}

#[test]
fn markup_style_and_differences() {
    check(
        "html",
        "<!-- c --><a href=\"x>y\" b>&amp; & </a>",
        "c[<!-- c -->]<g[a] p[href]=s[\"x>y\"] p[b]>o[&amp;] & </g[a]>",
    );
    check(
        "css",
        "@media print { .a:hover { --x: #fff; color: rgb(1 2 3) } } /* c */",
        "k[@media] g[print] { t[.a]:hover { v[--x]: n[#fff]; p[color]: f[rgb](n[1] n[2] n[3]) } } c[/* c */]",
    );
    check(
        "diff",
        "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z",
        "p[--- a]\np[+++ b]\na[@@ -1 +1 @@]\nd[-x]\ni[+y]\n z",
    );
    check("sql", "SELECT Count(*) FROM t -- all", "k[SELECT] f[Count](*) k[FROM] t c[-- all]");
    check(
        "c",
        "#include <a.h>\nint main(void) { return 0x1F; }",
        "a[#include] <a.h>\nt[int] f[main](t[void]) { k[return] n[0x1F]; }",
    );
}

#[test]
fn names_are_found_in_any_case_and_none_twice() {
    assert!(Language::named("C++").is_some() && Language::named("Rust").is_some());
    assert!(Language::named("").is_none() && Language::named("klingon").is_none());
    let mut names: Vec<_> = languages::ALL.iter().flat_map(|one| one.names).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn whatever_is_written_comes_out_whole_and_in_time() {
    let nasty = [
        "", "\"", "'", "'\\", "'a", "r#\"", "br##", "/*", "<!--", "<a ", "<a b='", "&", "&amp",
        "#[", "#[[", "${", "$", "@", "=/[", "\\\"\\é", "é'é'é", "''é", "1e", "1-", "0x", "2026-",
        "--[[", "{-", "\"\"\"", "🌊", "/\\", "\u{85}", "a!", "- ", "$ 'x\n", "+\n",
    ];
    for language in languages::ALL {
        for piece in nasty {
            marked(language.names[0], piece);
            for other in nasty {
                marked(language.names[0], &format!("{piece}{other}"));
            }
        }
    }
    // Taking quadratic time, this would not end soon.
    for name in ["rust", "python", "js", "toml", "html", "css", "diff", "console"] {
        for piece in nasty {
            marked(name, &piece.repeat(10_000));
        }
    }
}

#[test]
fn only_whole_words_are_keywords() {
    check("rust", "fnx lets re urn retur n", "fnx lets re urn retur n");
    check("rust", "as fn where x", "k[as] k[fn] k[where] x");
}
