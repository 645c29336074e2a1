//! What a command reports: lines for people, one JSON document for programs.

use serde::Serialize;
use tcloud_transfer::{Action, Counts, Failure, Item, Plan, Reason, Report, Skipped};

use super::clock;
use super::size;
use crate::console;
use crate::error::Error;

/// One file or object of a report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    bytes: u64,
    reason: &'static str,
}

impl Record {
    /// Of an item of a plan.
    pub(super) fn of(item: &Item) -> Self {
        let (action, from, to) = match &item.action {
            Action::Upload { from, to } => (
                "upload",
                Some(from.display().to_string()),
                Some(to.to_string()),
            ),
            Action::Download { from, folder, to } => (
                "download",
                Some(from.to_string()),
                Some(folder.join(to).display().to_string()),
            ),
            Action::Copy { from, to } => ("copy", Some(from.to_string()), Some(to.to_string())),
            Action::MakeFolder { folder, to } => (
                "makeFolder",
                None,
                Some(folder.join(to).display().to_string()),
            ),
            Action::MakeMarker { to } => ("makeMarker", None, Some(to.to_string())),
            Action::DeleteObject { object } => ("delete", Some(object.to_string()), None),
            Action::DeleteFile { path } => ("delete", Some(path.display().to_string()), None),
            _ => ("other", None, None),
        };
        Self {
            action,
            from,
            to,
            bytes: item.size,
            reason: item.reason.as_str(),
        }
    }

    /// Of a stream.
    pub(super) fn stream(action: &'static str, from: String, to: String, bytes: u64) -> Self {
        Self {
            action,
            from: Some(from),
            to: Some(to),
            bytes,
            reason: "asked for",
        }
    }
}

/// Why a file or object is not among what was done.
#[derive(Debug, Serialize)]
struct Remark {
    name: String,
    why: String,
}

impl Remark {
    fn failure(failure: &Failure) -> Self {
        Self {
            name: failure.name.clone(),
            why: failure.error.to_string(),
        }
    }

    fn skipped(skipped: &Skipped) -> Self {
        Self {
            name: skipped.name.clone(),
            why: skipped.why.clone(),
        }
    }
}

/// The document for programs.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    dry_run: bool,
    items: Vec<Record>,
    failed: Vec<Remark>,
    skipped: Vec<Remark>,
    unchanged: u64,
    bytes: u64,
    /// Of them, those that an interrupted command had moved before.
    resumed: u64,
    seconds: f64,
}

/// Prints what would be done.
pub(super) fn plan(plan: &Plan, json: bool) -> Result<(), Error> {
    if json {
        return print(&Document {
            dry_run: true,
            items: plan.items().iter().map(Record::of).collect(),
            failed: plan.refused().iter().map(Remark::failure).collect(),
            skipped: plan.skipped().iter().map(Remark::skipped).collect(),
            unchanged: plan.unchanged(),
            bytes: plan.bytes(),
            ..Document::default()
        });
    }
    for item in plan.items() {
        let why = match item.reason {
            Reason::Asked => String::new(),
            reason => format!(" ({})", reason.as_str()),
        };
        console::print(&console::printable(&format!("(dry run) {item}{why}")))?;
    }
    let unchanged = match plan.unchanged() {
        0 => String::new(),
        number => format!(", {number} unchanged"),
    };
    console::note(&format!(
        "dry run: {} to do{unchanged}; {} would move",
        plan.items().len(),
        size::words(plan.bytes())
    ));
    Ok(())
}

/// Prints what was done. `records` are the items, where they are not in lines already.
pub(super) fn report(report: &Report, records: Vec<Record>) -> Result<(), Error> {
    print(&Document {
        dry_run: false,
        items: records,
        failed: report.failed.iter().map(Remark::failure).collect(),
        skipped: report.skipped.iter().map(Remark::skipped).collect(),
        unchanged: report.unchanged,
        bytes: report.progress.bytes,
        resumed: report.progress.resumed,
        seconds: report.progress.elapsed.as_secs_f64(),
    })
}

/// Prints what a stream has moved.
pub(super) fn stream(record: Record, seconds: f64) -> Result<(), Error> {
    print(&Document {
        bytes: record.bytes,
        items: vec![record],
        seconds,
        ..Document::default()
    })
}

fn print(document: &Document) -> Result<(), Error> {
    json(document)
}

/// Prints any value as a JSON document.
pub(super) fn json(value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::Failed(format!("the report cannot be written: {error}")))?;
    console::print(&console::printable_json(&text))
}

/// The line that ends the lines for people.
pub(super) fn summary(report: &Report) -> String {
    let Counts {
        uploaded,
        downloaded,
        copied,
        deleted,
        made,
        ..
    } = report.counts;
    let failed = u64::try_from(report.failed.len()).unwrap_or(u64::MAX);
    let skipped = u64::try_from(report.skipped.len()).unwrap_or(u64::MAX);
    let parts: Vec<String> = [
        (uploaded, "uploaded"),
        (downloaded, "downloaded"),
        (copied, "copied"),
        (deleted, "deleted"),
        (made, "folders made"),
        (report.unchanged, "unchanged"),
        (skipped, "left out"),
        (failed, "failed"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    let parts = if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(", ")
    };
    match report.progress.bytes {
        0 => parts,
        bytes => format!(
            "{parts}; {} in {}",
            size::words(bytes),
            clock::words(report.progress.elapsed)
        ),
    }
}
