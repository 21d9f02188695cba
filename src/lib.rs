//! Handbill: synced folders become a site and Atom feeds.
//!
//! A build is a pure function from what was found in a base folder to a set of output files and
//! findings. Around it stands a thin shell that scans, reads, publishes, watches and serves.
//!
//! ```text
//!  shell                    functional core: no I/O, no clock, no environment            shell
//!  disk::scan    message::parse    library      plan::plan   plan::diff    render      disk::publish
//!  folders ─► Listing ─► Meta ─► Library ─► Segments ─► Work ─► bytes ─► files, manifest
//!             listing::sort       one per    path →      against   in
//!                                 edition    Output      manifest  parallel
//! ```
//!
//! # The map
//!
//! Each layer may use only those above it; a test in the suite holds the table.
//!
//! | layer | module | what it holds |
//! |---|---|---|
//! | 0 | [`path`] [`names`] | paths that cannot climb; names in the output, made and not taken |
//! | 0 | [`hash`] [`source`] [`text`] [`words`] | hashes and fingerprints; decoding and places; cleaning; words of the interface |
//! | 0 | [`time`] [`web`] [`keys`] [`qr`] [`limits`] [`media`] | stamps and holding back; addresses; keys of sync tools; QR codes; budgets; types of files |
//! | 0 | [`photo`] [`code`] [`rare`] [`chunked`] | smaller versions of photographs; colours for code; fields that few values fill; lists that share most of their items |
//! | 0 | [`diagnostic`] [`fields`] [`opml`] | findings as values; TOML and YAML as keys with places; lists of feeds |
//! | 1 | [`config`] | `handbill.toml` and `channel.toml` |
//! | 1 | [`listing`] | what lies in a box: messages, attachments, what sync tools left |
//! | 1 | [`sanitize`] | the only module that can make a `SafeHtml` |
//! | 1 | [`message`] | header, Markdown, tags, body |
//! | 1 | [`reading`] | what one has read, starred and muted: no page is made from it |
//! | 1 | [`theme`] | templates, assets and words: the default under the user's |
//! | 2 | [`library`] | contacts, messages, threads, tags; who may be public |
//! | 3 | [`plan`] | which outputs there are, from what, and which have to be made |
//! | 4 | [`render`] | an output to bytes: pages by templates, feeds, lists of feeds |
//! | 5 | [`build`] | the function above, on one screen |
//! | shell | [`disk`] | scanning, reading, the cache, publishing, the local state |
//! | shell | [`serve`] | the local server, live reload, pages to write in |
//! | shell | [`watch`] | what events of the file system mean, and when it is time to build |
//! | shell | [`transport`] | the engine that carries boxes; what is asked of sync tools that run here |
//! | shell | [`app`] | the loop of a running process: events in, builds out |
//! | shell | [`cli`] | one file a subcommand |
//!
//! # Where a change goes
//!
//! - A new header key: [`message`] (`header.rs`), its meaning in [`library`], `docs/format.md`.
//! - A new setting: [`config`] (`settings.rs`); if pages depend on it, the `shared` hash in [`plan`].
//! - A new kind of page: a variant of [`plan::Page`], who plans it in `plan/planner`, what its
//!   template sees in [`render::view`], a template in `themes/default`, its view in
//!   `docs/themes.md`.
//! - A new thing a sync tool leaves behind: the table in [`listing::leftovers`].
//! - A new finding: make a [`diagnostic::Diagnostic`] where it is found; it reaches `check`, the
//!   build's report and the status page by itself.

pub mod app;
pub mod build;
pub mod chunked;
pub mod cli;
pub mod code;
pub mod config;
pub mod diagnostic;
pub mod disk;
pub mod fields;
pub mod hash;
pub mod keys;
pub mod library;
pub mod limits;
pub mod listing;
pub mod media;
pub mod message;
pub mod names;
pub mod opml;
pub mod path;
pub mod photo;
pub mod plan;
pub mod qr;
pub mod rare;
pub mod reading;
pub mod render;
pub mod sanitize;
pub mod serve;
pub mod source;
pub mod text;
pub mod theme;
pub mod time;
pub mod transport;
pub mod watch;
pub mod web;
pub mod words;
