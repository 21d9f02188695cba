//! `[hooks] after_public`: a command of one's own that is run after the public edition has changed,
//! as to copy it to a web host.
//!
//! What the edition held when the command last succeeded is remembered, so that one that failed or
//! was cut short runs again after the next build, be nothing new in it.

use super::places::is_box_name;
use super::site::BuildReport;
use super::state::write_atomically;
use super::{Places, manifest};
use crate::config::Hook;
use crate::hash::{Fingerprint, Inputs};
use crate::library::Edition;
use crate::web::BaseUrl;
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

/// What became of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It ran and succeeded.
    Done,
    /// It was not run, and why.
    Refused(String),
    /// It could not be run or failed: what it said of itself.
    Failed(String),
}

/// Set for the command, so that a build that it starts does not run it again.
const INSIDE: &str = "HANDBILL_HOOK";

/// A command that is to be run, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    hook: Hook,
    public: PathBuf,
    base_url: Option<BaseUrl>,
}

impl Job {
    /// Returns what is to be run after a build, if there is a command and a public edition.
    pub fn of(report: &BuildReport) -> Option<Job> {
        let public = report.editions.iter().find(|edition| edition.edition == "public")?;
        Some(Job {
            hook: report.after_public.clone()?,
            public: public.path.clone(),
            base_url: report.base_url.clone(),
        })
    }
}

/// Runs the command of the settings if the public edition is another than when it last succeeded.
/// Returns nothing where there is no need of it.
///
/// The command is run in the base folder; `HANDBILL_PUBLIC` names the folder of the edition and
/// `HANDBILL_BASE_URL` its address. What it prints goes to standard error.
pub fn run(places: &Places, job: &Job) -> Option<Outcome> {
    let print = print_of(places);
    if std::env::var_os(INSIDE).is_some() || known(places) == print.to_string() {
        return None;
    }
    if let Some(base) = job.base_url.as_ref().filter(|base| base.is_loopback()) {
        return Some(Outcome::Refused(format!(
            "`after_public` was not run: `base_url` is {}, which nobody else can reach",
            base.as_str()
        )));
    }
    if places.base.ancestors().any(is_box_name) {
        return Some(Outcome::Refused(
            "`after_public` was not run: this folder lies in a box, so that the command may be a \
             stranger's"
                .into(),
        ));
    }
    let mut command = command(&job.hook);
    command.current_dir(&places.base).env("HANDBILL_PUBLIC", &job.public).env(INSIDE, "1");
    if let Some(base) = &job.base_url {
        command.env("HANDBILL_BASE_URL", base.as_str());
    }
    command.stdin(Stdio::null()).stdout(io::stderr());
    Some(match command.status() {
        Ok(status) if status.success() => {
            // If this cannot be written, it runs once more than needed.
            let _ = write_atomically(&known_file(places), print.to_string().as_bytes());
            Outcome::Done
        }
        Ok(status) => Outcome::Failed(format!("`after_public` failed: {}", words(status))),
        Err(error) => Outcome::Failed(format!("`after_public` could not be run: {error}")),
    })
}

fn words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

fn command(hook: &Hook) -> Command {
    match hook {
        Hook::Program(words) => {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]);
            command
        }
        Hook::Line(line) if cfg!(windows) => {
            let mut command = Command::new("cmd");
            command.args(["/C", line]);
            command
        }
        Hook::Line(line) => {
            let mut command = Command::new("sh");
            command.args(["-c", line]);
            command
        }
    }
}

/// Returns the print of all that the public edition holds.
fn print_of(places: &Places) -> Fingerprint {
    let manifest = manifest::load(&places.output, Edition::Public).unwrap_or_default();
    let begin = Inputs::new("public edition");
    let all = manifest.by_path().all().into_iter().fold(begin, |inputs, (path, published)| {
        inputs.text(path.as_str()).value(&published.content)
    });
    all.finish()
}

fn known_file(places: &Places) -> PathBuf {
    places.state.join("state").join("after_public")
}

fn known(places: &Places) -> String {
    std::fs::read_to_string(known_file(places)).unwrap_or_default()
}
