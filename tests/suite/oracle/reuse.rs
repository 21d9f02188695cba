//! The same within one process: contacts that have not changed are taken over from the last build,
//! and segments of one hash are the same whenever they are planned.

use super::world::World;
use super::{EDITS, edits, run_all};
use crate::support::{Tree, difference};
use handbill::build::{Built, Input, Last, Next, Planned, build, contacts};
use handbill::diagnostic::Checked;
use handbill::disk::{self, Loaded};
use handbill::hash::{Fingerprint, Hash};
use handbill::library::{Context, Memory, Message};
use handbill::plan::{Segment, What};
use handbill::render::outline::{Keys, outline};
use handbill::render::{Bodies, Look, Texts, feed, html, search, sitemap};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const SEQUENCES: u64 = 120;

#[test]
fn a_plan_that_goes_on_from_the_last_one_shows_what_a_new_one_shows() {
    run_all(SEQUENCES, &sequence);
}

/// What segments were, by edition, place and the hash of what they are made from: the fingerprints
/// of their outputs, and what these show where that was looked at.
type Known = BTreeMap<(&'static str, Box<str>, Fingerprint), (String, Option<Tree>)>;

fn sequence(world: &mut World) {
    let mut last = Last::default();
    let mut known = Known::new();
    for step in 0..EDITS {
        edits::edit(world);
        world.note_inboxes();
        let loaded = disk::load(&world.base.places(), None).unwrap();
        let Checked { value: fresh, diagnostics } = plan(world, &loaded, &Last::default());
        let Checked { value: reused, diagnostics: again } = plan(world, &loaded, &last);
        assert_eq!(diagnostics, again);
        for (fresh, reused) in [(&fresh.public, &reused.public), (&fresh.reader, &reused.reader)] {
            let (fresh_segments, segments) = (segments(&loaded, fresh), segments(&loaded, reused));
            assert_eq!(prints(&fresh_segments), prints(&segments));
            all_paths_differ(&segments);
            for segment in segments {
                let place = (reused.edition.name(), segment.place.clone(), segment.from);
                let (prints, shown) = known.entry(place).or_default();
                let now = outputs(&segment);
                assert!(prints.is_empty() || *prints == now, "{}: {prints} {now}", segment.place);
                *prints = now;
                if step % 10 == 9 {
                    let now = show(world, &loaded, reused, &segment);
                    let difference = shown.as_ref().and_then(|shown| difference(shown, &now));
                    assert_eq!(difference, None, "of one hash: before (<) and now (>)");
                    *shown = Some(now);
                }
            }
        }
        last = reused.into_last(loaded.contacts, loaded.settings);
    }
}

fn plan(world: &World, loaded: &Loaded, last: &Last) -> Checked<Built> {
    let memory = Memory { inboxes: world.seen.clone(), ..Memory::default() };
    let context = Context { settings: &loaded.settings, now: world.base.now };
    let input = Input {
        contacts: contacts(&loaded.contacts, &context, last, Next::Some),
        settings: &loaded.settings,
        memory: &memory,
        found: loaded.found.clone(),
    };
    build(input, last)
}

fn segments(loaded: &Loaded, planned: &Planned) -> Vec<Segment> {
    let mut segments = Vec::new();
    planned.plan(&loaded.settings, &loaded.theme, &mut segments);
    segments
}

/// Returns the outputs of a plan with their fingerprints.
fn prints(segments: &[Segment]) -> Vec<String> {
    segments.iter().map(|segment| format!("{}: {}", segment.place, outputs(segment))).collect()
}

fn outputs(segment: &Segment) -> String {
    let outputs = segment.outputs.iter();
    outputs.map(|output| format!("{} {} ", output.path, output.fingerprint)).collect()
}

fn all_paths_differ(segments: &[Segment]) {
    let (mut paths, mut places) = (BTreeSet::new(), BTreeSet::new());
    for segment in segments {
        assert!(places.insert(&segment.place), "two segments are of {}", segment.place);
        for output in &segment.outputs {
            assert!(paths.insert(&output.path), "{} is planned twice", output.path);
        }
    }
}

/// Returns the files of a segment as they are published; of a copy what is copied.
fn show(world: &World, loaded: &Loaded, planned: &Planned, segment: &Segment) -> Tree {
    let look = Look::new(planned.edition, &loaded.settings, &loaded.theme, &planned.heads);
    let texts = Files(world.base.path());
    let mut tree = Tree::new();
    for output in &segment.outputs {
        let bodies = Bodies::new(&texts, &look);
        let bytes = match &output.what {
            What::Asset(bytes) => bytes.to_vec(),
            What::Copy { file, stripped } => format!("{file:?} {stripped}").into_bytes(),
            What::Smaller { file, width, stripped } => {
                format!("{file:?} {width} {stripped}").into_bytes()
            }
            What::Feed(feed, format) => feed::feed(feed, *format, &look, &bodies).0,
            What::Outline(lines) => outline(lines, &look, Keys::Without).into_bytes(),
            What::Crawlers(what) => sitemap::crawlers(what, &look).into_bytes(),
            What::Shard(shard) => search::shard(shard, &look, &bodies).unwrap().into_bytes(),
            What::Page(page) => html::page(&output.path, page, &look, &bodies).unwrap().bytes,
        };
        tree.insert(output.path.to_string(), bytes);
    }
    tree
}

/// The texts of a base folder, each as long as it is the one that was planned.
struct Files<'f>(&'f Path);

impl Texts for Files<'_> {
    fn text(&self, message: &Message) -> Option<String> {
        let bytes = fs::read(self.0.join(message.path())).ok()?;
        (Hash::of(&bytes) == message.source).then(|| String::from_utf8(bytes).unwrap())
    }
}
