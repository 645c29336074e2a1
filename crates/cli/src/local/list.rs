//! `tcloud local --list`: what the local cloud can do.

use std::fmt::Write;

use tcloud_local::{MockService, Support, implements, picture_rules, support};

use crate::catalogs::CATALOGS;
use crate::console;
use crate::error::Error;
use crate::table::table;

/// Prints the operations that are implemented, what is not, and what is mocked.
pub(super) fn list(mocks: &[MockService]) -> Result<(), Error> {
    let mut rows = table(["Service", "Operation", "What it does"]);
    let mut engines = table(["By engine", "Call, job or rule", "What becomes of it"]);
    let mut refused = table(["Refused", "Operation", "Why"]);
    let mut counts = String::new();
    for (catalog, _) in CATALOGS {
        let service = catalog.service;
        let implemented = || catalog.operations.iter().filter(|it| implements(it));
        for operation in implemented() {
            let summary = match support(operation) {
                Some(Support::Kept(why)) => {
                    format!("{} (kept, not acted on: {why})", operation.summary)
                }
                _ => operation.summary.to_owned(),
            };
            rows.add_row([service.name, operation.name, &summary]);
        }
        for operation in catalog.operations {
            match support(operation) {
                // What Object Storage only keeps is in the table above.
                Some(Support::Kept(_)) if service.name == "cos" => {}
                Some(Support::Refused(why)) if service.name == "cos" => {
                    refused.add_row([service.name, operation.name, why]);
                }
                Some(support) => {
                    engines.add_row([service.name, operation.name, &said(support)]);
                }
                None => {}
            }
        }
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            counts,
            "{}: {} of {} operations in its tables",
            service.name,
            implemented().count(),
            catalog.operations.len()
        );
    }
    console::print(&rows.to_string())?;
    console::print(&refused.to_string())?;
    for (rule, support) in picture_rules() {
        engines.add_row(["rule", rule, &said(support)]);
    }
    console::print(&engines.to_string())?;
    if !mocks.is_empty() {
        console::print(&mocked(mocks))?;
    }
    console::print(&counts)?;
    console::print(
        "What is not implemented is refused by its name: NotImplemented, or UnsupportedOperation \
         in MPS; so is a parameter, a header or a node that an operation does not have.\n\
         What is \"kept, not acted on\" is checked, stored and returned, and changes nothing else.\n\
         Objects and buckets: no zones, and no encryption with keys of KMS.\n\
         Jobs: ImageInspect with AutoProcess, PicProcess, jobs on files (hash, compress, uncompress), \
         batch jobs and fetch tasks of Object Storage, and callbacks to addresses; TDMQ is refused.\n\
         Pictures: rules, styles and templates are done by one engine, whether a picture is read, \
         stored or the input of a job; a part of a rule that is not built is refused by its name.\n\
         ProcessImage: JPEG, PNG, WebP and BMP, Quality, ImageResize and SuperResolution; any other \
         node is refused as UnsupportedOperation.",
    )
}

/// What becomes of a call or a rule, in words.
fn said(support: Support) -> String {
    match support {
        Support::By(engine) => format!("run by {engine}"),
        Support::Kept(reason) => format!("kept, not acted on: {reason}"),
        Support::Refused(reason) => format!("refused: {reason}"),
    }
}

/// The operations that are answered without being done.
fn mocked(mocks: &[MockService]) -> String {
    let mut rows = table(["Service", "Operation", "How it is mocked"]);
    for mock in mocks {
        let catalog = mock.catalog();
        for operation in catalog.operations.iter().filter(|it| !implements(it)) {
            let how = if mock.has_example(operation) {
                "by the example of its document"
            } else {
                "by an answer that is made up"
            };
            rows.add_row([catalog.service.name, operation.name, how]);
        }
    }
    rows.to_string()
}
