//! What a job command reports as JSON.

use serde::Serialize;

use crate::console;
use crate::error::Error;

#[derive(Serialize)]
struct Report<'a, T> {
    files: &'a [T],
    errors: Vec<String>,
}

/// Prints the results of `files`, and why others have none.
pub(crate) fn print<T: Serialize>(files: &[T], errors: &[Error]) -> Result<(), Error> {
    let report = Report {
        files,
        errors: errors.iter().map(ToString::to_string).collect(),
    };
    let text = serde_json::to_string_pretty(&report)
        .map_err(|error| Error::Failed(format!("the report cannot be written: {error}")))?;
    console::print(&console::printable_json(&text))
}
