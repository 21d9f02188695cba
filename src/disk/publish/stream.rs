//! A plan on its way to the disk: segments that have changed are written as they come.

use super::Leak;
use super::writer::Writer;
use crate::disk::manifest::{Change, Growing};
use crate::hash::Fingerprint;
use crate::path::OutPath;
use crate::plan::Rank;
use crate::plan::diff::{Compared, Diff, Gone, Group, OnDisk, Published, Reason, Record};
use crate::plan::look::LastLook;
use anyhow::Result;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How many outputs are held until they are written, all processors at once.
const BATCH: usize = 512;
/// How many outputs of an edition that is being read are held, so that its plan need not be gone
/// through again for each stage.
const HELD: usize = 4096;

/// When an output of an edition that is being read is written: what is new before what was there,
/// and of each what is pointed to before what points to it. What was there does not point to what
/// is new, so that whoever follows links from the front page finds all of them, whenever a build
/// ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stage {
    new: bool,
    rank: Rank,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Stage; 6] = {
        const fn stage(new: bool, rank: Rank) -> Stage {
            Stage { new, rank }
        }
        [
            stage(true, Rank::File),
            stage(true, Rank::Message),
            stage(true, Rank::Pointer),
            stage(false, Rank::File),
            stage(false, Rank::Message),
            stage(false, Rank::Pointer),
        ]
    };

    /// Returns whether it is an output's.
    pub fn holds(self, one: &Compared) -> bool {
        let new = matches!(one.reason, Some(Reason::New | Reason::Damaged));
        new == self.new && one.output.rank() == self.rank
    }
}

/// Goes through the plan once and writes the outputs of a stage as they come; without one, all.
pub(super) fn write<D: OnDisk>(
    writer: &Writer<'_>,
    mut diff: Diff<'_, D>,
    stage: Option<Stage>,
    ledger: &mut Ledger,
) -> Result<()> {
    let look = writer.last_look();
    let (mut held, mut count, mut done) = (Vec::new(), 0, Ok(()));
    let mut hold = |group: Group| {
        look_at(look.as_ref(), &group)?;
        count += group.outputs.len();
        held.push(group);
        if count < BATCH {
            return Ok(());
        }
        count = 0;
        writer.groups(&std::mem::take(&mut held), stage, ledger)?;
        ledger.settle()
    };
    diff.through(
        |take| writer.plan(take),
        |group| {
            done = hold(group);
            if done.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
    );
    done?;
    writer.groups(&held, stage, ledger)?;
    ledger.parts(diff.due);
    Ok(())
}

/// What has to be done to an edition.
pub(super) struct Survey {
    /// What has to be made, unless it is too much to be held.
    pub groups: Option<Vec<Group>>,
    /// The files that have to be written, and whether each is known to be ours.
    pub due: Vec<(OutPath, bool)>,
    /// What has to go.
    pub gone: Gone,
    /// The parts that are not as they were.
    pub parts: Vec<(Arc<str>, Option<Fingerprint>)>,
    /// How many files stay as they are.
    pub kept: usize,
}

/// Goes through a plan without writing anything: finds out what has to be done to an edition, and
/// holds it if it is little.
pub(super) fn survey<D: OnDisk>(writer: &Writer<'_>, mut diff: Diff<'_, D>) -> Result<Survey> {
    let look = writer.last_look();
    let (mut groups, mut due, mut leak) = (Some(Vec::new()), Vec::new(), Ok(()));
    diff.through(
        |take| writer.plan(take),
        |group| {
            leak = look_at(look.as_ref(), &group);
            if leak.is_err() {
                return ControlFlow::Break(());
            }
            let new = group.outputs.iter().filter(|one| one.reason.is_some());
            due.extend(new.map(|one| (one.output.path.clone(), one.ours)));
            match &mut groups {
                Some(groups) if due.len() <= HELD => groups.push(group),
                _ => groups = None,
            }
            ControlFlow::Continue(())
        },
    );
    leak?;
    let (kept, parts) = (diff.kept, std::mem::take(&mut diff.due));
    Ok(Survey { groups, due, gone: diff.gone(), parts, kept })
}

fn look_at(look: Option<&LastLook<'_>>, group: &Group) -> Result<(), Leak> {
    let Some(look) = look else { return Ok(()) };
    group.outputs.iter().try_for_each(|one| look.at(&one.output)).map_err(Leak)
}

/// What has become of the parts of a plan and the outputs of their segments.
#[derive(Default)]
pub(super) struct Ledger {
    parts: BTreeMap<Arc<str>, PartDraft>,
    /// How many outputs were noted.
    outputs: usize,
    /// The manifest that takes in segments as soon as all of their outputs are made, where there is
    /// one.
    growing: Option<Growing>,
}

/// What was noted in a ledger.
pub(super) enum Noted {
    /// All is in the manifest that was written on the way.
    Written(Growing),
    /// What the manifest is to say of parts of the plan: see [`Update`](crate::disk::manifest::Update).
    Changes(Vec<(Box<str>, Option<Change>)>),
}

/// A part of the plan: the hash of what it is made from, where that is known, and its segments.
#[derive(Default)]
struct PartDraft {
    from: Option<Fingerprint>,
    segments: BTreeMap<Box<str>, Draft>,
}

struct Draft {
    from: Fingerprint,
    files: Vec<(OutPath, Published)>,
    /// Whether all were made, and by the templates that were asked for.
    whole: bool,
}

impl Ledger {
    /// Begins a ledger of an edition that was not there before and is made in one go.
    pub fn growing(growing: Growing) -> Ledger {
        Ledger { growing: Some(growing), ..Ledger::default() }
    }

    /// Hands what is noted to the manifest that is written on the way, where there is one; all
    /// outputs of the segments must be.
    pub fn settle(&mut self) -> Result<()> {
        if let Some(growing) = &mut self.growing {
            growing.add(changes(std::mem::take(&mut self.parts), Gone::default()))?;
        }
        Ok(())
    }

    /// Ends the ledger, when also these segments are gone: none of an edition that was not there.
    pub fn end(mut self, gone: Gone) -> Result<Noted> {
        self.settle()?;
        Ok(match self.growing {
            Some(growing) => Noted::Written(growing),
            None => Noted::Changes(changes(self.parts, gone)),
        })
    }

    /// Notes parts that are not as they were, with the hash of what they are made from.
    pub fn parts(&mut self, parts: Vec<(Arc<str>, Option<Fingerprint>)>) {
        for (name, from) in parts {
            self.parts.entry(name).or_default().from = from;
        }
    }

    /// Notes what has become of outputs of a segment; none where one was not made.
    pub fn note(
        &mut self,
        group: &Group,
        outputs: impl Iterator<Item = (OutPath, Option<Published>)>,
    ) {
        let part = self.parts.entry(Arc::clone(&group.part)).or_default();
        let new = || Draft { from: group.from, files: Vec::new(), whole: true };
        let draft = part.segments.entry(group.place.clone()).or_insert_with(new);
        for (path, published) in outputs {
            self.outputs += 1;
            draft.whole &= published.is_some_and(|known| known.fingerprint.is_some());
            draft.files.extend(published.map(|known| (path, known)));
        }
    }

    /// Returns how many outputs were noted.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Returns how many segments were noted.
    pub fn segments(&self) -> usize {
        let settled = self.growing.as_ref().map_or(0, Growing::segments);
        settled + self.parts.values().map(|part| part.segments.len()).sum::<usize>()
    }
}

/// Returns what the manifest is to say of parts, when also these segments are gone. A part that is not
/// known by a hash and of which nothing changes need not be mentioned.
fn changes(parts: BTreeMap<Arc<str>, PartDraft>, gone: Gone) -> Vec<(Box<str>, Option<Change>)> {
    let mut changes: BTreeMap<Box<str>, Change> = BTreeMap::new();
    for (name, PartDraft { from, segments }) in parts {
        let segments: Vec<_> = segments.into_iter().map(|(place, d)| (place, d.done())).collect();
        if from.is_some() || !segments.is_empty() {
            changes.insert((*name).into(), Change { from, segments });
        }
    }
    for (name, place) in gone.segments {
        changes.entry((*name).into()).or_default().segments.push((place, None));
    }
    let gone = gone.parts.into_iter().map(|name| (name, None));
    gone.chain(changes.into_iter().map(|(name, change)| (name, Some(change)))).collect()
}

impl Draft {
    fn done(mut self) -> Option<Arc<Record>> {
        self.files.sort_by(|a, b| a.0.cmp(&b.0));
        self.files.shrink_to_fit();
        let from = self.whole.then_some(self.from);
        Some(Arc::new(Record { from, files: self.files }))
    }
}
