//! Where output and state may lie, and where never.

use super::site;
use crate::support::{Base, times, tree};
use handbill::disk::{self, Places};
use std::fs;
use std::path::Path;

/// Makes sure that an output folder is refused and that nothing is written.
#[track_caller]
fn check_refused(base: &Base, output: &Path) {
    let before = times(base.path());
    let found = Places::of(base.path(), Some(output), Some(&base.at(".handbill")));
    let error = found.expect_err(&output.display().to_string());
    let text = error.to_string();
    assert!(text.contains("choose another folder"), "{text}");
    assert_eq!(before, times(base.path()), "{}", output.display());
}

#[test]
fn an_output_that_is_or_holds_the_base_folder_is_refused() {
    let base = Base::new();
    base.write("inner/notes/outbox/a.md", "A");
    let inner = base.at("inner");
    for output in [
        inner.clone(),
        base.path().to_owned(),
        inner.join("."),
        inner.join("notes/.."),
        inner.join("new/.."),
    ] {
        let error =
            Places::of(&inner, Some(&output), None).expect_err(&output.display().to_string());
        assert!(error.to_string().contains("the base folder"), "{error}");
    }
    assert!(!base.at("inner/.handbill").exists());
}

#[test]
fn an_output_inside_a_contact_is_refused() {
    let base = site();
    for folder in [
        "notes",
        "notes/outbox",
        "notes/site",
        "notes/outbox/2026-11-21T10-00-00Z",
        "mira/inbox",
        "mira/inbox/new/deep",
        "_site/../mira/inbox",
    ] {
        check_refused(&base, &base.at(folder));
    }
    let state = base.at("mira/inbox/state");
    assert!(Places::of(base.path(), None, Some(&state)).is_err());
    assert!(!state.exists());
}

#[cfg(unix)]
#[test]
fn a_link_into_a_contact_is_refused_as_an_output() {
    use std::os::unix::fs::symlink;
    let base = site();
    let elsewhere = Base::new();
    for (number, target) in
        ["mira", "mira/inbox", "notes/outbox/2026-11-21T10-00-00Z", ""].into_iter().enumerate()
    {
        let link = elsewhere.at(&format!("link-{number}"));
        symlink(base.at(target), &link).unwrap();
        check_refused(&base, &link);
        if !target.is_empty() {
            check_refused(&base, &link.join("new/deep"));
        }
    }
    symlink(base.at("mira/inbox"), base.at("_site")).unwrap();
    check_refused(&base, &base.at("_site"));
    assert!(Places::of(base.path(), None, None).is_err());
}

#[cfg(unix)]
#[test]
fn an_edition_that_is_a_link_into_a_contact_is_refused() {
    use std::os::unix::fs::symlink;
    for edition in ["public", "reader"] {
        let base = site();
        base.folder("_site");
        symlink(base.at("mira/inbox"), base.at("_site").join(edition)).unwrap();
        check_refused(&base, &base.at("_site"));
    }
}

#[cfg(unix)]
#[test]
fn an_edition_that_is_a_link_to_somewhere_else_is_written_there() {
    let (base, server) = (site(), Base::new());
    base.folder("_site");
    server.write("CNAME", "mine");
    std::os::unix::fs::symlink(server.path(), base.at("_site/public")).unwrap();
    base.build();
    assert!(server.at("notes/2026-11-20T10-00-00Z.html").is_file());
    assert_eq!(fs::read(server.at("CNAME")).unwrap(), b"mine");
}

#[test]
fn a_base_folder_that_cannot_be_written_is_built_elsewhere_with_its_state_beside_the_output() {
    let (base, elsewhere) = (site(), Base::new());
    // A file in the place of the folder keeps everybody from writing there.
    base.write(".handbill", "in the way");
    let before = times(base.path());
    let output = elsewhere.at("out");
    let places = Places::of(base.path(), Some(&output), None).unwrap();
    assert_eq!(places.state, output.join(".handbill"));
    for _ in 0..2 {
        let report = disk::build(&places, &base.options()).unwrap();
        assert_eq!((report.refused, report.editions.len()), (None, 2));
    }
    assert!(output.join("public/index.html").is_file());
    assert!(output.join(".handbill/state/memory.json").is_file());
    assert_eq!(before, times(base.path()));
    let error = Places::of(base.path(), None, None).expect_err("there is no place for the state");
    assert!(error.to_string().contains("--output"), "{error}");
}

#[test]
fn an_output_elsewhere_belongs_to_one_base_folder() {
    let (first, second, elsewhere) = (site(), site(), Base::new());
    let output = elsewhere.at("out");
    let places = |base: &Base| Places::of(base.path(), Some(&output), None).unwrap();
    disk::build(&places(&first), &first.options()).unwrap();
    let before = tree(&output);
    let refused = disk::build(&places(&second), &second.options()).unwrap_err();
    assert!(refused.to_string().contains("another base folder"), "{refused}");
    assert!(tree(&output) == before);
    disk::build(&places(&first), &first.options()).unwrap();
    // A base folder that is gone asks for nothing.
    drop(first);
    disk::build(&places(&second), &second.options()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_base_folder_without_the_right_to_write_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let (base, elsewhere) = (site(), Base::new());
    let before = times(base.path());
    let set = |mode| {
        for folder in ["", "notes", "notes/outbox", "mira", "mira/inbox", "mira/outbox"] {
            fs::set_permissions(base.at(folder), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    // Root may write all the same; then the state is where it always is.
    let may_write = fs::create_dir(base.at("probe")).is_ok();
    let (output, state) = (elsewhere.at("out"), elsewhere.at("state"));
    let usual = Places::of(base.path(), Some(&output), None).unwrap();
    assert_eq!(usual.state == output.join(".handbill"), !may_write);
    let places = Places::of(base.path(), Some(&output), Some(&state)).unwrap();
    disk::build(&places, &base.options()).unwrap();
    set(0o755);
    assert!(output.join("reader/mira/index.html").is_file());
    assert!(state.join("state/memory.json").is_file());
    let mut after = times(base.path());
    after.retain(|path, _| !path.starts_with(".handbill"));
    assert_eq!(before, after);
}

#[test]
fn output_and_state_of_elsewhere_leave_nothing_in_the_base_folder() {
    let (base, elsewhere) = (site(), Base::new());
    let before = tree(base.path());
    let (output, state) = (elsewhere.at("out"), elsewhere.at("state"));
    let places = Places::of(base.path(), Some(&output), Some(&state)).unwrap();
    disk::build(&places, &base.options()).unwrap();
    assert!(tree(base.path()) == before);
    assert!(!base.at(".handbill").exists() && !base.at("_site").exists());
}
