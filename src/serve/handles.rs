//! How many files and connections the system lets this process have open.

/// What is left for the rest of the program, which reads and writes files meanwhile.
const REST: usize = 192;
/// The most that is asked for; some systems know no end.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
const ASKED: u64 = 4096;

/// Asks the system for more open files than it gives by itself (on some systems 256), and returns
/// how many connections there can be, `wanted` at most: each may have a file open, too, and a
/// server that is crowded must not keep the site from being built.
pub fn connections(wanted: usize) -> usize {
    let Some(open) = open_files() else { return wanted };
    wanted.min(open.saturating_sub(REST) / 2).max(4)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn open_files() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let now = limit.current?;
    let more = limit.maximum.map_or(ASKED, |most| most.min(ASKED));
    let raised = now < more
        && setrlimit(Resource::Nofile, Rlimit { current: Some(more), maximum: limit.maximum })
            .is_ok();
    usize::try_from(if raised { more } else { now }).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn open_files() -> Option<usize> {
    None
}
