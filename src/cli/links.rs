//! Links for Syncthing that one gives away: whose devices they name, and in which order.

use crate::config::Subscribe;
use crate::keys::syncthing::{DeviceId, FolderId, SyncthingLink};

/// Returns the link of this device to record, with what a recorded link to the same folder says
/// beside: addresses, where no others are given, and other devices.
pub(super) fn with_recorded(link: SyncthingLink, recorded: &[Subscribe]) -> SyncthingLink {
    let Some(own) = link.devices.first() else { return link };
    let is_its = |one: &SyncthingLink| one.folder == link.folder && one.devices.contains(own);
    let Some(known) = recorded.iter().filter_map(Subscribe::syncthing).find(is_its) else {
        return link;
    };
    if link.addresses.is_empty() {
        return known;
    }
    // Addresses are those of the first device.
    let others = known.devices.into_iter().filter(|device| device != own);
    let devices = std::iter::once(own.clone()).chain(others).collect();
    SyncthingLink { devices, ..link }
}

/// Returns the recorded link in whose place the link of this device comes, though it does not name
/// this device.
pub(super) fn replaced(link: &SyncthingLink, recorded: &[Subscribe]) -> Option<SyncthingLink> {
    let mut recorded = recorded.iter().filter_map(Subscribe::syncthing);
    recorded.find(|one| {
        one.folder == link.folder && !link.devices.iter().all(|own| one.devices.contains(own))
    })
}

/// Returns the link by which one passes on what one has. First comes the device that publishes it,
/// for readers take the first for the author's: as a recorded link says, or the only other one that
/// has it. Other readers are not named: that is theirs to do.
pub(super) fn passed_on(
    folder: FolderId,
    others: &[DeviceId],
    recorded: &[SyncthingLink],
    own: &DeviceId,
) -> SyncthingLink {
    let said = recorded.iter().find(|link| link.folder == folder && link.devices[0] != *own);
    let author = said.map(|link| &link.devices[0]).or(match others {
        [only] => Some(only),
        _ => None,
    });
    let addresses = said.map(|link| link.addresses.clone()).unwrap_or_default();
    let devices = author.into_iter().chain([own]).cloned().collect();
    SyncthingLink { folder, devices, addresses }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    const A: &str = "P56IOI7-MZJNU2Y-IQGDREY-DM2MGTI-MGL3BXN-PQ6W5BM-TBBZ4TJ-XZWICQ2";
    const B: &str = "AFKPUZ6-DINSX4E-AFKPUZ6-DINSX4E-AFKPUZ6-DINSX4E-AFKPUZ6-DINSX4E";
    const C: &str = "HMRW3AF-KPUZ6D6-HMRW3AF-KPUZ6D6-HMRW3AF-KPUZ6D6-HMRW3AF-KPUZ6D6";

    fn link(text: &str) -> SyncthingLink {
        SyncthingLink::parse(text).unwrap()
    }

    #[test]
    fn a_recorded_link_keeps_what_it_says() {
        let check = |new: String, recorded: &[String], expected: String| {
            let ways: Vec<_> =
                recorded.iter().map(|text| Subscribe::given(text, None).unwrap()).collect();
            assert_eq!(with_recorded(link(&new), &ways).to_string(), expected);
        };
        let (bare, long) =
            (format!("syncthing:n@{A}"), format!("syncthing:n@{A},{B}?address=tcp://h:1"));
        check(bare.clone(), from_ref(&long), long.clone());
        check(format!("{bare}?address=tcp://h:2"), from_ref(&long), long.replace(":1", ":2"));
        let second = format!("syncthing:n@{B},{A}");
        check(bare.clone(), from_ref(&second), second.clone());
        check(
            format!("{bare}?address=tcp://h:2"),
            &[second],
            format!("syncthing:n@{A},{B}?address=tcp://h:2"),
        );
        let others = [format!("syncthing:other@{A}?address=tcp://h:1"), format!("syncthing:n@{B}")];
        check(bare.clone(), &others, bare);
    }

    #[test]
    fn a_link_that_is_passed_on_names_the_author_first_and_no_other_reader() {
        fn device(text: &str) -> DeviceId {
            DeviceId::parse(text).unwrap()
        }
        let check = |others: &[&str], recorded: &[String], expected: String| {
            let others: Vec<_> = others.iter().map(|text| device(text)).collect();
            let recorded: Vec<_> = recorded.iter().map(|text| link(text)).collect();
            let folder = FolderId::parse("n").unwrap();
            let made = passed_on(folder, &others, &recorded, &device(B));
            assert_eq!(made.to_string(), expected);
        };
        let recorded = format!("syncthing:n@{A},{C}?address=tcp://h:1");
        let expected = format!("syncthing:n@{A},{B}?address=tcp://h:1");
        check(&[C, A], from_ref(&recorded), expected.clone());
        check(&[C, A], &[format!("syncthing:other@{C}"), recorded], expected);
        check(&[A], &[], format!("syncthing:n@{A},{B}"));
        check(&[A, C], &[], format!("syncthing:n@{B}"));
        check(&[A, C], &[format!("syncthing:n@{B},{A}")], format!("syncthing:n@{B}"));
    }
}
