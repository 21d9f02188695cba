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
