//! The list of contacts and places that stands on every page.

use super::html::NotMade;
use crate::diagnostic::Diagnostic;
use crate::theme::Theme;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tera::{Context, Value};

/// The piece `register.html`, rendered.
#[derive(Debug, Clone)]
pub(super) struct Register {
    /// HTML that a template puts in as it is.
    pub html: Value,
    /// Set where the default was used in place of a broken override.
    pub fallback: Option<Diagnostic>,
}

/// The registers of the pages that are no place in them, by what leads from there to the top: most
/// pages are messages, and all that lie equally deep share one.
#[derive(Debug, Default)]
pub(super) struct Registers(Mutex<BTreeMap<String, Register>>);

impl Registers {
    /// Returns the register of a page. `current` is the page's path where the register may lead
    /// to it.
    ///
    /// # Errors
    /// When the default template fails.
    pub fn get(
        &self,
        theme: &Theme,
        site: &Value,
        root: &str,
        current: Option<&str>,
    ) -> Result<Register, NotMade> {
        if current.is_some() {
            return make(theme, site, root, current);
        }
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(root).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let made = make(theme, site, root, None)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.entry(root.to_owned()).or_insert(made).clone())
    }
}

fn make(
    theme: &Theme,
    site: &Value,
    root: &str,
    current: Option<&str>,
) -> Result<Register, NotMade> {
    let mut context = Context::new();
    context.insert_value("site", site.clone());
    context.insert_value("root", Value::normal_string(root));
    context.insert_value("current", current.map_or_else(Value::none, Value::normal_string));
    let rendered = theme.render("register.html", &context).map_err(NotMade::Failed)?;
    Ok(Register { html: Value::safe_string(&rendered.html), fallback: rendered.fallback })
}
