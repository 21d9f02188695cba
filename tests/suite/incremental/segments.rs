//! How many segments of a plan one message costs, without a disk.

use handbill::build::{self, Built, Input, Last, Next, build};
use handbill::config::{Settings, read_settings};
use handbill::diagnostic::Owner;
use handbill::fields::File;
use handbill::hash::{Fingerprint, Hash};
use handbill::library::contact::{BoxInput, ContactInput, Post};
use handbill::library::{Context, Memory};
use handbill::listing::{MessageFile, Stat};
use handbill::message::parse;
use handbill::path::RelPath;
use handbill::plan::{Segment, Take};
use handbill::theme::{self, Theme};
use handbill::time::{Now, Stamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const CONTACTS: usize = 5;

fn post(seconds: i64, text: &str) -> Arc<Post> {
    let stamp = Stamp::from_unix(seconds);
    let stem = stamp.iso().replace(':', "-");
    let path = format!("{stem}.md");
    let meta = parse(File { path: &path, text, owner: Owner::Own }).value;
    Arc::new(Post {
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
        history: None,
    })
}

/// Makes contacts with so many messages in all, over the same two years up to yesterday however
/// many there are.
fn contacts(count: usize) -> Vec<Arc<ContactInput>> {
    const SPAN: i64 = 2 * 365 * 86_400;
    let each = count / CONTACTS;
    let contact = |number: usize| {
        let posts = (0..each).rev().map(|at| {
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

fn built(inputs: &[Arc<ContactInput>], last: &Last) -> Built {
    let (settings, memory) = (settings(), Memory::default());
    let context = Context { settings: &settings, now: Now(NOW) };
    let contacts = build::contacts(inputs, &context, last, Next::Some);
    let input = Input { contacts, settings: &settings, memory: &memory, found: Vec::new() };
    build(input, last).value
}

fn last(built: Built, contacts: &[Arc<ContactInput>]) -> Last {
    built.into_last(contacts.to_vec(), settings())
}

/// Counts the segments that are not among those of a plan before.
#[derive(Default)]
struct Count {
    before: BTreeMap<String, Fingerprint>,
    all: BTreeMap<String, Fingerprint>,
    made: usize,
}

impl Take for Count {
    fn part(&mut self, _: &str, _: Option<&Fingerprint>) -> bool {
        true
    }

    fn wants(&mut self, place: &str, from: &Fingerprint) -> bool {
        self.all.insert(place.to_owned(), *from);
        self.made += usize::from(self.before.get(place) != Some(from));
        false
    }

    fn take(&mut self, _: Segment) {
        unreachable!("nothing is wanted");
    }
}

/// Returns how many segments of the second plan are not those of the first, and how many the first
/// has: for each edition.
fn compare(theme: &Theme, first: &Built, second: &Built) -> [(usize, usize); 2] {
    [(&first.public, &second.public), (&first.reader, &second.reader)].map(|(first, second)| {
        let mut before = Count::default();
        first.plan(&settings(), theme, &mut before);
        let mut after = Count { before: before.all, ..Count::default() };
        second.plan(&settings(), theme, &mut after);
        (after.made, after.before.len())
    })
}

/// Returns how many segments are made for one new message in a public channel among `count`, of
/// how many: for each edition.
fn made(count: usize) -> [(usize, usize); 2] {
    let theme = theme::load("theme", &[], "en").value;
    let mut contacts = contacts(count);
    let first = built(&contacts, &Last::default());
    let before = contacts.clone();
    let outbox = Arc::make_mut(&mut contacts[0]).outbox.as_mut().unwrap();
    let new = post(NOW - 60, "New. #tide");
    outbox.posts = outbox.posts.iter().cloned().chain([new]).collect();
    let again = built(&before, &Last::default());
    let next = built(&contacts, &last(again, &before));
    compare(&theme, &first, &next)
}

#[test]
fn a_new_message_costs_as_many_segments_among_many_as_among_few() {
    let [public, reader] = made(100);
    // The month of the channel with the page itself; index and feed of channel, edition and tag;
    // the years of channel, edition and tag; the month of the edition, and what is searched of it; the
    // list of tags.
    // In the reader edition the list of contacts, and the archive of the month in which the message
    // was written that fell out of the edition's feed.
    assert_eq!((public.0, reader.0), (13, 15));
    assert!(public.1 > 50 && reader.1 > 100, "there are segments to reuse: {public:?} {reader:?}");
    // There are more in a month than a feed holds: the month is archived while it lasts, for the
    // channel and for the edition.
    let [public, reader] = made(10_000);
    assert_eq!((public.0, reader.0), (15, 16));
}

#[test]
fn a_plan_of_the_same_makes_no_segment() {
    let theme = theme::load("theme", &[], "en").value;
    let contacts = contacts(100);
    let first = built(&contacts, &Last::default());
    let second = built(&contacts, &Last::default());
    assert_eq!(compare(&theme, &first, &second).map(|(made, _)| made), [0, 0]);
}
