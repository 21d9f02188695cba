//! Measures builds against the floor: see `README.md` beside this folder.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a program of its own that reads files and arguments, takes times and prints"
)]

mod corpus;
mod floor;
mod measure;

use handbill::disk::{BuildOptions, Keeper, Places};
use handbill::library::Edition;
use handbill::listing::errand::Errand;
use handbill::time::Now;
use measure::{Cost, median};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// As in the program: what is measured in this process is measured with it too, and so is the floor.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "cargo bench --bench site -- [CASE] [MESSAGES] [--runs N] [--dir DIR]
cases: all (default), cold, unchanged, one, running, memory
       corpus: only makes the folder; corpus-with-files: the same with a few attachments
       floor BASE OUT, stat BASE: what the others are compared with, once";

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
        println!("{} messages, medians of {} runs", self.messages, self.runs);
        match case {
            "all" => {
                self.cold();
                self.unchanged();
                self.one();
                self.running();
            }
            "cold" => self.cold(),
            "unchanged" => self.unchanged(),
            "one" => self.one(),
            "running" => self.running(),
            "memory" => self.memory(),
            "corpus" | "corpus-with-files" => println!("{}", self.base.display()),
            _ => panic!("{USAGE}"),
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
        head();
        line("the floor", &floor, &floor);
        line("cold, public edition", &public, &floor);
        line("cold, both editions", &both, &floor);
        self.compare_trees();
    }

    /// A fresh process that finds everything as it was.
    fn unchanged(&self) {
        self.build(&[]);
        let (mut stat, mut build) = (Vec::new(), Vec::new());
        let mut stages = serde_json::Value::Null;
        for _ in 0..self.runs {
            stat.push(measure::run(this_program().arg("stat").arg(&self.base)).0);
            let (cost, report) = self.build(&[]);
            assert_eq!(written(&report), 0, "something was written");
            build.push(cost);
            stages = report["milliseconds"].clone();
        }
        head();
        line("stat of the sources", &stat, &stat);
        line("nothing changed, both editions", &build, &stat);
        println!("stages of the last run, ms: {stages}\n");
    }

    /// A fresh process that finds one message more.
    fn one(&self) {
        self.build(&[]);
        let outbox = self.base.join("channel-0/outbox");
        let new = |n: usize| outbox.join(format!("2026-01-02T03-04-{n:02}Z-one-more.md"));
        let (mut still, mut build, mut files) = (Vec::new(), Vec::new(), 0);
        let mut stages = serde_json::Value::Null;
        for n in 0..self.runs {
            still.push(self.build(&[]).0);
            fs::write(new(n), "One *more*, at low tide.\n").expect("it can be written");
            let (cost, report) = self.build(&[]);
            build.push(cost);
            files = written(&report);
            stages = report["milliseconds"].clone();
        }
        for n in 0..self.runs {
            fs::remove_file(new(n)).expect("it can be removed");
        }
        self.build(&[]);
        head();
        line("nothing changed, both editions", &still, &still);
        line("one new message, both editions", &build, &still);
        println!("files written: {files}; stages of the last run, ms: {stages}\n");
    }

    /// A process that has built before finds one message more: from when the file is there to when
    /// all pages and feeds are. It is told which contact's folder the file is in, as by events.
    fn running(&self) {
        let places = Places::of(&self.base, None, None).expect("there is a place for the state");
        let mut keeper = Keeper::new(places);
        let options = BuildOptions {
            editions: vec![Edition::Public, Edition::Reader],
            base_url: None,
            now: Now(1_785_542_400), // 2026-08-01, for the sources' times.
            publish: Default::default(),
            port: None,
            allow_empty: false,
        };
        keeper.build(&options, &Errand::whole()).expect("it builds");
        let errand = Errand::at(["channel-0".to_owned()]);
        let outbox = self.base.join("channel-0/outbox");
        let new = |n: usize| outbox.join(format!("2026-01-02T03-05-{n:02}Z-one-more.md"));
        let (mut walls, mut files, mut stages) = (Vec::new(), 0, Vec::new());
        for n in 0..self.runs {
            fs::write(new(n), "One *more*, at low tide.\n").expect("it can be written");
            let start = Instant::now();
            let report = keeper.build(&options, &errand).expect("it builds");
            walls.push(start.elapsed().as_secs_f64());
            files = report.editions.iter().map(|edition| edition.written).sum();
            stages = report.stages;
        }
        for n in 0..self.runs {
            fs::remove_file(new(n)).expect("it can be removed");
        }
        keeper.build(&options, &errand).expect("it builds");
        println!("one new message, both editions, running: {:.3} s wall", median(walls));
        let stages: Vec<String> = stages
            .iter()
            .map(|s| format!("{} {:.1}", s.name, s.took.as_secs_f64() * 1e3))
            .collect();
        println!("files written: {files}; stages of the last run, ms: {}\n", stages.join(", "));
    }

    /// Only what the largest folders can bear: each case once.
    fn memory(&self) {
        let floor = self.floor();
        self.clear();
        let cold = self.build(&[]).0;
        let unchanged = self.build(&[]).0;
        head();
        line("the floor", &[floor], &[floor]);
        line("cold, both editions", &[cold], &[floor]);
        line("nothing changed, both editions", &[unchanged], &[floor]);
    }

    fn floor(&self) -> Cost {
        self.set_aside(&self.floor_out);
        measure::run(this_program().arg("floor").arg(&self.base).arg(&self.floor_out)).0
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_handbill"));
        command.arg("build").arg(&self.base).args(["--quiet", "--format", "json"]).args(arguments);
        command.env("SOURCE_DATE_EPOCH", "1785542400"); // 2026-08-01, for the sources' times.
        let (cost, text) = measure::run(&mut command);
        (cost, serde_json::from_str(&text).expect("the report is JSON"))
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
        "{:<32} {:>8} {:>8} {:>8} {:>9} {:>7} {:>7}",
        "", "CPU s", "system", "wall s", "peak MB", "x CPU", "x wall"
    );
}

/// Prints the medians of `costs`, and those of their ratios to the runs they were paired with.
fn line(name: &str, costs: &[Cost], to: &[Cost]) {
    let of = |part: fn(&Cost) -> f64| median(costs.iter().map(part));
    let ratio = |part: fn(&Cost) -> f64| {
        median(costs.iter().zip(to).map(|(cost, to)| part(cost) / part(to)))
    };
    println!(
        "{name:<32} {:>8.3} {:>8.3} {:>8.3} {:>9.1} {:>7.2} {:>7.2}",
        of(|c| c.cpu),
        of(|c| c.system),
        of(|c| c.wall),
        of(|c| c.peak),
        ratio(|c| c.cpu),
        ratio(|c| c.wall),
    );
}
