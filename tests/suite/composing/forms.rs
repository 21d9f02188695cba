//! Forms as a browser reads them from a page, and sends them.

use std::collections::BTreeMap;

/// What a browser says of itself when a page of the server sends a form.
pub const ORIGIN: &str = "origin: http://localhost:8888\nsec-fetch-site: same-origin";

/// A form, filled in.
#[derive(Clone)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// The page it stands on.
    pub html: String,
    /// The token comes first, as it does in the page.
    token: Option<String>,
    fields: BTreeMap<String, String>,
    files: Vec<(String, String, Vec<u8>)>,
}

impl Form {
    /// Reads the form of a page that goes to `action`.
    #[track_caller]
    pub fn of(action: &str, html: &str) -> Form {
        let start = html.find(&format!("action=\"{action}\"")).expect("a form");
        let form = &html[start..start + html[start..].find("</form>").unwrap()];
        let mut fields = BTreeMap::new();
        for input in form.split("<input ").skip(1) {
            let input = &input[..input.find('>').unwrap()];
            let value = attribute(input, "value").unwrap_or_default();
            let is_box = attribute(input, "type").as_deref() == Some("checkbox");
            if attribute(input, "type").as_deref() != Some("file")
                && (!is_box || input.contains(" checked"))
            {
                fields.insert(attribute(input, "name").unwrap(), value);
            }
        }
        if let Some((_, rest)) = form.split_once("<select ") {
            let options = &rest[..rest.find("</select>").unwrap()];
            let chosen = options.split("<option ").find(|option| option.contains("\" selected>"));
            let value = chosen.and_then(|option| attribute(option, "value")).unwrap_or_default();
            fields.insert("to".to_owned(), value);
        }
        if let Some((_, rest)) = form.split_once("<textarea ") {
            let text = &rest[rest.find('>').unwrap() + 1..rest.find("</textarea>").unwrap()];
            fields.insert("text".to_owned(), unescape(text));
        }
        let token = fields.remove("token");
        assert!(form.find("name=\"token\"") < form.find("name=\"nonce\""), "the token comes first");
        Form { action: action.to_owned(), html: html.to_owned(), token, fields, files: Vec::new() }
    }

    /// Fills in a field.
    pub fn with(&self, name: &str, value: &str) -> Form {
        let mut form = self.clone();
        match name {
            "token" => form.token = Some(value.to_owned()),
            _ => {
                form.fields.insert(name.to_owned(), value.to_owned());
            }
        }
        form
    }

    /// Leaves a field out.
    pub fn without(&self, name: &str) -> Form {
        let mut form = self.clone();
        match name {
            "token" => form.token = None,
            _ => {
                form.fields.remove(name);
            }
        }
        form
    }

    /// Chooses a file.
    pub fn attach(&self, field: &str, name: &str, bytes: &[u8]) -> Form {
        let mut form = self.clone();
        form.files.push((field.to_owned(), name.to_owned(), bytes.to_vec()));
        form
    }

    /// Sends it elsewhere, as a button with `formaction` does.
    pub fn to(&self, action: &str) -> Form {
        Form { action: action.to_owned(), ..self.clone() }
    }

    /// Returns what a field holds.
    pub fn value(&self, name: &str) -> &str {
        &self.fields[name]
    }

    /// Returns the word that tells the form from others.
    pub fn nonce(&self) -> &str {
        self.value("nonce")
    }

    /// Returns the token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Returns it as it is sent (RFC 7578), with the boundary `limit`.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        let token = self.token.iter().map(|token| ("token", token));
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in token.chain(fields) {
            // The first line end of a text is not part of it (HTML, 13.2.6.4.7).
            let value =
                if name == "text" { value.strip_prefix('\n').unwrap_or(value) } else { value };
            let head =
                format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend(format!("{head}{value}\r\n").bytes());
        }
        for (field, name, bytes) in &self.files {
            let head = format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--limit--\r\n");
        body
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    Some(unescape(&rest[..rest.find('"')?]))
}

fn unescape(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
