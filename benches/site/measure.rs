//! What a child process cost, and medians of it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use wait4::Wait4;

/// What one process cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// User and system time of all its threads, in seconds.
    pub cpu: f64,
    /// Of these, in the system.
    pub system: f64,
    /// From start to end, in seconds.
    pub wall: f64,
    /// The most memory it held, in MB (powers of 1000).
    pub peak: f64,
}

/// Runs a command to its end. Returns its cost and what it printed to standard output.
pub fn run(command: &mut Command) -> (Cost, String) {
    let name = format!("{command:?}");
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut out = child.stdout.take().expect("standard output is piped");
    let text = std::io::read_to_string(&mut out).expect("the program prints text");
    let done = child.wait4().expect("the program ends");
    let wall = start.elapsed().as_secs_f64();
    assert!(done.status.success(), "{name} failed");
    let (user, system) = (done.rusage.utime.as_secs_f64(), done.rusage.stime.as_secs_f64());
    let peak = done.rusage.maxrss as f64 / 1e6;
    (Cost { cpu: user + system, system, wall, peak }, text)
}

/// A program that counts the system calls of another and of all its threads.
#[derive(Debug, Clone, Copy)]
pub enum Counter {
    /// `perf stat`: the kernel counts, and the program is hardly slower.
    Perf,
    /// `strace -f -c`: stops the program at each call, many times slower.
    Strace,
}

impl Counter {
    /// Returns what to type.
    pub fn name(self) -> &'static str {
        match self {
            Counter::Perf => "perf stat -e raw_syscalls:sys_enter",
            Counter::Strace => "strace -f -c",
        }
    }

    /// Returns the words of the command that writes its count into a file, before those of the
    /// program that is counted.
    fn words(self) -> &'static [&'static str] {
        match self {
            Counter::Perf => &["perf", "stat", "-e", "raw_syscalls:sys_enter", "-x,", "-o"],
            Counter::Strace => &["strace", "-f", "-c", "-o"],
        }
    }

    /// Returns the number in what the counter has written.
    fn number(self, text: &str) -> Option<u64> {
        match self {
            Counter::Perf => text.lines().find(|l| l.contains("sys_enter"))?.split(',').next()?,
            // "100.00    0.000000           0        28         1 total"
            Counter::Strace => {
                text.lines().find(|l| l.ends_with(" total"))?.split_whitespace().nth(3)?
            }
        }
        .parse()
        .ok()
    }

    fn count(self, command: &Command) -> Option<u64> {
        let file = std::env::temp_dir().join(format!("handbill-calls-{}", std::process::id()));
        let [program, words @ ..] = self.words() else { return None };
        let mut counted = Command::new(program);
        counted.args(words).arg(&file).arg(command.get_program()).args(command.get_args());
        counted.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let done = counted.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let _ = std::fs::remove_file(&file);
        done.is_ok_and(|status| status.success()).then(|| self.number(&text)).flatten()
    }
}

/// Returns what can count system calls on this machine.
pub fn counter() -> Option<Counter> {
    let works = |counter: &Counter| counter.count(&Command::new("true")).is_some();
    [Counter::Perf, Counter::Strace].into_iter().find(works)
}

/// Runs a command once more and returns how many system calls it made, where they can be counted.
pub fn calls(command: &Command) -> Option<u64> {
    counter()?.count(command)
}

/// Returns the middle one of some numbers.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    match numbers.len() % 2 {
        _ if numbers.is_empty() => f64::NAN,
        0 => (numbers[half - 1] + numbers[half]) / 2.0,
        _ => numbers[half],
    }
}

/// Returns the paths of the files below a folder and how large they are together; a folder named
/// `but` is left out.
pub fn tree(folder: &Path, but: &str) -> (Vec<String>, u64) {
    let mut paths = Vec::new();
    let mut size = 0;
    let walk = walkdir::WalkDir::new(folder).into_iter();
    for entry in walk.filter_entry(|entry| entry.file_name() != but).flatten() {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).expect("it lies below the folder");
            paths.push(path.to_string_lossy().replace('\\', "/"));
            size += entry.metadata().map_or(0, |metadata| metadata.len());
        }
    }
    paths.sort();
    (paths, size)
}
