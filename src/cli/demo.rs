//! The example, inside the program. Its contacts are named one by one: a build of the example
//! leaves folders in it that must not get in here.

use anyhow::{Context, Result};
use include_dir::{Dir, include_dir};
use std::path::Path;

static FILES: [(&str, &[u8]); 2] = [
    ("README.md", include_bytes!("../../example-channel/README.md")),
    ("handbill.toml", include_bytes!("../../example-channel/handbill.toml")),
];

static CONTACTS: [(&str, Dir<'_>); 6] = [
    ("benches", include_dir!("$CARGO_MANIFEST_DIR/example-channel/benches")),
    ("corrections", include_dir!("$CARGO_MANIFEST_DIR/example-channel/corrections")),
    ("enquiry-desk", include_dir!("$CARGO_MANIFEST_DIR/example-channel/enquiry-desk")),
    ("old-patience", include_dir!("$CARGO_MANIFEST_DIR/example-channel/old-patience")),
    ("second-rise", include_dir!("$CARGO_MANIFEST_DIR/example-channel/second-rise")),
    ("tansy", include_dir!("$CARGO_MANIFEST_DIR/example-channel/tansy")),
];

/// Writes the example into an empty folder.
pub(super) fn copy(to: &Path) -> Result<()> {
    for (name, bytes) in FILES {
        std::fs::write(to.join(name), bytes).with_context(|| cannot(name))?;
    }
    for (name, contact) in &CONTACTS {
        let folder = to.join(name);
        std::fs::create_dir(&folder).with_context(|| cannot(name))?;
        contact.extract(&folder).with_context(|| cannot(name))?;
    }
    Ok(())
}

fn cannot(name: &str) -> String {
    format!("cannot write `{name}` of the example")
}
