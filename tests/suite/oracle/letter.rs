//! A message as the test writes it.

/// How the header is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// There is none, as in Missive.
    Bare,
    Toml,
    Yaml,
}

/// A message: its header by fields, and its text.
#[derive(Debug, Clone)]
pub struct Letter {
    pub form: Form,
    pub date: Option<String>,
    pub title: Option<String>,
    pub tags: Vec<String>,
    pub reply: Option<String>,
    /// Lines of other fields by their key, as `author = "Odo"`.
    pub others: Vec<(&'static str, String)>,
    /// A line that keeps it from being public.
    pub closed: Option<(&'static str, &'static str)>,
    /// The header cannot be read.
    pub broken: bool,
    /// A word that stands in this message and nowhere else.
    pub token: String,
    pub body: String,
}

impl Letter {
    /// Returns the text of the file.
    pub fn text(&self) -> String {
        let sign = if self.form == Form::Yaml { ": " } else { " = " };
        let quoted = |text: &String| format!("\"{text}\"");
        let mut fields: Vec<(&str, String)> = Vec::new();
        fields.extend(self.title.iter().map(|title| ("title", quoted(title))));
        fields.extend(self.date.iter().map(|date| ("date", date.clone())));
        if !self.tags.is_empty() {
            let tags: Vec<String> = self.tags.iter().map(quoted).collect();
            fields.push(("tags", format!("[{}]", tags.join(", "))));
        }
        fields.extend(self.reply.iter().map(|reply| ("in_reply_to", quoted(reply))));
        fields.extend(self.closed.iter().map(|(key, value)| (*key, (*value).to_owned())));
        fields.extend(self.others.iter().cloned());
        let mut lines: String =
            fields.iter().map(|(key, value)| format!("{key}{sign}{value}\n")).collect();
        if self.broken {
            lines += &format!("summary{sign}\"never closed\n");
        }
        match self.form {
            Form::Bare => self.body.clone(),
            Form::Toml => format!("+++\n{lines}+++\n{}", self.body),
            Form::Yaml => format!("---\nlanguage: en\n{lines}---\n{}", self.body),
        }
    }

    /// Returns whether its header keeps it from being public.
    pub fn is_closed(&self) -> bool {
        self.form != Form::Bare && self.closed.is_some()
    }

    /// Gives it a header, if it has none.
    pub fn with_header(&mut self) {
        if self.form == Form::Bare {
            self.form = Form::Toml;
        }
    }
}

/// Returns the name of a file without folders and extension.
pub fn stem_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Returns a path without its extension.
pub fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}
