//! Measures builds against the floor: see `README.md` beside this folder.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a program of its own that reads files and arguments, takes times and prints"
)]

mod corpus;
mod edits;
mod floor;
mod measure;

use edits::{Edit, NOW};
use measure::{Cost, median};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// As in the program: what is measured in this process is measured with it too, and so is the floor.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "cargo bench --bench site -- [CASE] [MESSAGES] [--runs N] [--dir DIR]
cases: all (default), cold, unchanged, one, late, theme, memory
       corpus: only makes the folder; corpus-with-files: the same with a few attachments
       floor BASE OUT, stat BASE: what the others are compared with, once
       steps BASE one|late|theme FROM TO: a process that builds, and again after each edit";

/// Edits that a running process finds one after the other, where one is short.
const SHORT: usize = 20;

struct Bench {
    base: PathBuf,
    floor_out: PathBuf,
    /// Holds the outputs of earlier runs until all is measured: see [`Bench::set_aside`].
    trash: PathBuf,
    trashed: Cell<usize>,
    messages: usize,
    runs: usize,
}

fn main() {
    // Cargo adds `--bench`.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let (mut case, mut messages, mut runs) = ("all".to_owned(), 10_000, 5);
    let mut dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let mut rest = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{USAGE}"));
        match word.as_str() {
            "--runs" => runs = value().parse().expect(USAGE),
            "--dir" => dir = value().into(),
            _ => rest.push(word),
        }
    }
    match &rest.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["floor", base, out] => return floor::run(Path::new(base), Path::new(out)),
        ["steps", base, edit, from, end] => {
            let edit = Edit::of(edit).expect(USAGE);
            let (from, end) = (from.parse().expect(USAGE), end.parse().expect(USAGE));
            return println!("{}", edits::steps(Path::new(base), edit, from, end));
        }
        ["stat", base] => return println!("{}", measure::tree(Path::new(base), "_site").1),
        _ => {}
    }
    for word in rest {
        match word.replace('_', "").parse() {
            Ok(number) => messages = number,
            Err(_) => case = word,
        }
    }
    let dir = dir.join(format!("site-{messages}"));
    let (base, floor_out, trash) = (dir.join("base"), dir.join("floor"), dir.join("trash"));
    let bench = Bench { base, floor_out, trash, trashed: Cell::new(0), messages, runs };
    bench.run(&case);
    let _ = fs::remove_dir_all(&bench.trash);
}

impl Bench {
    fn run(&self, case: &str) {
        if corpus::make(&self.base, self.messages, case == "corpus-with-files") {
            // What is younger than two seconds when it is read is not cached.
            std::thread::sleep(Duration::from_millis(2_500));
        }
        // What a bench that was stopped half way has left.
        for edit in [Edit::One, Edit::Late, Edit::Theme] {
            edit.undo(&self.base, 200);
        }
        println!("{} messages, medians of {} runs", self.messages, self.runs);
        match measure::counter() {
            Some(counter) => println!("system calls: one run, counted by {}", counter.name()),
            None => println!("system calls: not counted, neither perf nor strace can be used"),
        }
        match case {
            "all" => {
                self.cold();
                self.unchanged();
                for edit in [Edit::One, Edit::Late, Edit::Theme] {
                    self.edit(edit);
                }
            }
            "cold" => self.cold(),
            "unchanged" => self.unchanged(),
            "memory" => self.memory(),
            "corpus" | "corpus-with-files" => println!("{}", self.base.display()),
            _ => self.edit(Edit::of(case).expect(USAGE)),
        }
    }

    /// Nothing is there but the sources.
    fn cold(&self) {
        self.floor(); // Once for nothing: the sources come into memory.
        let (mut floor, mut public, mut both) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            floor.push(self.floor());
            self.clear();
            public.push(self.build(&["--edition", "public"]).0);
            self.clear();
            both.push(self.build(&[]).0);
        }
        self.set_aside(&self.floor_out);
        let floor_calls = measure::calls(&self.floor_command());
        self.clear();
        let public_calls = measure::calls(&self.command(&["--edition", "public"]));
        self.clear();
        let both_calls = measure::calls(&self.command(&[]));
        head();
        line("the floor", &floor, &floor, floor_calls);
        line("cold, public edition", &public, &floor, public_calls);
        line("cold, both editions", &both, &floor, both_calls);
        self.compare_trees();
    }

    /// A fresh process that finds everything as it was.
    fn unchanged(&self) {
        self.build(&[]);
        let mut command = this_program();
        command.arg("stat").arg(&self.base);
        let (mut stat, mut build) = (Vec::new(), Vec::new());
        let mut stages = serde_json::Value::Null;
        for _ in 0..self.runs {
            stat.push(measure::run(&mut command).0);
            let (cost, report) = self.build(&[]);
            assert_eq!(written(&report), 0, "something was written");
            build.push(cost);
            stages = report["milliseconds"].clone();
        }
        head();
        line("stat of the sources", &stat, &stat, measure::calls(&command));
        let calls = measure::calls(&self.command(&[]));
        line("nothing changed, both editions", &build, &stat, calls);
        println!("stages of the last run, ms: {stages}\n");
    }

    /// A fresh process that finds one edit, then a running one.
    fn edit(&self, edit: Edit) {
        edit.prepare(&self.base);
        self.build(&[]);
        let (mut still, mut build, mut files) = (Vec::new(), Vec::new(), 0);
        let mut stages = serde_json::Value::Null;
        for n in 0..self.runs {
            still.push(self.build(&[]).0);
            edit.make(&self.base, n);
            let (cost, report) = self.build(&[]);
            build.push(cost);
            files = written(&report);
            stages = report["milliseconds"].clone();
        }
        let still_calls = measure::calls(&self.command(&[]));
        edit.make(&self.base, self.runs);
        let calls = measure::calls(&self.command(&[]));
        head();
        line("nothing changed, both editions", &still, &still, still_calls);
        line(&format!("{}, fresh", edit.name()), &build, &still, calls);
        println!("files written: {files}; stages of the last run, ms: {stages}");
        let end = self.running(edit, self.runs + 1);
        edit.undo(&self.base, end);
        self.build(&[]);
    }

    /// A process that has built before finds edits, from the number `from`: from when the file is
    /// there to when all pages and feeds are. It is told which file a message is, as by
    /// events. Returns the number after the last edit.
    ///
    /// A process that builds and ends is taken off its CPU time and system calls.
    fn running(&self, edit: Edit, from: usize) -> usize {
        let edits = if edit == Edit::Theme { self.runs } else { SHORT };
        let steps = |from: usize, edits: usize| {
            let mut command = this_program();
            command.arg("steps").arg(&self.base).arg(edit.word());
            command.args([from, from + edits].map(|n| n.to_string()));
            command
        };
        self.build(&[]);
        let (empty, _) = measure::run(&mut steps(from, 0));
        let (cost, text) = measure::run(&mut steps(from, edits));
        let report: serde_json::Value = serde_json::from_str(&text).expect("the report is JSON");
        self.build(&[]);
        let from = from + edits;
        let calls = measure::calls(&steps(from, 0));
        let calls = calls.zip(measure::calls(&steps(from, edits)));
        let each = |whole: f64, empty: f64| (whole - empty) / edits as f64;
        let walls = report["walls"].as_array().into_iter().flatten();
        let wall = median(walls.filter_map(serde_json::Value::as_f64));
        let calls = calls.map_or("-".to_owned(), |(empty, whole)| {
            format!("{:.0}", each(whole as f64, empty as f64))
        });
        println!(
            "{:<32} {:>8.4} {:>8.4} {wall:>8.4} {:>9.1} {:>9}",
            format!("{}, running", edit.name()),
            each(cost.cpu, empty.cpu),
            each(cost.system, empty.system),
            cost.peak,
            calls,
        );
        let (files, stages) = (&report["written"], &report["stages"]);
        println!(
            "{edits} edits (CPU is a mean, wall a median), files written by the last: {files}; ms: {stages}\n"
        );
        from + edits
    }

    /// Only what the largest folders can bear: each case once.
    fn memory(&self) {
        let floor = self.floor();
        self.clear();
        let cold = self.build(&[]).0;
        let unchanged = self.build(&[]).0;
        head();
        line("the floor", &[floor], &[floor], None);
        line("cold, both editions", &[cold], &[floor], None);
        line("nothing changed, both editions", &[unchanged], &[floor], None);
    }

    fn floor(&self) -> Cost {
        self.set_aside(&self.floor_out);
        measure::run(&mut self.floor_command()).0
    }

    fn floor_command(&self) -> Command {
        let mut command = this_program();
        command.arg("floor").arg(&self.base).arg(&self.floor_out);
        command
    }

    fn clear(&self) {
        for folder in ["_site", ".handbill"] {
            self.set_aside(&self.base.join(folder));
        }
    }

    /// Moves a folder out of the way. It is not removed before all is measured: file systems go on
    /// working on what was removed, and some look long for inodes that were not removed just now.
    fn set_aside(&self, folder: &Path) {
        fs::create_dir_all(&self.trash).expect("the folder can be made");
        self.trashed.set(self.trashed.get() + 1);
        let _ = fs::rename(folder, self.trash.join(self.trashed.get().to_string()));
    }

    fn build(&self, arguments: &[&str]) -> (Cost, serde_json::Value) {
        let (cost, text) = measure::run(&mut self.command(arguments));
        (cost, serde_json::from_str(&text).expect("the report is JSON"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.arg("build").arg(&self.base).args(["--quiet", "--format", "json"]).args(arguments);
        command.env("SOURCE_DATE_EPOCH", NOW.to_string());
        command
    }

    /// Prints how the floor's files differ from those of the public edition.
    fn compare_trees(&self) {
        let (ours, our_size) = measure::tree(&self.base.join("_site/public"), "");
        let (theirs, their_size) = measure::tree(&self.floor_out, "");
        let mb = |size: u64| size as f64 / 1e6;
        println!("public edition: {} files, {:.1} MB", ours.len(), mb(our_size));
        println!("the floor:      {} files, {:.1} MB", theirs.len(), mb(their_size));
        for (name, a, b) in [("floor", &ours, &theirs), ("public edition", &theirs, &ours)] {
            let missing: Vec<&String> = a.iter().filter(|p| b.binary_search(p).is_err()).collect();
            if let Some(first) = missing.first() {
                println!("the {name} lacks {} files: {first} …", missing.len());
            }
        }
        println!();
    }
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().expect("this program has a path"))
}

fn written(report: &serde_json::Value) -> u64 {
    let editions = report["editions"].as_array().into_iter().flatten();
    editions.filter_map(|edition| edition["written"].as_u64()).sum()
}

fn head() {
    println!(
        "{:<32} {:>8} {:>8} {:>8} {:>9} {:>9} {:>7} {:>7}",
        "", "CPU s", "system", "wall s", "peak MB", "calls", "x CPU", "x wall"
    );
}

/// Prints the medians of `costs`, and those of their ratios to the runs they were paired with.
/// `calls` are the system calls of one more run.
fn line(name: &str, costs: &[Cost], to: &[Cost], calls: Option<u64>) {
    let of = |part: fn(&Cost) -> f64| median(costs.iter().map(part));
    let ratio = |part: fn(&Cost) -> f64| {
        median(costs.iter().zip(to).map(|(cost, to)| part(cost) / part(to)))
    };
    println!(
        "{name:<32} {:>8.3} {:>8.3} {:>8.3} {:>9.1} {:>9} {:>7.2} {:>7.2}",
        of(|c| c.cpu),
        of(|c| c.system),
        of(|c| c.wall),
        of(|c| c.peak),
        calls.map_or("-".to_owned(), |calls| calls.to_string()),
        ratio(|c| c.cpu),
        ratio(|c| c.wall),
    );
}
