//! What templates can do beyond what Tera brings.

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("counted", counted);
    tera.register_filter("argument", argument);
}

/// `{{ contact.folder | argument }}`: a name as it is typed behind a command.
fn argument(name: &str, _: Kwargs, _: &State) -> String {
    crate::diagnostic::argument(name)
}

/// `{{ w | counted(key="more_replies", n=view.more_replies) }}`: the words of a key with a number in
/// the place of `{}`; for one, those of the key with `_one`, where the table has them.
#[expect(clippy::needless_pass_by_value, reason = "filters of Tera are given their arguments so")]
fn counted(words: &Value, arguments: Kwargs, _: &State) -> TeraResult<String> {
    let words = words.as_map().ok_or_else(|| Error::message("`counted` takes the words"))?;
    let key: String = arguments.must_get("key")?;
    let number: i64 = arguments.must_get("n")?;
    let one = (number == 1).then(|| words.get(&format!("{key}_one").into())).flatten();
    let text = one.or_else(|| words.get(&key.clone().into())).and_then(Value::as_str);
    Ok(text.unwrap_or(&key).replacen("{}", &number.to_string(), 1))
}
