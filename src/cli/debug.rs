//! `handbill debug`: how a build comes about.

use super::{Common, print};
use crate::disk::{self, Opened};
use crate::library::Edition;
use crate::plan::diff::Group;
use crate::plan::{Output, What};
use crate::render::{Bodies, Look, html};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: Subject,
}

#[derive(Debug, Subcommand)]
enum Subject {
    /// List the outputs, and why each would be written
    Plan {
        #[command(flatten)]
        common: Common,
    },
    /// Print what the template of a page sees, as JSON
    View {
        /// The page, as `reader/index.html` or `public/field-notes/index.html`
        path: String,
        #[command(flatten)]
        common: Common,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        Subject::Plan { common } => plan(common),
        Subject::View { path, common } => view(path, common),
    }
}

fn plan(common: &Common) -> Result<ExitCode> {
    let opened = disk::open(&common.places_for_a_look()?, &common.options()?)?;
    for edition in [Edition::Public, Edition::Reader] {
        let work = opened.work(edition);
        let name = edition.name();
        for (output, reason) in work.groups.iter().flat_map(Group::due) {
            let reason = format!("{reason:?}").to_lowercase();
            print::line(&format!("{reason:<8}{name}/{}  {}", output.path, what(output)));
        }
        for path in &work.remove {
            print::line(&format!("{:<8}{name}/{path}", "gone"));
        }
        let due = work.groups.iter().flat_map(|group| &group.outputs);
        let kept = work.kept + due.filter(|one| one.reason.is_none()).count();
        print::talk(&format!("{name}: {kept} stay as they are"));
    }
    Ok(ExitCode::SUCCESS)
}

fn what(output: &Output) -> &'static str {
    match &output.what {
        What::Page(page) => page.kind(),
        What::Feed(..) => "feed",
        What::Outline(_) => "outline",
        What::Copy { .. } => "copy",
        What::Smaller { .. } => "smaller picture",
        What::Asset(_) => "asset",
        What::Shard(_) => "shard",
        What::Crawlers(_) => "crawlers",
    }
}

fn view(path: &str, common: &Common) -> Result<ExitCode> {
    let opened = disk::open(&common.places_for_a_look()?, &common.options()?)?;
    let path = path.trim_start_matches("_site/");
    let (edition, file) = match path.split_once('/') {
        Some(("public", file)) => (Edition::Public, file),
        Some(("reader", file)) => (Edition::Reader, file),
        _ => bail!("say which edition: `public/{path}` or `reader/{path}`"),
    };
    let json = view_json(&opened, edition, file)?;
    print::line(&serde_json::to_string_pretty(&json)?);
    Ok(ExitCode::SUCCESS)
}

fn view_json(opened: &Opened, edition: Edition, file: &str) -> Result<serde_json::Value> {
    let planned = opened.planned(edition);
    let segments = opened.segments(edition);
    let mut outputs = segments.iter().flat_map(|segment| &segment.outputs);
    let output = outputs.find(|output| output.path.as_str() == file);
    let output = output.with_context(|| {
        format!(
            "the {} edition has no `{file}`; `handbill debug plan` lists what it has",
            edition.name()
        )
    })?;
    let What::Page(page) = &output.what else { bail!("`{file}` is no page made by a template") };
    let look = Look::new(edition, &opened.loaded.settings, &opened.loaded.theme, &planned.heads);
    let texts = opened.texts();
    let bodies = Bodies::new(&texts, &look);
    let scene = html::scene(&output.path, page, &look, &bodies)
        .map_err(|_| anyhow::anyhow!("a file it shows has changed; try again"))?;
    let mut json = serde_json::Map::new();
    json.insert("template".into(), scene.template.into());
    for key in ["root", "page", "view", "register", "site"] {
        let value = scene.context.get(key).map(serde_json::to_value).transpose()?;
        json.extend(value.map(|value| (key.to_owned(), value)));
    }
    Ok(json.into())
}
