//! `tcloud local jobs`: the jobs of a running cloud, held, moved on and ended by hand.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tcloud_core::body::Body;
use tcloud_core::http::Method;
use url::Url;

use super::page::ask;
use super::running::RunningArgs;
use crate::console;
use crate::error::{Error, Outcome};

const PAGE: &str = "/_local/jobs";

/// Which jobs.
#[derive(Debug, Args)]
pub(super) struct WhichArgs {
    /// The job of this id
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Those of this service: ci or mps
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Those of this tag, such as ImageInspect; in mps the operation
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Those of this bucket
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
}

/// What is done to jobs.
#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// List jobs, the newest first, and what was said of them
    List {
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Begin no such jobs until they are released
    Hold {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Move held jobs on: one that waits is Running then, one that is Running is done
    Step {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        running: RunningArgs,
    },
    /// Let held jobs go on: all, or what `hold` named with the same words, or the one of an id
    Release {
        #[command(flatten)]
        which: WhichArgs,
        #[command(flatten)]
        running: RunningArgs,
    },
    /// End jobs without doing them: the one of an id at once, others as they come
    Force {
        #[command(flatten)]
        which: WhichArgs,
        /// Fail, with this code
        #[arg(long, value_name = "CODE", required_unless_present_any = ["result", "state"])]
        fail: Option<String>,
        /// What is said besides the code
        #[arg(long, value_name = "TEXT", requires = "fail", default_value = "")]
        message: String,
        /// Succeed, with this result as JSON, in the form in which `list` shows it
        #[arg(long, value_name = "JSON", conflicts_with = "fail", value_parser = value)]
        result: Option<Value>,
        /// Do not end it, but hold it in this state: Submitted, Running, Pause or Cancel
        #[arg(long, value_name = "STATE", requires = "id", conflicts_with_all = ["fail", "result"])]
        state: Option<String>,
        /// How many of those that come
        #[arg(long, value_name = "NUMBER", conflicts_with_all = ["id", "state"])]
        count: Option<u64>,
        #[command(flatten)]
        running: RunningArgs,
    },
}

/// What the page says.
#[derive(Deserialize)]
struct Page {
    held: Vec<Value>,
    forced: Vec<Value>,
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    id: String,
    service: String,
    tag: String,
    state: String,
    held: bool,
    code: Option<String>,
    message: Option<String>,
    result: Option<Value>,
}

/// Does what `command` says.
pub(super) async fn run(command: JobsCommand) -> Result<Outcome, Error> {
    let (what, body, running) = match command {
        JobsCommand::List { running } => {
            let page = ask("jobs", &running.endpoint, Method::GET, PAGE, Body::empty()).await?;
            return show(&page, true);
        }
        JobsCommand::Hold { which, running } => ("hold", which.document(), running),
        JobsCommand::Step { which, running } => ("step", which.document(), running),
        JobsCommand::Release { which, running } => ("release", which.document(), running),
        JobsCommand::Force {
            which,
            state: Some(state),
            running,
            ..
        } => ("state", json!({ "id": which.id, "state": state }), running),
        JobsCommand::Force {
            which,
            fail,
            message,
            result,
            count,
            running,
            ..
        } => {
            let end = match result {
                Some(result) => json!({ "succeed": { "result": result } }),
                None => json!({ "fail": { "code": fail, "message": message } }),
            };
            let mut forced = json!({ "which": which.document(), "end": end });
            if let (Some(count), Some(forced)) = (count, forced.as_object_mut()) {
                forced.insert("count".to_owned(), count.into());
            }
            ("force", forced, running)
        }
    };
    act(what, &body, &running.endpoint).await
}

async fn act(what: &str, body: &Value, endpoint: &Url) -> Result<Outcome, Error> {
    let page = format!("{PAGE}/{what}");
    let body = Body::from(body.to_string());
    let page = ask("jobs", endpoint, Method::POST, &page, body).await?;
    show(&page, false)
}

/// Shows what is held, what comes and the jobs, with their results if `whole`.
fn show(page: &Page, whole: bool) -> Result<Outcome, Error> {
    for which in &page.held {
        console::print(&console::printable(&format!("held: {which}")))?;
    }
    for forced in &page.forced {
        console::print(&console::printable(&format!("to come: {forced}")))?;
    }
    for job in &page.jobs {
        let held = if job.held { ", held" } else { "" };
        let mut words = vec![format!(
            "{} {} {} {}{held}",
            job.id, job.service, job.tag, job.state
        )];
        words.extend([&job.code, &job.message].into_iter().flatten().cloned());
        console::print(&console::printable(&words.join(" ")))?;
        if let (true, Some(result)) = (whole, &job.result) {
            console::print(&console::printable(&format!("  {result}")))?;
        }
    }
    Ok(Outcome::Done)
}

impl WhichArgs {
    fn document(&self) -> Value {
        let all = [
            ("id", &self.id),
            ("service", &self.service),
            ("tag", &self.tag),
            ("bucket", &self.bucket),
        ];
        let given = all.into_iter().filter_map(|(name, value)| {
            let value = value.as_deref()?;
            Some((name.to_owned(), value.into()))
        });
        Value::Object(given.collect::<Map<_, _>>())
    }
}

fn value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))
}
