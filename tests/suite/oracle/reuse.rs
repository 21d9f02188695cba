//! The same within one process: a plan goes on from the segments of the last one.

use super::world::World;
use super::{EDITS, edits, run_all};
use crate::support::{Tree, difference};
use handbill::build::{Built, Input, Last, Made, Planned, build};
use handbill::diagnostic::Checked;
use handbill::disk::{self, Loaded};
use handbill::hash::Hash;
use handbill::library::{Memory, Message};
use handbill::plan::What;
use handbill::render::{Bodies, Look, Texts, feed, html, sitemap};
use std::fs;
use std::path::Path;

const SEQUENCES: u64 = 120;

#[test]
fn a_plan_of_reused_segments_shows_what_a_new_one_shows() {
    run_all(SEQUENCES, &sequence);
}

fn sequence(world: &mut World) {
    let mut last = Last::default();
    let mut reused_any = false;
    for step in 0..EDITS {
        edits::edit(world);
        world.note_inboxes();
        let loaded = disk::load(&world.base.places(), None).unwrap();
        let Checked { value: fresh, diagnostics } = plan(world, &loaded, &Last::default());
        let Checked { value: reused, diagnostics: again } = plan(world, &loaded, &last);
        assert_eq!(diagnostics, again);
        for (fresh, reused) in [(&fresh.public, &reused.public), (&fresh.reader, &reused.reader)] {
            assert_eq!(prints(fresh), prints(reused));
            reused_any |= reused.segments.made() < fresh.segments.made();
            if step % 10 == 9 {
                let (left, right) = (shown(world, &loaded, reused), shown(world, &loaded, fresh));
                if let Some(difference) = difference(&left, &right) {
                    panic!("reused (<) and new (>) differ: {difference}");
                }
            }
        }
        last = Last {
            public: reused.public.segments,
            reader: reused.reader.segments,
            contacts: Some(Made::new(reused.contacts, loaded.contacts, loaded.settings)),
        };
    }
    assert!(reused_any, "no segment was ever reused");
}

fn plan(world: &World, loaded: &Loaded, last: &Last) -> Checked<Built> {
    let memory = Memory { inboxes: world.seen.clone(), ..Memory::default() };
    let input = Input {
        contacts: &loaded.contacts,
        settings: &loaded.settings,
        theme: &loaded.theme,
        memory: &memory,
        now: world.base.now,
        found: loaded.found.clone(),
    };
    build(input, last)
}

/// Returns the outputs of a plan with their fingerprints.
fn prints(planned: &Planned) -> Vec<String> {
    let outputs = planned.segments.outputs();
    outputs.map(|output| format!("{} {}", output.path, output.fingerprint)).collect()
}

/// Returns the files of a plan as they are published; of a copy what is copied.
fn shown(world: &World, loaded: &Loaded, planned: &Planned) -> Tree {
    let look = Look::new(planned.edition, &loaded.settings, &loaded.theme, &planned.heads);
    let texts = Files(world.base.path());
    let mut tree = Tree::new();
    for output in planned.segments.outputs() {
        let bodies = Bodies::new(&texts, &look, std::iter::once(output));
        let bytes = match &output.what {
            What::Asset(bytes) => bytes.to_vec(),
            What::Copy { file, stripped } => format!("{file:?} {stripped}").into_bytes(),
            What::Feed(feed) => feed::feed(feed, &look, &bodies).0,
            What::Crawlers(what) => sitemap::crawlers(what, &look).into_bytes(),
            What::Page(page) => html::page(&output.path, page, &look, &bodies).unwrap().bytes,
        };
        let before = tree.insert(output.path.to_string(), bytes);
        assert!(before.is_none(), "{} is planned twice", output.path);
    }
    tree
}

/// The texts of a base folder, each as long as it is the one that was planned.
struct Files<'f>(&'f Path);

impl Texts for Files<'_> {
    fn text(&self, message: &Message) -> Option<String> {
        let bytes = fs::read(self.0.join(message.path.as_str())).ok()?;
        (Hash::of(&bytes) == message.source).then(|| String::from_utf8(bytes).unwrap())
    }
}
