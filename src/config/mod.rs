//! Settings: `handbill.toml` (mine) and `channel.toml` (the owner's of a box).
//!
//! Both are read in two steps: the TOML becomes [`crate::fields::Fields`], and a reader makes the
//! checked type with all defaults out of it. A broken file gives the defaults and reports. Commands
//! change both by `edit`, which keeps comments. `way` tells by its form what a key or link is for.

mod channel;
pub mod edit;
mod settings;
mod sync;
mod way;

pub use channel::{Author, ChannelInfo, NewChannel, Subscribe, language, read_channel};
pub use settings::{ContactSettings, FeedTitles, Hook, Settings, read_settings};
pub use sync::{SyncLimits, SyncReach, SyncSettings};
pub use way::{NoWay, Tool};

use crate::diagnostic::Diagnostic;
use crate::fields::{Fields, File, parse_toml};
use crate::limits;

/// Reads the TOML of a settings file and reports what is broken in it.
fn parse_file(file: File<'_>, found: &mut Vec<Diagnostic>) -> Fields {
    let (fields, errors) = parse_toml(file.text, 0);
    for error in errors.into_iter().take(limits::FINDINGS) {
        let message = format!("not valid TOML: {}", error.message);
        found.push(
            file.error("bad-toml", error.span, message)
                .hint("mend the line; what could be read around it is used"),
        );
    }
    fields
}
