//! The fuzz targets over their corpus: what fuzzing found stays mended. `fuzz/README.md` says how
//! to fuzz.

use crate::hostile::holds;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/targets/mod.rs"]
mod targets;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// Returns the names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn whatever_is_in_the_corpus_is_borne() {
    for (target, run) in targets::TARGETS {
        let folder = corpus().join(target);
        let seeds = names(&folder);
        assert!(seeds.len() >= 4, "{target} has few seeds");
        for seed in seeds {
            let bytes = fs::read(folder.join(&seed)).unwrap();
            let borne = std::panic::catch_unwind(|| run(&bytes));
            assert!(borne.is_ok(), "{target}/{seed}: the reason stands above");
        }
    }
}

#[test]
fn every_target_is_fuzzed() {
    let known: BTreeSet<String> = targets::TARGETS.iter().map(|(name, _)| (*name).into()).collect();
    assert_eq!(names(&corpus()), known);
    let binaries = names(&corpus().with_file_name("targets"));
    let binaries: BTreeSet<_> = binaries.iter().map(|n| n.trim_end_matches(".rs").into()).collect();
    assert_eq!(binaries, known);
    let script = fs::read_to_string(corpus().with_file_name("run")).unwrap();
    assert!(known.iter().all(|name| script.contains(name.as_str())));
}
