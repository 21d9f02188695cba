//! `handbill post`: writes a message into an outbox.

mod editor;
mod keep;
mod reply;

use super::{At, print};
use crate::disk::outbox::{Location, NotAttached, Outbox, Upload, Written};
use crate::message::Tag;
use crate::message::draft::Draft;
use crate::transport::ring;
use crate::transport::syncthing::Home;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The contact's folder
    name: String,
    /// What to say, in Markdown; without it standard input is read, and on a terminal an editor opens
    text: Option<String>,
    /// A file that comes with it; may be given several times
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    attach: Vec<PathBuf>,
    /// A title; most messages have none
    #[arg(short, long)]
    title: Option<String>,
    /// A tag; may be given several times. `#words` in the text are tags too
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// What it answers: the address or the path of a page, a message's file, or urn:uuid:…
    #[arg(short, long, value_name = "MESSAGE")]
    reply_to: Option<String>,
    /// Who writes, if not the channel's first author
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The language, if not the channel's
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Put it into the contact's `drafts/`, which nobody else gets
    #[arg(long)]
    draft: bool,
    /// Attach pictures as they are, with the place where they were taken
    #[arg(long)]
    keep_location: bool,
    /// Say whether Syncthing was asked to look at it
    #[arg(short, long)]
    verbose: bool,
    /// The base folder, or any folder inside it
    #[arg(short = 'C', long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

/// A text, and the file in which it is safe until it has been written.
struct Text {
    text: String,
    kept: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let at = At { dir: arguments.dir.clone() };
    let base = at.base()?;
    // Everything that can be wrong is known before anybody begins to write.
    let outbox = match arguments.draft {
        true => Outbox::drafts_of(&base, &arguments.name)?,
        false => Outbox::of(&base, &arguments.name)?,
    };
    let mut draft = Draft {
        title: arguments.title.clone(),
        tags: arguments.tag.iter().map(|tag| parse_tag(tag)).collect::<Result<_>>()?,
        author: arguments.author.clone(),
        language: arguments.language.clone(),
        ..Draft::default()
    };
    if let Some(reference) = &arguments.reply_to {
        draft.in_reply_to = Some(reply::resolve(&base, reference, outbox.contact())?);
    }
    let uploads = arguments.attach.iter().map(|path| {
        let is_there = path.exists();
        Upload::file(path).map_err(|error| match is_there {
            true => error,
            false => anyhow::anyhow!("{error}; the text stands before `--attach`, files after it"),
        })
    });
    let uploads = uploads.collect::<Result<Vec<_>>>()?;
    let text = text(arguments, &base)?;
    draft.text = text.text;
    let location = if arguments.keep_location { Location::Kept } else { Location::Removed };
    let posted = outbox.post(&draft, uploads, location, super::now()?);
    let written = match (posted, text.kept) {
        (Ok(written), kept) => {
            kept.map(std::fs::remove_file);
            written
        }
        (Err(error), Some(kept)) if !draft.text.trim().is_empty() => {
            return Err(with_option(error).context(format!("your text is in `{}`", kept.display())));
        }
        (Err(error), None) if keep::is_of_the_disk(&error) && !draft.text.trim().is_empty() => {
            return Err(error.context(keep::keep(&base, outbox.contact(), &draft)));
        }
        (Err(error), kept) => {
            kept.map(std::fs::remove_file);
            return Err(with_option(error));
        }
    };
    print::line(&base.join(written.path.as_str()).display().to_string());
    if !arguments.draft {
        ring(&outbox, &written, arguments.verbose);
    }
    Ok(ExitCode::SUCCESS)
}

/// Has Syncthing look at once at what was written. The message is written whether it does or not.
fn ring(outbox: &Outbox, written: &Written, verbose: bool) {
    let name = written.path.name();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut below = vec![name.to_owned()];
    below.extend((!written.attachments.is_empty()).then(|| stem.to_owned()));
    let rung = ring::ring(&Home::of(None), &outbox.path(), &below);
    if verbose {
        print::talk(&match rung {
            Ok(true) => "Syncthing has taken it".to_owned(),
            Ok(false) => "Syncthing does not carry this outbox".to_owned(),
            Err(why) => format!("Syncthing was not asked: {why}"),
        });
    }
}

/// Names the option by which a picture is attached all the same.
fn with_option(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<NotAttached>() {
        Some(not) if not.for_its_place => {
            anyhow::anyhow!("{not}, or attach it as it is with `--keep-location`")
        }
        _ => error,
    }
}

fn parse_tag(text: &str) -> Result<Tag> {
    Tag::parse(text).with_context(|| {
        format!(
            "`{text}` cannot be a tag: it is letters, digits, `_` and `-`, not all digits, up to 64"
        )
    })
}

/// Returns what is to be said: the argument, what is piped in, or what is written in an editor.
fn text(arguments: &Arguments, base: &Path) -> Result<Text> {
    if let Some(text) = arguments.text.as_ref().filter(|text| *text != "-") {
        return Ok(Text { text: text.clone(), kept: None });
    }
    let mut input = std::io::stdin();
    if input.is_terminal() && arguments.text.is_none() {
        return editor::write(base);
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).context("cannot read standard input")?;
    match crate::source::decode(&bytes) {
        crate::source::Decoded::Text { text, repaired: None } => Ok(Text { text, kept: None }),
        _ => bail!("what came by standard input is not UTF-8 text: `--attach` takes files"),
    }
}
