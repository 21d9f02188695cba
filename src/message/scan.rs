//! One walk over a message's Markdown for all that lists and plans need to know of it.

use super::markdown::events_telling;
use super::tags::{ESCAPED, Piece, Tag, pieces};
use crate::text::{clean_line, cut};
use pulldown_cmark::{Event, Tag as Md, TagEnd};
use std::cell::Cell;

/// What one walk finds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The heading that opens the text.
    pub title: Option<String>,
    /// Whether the text opens with the title, be it this one or that of the header.
    pub title_in_text: bool,
    pub lead: String,
    pub excerpt: String,
    pub hashtags: Vec<Tag>,
    pub refs: Vec<String>,
    /// Whether a comment hides the rest of the text, since nothing ends it.
    pub open_comment: bool,
}

const EXCERPT: usize = 240;
const LEAD: usize = 80;

#[derive(Default)]
struct Walk {
    scan: Scan,
    begun: bool,
    in_title: bool,
    in_code: bool,
    in_links: usize,
    in_images: usize,
    in_quotes: usize,
    quoted: String,
    heading: String,
    lead: String,
    lead_ended: bool,
    excerpt: String,
    alt: String,
}

/// Walks the text after the header.
pub(super) fn scan(body: &str, header_title: Option<&str>) -> Scan {
    let mut walk = Walk::default();
    let open_comment = Cell::new(false);
    for event in events_telling(body, Some(&open_comment)) {
        walk.event(&event);
    }
    Scan { open_comment: open_comment.get(), ..walk.finish(header_title) }
}

impl Walk {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) => self.text(text),
            Event::Code(text) => self.words(text),
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => {
                self.words(" ");
                self.end_lead();
            }
            _ => {}
        }
        self.begun = true;
    }

    fn start(&mut self, tag: &Md<'_>) {
        match tag {
            Md::Heading { .. } if !self.begun => self.in_title = true,
            Md::CodeBlock(_) => self.in_code = true,
            // An alert is the author's own.
            Md::BlockQuote(kind) if kind.is_none() || self.in_quotes > 0 => self.in_quotes += 1,
            Md::Link { dest_url, .. } => {
                self.in_links += 1;
                self.reference(dest_url);
            }
            Md::Image { dest_url, .. } => {
                self.in_images += 1;
                self.reference(dest_url);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if matches!(tag, TagEnd::BlockQuote(_)) {
            self.in_quotes = self.in_quotes.saturating_sub(1);
        }
        match tag {
            TagEnd::Heading(_) if self.in_title => self.in_title = false,
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::Link => self.in_links = self.in_links.saturating_sub(1),
            TagEnd::Image => self.in_images = self.in_images.saturating_sub(1),
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableCell
            | TagEnd::BlockQuote(_) => {
                self.words(" ");
                self.end_lead();
            }
            _ => {}
        }
    }

    fn reference(&mut self, address: &str) {
        if address.starts_with("https://") || address.starts_with("http://") {
            return; // Most links: there is no need to parse them for this.
        }
        let relative = match crate::web::Link::parse(address) {
            Some(crate::web::Link::Relative(path)) => path,
            _ => return,
        };
        if !self.scan.refs.contains(&relative) && self.scan.refs.len() < crate::limits::REFS {
            self.scan.refs.push(relative);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_code {
            return;
        }
        if self.in_links == 0 && self.in_images == 0 && text.contains('#') {
            for piece in pieces(text) {
                if let Piece::Hashtag(_, tag) = piece {
                    self.scan.hashtags.push(tag);
                }
            }
        }
        self.words(text);
    }

    fn words(&mut self, text: &str) {
        if self.in_code {
            return;
        }
        let place = match (self.in_images > 0, self.in_title) {
            (true, _) => &mut self.alt,
            (false, true) => &mut self.heading,
            (false, false) => &mut self.excerpt,
        };
        if place.len() < EXCERPT * 8 {
            place.push_str(text);
        }
        // What somebody else said stands for a message only where it says nothing else.
        let lead = if self.in_quotes > 0 { &mut self.quoted } else { &mut self.lead };
        let in_lead = !self.lead_ended && !self.in_title && self.in_images == 0;
        if in_lead && lead.len() < LEAD * 8 {
            lead.push_str(text);
        }
    }

    fn end_lead(&mut self) {
        self.lead_ended |= !self.lead.trim().is_empty();
    }

    fn finish(self, header_title: Option<&str>) -> Scan {
        let clean = |text: &str| clean_line(&text.replace(ESCAPED, ""));
        let mut scan = self.scan;
        let heading = Some(clean(&self.heading)).filter(|heading| !heading.is_empty());
        scan.title_in_text =
            heading.is_some() && header_title.is_none_or(|t| Some(t) == heading.as_deref());
        scan.title = heading;
        scan.excerpt = cut(&clean(&self.excerpt), EXCERPT);
        scan.lead = cut(first_sentence(&clean(&self.lead)), LEAD);
        for other in [&self.quoted, &self.alt] {
            if scan.lead.is_empty() {
                scan.lead = cut(first_sentence(&clean(other)), LEAD);
            }
        }
        scan
    }
}

/// Returns the text up to the end of its first sentence.
fn first_sentence(text: &str) -> &str {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let at_word_end = chars.peek().is_none_or(|(_, next)| *next == ' ');
        // Short heads are mostly abbreviations and numbers: "1. ", "e.g. ".
        if matches!(c, '。' | '！' | '？')
            || (matches!(c, '.' | '!' | '?') && at_word_end && at > 8)
        {
            return &text[..end];
        }
    }
    text
}
