//! Pages by templates.

use super::view::{self, FeedLinkView, Gone, LinkView, PageView, Viewer};
use super::{Bodies, Bytes, Look};
use crate::diagnostic::Diagnostic;
use crate::library::Message;
use crate::path::OutPath;
use crate::plan::{ListOf, Page};
use crate::words::Words;
use std::cell::Cell;
use tera::{Context, Value};

/// Why a page was not made.
#[derive(Debug)]
pub enum NotMade {
    /// A text is gone: the next build sees to it.
    Gone,
    /// The default template failed.
    Failed(Box<Diagnostic>),
}

impl From<Gone> for NotMade {
    fn from(_: Gone) -> NotMade {
        NotMade::Gone
    }
}

/// Renders a page.
///
/// # Errors
/// When a text it shows is gone, or the default template fails.
pub fn page(
    path: &OutPath,
    page: &Page,
    look: &Look<'_>,
    bodies: &Bodies<'_>,
) -> Result<Bytes, NotMade> {
    let scene = scene(path, page, look, bodies)?;
    let rendered = look.theme.render(scene.template, &scene.context).map_err(NotMade::Failed)?;
    let fallback = rendered.fallback.or(scene.fallback);
    Ok(Bytes { bytes: rendered.html.into_bytes(), fallback })
}

/// What stands in the template `app.html` where the local server puts what it has to show.
pub const APP: &str = "<!--handbill:app-->";

/// Renders the page around what the local server itself has to show: `app.html`, with links from
/// the top of the host.
///
/// # Errors
/// When the default template fails.
pub fn app(title: &str, look: &Look<'_>) -> Result<String, NotMade> {
    let (root, template) = ("/", "app.html");
    let register = look.registers.get(look.theme, &look.site, root, None)?;
    let path = OutPath::fixed("_app/index.html");
    let page = page_view(template, title.to_owned(), &path, root, Vec::new(), look);
    let mut context = Context::new();
    put(&mut context, "page", &page);
    context.insert_value("register", register.html);
    context.insert_value("root", Value::normal_string(root));
    context.insert_value("site", look.site.clone());
    Ok(look.theme.render(template, &context).map_err(NotMade::Failed)?.html)
}

/// Returns the words that stand for a message where a title is needed.
pub fn name(message: &Message, words: &Words) -> String {
    view::name(message, words)
}

/// The template of a page and everything that it sees.
pub struct Scene {
    /// The template's name.
    pub template: &'static str,
    /// What it sees.
    pub context: Context,
    /// Set where a default piece was used in place of a broken override.
    pub fallback: Option<Diagnostic>,
}

/// Prepares a page.
///
/// # Errors
/// When a text it shows is gone, or the default register fails.
pub fn scene(
    path: &OutPath,
    page: &Page,
    look: &Look<'_>,
    bodies: &Bodies<'_>,
) -> Result<Scene, NotMade> {
    let words = &look.theme.words;
    let root = root(path, page, look);
    let viewer = Viewer { look, root: root.clone(), bodies, pictures: Cell::new(false) };
    let mut context = Context::new();
    let tag_feed = |label: &str, dir: &str| feed_link(&format!("#{label}"), &format!("tags/{dir}"));
    let (template, title, feeds) = match page {
        Page::Message(page) => {
            let head = &page.item.message.head;
            let title = view::name(&page.item.message, words);
            put(&mut context, "view", &viewer.message_page(page)?);
            ("message.html", title, vec![feed_link(&head.title, &head.dir)])
        }
        Page::List(list) => {
            put(&mut context, "view", &viewer.list(list)?);
            let template = match &list.of {
                ListOf::Home(_) => "home.html",
                ListOf::Contact(_) => "contact.html",
                ListOf::Author(..) => "author.html",
                _ => "list.html",
            };
            let feeds = match &list.of {
                ListOf::Contact(head)
                | ListOf::ContactMonth(head, _)
                | ListOf::Author(head, _)
                | ListOf::AuthorYear(head, _, _) => {
                    vec![feed_link(&head.title, &head.dir)]
                }
                ListOf::Tag(label, dir) if list.feed.is_some() => vec![tag_feed(label, dir)],
                ListOf::TagYear(label, dir, _, true) => vec![tag_feed(label, dir)],
                _ => Vec::new(),
            };
            (template, view::list_title(list, look.settings, words), feeds)
        }
        Page::Year(year) => {
            put(&mut context, "view", &view::year(year, words));
            let title = match &year.head {
                Some(head) => format!("{}: {}", head.title, year.year),
                None => year.year.to_string(),
            };
            let feeds = year.head.iter().map(|head| feed_link(&head.title, &head.dir)).collect();
            ("year.html", title, feeds)
        }
        Page::Archive(years) => {
            let link = |(year, path): &(i32, OutPath)| LinkView {
                title: year.to_string(),
                path: path.to_string(),
            };
            put(&mut context, "view", &years.iter().map(link).collect::<Vec<_>>());
            ("archive.html", words.get("archive").to_owned(), Vec::new())
        }
        Page::Tags(lines) => {
            put(&mut context, "view", &view::tag_lines(lines));
            ("tags.html", words.get("tags").to_owned(), Vec::new())
        }
        Page::Search(page) => {
            put(&mut context, "view", &view::search(page, words));
            ("search.html", words.get("search").to_owned(), Vec::new())
        }
        Page::Media(page) => {
            put(&mut context, "view", &viewer.media(page));
            ("media.html", view::media_title(page, words), Vec::new())
        }
        Page::Thread(thread) => {
            put(&mut context, "view", &viewer.thread(thread)?);
            let title = view::thread_title(&thread.root, words);
            let dir = thread.feed.folder();
            let feed = feed_link(&title, dir);
            let title = if thread.part > 1 { format!("{title} ({})", thread.part) } else { title };
            ("thread.html", title, vec![feed])
        }
        Page::Versions(page) => {
            put(&mut context, "view", &viewer.versions(page)?);
            let name = view::name(&page.item.message, words);
            ("versions.html", words.with("versions_of", &name), Vec::new())
        }
        Page::Conversations(lines) => {
            put(&mut context, "view", &viewer.contact_lines(lines));
            ("conversations.html", words.get("conversations").to_owned(), Vec::new())
        }
        Page::Subscriptions(lines) => {
            put(&mut context, "view", &viewer.contact_lines(lines));
            ("subscriptions.html", words.get("all_contacts").to_owned(), Vec::new())
        }
        Page::Feeds(lines) => {
            put(&mut context, "view", &view::feeds(lines, path, look));
            ("feeds.html", words.get("feeds").to_owned(), Vec::new())
        }
        Page::Status(problems) => {
            put(&mut context, "view", &view::problems(problems, words));
            ("status.html", words.get("status").to_owned(), Vec::new())
        }
        Page::Reading => ("reading.html", words.get("reading").to_owned(), Vec::new()),
        Page::Moved(to, head) => {
            let link = LinkView { title: head.title.clone(), path: to.to_string() };
            put(&mut context, "view", &link);
            ("moved.html", words.get("moved").to_owned(), Vec::new())
        }
        Page::Deleted(page) => {
            put(&mut context, "view", &viewer.deleted(page));
            let feeds = vec![feed_link(&page.head.title, &page.head.dir)];
            ("deleted.html", words.get("deleted").to_owned(), feeds)
        }
        Page::NotFound => ("404.html", words.get("not_found").to_owned(), Vec::new()),
    };
    let current = (template != "message.html").then(|| path.as_str());
    let register = look.registers.get(look.theme, &look.site, &root, current)?;
    let mut head = page_view(template, title, path, &root, feeds, look);
    // Nobody is to be led to a page that says that there is none.
    let says_nothing = matches!(page, Page::Deleted(..) | Page::NotFound);
    head.canonical = head.canonical.filter(|_| !says_nothing);
    head.card = head.canonical.as_ref().map(|_| view::card(page, look));
    head.pictures = viewer.pictures.get();
    put(&mut context, "page", &head);
    context.insert_value("register", register.html);
    context.insert_value("root", Value::normal_string(&root));
    context.insert_value("site", look.site.clone());
    Ok(Scene { template, context, fallback: register.fallback })
}

/// Returns what leads to the top of the edition. A host shows `404.html` at any address, so that
/// page alone starts from the top of the host.
fn root(path: &OutPath, page: &Page, look: &Look<'_>) -> String {
    match (page, &look.base) {
        (Page::NotFound, Some(base)) => base.path().to_owned(),
        (Page::NotFound, None) => "/".to_owned(),
        _ => path.to_root(),
    }
}

fn page_view(
    template: &'static str,
    title: String,
    path: &OutPath,
    root: &str,
    mut feeds: Vec<FeedLinkView>,
    look: &Look<'_>,
) -> PageView {
    let public = look.settings.base_url.as_ref();
    let public = public.filter(|_| look.edition == crate::library::Edition::Public);
    feeds.push(feed_link(&look.settings.title, ""));
    PageView {
        kind: template.strip_suffix(".html").unwrap_or(template),
        title,
        path: path.to_string(),
        root: root.to_owned(),
        feeds,
        canonical: public.map(|base| format!("{}{}", base.as_str(), path.address())),
        card: None,
        pictures: false,
    }
}

/// Returns the feed of a folder; the one at the top has no name.
fn feed_link(title: &str, dir: &str) -> FeedLinkView {
    let folder = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    FeedLinkView {
        title: title.to_owned(),
        path: format!("{folder}feed.xml"),
        json: format!("{folder}feed.json"),
    }
}

fn put<T: serde::Serialize>(context: &mut Context, key: &'static str, view: &T) {
    context.insert_value(key, Value::from_serializable(view));
}
