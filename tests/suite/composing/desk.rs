//! A base folder that is served, with a loop that builds what was written.

use super::forms::{Form, ORIGIN};
use crate::serving::client::{Answer, answered, ask, ask_with, parse, wait};
use crate::support::{Base, tree};
use handbill::app::Event;
use handbill::app::desk::Clerk;
use handbill::disk::Keeper;
use handbill::library::Edition;
use handbill::listing::errand::Errand;
use handbill::serve::{Hosts, Site, Update, router};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const FOLDER: &str = "\
-- handbill.toml
public = [\"notes\"]
[limits]
own_attachment = 2000000
attachments = 3
-- notes/outbox/2026-11-23T10-15-30Z-low-tide.md
Low tide.
-- mira/outbox/2026-11-20T10-00-00Z-hello.md
Hello.
-- mira/inbox/2026-11-23T09-00-00Z-hi.md
Hi.
-- harbour/inbox/2026-11-23T08-00-00Z-fog.md
Fog at the &lt;harbour&gt;.
";

/// A served base folder.
pub struct Room {
    /// The folder.
    pub base: Base,
    pub site: Arc<Site>,
    /// What was said of the reading state.
    pub told: Option<String>,
    builder: Arc<Builder>,
    thread: Option<JoinHandle<()>>,
    stop: mpsc::Sender<Event>,
}

struct Builder {
    keeper: Mutex<Keeper>,
    options: handbill::disk::BuildOptions,
    clerk: Arc<Clerk>,
    site: Arc<Site>,
    folder: std::path::PathBuf,
}

impl Builder {
    fn build(&self) {
        let mut keeper = self.keeper.lock().unwrap();
        keeper.build(&self.options, &Errand::whole()).unwrap();
        self.clerk.update(keeper.known());
        let (folder, files) = (self.folder.clone(), keeper.files(Edition::Reader));
        self.site.update(Update { folder, files, problems: Vec::new() });
    }

    fn work(&self, events: &Receiver<Event>) {
        while let Ok(event) = events.recv() {
            match event {
                Event::Stop => return,
                _ => self.build(),
            }
        }
    }
}

impl Room {
    /// Builds the folder above and serves it on port 8888.
    pub fn new() -> Room {
        Room::of(Base::of(FOLDER))
    }

    /// Ends, and begins anew on the same folder.
    pub fn again(self) -> Room {
        let base = self.end();
        Room::of(base)
    }

    /// Ends; what is still to be written is written.
    pub fn end(mut self) -> Base {
        self.stop.send(Event::Stop).unwrap();
        self.thread.take().unwrap().join().unwrap();
        std::mem::replace(&mut self.base, Base::new())
    }

    /// Builds a folder and serves it.
    pub fn of(base: Base) -> Room {
        let (stop, events) = mpsc::channel();
        let now = base.now;
        let clerk = Clerk::new(base.path().to_owned(), move || Ok(now), stop.clone());
        let (clerk, told) = clerk.keep_reading(&base.places().state);
        let clerk = Arc::new(clerk);
        let site = Site::new(Hosts::new(&["127.0.0.1:8888".parse().unwrap()], &[]));
        site.open_desk(clerk.clone());
        let builder = Arc::new(Builder {
            keeper: Mutex::new(Keeper::new(base.places())),
            options: base.options(),
            clerk,
            site: site.clone(),
            folder: base.at("_site/reader"),
        });
        builder.build();
        let worker = builder.clone();
        let thread = Some(std::thread::spawn(move || worker.work(&events)));
        Room { base, site, builder, thread, stop, told }
    }

    /// Builds what was changed by hand.
    pub fn build(&self) {
        self.builder.build();
    }

    /// Asks.
    pub fn ask(&self, request: &str) -> Answer {
        ask(router(self.site.clone()), request)
    }

    /// Opens a page with a form.
    #[track_caller]
    pub fn form(&self, address: &str) -> Form {
        let answer = self.ask(&format!("GET {address}"));
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        Form::of(address.split('?').next().unwrap(), answer.text())
    }

    /// Sends a form from a page of the server.
    pub fn send(&self, form: &Form) -> Answer {
        self.send_as(form, ORIGIN)
    }

    /// Sends a form with other headers.
    pub fn send_as(&self, form: &Form, headers: &str) -> Answer {
        let kind = "content-type: multipart/form-data; boundary=limit";
        let head = format!("POST {}\n{kind}\n{headers}", form.action);
        ask_with(router(self.site.clone()), &head, form.body())
    }

    /// Sends a form, does not wait longer than this for the answer, and sends it again.
    pub fn send_impatiently(&self, form: &Form, patience: Duration) -> Answer {
        let head = format!(
            "POST {}\ncontent-type: multipart/form-data; boundary=limit\n{ORIGIN}",
            form.action
        );
        let request = || parse(&head).map(|_| axum::body::Body::from(form.body()));
        wait(async {
            // A connection that is closed drops the answer that is being made.
            let first = answered(router(self.site.clone()), request());
            let _ = tokio::time::timeout(patience, first).await;
            answered(router(self.site.clone()), request()).await
        })
    }

    /// Returns a file of the base folder as text.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        let text = std::fs::read_to_string(self.base.at(path));
        text.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the text of the newest message of a box.
    pub fn newest(&self, folder: &str) -> String {
        let files = tree(&self.base.at(folder));
        let newest = files.into_iter().rfind(|(path, _)| path.ends_with(".md")).unwrap();
        String::from_utf8(newest.1).unwrap()
    }

    /// Returns an attachment of a box by its name.
    pub fn attachment(&self, folder: &str, name: &str) -> Vec<u8> {
        let files = tree(&self.base.at(folder));
        files.into_iter().find(|(path, _)| path.ends_with(&format!("/{name}"))).unwrap().1
    }

    /// Returns what lies in the trash.
    pub fn trash(&self) -> Vec<String> {
        let files = tree(&self.base.at(".handbill/trash")).into_values();
        files.map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.thread.is_none() {
            return;
        }
        self.stop.send(Event::Stop).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}
