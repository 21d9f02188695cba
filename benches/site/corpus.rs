//! Makes base folders: always the same one for the same number of messages.
//!
//! Ten channels of one's own, all listed as public; messages spread over ten years. 70 % have 20
//! to 60 words, 25 % 150 to 400, 5 % about 1,000. One in twenty answers an earlier message, one in
//! fifty has a title and tags in its header, three in ten carry hashtags.

use handbill::library::{channel_namespace, message_id};
use handbill::path::RelPath;
use handbill::time::Stamp;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use uuid::Uuid;

/// How many channels there are.
pub const CHANNELS: usize = 10;
/// How many different tags there are.
const TAGS: usize = 100;
/// 2016-01-01T00:00:00Z.
const FIRST: i64 = 1_451_606_400;
/// Ten years, in seconds.
const SPAN: i64 = 315_576_000;
/// Changes with what is made, so that an older folder is made anew.
const VERSION: &str = "1";

/// A small generator of numbers (SplitMix64): the same for the same seed everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Makes the folder unless it is there. Returns whether it was made.
pub fn make(base: &Path, messages: usize, attachments: bool) -> bool {
    let mark = format!("{VERSION} {messages} {attachments}");
    let mark_file = base.join(".corpus");
    if fs::read_to_string(&mark_file).is_ok_and(|text| text == mark) {
        return false;
    }
    let _ = fs::remove_dir_all(base);
    fs::create_dir_all(base).expect("the folder can be made");
    let names: Vec<String> = (0..CHANNELS).map(|n| format!("channel-{n}")).collect();
    let list: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let settings = format!(
        "title = \"Ten years\"\nbase_url = \"https://example.org/notes/\"\npublic = [{}]\n",
        list.join(", ")
    );
    fs::write(base.join("handbill.toml"), settings).expect("the settings can be written");
    for (n, name) in names.iter().enumerate() {
        fs::create_dir_all(base.join(name).join("outbox")).expect("the box can be made");
        let info = format!(
            "id = \"{}\"\ntitle = \"Channel {n}\"\ndescription = \"What was seen from window {n}.\"\n\
             language = \"en\"\n[[author]]\nname = \"Ada {n}\"\n",
            channel_id(n)
        );
        fs::write(base.join(name).join("outbox/channel.toml"), info).expect("it can be written");
    }
    let mut stems: Vec<String> = Vec::new();
    for n in 0..messages {
        let (stem, extension, text) = message(n, messages, &stems);
        let outbox = base.join(&names[n % CHANNELS]).join("outbox");
        fs::write(outbox.join(format!("{stem}.{extension}")), text).expect("it can be written");
        if attachments && n % 50 == 0 {
            let folder = outbox.join(&stem);
            fs::create_dir_all(&folder).expect("the folder can be made");
            fs::write(folder.join("chart.csv"), "hour,level\n1,2\n").expect("it can be written");
        }
        stems.push(stem);
    }
    fs::write(mark_file, mark).expect("the mark can be written");
    true
}

/// Returns the id of a channel.
pub fn channel_id(n: usize) -> Uuid {
    Uuid::from_u128(0x6f1d_2c3b_0000_4000_8000_0000_0000_0000 + n as u128)
}

/// Returns the stem, the extension and the text of one message; `earlier` are the stems before it.
fn message(n: usize, messages: usize, earlier: &[String]) -> (String, &'static str, String) {
    let random = &mut Random(n as u64 ^ 0x5EED);
    let step = SPAN / messages as i64;
    let at = FIRST + n as i64 * step + random.below(step.max(2) as usize - 1) as i64;
    let time = Stamp::from_unix(at).iso().replace(':', "-");
    let (stem, extension) = match random.percent(70) {
        true => (format!("{time}-{}-{}", random.pick(WORDS), random.pick(WORDS)), "md"),
        false => (time, "txt"),
    };
    let mut text = String::new();
    header(n, earlier, random, &mut text);
    let words = match random.below(100) {
        0..70 => random.between(20, 60),
        70..95 => random.between(150, 400),
        _ => random.between(900, 1_100),
    };
    body(words, random, &mut text);
    (stem, extension, text)
}

fn header(n: usize, earlier: &[String], random: &mut Random, text: &mut String) {
    let answers = random.percent(5) && !earlier.is_empty();
    let titled = random.percent(2);
    if !answers && !titled {
        return;
    }
    text.push_str("+++\n");
    if titled {
        let (first, second) = (random.pick(WORDS), random.pick(WORDS));
        let _ = writeln!(text, "title = \"The {first} and the {second}\"");
        let _ = writeln!(text, "tags = [\"{}\"]", tag(random));
    }
    if answers {
        // Mostly something recent.
        let back = 1 + random.below(200.min(n));
        let namespace = channel_namespace(Some(channel_id((n - back) % CHANNELS)), "", "outbox");
        let stem = RelPath::parse(&earlier[n - back]).expect("stems are plain");
        let _ = writeln!(text, "in_reply_to = \"{}\"", message_id(namespace, &stem));
    }
    text.push_str("+++\n");
}

/// Returns a tag; some are far more frequent than others.
fn tag(random: &mut Random) -> String {
    let n = random.below(TAGS).min(random.below(TAGS));
    format!("{}-{n}", WORDS[n])
}

fn body(words: usize, random: &mut Random, text: &mut String) {
    let mut left = words;
    while left > 0 {
        let count = random.between(15, 70).min(left);
        left -= count;
        match random.below(100) {
            0..6 => list(count, random, text),
            6..9 => code(count, random, text),
            9..12 => {
                text.push_str("> ");
                paragraph(count, random, text);
            }
            12..15 if words > 300 => {
                let _ = writeln!(text, "## The {}\n", random.pick(WORDS));
                paragraph(count, random, text);
            }
            _ => paragraph(count, random, text),
        }
    }
    if random.percent(30) {
        for _ in 0..random.between(1, 3) {
            let _ = write!(text, "#{} ", tag(random));
        }
        text.push('\n');
    }
}

fn list(words: usize, random: &mut Random, text: &mut String) {
    for _ in 0..words.div_ceil(8) {
        let _ =
            writeln!(text, "- {} {} {}", random.pick(WORDS), random.pick(WORDS), inline(random));
    }
    text.push('\n');
}

fn code(words: usize, random: &mut Random, text: &mut String) {
    text.push_str("```rust\n");
    for n in 0..words.div_ceil(6) {
        let _ =
            writeln!(text, "let {}_{n} = {}(&\"{n}\");", random.pick(WORDS), random.pick(WORDS));
    }
    text.push_str("```\n\n");
}

fn paragraph(words: usize, random: &mut Random, text: &mut String) {
    let mut in_sentence = 0;
    for n in 0..words {
        let word = random.pick(WORDS);
        match in_sentence {
            0 => {
                text.push_str(&word[..1].to_uppercase());
                text.push_str(&word[1..]);
            }
            _ if random.percent(4) => text.push_str(&inline(random)),
            _ => text.push_str(word),
        }
        in_sentence += 1;
        let last = n + 1 == words;
        if last || (in_sentence > 6 && random.percent(12)) {
            text.push('.');
            in_sentence = 0;
        } else if random.percent(7) {
            text.push(',');
        }
        text.push(if n % 14 == 13 { '\n' } else { ' ' });
    }
    text.push_str("\n\n");
}

/// Returns a piece of text with markup.
fn inline(random: &mut Random) -> String {
    let (a, b) = (random.pick(WORDS), random.pick(WORDS));
    match random.below(10) {
        0..3 => format!("*{a} {b}*"),
        3..5 => format!("**{a}**"),
        5 => format!("`{a}_{b}()`"),
        6..9 => format!("[{a} {b}](https://example.net/{a}/{b}?page={})", random.below(90)),
        _ => format!("https://example.com/{a}"),
    }
}

const WORDS: &[&str] = &[
    "tide", "harbour", "gauge", "lamp", "window", "morning", "paper", "letter", "street", "corner",
    "bench", "garden", "bird", "gull", "wind", "cloud", "rain", "river", "bridge", "boat", "rope",
    "anchor", "sail", "map", "road", "hill", "field", "stone", "wall", "gate", "door", "table",
    "chair", "kettle", "bread", "butter", "apple", "pear", "winter", "spring", "summer", "autumn",
    "evening", "night", "clock", "bell", "tower", "market", "shop", "coin", "ticket", "train",
    "station", "platform", "signal", "wire", "radio", "voice", "song", "drum", "string", "thread",
    "needle", "cloth", "colour", "shadow", "light", "glass", "mirror", "frame", "picture",
    "camera", "pencil", "ink", "page", "book", "shelf", "library", "reader", "writer", "story",
    "number", "measure", "line", "circle", "square", "pattern", "machine", "wheel", "engine",
    "spark", "fire", "smoke", "ash", "forest", "oak", "birch", "moss", "fern", "path", "is", "was",
    "and", "the", "of", "with", "under", "over", "between", "before", "after", "again", "never",
    "always", "slowly", "quiet", "old", "new", "small", "large", "open", "closed", "early", "late",
    "first", "last",
];
