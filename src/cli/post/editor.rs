//! A message written in an editor.

use super::Text;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Opens an editor on an empty file; returns what was saved there. The file stays until the message
/// has been written, so that nothing is lost if that fails.
pub(super) fn write(base: &Path) -> Result<Text> {
    let Some(editor) = chosen() else {
        bail!("say what to write: as an argument, by standard input, or set VISUAL or EDITOR");
    };
    let file = new_file(base)?;
    let status = command(&editor, &file).status();
    let status = status.with_context(|| format!("cannot start the editor `{editor}`"))?;
    let bytes = std::fs::read(&file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if !status.success() && !text.trim().is_empty() {
        bail!("the editor failed; your text is in `{}`", file.display());
    }
    if !status.success() {
        let _ = std::fs::remove_file(&file);
        bail!("the editor `{editor}` failed: nothing is written");
    }
    Ok(Text { text, kept: Some(file) })
}

/// Returns the editor of one's choice: `VISUAL`, else `EDITOR`.
fn chosen() -> Option<String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    set("VISUAL").or_else(|| set("EDITOR"))
}

fn new_file(base: &Path) -> Result<PathBuf> {
    let folder = base.join(".handbill").join("tmp");
    let cannot = || format!("cannot write into `{}`", folder.display());
    std::fs::create_dir_all(&folder).with_context(cannot)?;
    let file = tempfile::Builder::new().prefix("message-").suffix(".md").tempfile_in(&folder);
    let (_, path) = file.and_then(|file| Ok(file.keep()?)).with_context(cannot)?;
    Ok(path)
}

/// Returns the editor's command, which may have arguments of its own, as `code --wait`.
fn command(editor: &str, file: &Path) -> Command {
    if cfg!(windows) {
        let mut words = editor.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or(editor));
        command.args(words).arg(file);
        return command;
    }
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$@\"")).arg("sh").arg(file);
    command
}
