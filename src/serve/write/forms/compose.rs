//! The form for a new message, and the list of drafts.

use super::super::{Draft, Letter, Subject, Target};
use super::{Scene, esc, link};
use crate::words::Words;

/// What the form for a new message shows.
pub struct Compose<'c> {
    /// What was typed so far.
    pub letter: &'c Letter,
    /// Whom it can go to.
    pub targets: &'c [Target],
    /// Whether it is fixed where it goes.
    pub fixed: bool,
    /// What it answers.
    pub reply: Option<&'c Subject>,
    /// The files of the draft that it was.
    pub files: &'c [String],
    /// Whether files were chosen that a browser does not send again by itself.
    pub lost_files: bool,
}

/// Returns the form for a new message.
pub fn compose(scene: &Scene<'_>, shown: &Compose<'_>) -> String {
    let letter = shown.letter;
    let target = shown.targets.iter().find(|target| target.name == letter.to);
    let mut html = head(scene, shown, target);
    html += &scene.refusal("write_not_sent");
    if shown.lost_files {
        html += &format!("<p class=\"notice\">{}</p>\n", scene.w("write_files_again"));
    }
    html += &reply(scene, shown.reply);
    // What was typed is kept by the browser under this name until it is sent.
    let kept = match (&letter.draft, shown.reply) {
        (Some((name, _)), _) => format!("draft {}/{name}", letter.to),
        (None, Some(subject)) => format!("reply {}", subject.page),
        (None, None) if shown.fixed => format!("to {}", letter.to),
        (None, None) => "new".to_owned(),
    };
    let state = if scene.refused.is_some() { " data-refused" } else { "" };
    let words =
        ["write_files_chosen", "write_remove", "write_restored", "write_sending", "write_preview"];
    let words: String = words
        .iter()
        .map(|key| format!(" data-{}=\"{}\"", key.replace('_', "-"), scene.w(key)))
        .collect();
    html += &scene.begin("/_app/compose", &format!(" data-kept=\"{}\"{state}{words}", esc(&kept)));
    html += &to(scene, shown);
    if let Some(subject) = shown.reply {
        html += &scene.hidden("reply", subject.page.as_str());
    }
    if let Some((name, version)) = &letter.draft {
        html += &scene.hidden("draft", name);
        html += &scene.hidden("version", version);
    }
    let more = format!(" aria-describedby=\"text-hint\"{}", scene.focus());
    html +=
        &scene.field("text", "write_text", "write_text_hint", &scene.textarea(&letter.text, &more));
    html += &files(scene, shown);
    html += &extras(scene, letter);
    html += "<div class=\"hb-buttons\">\n";
    // The first button is the one that Enter in a line of the form presses: it harms nobody.
    html += &scene.preview_button();
    html += &scene.button("write_save_draft", " name=\"do\" value=\"draft\"");
    html += &scene.button(
        "write_send",
        " class=\"hb-send\" name=\"do\" value=\"send\" aria-keyshortcuts=\"Control+Enter\"",
    );
    html += "</div>\n</form>\n";
    html
}

fn head(scene: &Scene<'_>, shown: &Compose<'_>, target: Option<&Target>) -> String {
    let mut html = String::new();
    let title = title(scene.words, shown.reply.is_some(), target.filter(|_| shown.fixed));
    if let Some(target) = target.filter(|_| shown.fixed) {
        html += &format!(
            "<p class=\"kicker\"><span class=\"sign {kind}\"></span><b>{}</b> <span class=\"hint\">{}</span></p>\n",
            scene.w(target.kind),
            scene.w(&format!("{}_hint", target.kind)),
            kind = target.kind
        );
    }
    html += &format!("<h1 dir=\"auto\">{}</h1>\n", esc(&title));
    if let Some(target) = target.filter(|_| shown.fixed && shown.letter.draft.is_none()) {
        let drafts =
            link("/_app/drafts", &[("to", &target.name)], scene.words.get("write_drafts"), "");
        html += &format!("<p class=\"hb-also\">{drafts}</p>\n");
    }
    html
}

/// Returns the title of the page for a new message.
pub fn title(words: &Words, reply: bool, target: Option<&Target>) -> String {
    match (reply, target) {
        (true, _) => words.get("write_reply").to_owned(),
        (false, Some(target)) => words.with("write_to", &target.title),
        (false, None) => words.get("write").to_owned(),
    }
}

fn reply(scene: &Scene<'_>, subject: Option<&Subject>) -> String {
    let Some(subject) = subject else { return String::new() };
    let mut html = format!(
        "<div class=\"answered\">\n<p>{} <bdi>{}</bdi>: <a href=\"/{}\"><bdi>{}</bdi></a></p>\n",
        scene.w("in_reply_to"),
        esc(&subject.author),
        subject.page,
        esc(&subject.name)
    );
    if !subject.excerpt.is_empty() {
        html += &format!("<blockquote dir=\"auto\">{}</blockquote>\n", esc(&subject.excerpt));
    }
    html += "</div>\n";
    if subject.private {
        html += &format!("<p class=\"hb-hint\">{}</p>\n", scene.w("write_private_reply"));
    }
    html
}

fn to(scene: &Scene<'_>, shown: &Compose<'_>) -> String {
    if shown.fixed {
        return scene.hidden("to", &shown.letter.to) + &scene.hidden("fixed", "yes");
    }
    let option = |target: &Target| {
        let chosen = if target.name == shown.letter.to { " selected" } else { "" };
        format!(
            "<option value=\"{}\"{chosen}>{} ({})</option>\n",
            esc(&target.name),
            esc(&target.title),
            scene.w(target.kind)
        )
    };
    let options: String = shown.targets.iter().map(option).collect();
    let first = format!("<option value=\"\">{}</option>\n", scene.w("write_choose"));
    let control = format!(
        "<select id=\"to\" name=\"to\" required autocomplete=\"off\">\n{first}{options}</select>"
    );
    scene.field("to", "write_where", "", &control)
}

fn files(scene: &Scene<'_>, shown: &Compose<'_>) -> String {
    let control = "<input id=\"files\" type=\"file\" name=\"files\" multiple aria-describedby=\"files-hint\">";
    let mut html = String::new();
    if !shown.files.is_empty() {
        let names: String =
            shown.files.iter().map(|name| format!("<li><bdi>{}</bdi></li>\n", esc(name))).collect();
        html += &format!(
            "<div class=\"hb-field\"><span class=\"hb-label\" id=\"attached\">{}</span><ul aria-labelledby=\"attached\">\n{names}</ul></div>\n",
            scene.w("write_attached")
        );
    }
    html += &scene.field("files", "write_files", "write_files_hint", control);
    let checked = if shown.letter.keep_location { "" } else { " checked" };
    html + &format!(
        "<div class=\"hb-check\"><input id=\"strip\" type=\"checkbox\" name=\"strip\" value=\"yes\"{checked} autocomplete=\"off\"><label for=\"strip\">{}</label></div>\n",
        scene.w("write_strip")
    )
}

fn extras(scene: &Scene<'_>, letter: &Letter) -> String {
    let line = |name: &str, value: &str, more: &str| {
        format!(
            "<input id=\"{name}\" name=\"{name}\" type=\"text\" value=\"{}\" autocomplete=\"off\"{more}>",
            esc(value)
        )
    };
    scene.field("title", "write_title", "", &line("title", &letter.title, " dir=\"auto\""))
        + &scene.field(
            "tags",
            "tags",
            "write_tags_hint",
            &line("tags", &letter.tags, " dir=\"auto\" aria-describedby=\"tags-hint\""),
        )
}

/// Returns what is said of a message that was written and has no page yet.
pub fn written(words: &Words, target: &Target) -> String {
    format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<p class=\"hb-write\"><a class=\"hb-act\" href=\"/{}\"><bdi>{}</bdi></a></p>\n",
        esc(words.get("write_written")),
        esc(words.get("write_written_hint")),
        target.page.address(),
        esc(&target.title)
    )
}

/// Returns the list of drafts for a contact.
pub fn drafts(words: &Words, target: &Target, drafts: &[Draft]) -> String {
    let to = target.name.as_str();
    let mut html =
        format!("<h1 dir=\"auto\">{}</h1>\n", esc(&words.with("write_drafts_for", &target.title)));
    let write = link("/_app/compose", &[("to", to)], words.get("write"), "hb-act");
    html += &format!("<p class=\"hb-write\">{write}</p>\n");
    if drafts.is_empty() {
        return html + &format!("<p>{}</p>\n", esc(words.get("write_no_drafts")));
    }
    html += &format!(
        "<p>{} <code>{}</code></p>\n<ul class=\"hb-drafts\">\n",
        esc(words.get("write_drafts_hint")),
        esc(&format!("{to}/drafts"))
    );
    for draft in drafts {
        let pairs = [("to", to), ("draft", draft.name.as_str())];
        html += &format!(
            "<li>{} <code>{}</code> {}</li>\n",
            link("/_app/compose", &pairs, &draft.words, ""),
            esc(&draft.name),
            link("/_app/delete", &pairs, words.get("write_delete"), "hb-act")
        );
    }
    html + "</ul>\n"
}
