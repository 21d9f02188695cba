//! A running process keeps the site current: the loop by told events, and real folders.

mod editors;
mod folders;
mod syncthing;

use crate::support::{Base, tree};
use handbill::app::{self, Event, News, Work};
use handbill::listing::errand::Scope;
use handbill::time::Now;
use handbill::watch::How;
use notify::event::{CreateKind, EventKind, Flag, ModifyKind, RenameMode};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// A loop on a thread of its own; it ends with the test.
struct Running {
    base: Base,
    sender: Sender<Event>,
    /// What it told: a word or two a piece of news.
    told: Arc<Mutex<Vec<String>>>,
    /// The system's number of the thread, on Linux.
    task: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

/// Never within a test.
const NEVER: How = How::Poll(Duration::from_secs(3600));

impl Running {
    /// Builds and begins to watch; returns when the first build is done.
    fn start(base: Base, how: How) -> Running {
        let (sender, events) = mpsc::channel();
        let told = Arc::new(Mutex::new(Vec::new()));
        let (places, options) = (base.places(), base.options());
        let (other, news) = (sender.clone(), Arc::clone(&told));
        let task = Arc::new(Mutex::new(String::new()));
        let own = Arc::clone(&task);
        let thread = std::thread::spawn(move || {
            let link = fs::read_link("/proc/thread-self").unwrap_or_default();
            *own.lock().unwrap() = link.file_name().unwrap_or_default().to_str().unwrap().into();
            let options = || {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
                let now = Now(i64::try_from(since.as_secs()).unwrap());
                Ok(handbill::disk::BuildOptions { now, ..options.clone() })
            };
            let first = |build: &mut dyn FnMut()| build();
            let work = Work { places, options: &options, how, first: &first };
            app::run(&work, &events, &other, &mut |told| news.lock().unwrap().extend(word(&told)))
                .unwrap();
        });
        let running = Running { base, sender, told, task, thread: Some(thread) };
        running.until("the first build is done", |running| !running.told().is_empty());
        running
    }

    #[cfg(target_os = "linux")]
    fn task(&self) -> String {
        self.task.lock().unwrap().clone()
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// Returns how many builds there were after the first.
    fn builds(&self) -> usize {
        self.told().iter().filter(|word| word.starts_with("built")).count()
    }

    /// Waits until something holds.
    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn(&Running) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            let patience = begun.elapsed() < Duration::from_secs(20);
            assert!(patience, "in vain: {what}; told: {:#?}", self.told());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until just this was told, and no more.
    #[track_caller]
    fn until_told(&self, words: &[&str]) {
        self.until(&format!("{words:?} was told"), |running| running.told().len() >= words.len());
        assert_eq!(self.told(), words);
    }

    #[track_caller]
    fn until_page(&self, path: &str, text: &str) {
        self.until(&format!("`{text}` on {path}"), |running| running.shows(path, text));
    }

    #[track_caller]
    fn until_gone(&self, path: &str) {
        let gone = |running: &Running| {
            !running.site(path).exists() || running.shows(path, "has been deleted")
        };
        self.until(&format!("{path} is gone"), gone);
    }

    fn shows(&self, path: &str, text: &str) -> bool {
        fs::read_to_string(self.site(path)).is_ok_and(|page| page.contains(text))
    }

    fn site(&self, path: &str) -> std::path::PathBuf {
        self.base.at("_site").join(path)
    }

    /// Waits as long as nothing should happen.
    fn rest(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }

    fn send(&self, kind: EventKind, path: &str) {
        let event = notify::Event::new(kind).add_path(self.base.at(path));
        self.sender.send(Event::File(Ok(event))).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by a panic, which then is told by its thread.
        let _ = self.sender.send(Event::Stop);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the loop panicked");
        }
    }
}

/// Returns a word for what is told; none for the beginning of what is told when it is done.
fn word(news: &News<'_>) -> Option<String> {
    Some(match news {
        News::Built(built) => match built.scope {
            None => "first".into(),
            Some(Scope::Whole) => "built all".into(),
            Some(Scope::Contacts(names)) => {
                let names: Vec<&str> = names.keys().map(String::as_str).collect();
                format!("built {}", names.join("+"))
            }
        },
        News::Failed(error) => format!("failed: {error}"),
        News::Begun(_) => return None,
        News::Lost => "lost".into(),
        News::Back => "back".into(),
        News::Polling(_) => "polling".into(),
    })
}

/// A base folder with a channel, a subscription and a conversation.
fn base() -> Base {
    Base::of(
        "-- handbill.toml\npublic = [\"notes\"]\nbase_url = \"https://example.org/\"\n\
         -- notes/outbox/2026-11-20T10-00-00Z-first.md\nFirst.\n\
         -- harbour/inbox/2026-11-20T11-00-00Z.txt\nShips.\n\
         -- mira/inbox/2026-11-20T12-00-00Z.md\nHello.\n\
         -- mira/outbox/2026-11-20T13-00-00Z.md\nHello too.\n",
    )
}

/// Puts a file into a box as most sync tools do: a temporary file, then a rename.
fn deliver(base: &Base, path: &str, text: &str) {
    let target = base.at(path);
    let (folder, name) = (target.parent().unwrap(), target.file_name().unwrap().to_str().unwrap());
    fs::create_dir_all(folder).unwrap();
    let temp = folder.join(format!(".syncthing.{name}.tmp"));
    fs::write(&temp, text).unwrap();
    fs::rename(temp, target).unwrap();
}

/// The files of all inboxes with their times.
fn inboxes(base: &Base) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let inside = |path: &str| path.contains("/inbox/") && !path.starts_with("_site/");
    let files = tree(base.path()).into_iter().filter(|(path, _)| inside(path));
    let timed = files.map(|(path, bytes)| {
        let time = fs::metadata(base.at(&path)).unwrap().modified().unwrap();
        (path, (bytes, time))
    });
    timed.collect()
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

#[test]
fn events_say_where_to_look() {
    let running = Running::start(base(), NEVER);
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    deliver(&running.base, "mira/inbox/2026-11-21T10-00-00Z.md", "Not looked at yet.");
    let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::To));
    running.send(renamed, "harbour/inbox/2026-11-21T10-00-00Z.md");
    running.until_page("reader/harbour/in/2026-11-21T10-00-00Z.html", "More ships.");
    assert!(!running.site("reader/mira/in/2026-11-21T10-00-00Z.html").exists());
    running.sender.send(Event::Written(vec!["mira".into()])).unwrap();
    running.until_page("reader/mira/in/2026-11-21T10-00-00Z.html", "Not looked at yet.");
    // A poll looks again at what was too young to be read.
    let mut told = running.told();
    told.dedup();
    assert_eq!(told[..2], ["first", "built harbour"]);
    running.until("it was told", |running| running.told().contains(&"built mira".to_owned()));
}

#[test]
fn lost_events_and_errors_mean_a_look_at_everything() {
    let running = Running::start(base(), NEVER);
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    let rescan = notify::Event::new(EventKind::Other).set_flag(Flag::Rescan);
    running.sender.send(Event::File(Ok(rescan))).unwrap();
    running.until_page("reader/harbour/in/2026-11-21T10-00-00Z.html", "More ships.");
    deliver(&running.base, "mira/inbox/2026-11-21T10-00-00Z.md", "Hello again.");
    running.sender.send(Event::File(Err(notify::Error::generic("full")))).unwrap();
    running.until_page("reader/mira/in/2026-11-21T10-00-00Z.html", "Hello again.");
    running.until("it was told", |running| {
        running.told().iter().filter(|word| *word == "built all").count() == 2
    });
}

#[test]
fn the_programs_own_files_start_nothing() {
    let running = Running::start(base(), NEVER);
    running.send(EventKind::Create(CreateKind::File), "_site/reader/index.html");
    running.send(EventKind::Create(CreateKind::Folder), ".handbill/state");
    running.rest(300);
    assert_eq!(running.told(), ["first"]);
}

#[test]
fn a_busy_folder_is_built_when_the_other_is_done() {
    let running = Running::start(base(), NEVER);
    let lock = fs::File::create(running.base.at(".handbill/lock")).unwrap();
    lock.lock().unwrap();
    deliver(&running.base, "harbour/inbox/2026-11-21T10-00-00Z.md", "More ships.");
    running.sender.send(Event::Written(vec!["harbour".into()])).unwrap();
    running.until("it says that it cannot", |running| {
        running.told().iter().any(|word| word.starts_with("failed"))
    });
    running.rest(1200);
    let failures = running.told().iter().filter(|word| word.starts_with("failed")).count();
    assert_eq!(failures, 1, "said once, however often it was tried");
    drop(lock);
    running.until_page("reader/harbour/in/2026-11-21T10-00-00Z.html", "More ships.");
}

#[test]
fn a_held_message_is_shown_in_time() {
    let base = base();
    // Held while it is more than ten minutes ahead: for two or three seconds.
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let then = chrono::DateTime::from_timestamp(since.as_secs() as i64 + 603, 0).unwrap();
    let name = then.format("%Y-%m-%dT%H-%M-%SZ").to_string();
    base.write(&format!("notes/outbox/{name}.md"), "From the future.");
    let running = Running::start(base, NEVER);
    let page = format!("public/notes/{name}.html");
    assert!(!running.site(&page).exists());
    running.until_page(&page, "From the future.");
    running.until_told(&["first", "built "]);
}
