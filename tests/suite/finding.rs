//! Pages to find messages by: search, pictures and players, authors, the days of a year.

use crate::support::{Base, addresses, png, times, written};
use handbill::theme::lean;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Two channels that are public, one of two authors, a subscription that is muted and one that is not,
/// and a conversation.
fn site() -> Base {
    let base = Base::of(
        "-- handbill.toml
public = [\"notes\", \"quiet\"]
time_zone = \"Asia/Tokyo\"
[contact.loud]
mute = true
-- notes/outbox/channel.toml
title = \"Field notes\"
[[author]]
name = \"Ann Teal\"
uri = \"https://ann.example/\"
[[author]]
name = \"odo\"
-- notes/outbox/2026-09-30T20-00-00Z-late.md
Late, by the clock of Tokyo in October. #tide
-- notes/outbox/2026-10-02T10-00-00Z-gauge/horn.mp3
not really
-- notes/outbox/2026-10-02T10-00-00Z-gauge/data.csv
a,b
-- notes/outbox/2026-11-03T10-00-00Z.md
+++
author = \"A guest\"
+++
潮が引く。
-- quiet/outbox/2026-10-05T10-00-00Z.md
![](film.mp4)
-- quiet/outbox/2026-10-05T10-00-00Z/film.mp4
not really
-- loud/inbox/2026-10-06T10-00-00Z.md
Nothing but noise.
-- loud/inbox/2026-10-06T10-00-00Z/noise.mp3
not really
-- harbour/inbox/2026-11-04T10-00-00Z.md
Fog at \"six\".
-- mira/inbox/channel.toml
[[author]]
name = \"Mira\"
[[author]]
name = \"Her sister\"
-- mira/inbox/2026-11-05T10-00-00Z.md
For you alone.
-- mira/outbox/2026-08-05T10-00-00Z.md
And for you.
",
    );
    base.write("notes/outbox/2026-10-02T10-00-00Z-gauge.md", GAUGE);
    base.write("notes/outbox/2026-10-02T10-00-00Z-gauge/gauge.png", png(8, 6));
    base
}

const GAUGE: &str = "\
+++
title = \"The gauge\"
author = \"Odo\"
tags = [\"low-tide\"]
+++
Read <b>twice</b>: 3 &lt; 4. ![the gauge & the lamp](gauge.png) <!-- hidden words -->

```
let code = 1;
```
";

/// Returns the messages of a script of the search, by page.
#[track_caller]
fn searched(base: &Base, path: &str) -> BTreeMap<String, Value> {
    let script = base.page(path);
    let list = script.strip_prefix("handbillShard(").and_then(|rest| rest.strip_suffix(");\n"));
    let list = list.unwrap_or_else(|| panic!("{script}")).replacen(",\n]", "\n]", 1);
    let messages: Vec<Value> = serde_json::from_str(&list).unwrap();
    let page = |one: &Value| one["page"].as_str().unwrap().to_owned();
    messages.into_iter().map(|one| (page(&one), one)).collect()
}

/// Returns what the page of an edition says that there is to search.
fn shards(base: &Base, edition: &str) -> Vec<String> {
    let page = base.page(&format!("{edition}/search/index.html"));
    let list = page.split("data-shards=\"").nth(1).unwrap().split('"').next().unwrap();
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn each_edition_searches_its_own_messages_and_none_of_muted_contacts() {
    let base = site();
    base.build();
    assert_eq!(shards(&base, "public"), ["2026-11", "2026-10", "2026-09"]);
    let public = searched(&base, "public/assets/search/2026-11.js");
    assert_eq!(public.keys().collect::<Vec<_>>(), ["notes/2026-11-03T10-00-00Z.html"]);
    let reader = searched(&base, "reader/assets/search/2026-11.js");
    assert_eq!(reader.len(), 3);
    assert_eq!(reader["mira/in/2026-11-05T10-00-00Z.html"]["text"], "For you alone.");
    assert_eq!(reader["harbour/in/2026-11-04T10-00-00Z.html"]["text"], "Fog at \"six\".");
    for edition in ["public", "reader"] {
        let october = searched(&base, &format!("{edition}/assets/search/2026-10.js"));
        assert_eq!(october.len(), 2, "{edition}: nothing of a muted contact");
    }
    // Whom one may choose among.
    let options = |page: String| page.matches("<option value=\"").count();
    let kinds = base.page("reader/search/index.html").matches("data-kind=").count();
    assert_eq!(kinds, 4, "notes, quiet, harbour, mira");
    assert!(options(base.page("public/search/index.html")) >= 2);
    let public = base.page("public/search/index.html");
    assert!(!public.contains("harbour") && !public.contains("conversation"), "{public}");
}

#[test]
fn a_message_is_searched_by_all_that_tells_of_it() {
    let base = site();
    base.build();
    let all = searched(&base, "public/assets/search/2026-10.js");
    let gauge = &all["notes/2026-10-02T10-00-00Z-gauge.html"];
    assert_eq!(gauge["name"], "The gauge");
    assert_eq!((&gauge["folder"], &gauge["author"]), (&"notes".into(), &"odo".into()));
    assert_eq!((&gauge["iso"], &gauge["date"]), (&"2026-10-02".into(), &"2 October 2026".into()));
    assert_eq!(gauge["tags"], serde_json::json!(["low-tide"]));
    let text = gauge["text"].as_str().unwrap();
    for words in ["Read twice: 3 < 4.", "the gauge & the lamp", "let code = 1;", "horn.mp3"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The day is that of the pages, which `time_zone` decides; the script is that of the month in UTC.
    let late = searched(&base, "public/assets/search/2026-09.js");
    assert_eq!(late["notes/2026-09-30T20-00-00Z-late.html"]["iso"], "2026-10-01");
}

#[test]
fn what_is_not_shown_is_not_searched() {
    let base = site();
    base.write("notes/outbox/2026-10-09T10-00-00Z.md", "+++\ndraft = true\n+++\nUnfinished words.");
    base.write("notes/outbox/2027-10-09T10-00-00Z.md", "Words of the future.");
    base.build();
    for edition in ["public", "reader"] {
        let script = base.page(&format!("{edition}/assets/search/2026-10.js"));
        assert!(!script.contains("hidden words"), "{script}");
        assert_eq!(script.contains("Unfinished"), edition == "reader");
        assert!(!shards(&base, edition).contains(&"2027-10".to_owned()));
    }
}

#[test]
fn a_long_month_is_searched_in_parts_of_which_the_full_ones_stay() {
    let base = Base::in_memory();
    base.write("handbill.toml", "public = [\"notes\"]\n");
    let write = |number: usize| {
        let name = format!(
            "2026-11-{:02}T{:02}-{:02}-00Z",
            1 + number / 100,
            number / 10 % 10,
            number % 10
        );
        base.write(&format!("notes/outbox/{name}.md"), format!("Number {number}."));
    };
    (0..250).for_each(write);
    base.build();
    assert_eq!(shards(&base, "public"), ["2026-11"]);
    for (number, changed) in
        [(250, &["2026-11-2.js", "search/index.html"][..]), (251, &["2026-11-2.js"])]
    {
        let before = times(&base.at("_site/public"));
        write(number);
        base.build();
        let all = written(&before, &times(&base.at("_site/public")));
        let of_search: Vec<&str> = all
            .iter()
            .filter(|path| path.contains("search/"))
            .map(|path| path.trim_start_matches("assets/search/"))
            .collect();
        assert_eq!(of_search, changed);
    }
    assert_eq!(shards(&base, "public"), ["2026-11-2", "2026-11"]);
    assert_eq!(searched(&base, "public/assets/search/2026-11-2.js").len(), 2);
}

#[test]
fn pictures_and_players_lead_to_their_messages() {
    let base = site();
    base.build();
    for edition in ["public", "reader"] {
        let index = base.page(&format!("{edition}/media/index.html"));
        let month = base.page(&format!("{edition}/media/2026-10/index.html"));
        for page in [&index, &month] {
            assert!(!page.contains("noise.mp3"), "of a muted contact");
            assert!(!page.contains("data.csv"));
            assert_eq!(page.matches("<audio ").count(), 1, "{page}");
            assert_eq!(page.matches("<video ").count(), 1);
            assert!(page.contains(" width=\"8\" height=\"6\" loading=\"lazy\""));
        }
        let links: Vec<&str> = addresses(&month).collect();
        for message in ["notes/2026-10-02T10-00-00Z-gauge", "quiet/2026-10-05T10-00-00Z"] {
            assert!(links.contains(&&*format!("../../{message}.html")), "{message}: {links:?}");
        }
        assert!(index.contains("href=\"../media/2026-10/index.html\">October 2026</a>"));
        assert!(!base.at(&format!("_site/{edition}/media/2026-11")).exists());
    }
}

#[test]
fn a_message_writes_pages_of_pictures_only_if_it_has_one() {
    let base = site();
    base.write("quiet/outbox/2026-08-01T10-00-00Z.md", "Old.");
    base.write("quiet/outbox/2026-08-01T10-00-00Z/old.png", png(3, 3));
    base.build();
    let media = |change: &dyn Fn()| {
        let before = times(&base.at("_site/public"));
        change();
        base.build();
        let mut all = written(&before, &times(&base.at("_site/public")));
        all.retain(|path| path.starts_with("media/"));
        all
    };
    let none = media(&|| {
        base.write("notes/outbox/2026-10-03T10-00-00Z.md", "Words.");
    });
    assert_eq!(none, [""; 0]);
    let new = media(&|| {
        base.write("notes/outbox/2026-09-03T10-00-00Z/new.png", png(4, 4));
        base.write("notes/outbox/2026-09-03T10-00-00Z.md", "A picture.");
    });
    // The months beside it lead to the new one.
    let expect = ["2026-08/index.html", "2026-09/index.html", "2026-10/index.html", "index.html"];
    assert_eq!(new, expect.map(|path| format!("media/{path}")));
}

#[test]
fn a_month_of_many_pictures_is_cut_from_its_old_end() {
    let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\n");
    for number in 0..130 {
        let stem = format!("notes/outbox/2026-10-{:02}T{:02}-00-00Z", number / 10 + 1, number % 10);
        base.write(&format!("{stem}.md"), "x").write(&format!("{stem}/p{number}.png"), png(3, 3));
    }
    base.build();
    let pictures = |page: &str| base.page(&format!("public/media/{page}")).matches("<img ").count();
    assert_eq!(pictures("2026-10/index.html"), 120);
    assert_eq!(pictures("2026-10/page-2.html"), 10);
    assert_eq!(pictures("index.html"), 48);
    let first = base.page("public/media/2026-10/index.html");
    assert!(first.contains("p0.png") && !first.contains("p120.png"));
    assert!(first.contains("rel=\"next\"") && first.contains("media/2026-10/page-2.html"));
}

#[test]
fn authors_of_a_channel_have_pages_where_there_are_several() {
    let base = site();
    base.build();
    let contact = base.page("public/notes/index.html");
    let ann = addresses(&contact).find(|address| address.contains("/authors/ann-teal-")).unwrap();
    let ann = base.page(&format!("public/{}", ann.trim_start_matches("../")));
    assert!(
        ann.contains("h-card") && ann.contains("<h1 class=\"p-name\" dir=\"auto\">Ann Teal</h1>")
    );
    assert!(ann.contains("class=\"u-url\" rel=\"author\" href=\"https://ann.example/\""));
    // Who is not named is the first; who only calls himself so has no page.
    assert!(ann.contains("2026-09-30T20-00-00Z-late.html") && !ann.contains("gauge.html"));
    assert!(!ann.contains("2026-11-03T10-00-00Z.html"), "a guest's");
    let odo = base.page("public/notes/authors/odo/index.html");
    assert!(odo.contains("gauge.html") && !odo.contains("late.html"), "compared folded");
    assert!(base.at("_site/public/notes/authors/odo/2026/index.html").exists());
    // One author, or a conversation: none.
    assert!(!base.at("_site/public/quiet/authors").exists());
    assert!(!base.at("_site/reader/mira/authors").exists());
}

#[test]
fn a_year_has_a_calendar_whose_days_lead_to_their_lists() {
    let base = site();
    base.build();
    let year = base.page("public/archive/2026/index.html");
    let day = |path: &str, day: usize, title: &str, count: usize| {
        format!(
            "<a href=\"../../archive/{path}\">{day}<span class=\"unseen\"> {title}: {count} message</span></a>"
        )
    };
    // A message of the last evening of September, in Tokyo of the first of October.
    for link in [
        day("2026-09/index.html#d-2026-10-01", 1, "October 2026", 1),
        day("2026-10/index.html#d-2026-10-02", 2, "October 2026", 1),
        day("2026-11/index.html#d-2026-11-03", 3, "November 2026", 1),
    ] {
        assert!(year.contains(&link), "{link} in {year}");
    }
    assert!(base.page("public/archive/2026-09/index.html").contains("id=\"d-2026-10-01\""));
    assert_eq!(year.matches("class=\"calendar\"").count(), 2);
    // October 2026 begins on a Thursday and has 31 days: the first four in its first week, the last six in its last.
    let october = table(&year, "October 2026");
    assert_eq!(october.len(), 1 + 5);
    assert_eq!(october[0], ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    assert_eq!(october[1], ["", "", "", "1", "2", "3", "4"]);
    assert_eq!(october[5], ["26", "27", "28", "29", "30", "31", ""]);
}

#[test]
fn a_month_of_a_calendar_that_begins_on_a_monday_or_ends_on_a_sunday_has_no_empty_week() {
    let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\nlanguage = \"de\"\n");
    for month in ["2026-06", "2026-05", "2021-02"] {
        base.write(&format!("notes/outbox/{month}-01T10-00-00Z.md"), "x");
    }
    base.build();
    let year = base.page("public/notes/2026/index.html");
    let june = table(&year, "Juni 2026");
    assert_eq!(june[0], ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]);
    assert_eq!((june[1][0].as_str(), june[5][1].as_str(), june.len()), ("1", "30", 1 + 5));
    let may = table(&year, "Mai 2026");
    assert_eq!((may[1][4].as_str(), may[5][6].as_str(), may.len()), ("1", "31", 1 + 5));
    // From a Monday to a Sunday.
    let february = table(&base.page("public/notes/2021/index.html"), "Februar 2021");
    assert_eq!((february.len(), february[4][6].as_str()), (1 + 4, "28"));
    for month in [&june, &may, &february] {
        assert!(month.iter().all(|week| week.len() == 7), "{month:?}");
    }
}

/// Returns the rows of the calendar of a month, without what only screen readers say.
fn table(year: &str, month: &str) -> Vec<Vec<String>> {
    let month = year.split(&format!("{month}</a></h2>")).nth(1).unwrap();
    let rows = month.split("</table>").next().unwrap().split("<tr>").skip(1);
    let cell = |cell: &str| {
        let shown = cell.split("<span").next().unwrap();
        let text = |part: &str| part.split('>').next_back().unwrap().to_owned();
        shown.split('<').map(text).collect::<String>().trim().to_owned()
    };
    rows.map(|row| {
        row.split("</t")
            .filter(|part| part.contains("<td") || part.contains("<th"))
            .map(cell)
            .collect()
    })
    .collect()
}

#[test]
fn a_day_leads_to_the_part_of_its_month() {
    let base = Base::of("-- handbill.toml\npublic = [\"notes\"]\npage_size = 2\n");
    for day in 1..6 {
        base.write(&format!("notes/outbox/2026-11-{day:02}T10-00-00Z.md"), "x");
    }
    base.build();
    let year = base.page("public/notes/2026/index.html");
    for place in ["index.html#d-2026-11-02", "page-2.html#d-2026-11-03", "page-3.html#d-2026-11-05"]
    {
        assert!(year.contains(&format!("notes/2026-11/{place}\"")), "{place}");
        let (page, id) = place.split_once('#').unwrap();
        assert!(
            base.page(&format!("public/notes/2026-11/{page}")).contains(&format!("id=\"{id}\""))
        );
    }
}

#[test]
fn a_theme_cannot_lay_files_among_what_is_searched() {
    let base = site();
    base.write("theme/assets/search/2026-11.js", "mine()");
    assert_eq!(base.findings().iter().filter(|f| f.contains("assets/search")).count(), 1);
    base.build();
    assert!(!base.page("public/assets/search/2026-11.js").contains("mine"));
}

/// How many bytes the scripts of an edition may have together, and those that one page loads.
const SCRIPTS: usize = 15_000;
/// What any page of the server loads.
const MOST: usize = 17_500;

/// Returns how many bytes a script of the server has as it is sent.
fn server(name: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/assets").join(name);
    lean(&fs::read_to_string(path).unwrap()).len()
}

#[test]
fn scripts_are_small() {
    let base = site();
    base.build();
    let size = |path: &str| base.page(&format!("reader/assets/{path}")).len();
    let (search, reading, live) = (size("search.js"), size("reader/reading.js"), server("live.js"));
    let pictures = size("pictures.js");
    let all = search + reading + pictures;
    assert!(all <= SCRIPTS, "search {search}, reading {reading}, pictures {pictures}");
    // The page of the search does without the script of what is new.
    assert!(live + reading <= SCRIPTS, "live {live}, reading {reading}");
    assert!(live + search <= SCRIPTS, "live {live}, search {search}");
    // A contact's page has the most: what is new, pictures, live reload and what Syncthing says.
    let sync = server("sync.js");
    let most = reading + pictures + live + sync;
    assert!(most <= MOST, "reading {reading}, pictures {pictures}, live {live}, sync {sync}");
    let page = base.page("reader/search/index.html");
    assert!(page.contains("assets/search.js") && !page.contains("reading.js"), "{page}");
    assert!(!base.page("public/index.html").contains("<script"));
}
