//! The forms for an edit and for a deletion.

use super::super::{Source, Subject, Which};
use super::{Scene, esc};
use crate::words::Words;

/// What the form for an edit shows.
pub struct Edit<'e> {
    /// Whose text it is.
    pub subject: &'e Subject,
    /// What is in the form.
    pub text: &'e str,
    /// The version that Save replaces.
    pub version: &'e str,
    /// What is on disk meanwhile, where that is another text.
    pub theirs: Option<&'e str>,
}

/// Returns the form for an edit.
pub fn edit(scene: &Scene<'_>, shown: &Edit<'_>) -> String {
    let subject = shown.subject;
    let mut html =
        format!("<h1>{}</h1>\n{}", scene.w("write_edit_title"), scene.refusal("write_not_saved"));
    html += &format!(
        "<p class=\"hb-also\"><a href=\"/{}\"><bdi>{}</bdi></a></p>\n",
        subject.page,
        esc(&subject.name)
    );
    if let Some(theirs) = shown.theirs {
        html += &format!(
            "<section class=\"hb-theirs\" aria-labelledby=\"theirs\"><h2 id=\"theirs\">{}</h2>\n<pre class=\"hb-text\" tabindex=\"0\" dir=\"auto\">\n{}</pre></section>\n<h2 id=\"mine\">{}</h2>\n",
            scene.w("write_theirs"),
            esc(theirs),
            scene.w("write_mine")
        );
    }
    let words = ["write_restored", "write_preview"];
    let words: String = words
        .iter()
        .map(|key| format!(" data-{}=\"{}\"", key.replace('_', "-"), scene.w(key)))
        .collect();
    let state = if scene.refused.is_some() { " data-refused" } else { "" };
    let kept = format!("edit {}", subject.page);
    html += &scene.begin("/_app/edit", &format!(" data-kept=\"{}\"{state}{words}", esc(&kept)));
    html += &scene.hidden("page", subject.page.as_str());
    html += &scene.hidden("to", &subject.contact);
    html += &scene.hidden("version", shown.version);
    let more = format!(" class=\"hb-source\" aria-describedby=\"text-hint\"{}", scene.focus());
    html += &scene.field("text", "source", "write_edit_hint", &scene.textarea(shown.text, &more));
    html += "<div class=\"hb-buttons\">\n";
    html += &scene.preview_button();
    html += &format!(
        "<a class=\"hb-act\" href=\"/{}\">{}</a>\n",
        subject.page,
        scene.w("write_cancel")
    );
    html += &scene.button(
        "write_save",
        " class=\"hb-send\" name=\"do\" value=\"save\" aria-keyshortcuts=\"Control+Enter\"",
    );
    html + "</div>\n</form>\n"
}

/// Returns the form that asks before something is deleted.
pub fn delete(scene: &Scene<'_>, which: &Which, source: &Source, back: &str) -> String {
    let draft = matches!(which, Which::Draft(..));
    let (title, hint) = match draft {
        true => ("write_delete_draft_title", "write_delete_draft_hint"),
        false => ("write_delete_title", "write_delete_hint"),
    };
    let mut html = format!(
        "<h1>{}</h1>\n{}<p class=\"lead\">{}</p>\n<pre class=\"hb-text\" tabindex=\"0\" dir=\"auto\">\n{}</pre>\n",
        scene.w(title),
        scene.refusal("write_not_deleted"),
        scene.w(hint),
        esc(&source.text)
    );
    if !source.files.is_empty() {
        let files = source.files.iter().map(|name| format!("<bdi>{}</bdi>", esc(name)));
        html += &format!(
            "<p>{} {}</p>\n",
            scene.w("write_attached"),
            files.collect::<Vec<_>>().join(", ")
        );
    }
    html += &scene.begin("/_app/delete", "");
    html += &match which {
        Which::Page(page) => scene.hidden("page", page),
        Which::Draft(to, name) => scene.hidden("to", to) + &scene.hidden("draft", name),
    };
    html += &scene.hidden("version", &source.version);
    html += "<div class=\"hb-buttons\">\n";
    html += &format!("<a class=\"hb-act\" href=\"{}\">{}</a>\n", esc(back), scene.w("write_keep"));
    html += &scene.button("write_delete", " class=\"hb-send\"");
    html + "</div>\n</form>\n"
}

/// Returns the text of an edit whose message is gone.
pub fn lost(words: &Words, text: &str) -> String {
    format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<pre class=\"hb-text\" tabindex=\"0\" dir=\"auto\">\n{}</pre>\n",
        esc(words.get("write_failed")),
        esc(words.get("write_edit_gone")),
        esc(text)
    )
}
