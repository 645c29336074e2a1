//! `tcloud inspect`: finds foreign data hidden in pictures.

use std::path::Path;

use clap::Args;
use comfy_table::Cell;
use serde::Serialize;
use tcloud_ci::types::{ImageInspectProcessResult, ImageInspectState, Job};
use tcloud_ci::{Client, ObjectInput};
use tcloud_local::Settings;
use tempfile::TempDir;

use crate::args::{ConnectionArgs, FileArgs};
use crate::connection::Connection;
use crate::error::{Error, Outcome};
use crate::files::Source;
use crate::inputs::Inputs;
use crate::interrupt::Interruption;
use crate::location::Location;
use crate::stage::{Stage, side_by_side};
use crate::table::{absent, alarming, cell, good, number, table, text};
use crate::{console, demo, report};

/// Find foreign data hidden in pictures
///
/// Switches image processing on for the bucket, uploads the files, submits an ImageInspect job for
/// each, waits, and reports what they carry besides their picture, with its first and last byte.
///
/// Where neither flags nor environment nor a profile name an access key or an endpoint, a local
/// cloud inside this process does the work, and nothing leaves the machine.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 3 something suspicious, even if another file could not be inspected (with --demo: 0), \
                  else 1 an error, else 0."
)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    files: FileArgs,
    /// Inspect two pictures made for the purpose instead, in this process: one clean, one that hides
    /// a video
    #[arg(long, conflicts_with = "files")]
    demo: bool,
    /// Show only the files that are suspicious
    #[arg(long)]
    only_suspicious: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What is known of one file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inspected {
    file: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    size: Option<i64>,
    suspicious: Option<bool>,
    begin: Option<i64>,
    end: Option<i64>,
    hidden_size: Option<i64>,
    hidden_type: Option<String>,
    job_id: String,
}

pub(crate) async fn run(args: InspectArgs) -> Result<Outcome, Error> {
    let mut args = args;
    if args.files.files.is_empty() && !args.demo {
        return Err(Error::Usage(
            "inspect: no files; name the pictures to inspect, or try it by --demo".to_owned(),
        ));
    }
    // Dropped, and with it the files, when the work is done.
    let mut demo_folder = None;
    if args.demo {
        let folder = TempDir::with_prefix("tcloud-demo-")
            .map_err(|error| Error::Failed(format!("cannot make a temporary folder: {error}")))?;
        let files = demo::write(folder.path())?;
        args.files.files = files.into_iter().map(Location::Local).collect();
        demo_folder = Some(folder);
    }
    let interruption = Interruption::listen();
    let inputs = Inputs::gather(&args.files, &args.connection);
    let Inputs {
        files,
        refused: mut errors,
        folder: _fetched,
    } = interruption.or(inputs).await?;
    let mut inspected = Vec::new();
    if !files.is_empty() {
        let settings = Settings::default();
        let connection = if args.demo {
            console::note("a local cloud in this process does the work, on a temporary folder");
            Connection::embedded(&args.connection, settings).await?
        } else {
            Connection::configured_or_embedded(&args.connection, settings).await?
        };
        let results = inspect_all(&connection, &args.files, files, &interruption).await;
        connection.close().await;
        for result in results? {
            match result {
                Ok(file) => inspected.push(file),
                Err(error) => errors.push(error),
            }
        }
    }
    for error in &errors {
        console::note(&error.to_string());
    }
    if let Some(folder) = demo_folder {
        for file in &mut inspected {
            if let Ok(name) = Path::new(&file.file).strip_prefix(folder.path()) {
                file.file = name.display().to_string();
            }
        }
    }
    let found = inspected.iter().any(|file| file.suspicious == Some(true));
    show(&args, &inspected, &errors)?;
    interruption.check()?;
    if args.demo && !found {
        return Err(Error::Failed(
            "the demonstration found nothing in the picture that hides a video".to_owned(),
        ));
    }
    // A find matters more than a file that could not be inspected, which has been reported.
    Ok(if found && !args.demo {
        Outcome::Suspicious
    } else if errors.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

async fn inspect_all(
    connection: &Connection,
    args: &FileArgs,
    files: Vec<Source>,
    interruption: &Interruption,
) -> Result<Vec<Result<Inspected, Error>>, Error> {
    let ci = Client::new(&connection.config);
    let opened = async {
        let stage = Stage::open(connection, args).await?;
        enable(&ci, &stage.bucket).await?;
        Ok(stage)
    };
    let stage = interruption.or(opened).await?;
    let bar = console::progress(files.len(), "inspecting");
    let results = side_by_side(files, args.jobs, interruption, |index, file| {
        let (stage, ci, bar) = (&stage, &ci, &bar);
        async move {
            let result = inspect(connection, stage, ci, &file, index).await;
            bar.inc(1);
            result.map_err(|error| Error::Failed(format!("{}: {error}", file.label)))
        }
    })
    .await;
    bar.finish_and_clear();
    stage.clear().await;
    stage.tell_kept(connection);
    Ok(results)
}

/// Switches image processing on, where it is not on already.
async fn enable(ci: &Client, bucket: &str) -> Result<(), Error> {
    let known = ci
        .describe_pic_buckets()
        .bucket_names(bucket)
        .send()
        .await?;
    if known.pic_bucket_list.is_empty() {
        ci.bind_bucket(bucket).send().await?;
        ci.create_pic_bucket(bucket).send().await?;
    }
    Ok(())
}

async fn inspect(
    connection: &Connection,
    stage: &Stage,
    ci: &Client,
    file: &Source,
    index: usize,
) -> Result<Inspected, Error> {
    let (_, key) = stage.upload(&file.path, index).await?;
    let job = judge(connection, &stage.bucket, ci, &key).await;
    stage.remove(&key).await;
    let mut job = job?;
    let result = job
        .operation
        .take()
        .and_then(|operation| operation.image_inspect_result)
        .filter(|result| result.state != Some(ImageInspectState::Failed))
        .and_then(|result| result.process_result)
        .ok_or_else(|| {
            let reason = job.message.as_deref().filter(|text| !text.is_empty());
            Error::Failed(format!(
                "the job ended without a result: {}",
                reason.unwrap_or("the service gives no reason")
            ))
        })?;
    Ok(Inspected::new(
        &file.label,
        job.job_id.unwrap_or_default(),
        result,
    ))
}

/// Submits a job on the object `key` and waits for its end.
async fn judge(
    connection: &Connection,
    bucket: &str,
    ci: &Client,
    key: &str,
) -> Result<Job, Error> {
    let ended = ci
        .create_image_inspect_job(bucket, ObjectInput::new(key))
        .submit_and_wait()
        .interval(connection.interval())
        .await?;
    ended
        .into_output()
        .jobs_detail
        .into_iter()
        .next()
        .ok_or_else(|| Error::Failed("DescribeJob: the job is gone; submit it again".to_owned()))
}

impl Inspected {
    fn new(file: &str, job_id: String, result: ImageInspectProcessResult) -> Self {
        let suspicious = result.suspicious == Some(true);
        Self {
            file: file.to_owned(),
            kind: result.pic_type,
            size: result.pic_size,
            suspicious: result.suspicious,
            begin: result.suspicious_begin_byte.filter(|_| suspicious),
            end: result.suspicious_end_byte.filter(|_| suspicious),
            hidden_size: result.suspicious_size.filter(|_| suspicious),
            hidden_type: result.suspicious_type.filter(|_| suspicious),
            job_id,
        }
    }

    fn row(&self) -> Vec<Cell> {
        vec![
            cell(&self.file),
            text(self.kind.as_deref()),
            number(self.size),
            match self.suspicious {
                Some(true) => alarming("yes"),
                Some(false) => good("no"),
                None => absent(),
            },
            number(self.begin),
            number(self.end),
            text(self.hidden_type.as_deref()),
        ]
    }
}

fn show(args: &InspectArgs, files: &[Inspected], errors: &[Error]) -> Result<(), Error> {
    let is_suspicious = |file: &&Inspected| file.suspicious == Some(true);
    let shown: Vec<&Inspected> = files
        .iter()
        .filter(|file| !args.only_suspicious || is_suspicious(file))
        .collect();
    if args.files.json {
        return report::print(&shown, errors);
    }
    if files.is_empty() {
        return Ok(());
    }
    if !shown.is_empty() {
        let mut rows = table([
            "File",
            "Type",
            "Size",
            "Suspicious",
            "Begin",
            "End",
            "Hidden type",
        ]);
        rows.add_rows(shown.into_iter().map(Inspected::row));
        console::print(&rows.to_string())?;
    }
    console::print(&format!(
        "{} inspected, {} suspicious (sizes in bytes; begin and end are offsets, both inclusive)",
        files.len(),
        files.iter().filter(is_suspicious).count()
    ))
}
