//! Overviews: conversations, all contacts, all feeds.

use super::{Planner, drew_on, output};
use crate::hash::{Fingerprint, Inputs};
use crate::library::{Contact, Edition, Kind};
use crate::path::OutPath;
use crate::plan::{ContactLine, FeedLine, FeedList, FeedOf, Output, Page, What, prints};
use crate::time::{Month, Stamp};
use std::borrow::Cow;
use std::sync::Arc;

/// How many months an overview of contacts counts.
const MONTHS: usize = 24;

impl Planner<'_> {
    pub(super) fn overview(&mut self) {
        self.feeds();
        if self.site.library.edition == Edition::Reader {
            let lines = self.contact_lines();
            let mut talks: Vec<ContactLine> =
                lines.iter().filter(|line| line.head.kind == Kind::Conversation).cloned().collect();
            let newest =
                |line: &ContactLine| line.last.as_ref().map(|item| item.message.stamp.unix());
            talks.sort_by(|a, b| {
                newest(b).cmp(&newest(a)).then_with(|| a.head.name.cmp(&b.head.name))
            });
            self.lines("conversations", talks, Page::Conversations);
            self.lines("subscriptions", lines, Page::Subscriptions);
        }
    }

    fn lines(
        &mut self,
        name: &str,
        lines: Vec<ContactLine>,
        page: impl FnOnce(Vec<ContactLine>) -> Page,
    ) {
        let from = self.inputs(name).prints(lines.iter().map(line_print)).finish();
        let path = OutPath::fixed(&format!("{name}/index.html"));
        self.segments.add(name.to_owned(), from, || {
            let heads: Vec<_> = lines.iter().map(|line| Arc::clone(&line.head)).collect();
            let drew_on = drew_on(lines.iter().filter_map(|line| line.last.as_ref()), &heads);
            vec![output(path, page(lines), from, drew_on)]
        });
    }

    fn contact_lines(&self) -> Vec<ContactLine> {
        let library = self.site.library;
        let newest = library.contacts.iter().filter_map(|contact| contact.messages.last());
        let Some(to) = newest.map(|message| message.stamp.month()).max() else {
            return library
                .contacts
                .iter()
                .map(|contact| self.contact_line(contact, &[]))
                .collect();
        };
        let mut months: Vec<Month> =
            std::iter::successors(Some(to), |month| month.before()).take(MONTHS).collect();
        months.reverse();
        library.contacts.iter().map(|contact| self.contact_line(contact, &months)).collect()
    }

    fn contact_line(&self, contact: &Contact, months: &[Month]) -> ContactLine {
        let count = |month: &Month| {
            (*month, contact.slices.months.get(month).map_or(0, |slice| slice.len()))
        };
        let counts = months.iter().map(count).collect();
        let name = contact.head.name.as_str();
        let own = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
        ContactLine {
            head: Arc::clone(&contact.head),
            count: contact.messages.len(),
            last: contact.messages.last().map(|message| self.item(message)),
            months: counts,
            problems: self.site.problems.iter().filter(|report| own(&report.path)).count(),
        }
    }

    fn feeds(&mut self) {
        let library = self.site.library;
        let mut lines = vec![FeedLine { of: FeedOf::Edition, path: OutPath::fixed("feed.xml") }];
        lines.extend(library.contacts.iter().map(|contact| FeedLine {
            of: FeedOf::Contact(Arc::clone(&contact.head)),
            path: OutPath::fixed(&format!("{}/feed.xml", contact.head.dir)),
        }));
        if library.edition == Edition::Reader {
            self.outline(lines[1..].to_vec());
        }
        let tags = library.tags.values().filter(|group| group.has_feed());
        lines.extend(tags.map(|group| FeedLine {
            of: FeedOf::Tag(group.label.clone()),
            path: OutPath::fixed(&format!("tags/{}/feed.xml", group.dir)),
        }));
        // What contacts are called is part of what every page shares.
        let labels: Vec<_> = lines.iter().map(|line| (feed_label(&line.of), &line.path)).collect();
        let from = self.inputs("feeds").value(&labels).finish();
        let heads = library.contacts.iter().map(|contact| Arc::clone(&contact.head)).collect();
        self.segments.add("feeds".into(), from, || {
            vec![output(OutPath::fixed("feeds/index.html"), Page::Feeds(lines), from, heads)]
        });
    }
}

impl Planner<'_> {
    /// Adds the list of the contacts' feeds. That of the edition is not in it: it would bring
    /// every message a second time.
    fn outline(&mut self, lines: Vec<FeedLine>) {
        let contacts = self.site.library.contacts.iter();
        let began = contacts.filter_map(|contact| Some(contact.messages.first()?.stamp));
        let since = began.max_by_key(|stamp| stamp.unix());
        let from = self.inputs("outline").value(&since.map(Stamp::unix)).finish();
        let drew_on: Vec<_> = lines.iter().filter_map(|line| line.of.head().cloned()).collect();
        self.segments.add("outline".into(), from, || {
            let path = OutPath::fixed("subscriptions.opml");
            let what = What::Outline(FeedList { lines, since });
            vec![Output { path, what, fingerprint: from, drew_on }]
        });
    }
}

fn feed_label(of: &FeedOf) -> Cow<'_, str> {
    match of {
        FeedOf::Edition => Cow::default(),
        FeedOf::Contact(head) => Cow::from(&head.title),
        FeedOf::Tag(label) => Cow::from(&**label),
        // Every page of a thread names its feed; a list of them all would help nobody.
        FeedOf::Thread(root) => root.message().map(|root| root.meta.lead()).unwrap_or_default(),
    }
}

fn line_print(line: &ContactLine) -> Fingerprint {
    Inputs::new("contact line")
        .print(&line.head.fingerprint)
        .number(line.count as u64)
        .prints(line.last.iter().map(prints::item))
        .value(&line.months)
        .number(line.problems as u64)
        .finish()
}
