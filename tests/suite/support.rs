//! A base folder in a temporary place, and builds of it.

use handbill::disk::{self, BuildOptions, BuildReport, Places, PublishOptions};
use handbill::library::Edition;
use handbill::path::RelPath;
use handbill::time::{Now, Stamp};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// The files of a tree by their path, `/` between parts.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// A base folder that goes with the test.
pub struct Base {
    dir: TempDir,
    /// The instant of its builds.
    pub now: Now,
}

impl Base {
    /// Makes an empty base folder whose clock stands at 2026-11-24T12:00:00Z.
    pub fn new() -> Base {
        let now = Stamp::parse("2026-11-24T12:00:00Z").map(|stamp| Now(stamp.unix()));
        Base { dir: TempDir::new().unwrap(), now: now.unwrap() }
    }

    /// Makes a folder in memory with a channel `notes` of `count` messages, ten a month up to November
    /// 2026.
    pub fn long(settings: &str, count: usize) -> Base {
        let base = Base::in_memory();
        base.write("handbill.toml", settings);
        for number in 0..count {
            let (month, day) = (2026 * 12 + 10 - number / 10, 20 - number % 10);
            let name = format!("{:04}-{:02}-{day:02}T10-00-00Z.md", month / 12, month % 12 + 1);
            base.write(&format!("notes/outbox/{name}"), format!("Number {number}. #tide"));
        }
        base
    }

    /// Starts a build in a process of its own.
    pub fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_handbill"))
            .args(["build", "--quiet"])
            .arg(self.path())
            .env("SOURCE_DATE_EPOCH", self.now.0.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Makes an empty base folder in memory where the system has a place for it: for tests that
    /// build thousands of times.
    pub fn in_memory() -> Base {
        let mut base = Base::new();
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            base.dir = TempDir::new_in(memory).unwrap();
        }
        base
    }

    /// Makes a base folder of a text: each file begins with a line `-- path`.
    ///
    /// ```text
    /// -- handbill.toml
    /// public = ["notes"]
    /// -- notes/outbox/2026-11-23.md
    /// Low tide.
    /// ```
    pub fn of(text: &str) -> Base {
        let base = Base::new();
        for file in text.split("-- ").skip(1) {
            let (path, content) = file.split_once('\n').unwrap();
            base.write(path.trim(), content);
        }
        base
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Returns a path in the folder.
    pub fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, with the folders above it. Its time is set years back, so that the cache
    /// trusts it as it would trust any file that is not seconds old.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Base {
        let file = self.at(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        self
    }

    /// Sets the time of a base folder's files so that the cache trusts them as it would trust any
    /// that are not seconds old: into the future. Only where no message is dated by its file.
    pub fn settle(&self) -> &Base {
        let decades = Duration::from_secs(20 * 365 * 86_400);
        for path in tree(self.path()).keys() {
            if !path.starts_with("_site/") && !path.starts_with(".handbill/") {
                set_time(&self.at(path), SystemTime::now() + decades);
            }
        }
        self
    }

    /// Makes a folder.
    pub fn folder(&self, path: &str) -> &Base {
        fs::create_dir_all(self.at(path)).unwrap();
        self
    }

    /// Removes a file or a folder.
    pub fn remove(&self, path: &str) -> &Base {
        let path = self.at(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    /// Returns the places of a build with everything below the base folder.
    pub fn places(&self) -> Places {
        Places::of(self.path(), None, None).unwrap()
    }

    /// Returns the usual options.
    pub fn options(&self) -> BuildOptions {
        BuildOptions {
            editions: vec![Edition::Public, Edition::Reader],
            base_url: None,
            now: self.now,
            publish: PublishOptions::default(),
            port: None,
            allow_empty: false,
        }
    }

    /// Builds both editions.
    #[track_caller]
    pub fn build(&self) -> BuildReport {
        disk::build(&self.places(), &self.options()).unwrap()
    }

    /// Returns the files of an edition.
    pub fn edition(&self, edition: &str) -> Tree {
        tree(&self.at("_site").join(edition))
    }

    /// Returns a page of an edition as text.
    #[track_caller]
    pub fn page(&self, path: &str) -> String {
        let file = self.at("_site").join(path);
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the codes of all findings with their paths: `code path`.
    pub fn findings(&self) -> Vec<String> {
        let opened = disk::open(&self.places(), &self.options()).unwrap();
        opened.found.iter().map(|d| format!("{} {}", d.code, d.path)).collect()
    }
}

/// Returns the path of a new message without the random letters at the end of its stem.
#[track_caller]
pub fn without_letters(path: &str) -> String {
    let (stem, extension) = path.rsplit_once('.').unwrap();
    let (stem, letters) = stem.rsplit_once('-').unwrap();
    let random = letters.len() == 4 && letters.chars().all(|c| "bcdfghjkmnpqrstvwxyz".contains(c));
    assert!(random, "{path}");
    format!("{stem}.{extension}")
}

/// Returns all files below a folder.
pub fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            assert!(RelPath::parse(&path).is_some());
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    files
}

/// Returns the modification time of every file below a folder, by its path.
pub fn times(folder: &Path) -> BTreeMap<String, SystemTime> {
    let time = |path: &String| fs::metadata(folder.join(path)).unwrap().modified().unwrap();
    tree(folder).into_keys().map(|path| (path.clone(), time(&path))).collect()
}

/// Returns the paths that were written between two looks at the times of a folder's files.
pub fn written(
    before: &BTreeMap<String, SystemTime>,
    after: &BTreeMap<String, SystemTime>,
) -> Vec<String> {
    let new = after.iter().filter(|(path, time)| before.get(*path) != Some(time));
    new.map(|(path, _)| path.clone()).collect()
}

/// Sets the modification time of a file.
pub fn set_time(path: &Path, time: SystemTime) {
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Returns the first path at which two trees differ, with what differs there.
pub fn difference(left: &Tree, right: &Tree) -> Option<String> {
    let paths: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let path = paths.into_iter().find(|path| left.get(*path) != right.get(*path))?;
    Some(match (left.get(path), right.get(path)) {
        (Some(left), Some(right)) => format!("{path}\n{}", first_difference(left, right)),
        (Some(_), None) => format!("{path}: only on the left"),
        (None, _) => format!("{path}: only on the right"),
    })
}

/// Returns the first lines that differ, and where.
fn first_difference(left: &[u8], right: &[u8]) -> String {
    let (left, right) = (String::from_utf8_lossy(left), String::from_utf8_lossy(right));
    let count = left.lines().zip(right.lines()).take_while(|(l, r)| l == r).count();
    let line = |text: &str| {
        let lines: Vec<&str> = text.lines().skip(count).take(3).collect();
        lines.join("\n  | ")
    };
    format!("  line {}\n  < {}\n  > {}", count + 1, line(&left), line(&right))
}

/// Returns the relative addresses in the pages of an edition that lead to nothing in it, each with
/// its page.
pub fn dead_links(edition: &Tree) -> Vec<String> {
    let pages = edition.iter().filter(|(path, _)| path.ends_with(".html"));
    let mut dead = Vec::new();
    for (path, bytes) in pages {
        let text = std::str::from_utf8(bytes).unwrap();
        for address in addresses(text) {
            if address.contains(':') || address.starts_with(['/', '#']) {
                continue;
            }
            let target = address.split(['#', '?']).next().unwrap_or(address);
            let resolved = RelPath::parse(path).and_then(|page| page.resolve_sibling(target));
            if !resolved.is_some_and(|file| edition.contains_key(file.as_str())) {
                dead.push(format!("{path} -> {address}"));
            }
        }
    }
    dead
}

/// Returns the values of all `href` and `src` of a page.
pub fn addresses(page: &str) -> impl Iterator<Item = &str> {
    [" href=\"", " src=\""].into_iter().flat_map(move |mark| {
        page.match_indices(mark).filter_map(move |(at, _)| {
            let value = &page[at + mark.len()..];
            value.find('"').map(|end| &value[..end])
        })
    })
}

/// Returns a grey picture of a size, in PNG: three chunks and nothing else.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [&kind[..], data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    // No pixels: nobody decodes it.
    let parts = [chunk(b"IHDR", &head), chunk(b"IDAT", &[]), chunk(b"IEND", &[])];
    [&b"\x89PNG\r\n\x1a\n"[..], &parts.concat()].concat()
}

/// Returns a picture with a grain like a photograph's, in JPEG: of no use for compression, so that it
/// is long.
pub fn photograph(width: u16, height: u16, seed: u64) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let count = usize::from(width) * usize::from(height) * 3;
    let samples: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| rng.next().to_le_bytes()).collect();
    let mut out = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut out, 90);
    encoder.encode(&samples[..count], width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}

/// Returns the CRC of a PNG chunk (PNG, third edition, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(!0, byte)
}

/// A small generator of numbers, the same on every machine (SplitMix64).
pub struct Rng(u64);

impl Rng {
    /// Begins a row of numbers.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// Returns the next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// Returns true in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns one of some values.
    pub fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    /// Returns one of some values, if there are any.
    pub fn pick_any<T: Clone>(&mut self, values: &[T]) -> Option<T> {
        (!values.is_empty()).then(|| self.pick(values))
    }

    /// Brings some values into another order.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in (1..values.len()).rev() {
            values.swap(at, self.below(at + 1));
        }
    }
}
