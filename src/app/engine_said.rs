//! What the engine inside Handbill says, in sentences.

use crate::diagnostic::shown;
use crate::library::Head;
use crate::path::fold;
use crate::serve::{Said, Sync, SyncContact};
use crate::time::Stamp;
use crate::transport::engine::state::{State, Status, Trouble};
use crate::words::Words;

/// Returns what is said of contacts, and in general.
pub fn told<'h>(state: &State, heads: impl Iterator<Item = &'h Head>, words: &Words) -> Sync {
    let heads: Vec<&Head> = heads.collect();
    let is_gone = |one: &&Status| {
        let is_its = |head: &&Head| fold(&head.name) == fold(&one.contact);
        one.troubles.contains(&Trouble::Lost) && !heads.iter().any(is_its)
    };
    let mut gone: Vec<&str> = state.boxes.iter().filter(is_gone).map(|one| &*one.contact).collect();
    gone.dedup();
    let gone = gone.into_iter().map(|name| problem(gone_text(name, words)));
    let contact = |head: &Head| {
        let boxes = state.boxes.iter().filter(|one| fold(&one.contact) == fold(&head.name));
        let said: Vec<Said> = boxes.flat_map(|one| sentences(one, words)).collect();
        let page = format!("{}/index.html", head.dir);
        (!said.is_empty()).then(|| SyncContact { title: head.title.clone(), page, said })
    };
    let stopped = state.stopped.iter().map(|why| problem(words.with("engine_stopped", why)));
    let (general, contacts) =
        (stopped.chain(gone).collect(), heads.into_iter().filter_map(contact).collect());
    Sync { pages: Vec::new(), general, contacts }
}

/// Puts together what two tools say, the first of which names all pages: what is said of a contact
/// stands together.
pub fn together(mut one: Sync, other: Sync) -> Sync {
    one.general.extend(other.general);
    for contact in other.contacts {
        match one.contacts.iter_mut().find(|known| known.page == contact.page) {
            Some(known) => known.said.extend(contact.said),
            None => one.contacts.push(contact),
        }
    }
    one
}

/// Returns what is said of a box: how it stands, in one line, and what goes wrong.
pub fn sentences(one: &Status, words: &Words) -> Vec<Said> {
    if one.troubles == [Trouble::Private] {
        return vec![problem(trouble_text(&Trouble::Private, words))];
    }
    let key = if one.is_inbox { "engine_inbox" } else { "engine_outbox" };
    let with =
        words.with(key, &one.known.to_string()).replacen("{}", &one.connected.to_string(), 1);
    let mut line = vec![with];
    if one.arriving > 0 {
        let text = words.with("engine_arriving", &one.arriving.to_string());
        let text = text.replacen("{}", &size(one.bytes.0), 1).replacen("{}", &size(one.bytes.1), 1);
        line.push(text);
    }
    if let Some(at) = one.contact_at.filter(|_| one.connected == 0) {
        // To the minute: nobody looks for more.
        let at = Stamp::from_unix(at).iso();
        line.push(words.with("engine_last", &at.get(..16).unwrap_or(&at).replace('T', " ")));
    }
    let mut said = vec![Said { text: line.join("; "), problem: false, link: None }];
    let text = |trouble: &Trouble| match trouble {
        // An inbox without files is one that waits for some: its folder is gone.
        Trouble::Lost if one.is_inbox => gone_text(&one.contact, words),
        trouble => trouble_text(trouble, words),
    };
    said.extend(one.troubles.iter().map(|trouble| problem(text(trouble))));
    said
}

fn gone_text(contact: &str, words: &Words) -> String {
    let name = shown(contact);
    words.with("engine_gone", &name).replacen("{}", &name, 1)
}

fn trouble_text(trouble: &Trouble, words: &Words) -> String {
    let three = |key: &str, (count, name, why): (&usize, &str, &str)| {
        let text = words.with(key, &count.to_string());
        text.replacen("{}", name, 1).replacen("{}", why, 1)
    };
    match trouble {
        Trouble::Refused(count, name, why) => three("engine_refused", (count, name, why)),
        Trouble::Unsent(count, name, why) => three("engine_unsent", (count, name, why)),
        Trouble::Altered(name) => words.with("engine_altered", name),
        Trouble::Conflict(name) => words.with("engine_conflict", name),
        Trouble::Kept(name) => words.with("engine_kept", name),
        Trouble::Lost => words.get("engine_lost").to_owned(),
        Trouble::Clock => words.get("engine_clock").to_owned(),
        Trouble::Private => words.get("engine_private").to_owned(),
        Trouble::Flooded => words.get("engine_flooded").to_owned(),
        Trouble::Disk(why) => words.with("engine_disk", why),
    }
}

fn problem(text: String) -> Said {
    Said { text, problem: true, link: None }
}

/// Returns a number of bytes as people say it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme;

    fn status() -> Status {
        Status {
            contact: "tides".into(),
            is_inbox: true,
            known: 3,
            connected: 1,
            contact_at: Some(0),
            arriving: 0,
            bytes: (0, 0),
            troubles: Vec::new(),
        }
    }

    fn check(status: &Status, expected: &[(&str, bool)]) {
        let words = theme::load("theme", &[], "en").value.words;
        let said = sentences(status, &words);
        let said: Vec<(&str, bool)> = said.iter().map(|one| (&*one.text, one.problem)).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_box_is_told_in_a_line() {
        check(&status(), &[("Received by Handbill. Peers: 3, connected: 1", false)]);
        check(
            &Status { arriving: 2, bytes: (1_500_000, 52_000_000), ..status() },
            &[(
                "Received by Handbill. Peers: 3, connected: 1; still to come: 2 (1 MB of 52 MB)",
                false,
            )],
        );
        check(
            &Status { is_inbox: false, connected: 0, contact_at: Some(86_400), ..status() },
            &[("Sent by Handbill. Peers: 3, connected: 0; last in touch: 1970-01-02 00:00", false)],
        );
    }

    #[test]
    fn every_trouble_has_words() {
        let (name, why) = ("a".to_owned(), "b".to_owned());
        for trouble in [
            Trouble::Refused(2, name.clone(), why.clone()),
            Trouble::Unsent(2, name.clone(), why.clone()),
            Trouble::Altered(name.clone()),
            Trouble::Conflict(name.clone()),
            Trouble::Kept(name),
            Trouble::Lost,
            Trouble::Clock,
            Trouble::Private,
            Trouble::Flooded,
            Trouble::Disk(why),
        ] {
            let words = theme::load("theme", &[], "en").value.words;
            let text = trouble_text(&trouble, &words);
            assert!(text.contains(' ') && !text.contains("{}"), "{text}");
        }
    }

    #[test]
    fn a_folder_that_is_gone_is_told_with_how_to_end_it() {
        let words = theme::load("theme", &[], "en").value.words;
        let lost = Status { troubles: vec![Trouble::Lost], ..status() };
        let state = State { boxes: vec![lost.clone(), status()], ..State::default() };
        let said = told(&state, std::iter::empty(), &words);
        assert_eq!((said.general.len(), said.contacts.len()), (1, 0));
        let text = &said.general[0].text;
        assert!(text.contains("tides") && text.contains("handbill unsubscribe tides"), "{text}");
        assert_eq!(sentences(&lost, &words)[1].text, *text);
        let outbox = Status { is_inbox: false, ..lost };
        assert!(sentences(&outbox, &words)[1].text.contains("Nothing is deleted for others"));
    }

    #[test]
    fn what_two_tools_say_stands_together() {
        let one = |text: &str| Said { text: text.into(), problem: false, link: None };
        let contact = |page: &str, text: &str| SyncContact {
            title: page.into(),
            page: page.into(),
            said: vec![one(text)],
        };
        let left = Sync {
            pages: vec!["a".into()],
            general: vec![one("g")],
            contacts: vec![contact("a", "1")],
        };
        let right = Sync {
            pages: Vec::new(),
            general: vec![one("h")],
            contacts: vec![contact("a", "2"), contact("b", "3")],
        };
        let both = together(left, right);
        assert_eq!((both.general.len(), both.pages.len()), (2, 1));
        assert_eq!(both.contacts[0].said, [one("1"), one("2")]);
        assert_eq!(both.contacts[1].page, "b");
    }
}
