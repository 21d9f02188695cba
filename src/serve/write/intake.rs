//! Takes in a form: fields into memory, files onto the disk, within the limits of the settings.

use super::Desk;
use super::flow::Flow;
use crate::limits::Limits;
use crate::words::Words;
use axum::body::Body;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// A file that came with a form.
#[derive(Debug)]
pub struct Upload {
    /// What the browser calls it: anything.
    pub name: String,
    /// Its bytes, from the beginning.
    pub file: File,
    /// How many.
    pub size: u64,
}

/// A form.
#[derive(Debug, Default)]
pub struct Intake {
    fields: BTreeMap<String, String>,
    /// Its files.
    pub files: Vec<Upload>,
    /// Why it cannot be taken as it is: the first reason.
    pub refused: Option<String>,
}

/// Why a form was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The client left, was silent too long, or sent what is no form.
    Cut,
    /// Its first field is not the token.
    Token,
}

/// How long a client may be silent within a form.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a client may take until it has shown that it may send a form at all.
const TOKEN: Duration = Duration::from_secs(10);
/// How many fields and files a form may have; more than any of ours.
const PARTS: usize = 1000;
/// How large fields may be together beside the text.
const FIELDS: u64 = 1 << 20;

impl Intake {
    /// Returns a field, `""` where it was not sent. Browsers send lines with CR LF (HTML, 4.10.21.8).
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Returns a field that says something.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.field(name).to_owned()).filter(|text| !text.is_empty())
    }

    fn refuse(&mut self, why: String) {
        self.refused.get_or_insert(why);
    }
}

/// Reads a form whose first field is a token that `admits` knows. What is too large is read and
/// thrown away, so that the answer reaches the browser and what was typed is not lost.
///
/// # Errors
/// See [`Broken`].
pub async fn take(
    request: Request<Body>,
    desk: &Arc<dyn Desk>,
    admits: impl Fn(&str) -> bool,
) -> Result<Intake, Broken> {
    let flow = Flow::default();
    let request = request.map(|body| flow.bound(body));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| Broken::Cut)?;
    let (limits, in_form) = (desk.limits(), flow.clone());
    let desk = Arc::clone(desk);
    let mut reader = Reader { intake: Intake::default(), limits, desk, fields: 0, flow: in_form };
    let token = first(&flow, &mut form, admits);
    tokio::time::timeout(TOKEN, token).await.unwrap_or(Err(Broken::Cut))?;
    let mut count = 0;
    while let Some(field) = in_time(&flow, form.next_field()).await? {
        let name = field.name().unwrap_or_default().to_owned();
        count += 1;
        if count > PARTS {
            return Err(Broken::Cut);
        }
        reader.take(name, field).await?;
    }
    Ok(reader.intake)
}

/// Reads the first field, which must be the token.
async fn first(
    flow: &Flow,
    form: &mut Multipart,
    admits: impl Fn(&str) -> bool,
) -> Result<(), Broken> {
    let field = in_time(flow, form.next_field()).await?.ok_or(Broken::Token)?;
    if field.name() == Some("token") && admits(&short(flow, field).await?) {
        return Ok(());
    }
    Err(Broken::Token)
}

async fn in_time<T, E>(flow: &Flow, next: impl Future<Output = Result<T, E>>) -> Result<T, Broken> {
    let value = tokio::time::timeout(SILENCE, next).await;
    flow.got_on();
    match value {
        Ok(Ok(value)) => Ok(value),
        _ => Err(Broken::Cut),
    }
}

/// Reads the beginning of a field; whoever it comes from is not known yet.
async fn short(flow: &Flow, mut field: Field<'_>) -> Result<String, Broken> {
    let mut bytes = Vec::new();
    while let Some(chunk) = in_time(flow, field.chunk()).await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 256 {
            return Err(Broken::Token);
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns a size in words.
fn in_words(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

struct Reader {
    intake: Intake,
    limits: Limits,
    desk: Arc<dyn Desk>,
    /// How large the fields were so far.
    fields: u64,
    flow: Flow,
}

impl Reader {
    async fn take(&mut self, name: String, field: Field<'_>) -> Result<(), Broken> {
        match field.file_name().map(str::to_owned) {
            // An input for files in which none was chosen sends one without a name.
            Some(file) if file.is_empty() => Ok(()),
            Some(file) => self.file(file, field).await,
            None => {
                let text = self.text(field).await?;
                self.intake.fields.insert(name, text);
                Ok(())
            }
        }
    }

    /// Reads a field; of one that is too large, its beginning.
    async fn text(&mut self, mut field: Field<'_>) -> Result<String, Broken> {
        let mut bytes = Vec::new();
        while let Some(chunk) = in_time(&self.flow, field.chunk()).await? {
            self.fields += chunk.len() as u64;
            if self.fields > self.limits.own_message + FIELDS {
                let words = self.desk.words();
                self.intake.refuse(words.get("write_text_too_long").to_owned());
                continue;
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
    }

    async fn file(&mut self, name: String, mut field: Field<'_>) -> Result<(), Broken> {
        let mut open = self.open().await;
        let (mut size, mut refused) = (0, open.is_none());
        while let Some(chunk) = in_time(&self.flow, field.chunk()).await? {
            size += chunk.len() as u64;
            let Some(file) = open.as_mut().filter(|_| !refused) else { continue };
            if size > self.limits.own_attachment {
                let words = self.desk.words();
                let text = words.with("write_file_too_large", &crate::text::clean_line(&name));
                self.intake.refuse(text.replacen("{}", &in_words(self.limits.own_attachment), 1));
                refused = true;
            } else if let Err(error) = file.write_all(&chunk).await {
                self.not_kept(&error);
                refused = true;
            }
        }
        let Some(mut file) = open.filter(|_| !refused) else { return Ok(()) };
        if let Err(error) = file.flush().await {
            self.not_kept(&error);
            return Ok(());
        }
        let mut file = file.into_std().await;
        match file.seek(SeekFrom::Start(0)) {
            Ok(_) => self.intake.files.push(Upload { name, file, size }),
            Err(error) => self.not_kept(&error),
        }
        Ok(())
    }

    /// Makes a file for what comes; nothing, with the reason, where it is not to be kept.
    async fn open(&mut self) -> Option<tokio::fs::File> {
        if self.intake.refused.is_some() {
            return None;
        }
        let words: Words = self.desk.words();
        if self.intake.files.len() >= self.limits.attachments {
            let most = self.limits.attachments.to_string();
            self.intake.refuse(words.with("write_too_many_files", &most));
            return None;
        }
        let desk = Arc::clone(&self.desk);
        // The disk may be slow, and this is the only thread that answers.
        let spooled = tokio::task::spawn_blocking(move || desk.spool()).await;
        match spooled.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(file) => Some(tokio::fs::File::from_std(file)),
            Err(why) => {
                self.intake.refuse(words.with("write_not_kept", &why));
                None
            }
        }
    }

    fn not_kept(&mut self, error: &std::io::Error) {
        let words = self.desk.words();
        self.intake.refuse(words.with("write_not_kept", &error.kind().to_string()));
    }
}
