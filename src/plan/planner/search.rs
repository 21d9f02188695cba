//! Search: its page, and for each month what is searched. One new message changes one script.

use super::{Months, Planner, output};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Head, Message, Slice};
use crate::path::OutPath;
use crate::plan::{Output, Page, SearchPage, Shard, What};
use crate::time::Month;
use std::sync::Arc;

/// How many messages of a month one script holds. A month is cut from its old end, so that what is
/// full never changes again.
const PART: usize = 250;

impl Planner<'_> {
    /// Adds the page to search on: it names the scripts, and changes when there is a new one.
    pub(super) fn search(&mut self, timeline: &Months<'_>) {
        let library = self.site.library;
        let searched = if self.is_searched() { &timeline[..] } else { &[] };
        let parts = |(month, slice): &(Month, &Slice)| (*month, slice.len().div_ceil(PART));
        let parts: Vec<(Month, usize)> = searched.iter().rev().map(parts).collect();
        let mut years: Vec<i32> = timeline.iter().rev().map(|(month, _)| month.year).collect();
        years.dedup();
        // Who is muted is part of what every page shares.
        let from = self.inputs("search").value(&(&parts, &years)).finish();
        self.segments.add("search".into(), from, || {
            let shards = parts.into_iter().flat_map(shards).collect();
            let contacts = library.contacts.iter().map(|contact| &contact.head);
            let heads: Vec<Arc<Head>> =
                contacts.filter(|head| library.in_timeline(head)).cloned().collect();
            let page = Page::Search(SearchPage { shards, years, heads: heads.clone() });
            vec![output(OutPath::fixed("search/index.html"), page, from, heads)]
        });
    }

    /// Returns whether the theme brings the script that searches: without it nobody loads the others.
    fn is_searched(&self) -> bool {
        self.site.theme.assets.contains_key(&OutPath::fixed("assets/search.js"))
    }

    /// Adds what is searched of a month.
    pub(super) fn search_month(&mut self, month: Month, slice: &Slice) {
        if !self.is_searched() {
            return;
        }
        let inputs = self.inputs("search month").finish();
        let from = Inputs::new("search shards").print(&inputs).print(&slice.print).finish();
        self.segments.add(format!("search/{month}"), from, || {
            let parts = slice.messages().chunks(PART).enumerate();
            parts.map(|(at, part)| shard(shard_path(month, at), part, &inputs)).collect()
        });
    }
}

fn shard(path: OutPath, messages: &[Arc<Message>], inputs: &Fingerprint) -> Output {
    let fingerprint = Inputs::new("search shard")
        .print(inputs)
        .text(path.as_str())
        .prints(messages.iter().map(|message| message.fingerprint))
        .finish();
    let mut drew_on: Vec<Arc<Head>> = Vec::new();
    for message in messages {
        if !drew_on.iter().any(|known| Arc::ptr_eq(known, &message.head)) {
            drew_on.push(Arc::clone(&message.head));
        }
    }
    let what = What::Shard(Box::new(Shard { messages: messages.to_vec() }));
    Output { path, what, fingerprint, drew_on }
}

/// Returns the scripts of a month that has so many, the newest first.
fn shards((month, parts): (Month, usize)) -> impl Iterator<Item = OutPath> {
    (0..parts).rev().map(move |at| shard_path(month, at))
}

/// Returns a script of a month, from 0. Below `assets/`, for scripts are loaded from nowhere else.
fn shard_path(month: Month, at: usize) -> OutPath {
    let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
    OutPath::fixed(&format!("assets/search/{month}{number}.js"))
}
