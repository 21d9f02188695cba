//! How many segments of a plan one message costs, without a disk.

use handbill::build::{Built, Input, Last, Made, build};
use handbill::config::{Settings, read_settings};
use handbill::diagnostic::Owner;
use handbill::fields::File;
use handbill::hash::Hash;
use handbill::library::Memory;
use handbill::library::contact::{BoxInput, ContactInput, Post};
use handbill::listing::{MessageFile, Stat};
use handbill::message::parse;
use handbill::path::RelPath;
use handbill::theme::{self, Theme};
use handbill::time::{Now, Stamp};

use std::sync::Arc;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const CONTACTS: usize = 5;

fn post(seconds: i64, text: &str) -> Post {
    let stamp = Stamp::from_unix(seconds);
    let stem = stamp.iso().replace(':', "-");
    let path = format!("{stem}.md");
    let meta = parse(File { path: &path, text, owner: Owner::Own }).value;
    Post {
        file: MessageFile {
            path: RelPath::parse(&path).unwrap(),
            stem: RelPath::parse(&stem).unwrap(),
            stat: Stat { size: text.len() as u64, ..Stat::default() },
            named_time: Some(stamp),
            attachments: Vec::new(),
            suspect: None,
        },
        source: Hash::of(text.as_bytes()),
        meta: Arc::new(meta),
        too_large: false,
    }
}

/// Makes contacts with so many messages in all, over the same two years up to yesterday however
/// many there are.
fn contacts(count: usize) -> Vec<Arc<ContactInput>> {
    const SPAN: i64 = 2 * 365 * 86_400;
    let each = count / CONTACTS;
    let contact = |number: usize| {
        let posts = (0..each).map(|at| {
            let back = SPAN * at as i64 / each as i64;
            let seconds = NOW - 86_400 - back + number as i64;
            post(seconds, &format!("Number {at}. #tide #tag{}", at % 3))
        });
        Arc::new(ContactInput {
            name: format!("channel-{number}"),
            outbox: Some(BoxInput { posts: posts.collect(), ..BoxInput::default() }),
            inbox: None,
            inbox_trace: None,
        })
    };
    (0..CONTACTS).map(contact).collect()
}

fn settings() -> Settings {
    let text = "public = [\"channel-0\", \"channel-1\"]";
    read_settings(File { path: "handbill.toml", text, owner: Owner::Own }).value
}

fn built(contacts: &[Arc<ContactInput>], theme: &Theme, last: &Last) -> Built {
    let (settings, memory) = (settings(), Memory::default());
    let now = Now(NOW);
    let input =
        Input { contacts, settings: &settings, theme, memory: &memory, now, found: Vec::new() };
    build(input, last).value
}

fn last(built: Built, contacts: &[Arc<ContactInput>]) -> Last {
    Last {
        public: built.public.segments,
        reader: built.reader.segments,
        contacts: Some(Made::new(built.contacts, contacts.to_vec(), settings())),
    }
}

/// Returns how many segments are made for one new message in a public channel among `count`, of
/// how many: for each edition.
fn made(count: usize) -> [(usize, usize); 2] {
    let theme = theme::load("theme", &[], "en").value;
    let mut contacts = contacts(count);
    let first = built(&contacts, &theme, &Last::default());
    let all = [first.public.segments.groups().count(), first.reader.segments.groups().count()];
    let last = last(first, &contacts);
    let outbox = Arc::make_mut(&mut contacts[0]).outbox.as_mut().unwrap();
    outbox.posts.push(post(NOW - 60, "New. #tide"));
    let next = built(&contacts, &theme, &last);
    let made = [next.public.segments.made(), next.reader.segments.made()];
    [(made[0], all[0]), (made[1], all[1])]
}

#[test]
fn a_new_message_costs_as_many_segments_among_many_as_among_few() {
    let [public, reader] = made(100);
    // The month of the channel with the page itself; index and feed of channel, edition and tag;
    // the years of channel, edition and tag; the month of the edition; the list of tags.
    // In the reader edition the list of contacts.
    assert_eq!((public.0, reader.0), (12, 13));
    assert!(public.1 > 50 && reader.1 > 100, "there are segments to reuse: {public:?} {reader:?}");
    let [public, reader] = made(10_000);
    assert_eq!((public.0, reader.0), (12, 13));
}

#[test]
fn a_plan_of_the_same_makes_no_segment() {
    let theme = theme::load("theme", &[], "en").value;
    let contacts = contacts(100);
    let first = built(&contacts, &theme, &Last::default());
    let last = last(first, &contacts);
    let second = built(&contacts, &theme, &last);
    assert_eq!((second.public.segments.made(), second.reader.segments.made()), (0, 0));
}
