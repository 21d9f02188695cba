//! A line about a long build, while it lasts: on a terminal only, and gone when the build is done.

use crate::disk::Progress;
use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Most builds are done before anybody looks.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(100);

/// Does some work, and shows how far it is if it takes long and somebody is there to see it.
pub(super) fn shown<T>(progress: &Progress, quiet: bool, work: impl FnOnce() -> T) -> T {
    let out = std::io::stderr();
    if quiet || !out.is_terminal() {
        return work();
    }
    shown_on(out, PATIENCE, progress, work)
}

/// Does some work, and shows on `out` how far it is if it takes longer than `patience`.
fn shown_on<T>(
    mut out: impl Write + Send,
    patience: Duration,
    progress: &Progress,
    work: impl FnOnce() -> T,
) -> T {
    // Dropped when the work is done, be it by a panic: then the line goes.
    let (working, over) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let (mut wait, mut columns) = (patience, 0);
            while over.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let line = line(progress.so_far());
                // Nobody is helped by an error about a line that would be gone at once.
                let _ = write!(out, "\r{line:<columns$}").and_then(|()| out.flush());
                (wait, columns) = (EVERY, columns.max(line.len()));
            }
            if columns > 0 {
                let _ = write!(out, "\r{:columns$}\r", "").and_then(|()| out.flush());
            }
        });
        let working = working;
        let result = work();
        drop(working);
        result
    })
}

fn line((done, all): (usize, usize)) -> String {
    match all {
        0 => "reading ...".to_owned(),
        all => format!("writing {done} of {all} files"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// What was written, for the work to look at.
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_long_work_is_shown_and_the_line_goes() {
        let out = Shared::default();
        let until_shown = || {
            while out.0.lock().unwrap().is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        shown_on(out.clone(), Duration::from_millis(1), &Progress::new(), until_shown);
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("\rreading ..."), "{text:?}");
        assert!(text.ends_with("\r           \r"), "{text:?}");
    }

    #[test]
    fn a_short_work_is_not_shown() {
        let mut out = Vec::new();
        let answer = shown_on(&mut out, Duration::from_secs(60), &Progress::new(), || 42);
        assert_eq!((answer, out.len()), (42, 0));
    }

    #[test]
    fn files_are_counted() {
        assert_eq!(line((3, 12)), "writing 3 of 12 files");
    }
}
