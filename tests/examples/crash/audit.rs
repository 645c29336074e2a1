//! What is left in the end.

use std::fmt;

use http::StatusCode;

use crate::Failure;
use crate::jobs::{Job, Kind, Ledger};
use crate::link::{BUCKET, Link};

/// What was found.
#[derive(Default)]
pub(crate) struct Audit {
    /// Jobs that ended well, with their one effect.
    sound: usize,
    /// Those of them whose effect had been undone, and stayed so.
    undone: usize,
    /// What is wrong, a line each.
    pub(crate) faults: Vec<String>,
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} jobs ended well with one effect each, {} of them not repeated after it was undone; \
             {} faults",
            self.sound,
            self.undone,
            self.faults.len()
        )
    }
}

/// Waits for all accepted jobs, then looks at what they did.
pub(crate) async fn run(link: &Link, ledger: &Ledger) -> Result<Audit, Failure> {
    let mut audit = Audit::default();
    let mut ended = Vec::new();
    for job in &ledger.jobs {
        match job.end(link).await {
            Ok(()) => ended.push(job),
            Err(error) => audit.faults.push(error.to_string()),
        }
    }
    for job in ended {
        let faults = effects(link, job).await?;
        if faults.is_empty() {
            audit.sound += 1;
            audit.undone += usize::from(job.undone);
        }
        audit.faults.extend(faults);
    }
    Ok(audit)
}

/// Where the objects are not as the job should have left them.
async fn effects(link: &Link, job: &Job) -> Result<Vec<String>, Failure> {
    let (input, output) = match (job.kind, job.undone) {
        (Kind::Clean, _) | (Kind::Converted, true) => (true, false),
        (Kind::Suspicious, false) => (false, true),
        (Kind::Suspicious, true) | (Kind::Converted, false) => (true, true),
    };
    let mut faults = Vec::new();
    for (key, wanted) in [(job.key.clone(), input), (job.output(), output)] {
        let found = exists(link, &key).await?;
        if found != wanted {
            let is = if found { "is still there" } else { "is gone" };
            let undone = if job.undone { ", undone" } else { "" };
            faults.push(format!("{:?} job {}{undone}: {key} {is}", job.kind, job.id));
        }
    }
    Ok(faults)
}

async fn exists(link: &Link, key: &str) -> Result<bool, Failure> {
    let clients = link.clients().await?;
    match clients.cos.head_object(BUCKET, key).send().await {
        Ok(_) => Ok(true),
        Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
