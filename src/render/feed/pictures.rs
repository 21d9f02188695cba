//! Pictures that a message has and its text does not show: a feed has no grid beside the text.

use crate::library::{Media, Message};
use crate::render::view::is_shown;
use crate::sanitize::{SafeHtml, Target, Writer};

/// Returns them as HTML, in the order of their names.
pub(super) fn unseen(message: &Message) -> SafeHtml {
    let mut w = Writer::new("p");
    for file in super::enclosures(message) {
        let Media::Picture(size) = file.media else { continue };
        if message.rare.refs.iter().any(|(_, found)| is_shown(found) && *found == file.found()) {
            continue;
        }
        let words = message.caption(file).unwrap_or(&file.name);
        w.open("p").end();
        let mut img = w.open("img").src(&Target::Site(&file.out)).attribute("alt", words);
        if let Some((width, height)) = size {
            img =
                img.attribute("width", &width.to_string()).attribute("height", &height.to_string());
        }
        img.end();
        w.close("p");
    }
    w.finish(&|_, _| None).unwrap_or_default()
}
