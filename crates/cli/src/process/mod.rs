//! `tcloud process`: converts, scales and enlarges pictures.

mod args;
mod metadata;
mod picture;
mod place;
mod resize;
mod rule;

use std::path::Path;

use serde::Serialize;
use tcloud_ci::picture::Pipeline;
use tcloud_mps::Client;
use tcloud_mps::types::{
    CosInputInfo, CosOutputStorage, ImageProcessStatus, ImageProcessTaskResult, ImageTaskInput,
    MediaInputInfo, MediaInputType, OutputStorageType, TaskOutputStorage,
};

pub(crate) use self::args::ProcessArgs;
use self::args::{Format, settings, task};
use self::picture::Picture;
use crate::connection::Connection;
use crate::error::{Error, Outcome};
use crate::files::Source;
use crate::inputs::Inputs;
use crate::interrupt::Interruption;
use crate::stage::{Stage, side_by_side};
use crate::table::{cell, number, table, text};
use crate::{console, report, save};

/// A file and what became of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Processed {
    file: String,
    from: Picture,
    output: String,
    to: Picture,
    /// What enlarged the picture, where the service says so.
    engine: Option<String>,
    /// The task, if one did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
}

/// What is done to each picture.
enum Way {
    /// By a task of MPS.
    Task(Box<ImageTaskInput>),
    /// By a rule of Cloud Infinite.
    Rule(Pipeline),
}

pub(crate) async fn run(args: ProcessArgs) -> Result<Outcome, Error> {
    if args.files.files.is_empty() {
        return Err(Error::Usage(
            "process: no files; name the pictures to process".to_owned(),
        ));
    }
    let way = match rule::rule(&args)? {
        Some(pipeline) => Way::Rule(pipeline),
        None => Way::Task(Box::new(task(&args)?)),
    };
    let interruption = Interruption::listen();
    let inputs = Inputs::gather(&args.files, &args.connection);
    let Inputs {
        files,
        refused: mut errors,
        folder: _fetched,
    } = interruption.or(inputs).await?;
    // Before any work, so that none is done for a result without a place.
    let format = match &way {
        Way::Rule(pipeline) => rule::format(pipeline),
        Way::Task(_) => args.format.map(|format| format.extension().to_owned()),
    };
    let files = place::choose(files, &args, format.as_deref(), &mut errors);
    let mut processed = Vec::new();
    if !files.is_empty() {
        let connection =
            Connection::configured_or_embedded(&args.connection, settings(&args)).await?;
        let results = process_all(
            &connection,
            &args,
            (&way, format.as_deref()),
            files,
            &interruption,
        )
        .await;
        connection.close().await;
        for result in results? {
            match result {
                Ok(file) => processed.push(file),
                Err(error) => errors.push(error),
            }
        }
    }
    for error in &errors {
        console::note(&error.to_string());
    }
    show(args.files.json, &processed, &errors)?;
    interruption.check()?;
    Ok(if errors.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

async fn process_all(
    connection: &Connection,
    args: &ProcessArgs,
    (way, format): (&Way, Option<&str>),
    files: Vec<Source>,
    interruption: &Interruption,
) -> Result<Vec<Result<Processed, Error>>, Error> {
    let stage = interruption
        .or(Stage::open(connection, &args.files))
        .await?;
    let region = interruption.or(connection.region()).await?;
    let mps = Client::new(&connection.config);
    let ci = tcloud_ci::Client::new(&connection.config);
    let bar = console::progress(files.len(), "processing");
    let results = side_by_side(files, args.files.jobs, interruption, |index, file| {
        let work = Work {
            connection,
            stage: &stage,
            mps: &mps,
            region: &region,
            ci: &ci,
            way,
            format,
            args,
        };
        let bar = &bar;
        async move {
            let result = work.process(&file, index).await;
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

/// What the work on all files shares.
struct Work<'a> {
    connection: &'a Connection,
    stage: &'a Stage,
    mps: &'a Client,
    region: &'a str,
    ci: &'a tcloud_ci::Client,
    way: &'a Way,
    /// The extension of results, if it is not that of the file.
    format: Option<&'a str>,
    args: &'a ProcessArgs,
}

impl Work<'_> {
    async fn process(&self, file: &Source, index: usize) -> Result<Processed, Error> {
        let path = &file.path;
        let from = Picture::measure(path).await?;
        let format = self.args.format.map(Format::kind);
        let moved = self.args.pipeline.is_none() && !self.args.super_resolution;
        from.check_losses(format, moved, self.args.first_frame, self.args.eight_bit)?;
        let (_, key) = self.stage.upload(path, index).await?;
        let outcome = match self.way {
            Way::Task(task) => self.transform(task, &key, index).await,
            Way::Rule(pipeline) => self.rule(pipeline, &key, index).await,
        };
        self.stage.remove(&key).await;
        let (task_id, result_key) = outcome?;
        self.stage.remember(&result_key);
        let output = place::of(file, self.args, self.format);
        let saved = self.save(&output, &result_key).await;
        self.stage.remove(&result_key).await;
        let engine = saved?;
        if self.args.keep_metadata {
            metadata::carry(path, &output).await?;
        }
        Ok(Processed {
            file: file.label.clone(),
            from,
            to: Picture::measure(&output).await?,
            output: output.display().to_string(),
            engine,
            task_id,
        })
    }

    /// Has the object `key` processed, and returns the task and the key of the result.
    async fn transform(
        &self,
        task: &ImageTaskInput,
        key: &str,
        index: usize,
    ) -> Result<(Option<String>, String), Error> {
        let (bucket, region) = (&self.stage.bucket, self.region);
        let input = MediaInputInfo::new(MediaInputType::Cos).cos_input_info(CosInputInfo::new(
            bucket,
            region,
            format!("/{key}"),
        ));
        let place = CosOutputStorage::new().bucket(bucket).region(region);
        let storage = TaskOutputStorage::new(OutputStorageType::Cos).cos_output_storage(place);
        let task_id = self
            .mps
            .process_image(input)
            .output_storage(storage)
            .output_dir(self.stage.output_folder(index))
            .image_task(task.clone())
            .send()
            .await?
            .into_output()
            .task_id
            .ok_or_else(|| {
                Error::Failed("ProcessImage: the answer names no task; try again".to_owned())
            })?;
        let results = self
            .mps
            .wait_image_task(&task_id)
            .interval(self.connection.interval())
            .await?
            .into_output()
            .image_process_task_result_set;
        let key = result_key(results)?;
        Ok((Some(task_id), key))
    }

    /// Has `pipeline` done to the object `key`, and returns the key of the result.
    async fn rule(
        &self,
        pipeline: &Pipeline,
        key: &str,
        index: usize,
    ) -> Result<(Option<String>, String), Error> {
        let result = format!("{}result", self.stage.output_folder(index));
        let header = rule::header(pipeline, &result)?;
        let process = self
            .ci
            .process_stored_image(&self.stage.bucket, key, header);
        process.send().await?;
        Ok((None, result.trim_start_matches('/').to_owned()))
    }

    /// Downloads the object `key` to `output`, and returns the engine that enlarged it.
    async fn save(&self, output: &Path, key: &str) -> Result<Option<String>, Error> {
        if let Some(folder) = output.parent() {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|error| save::unwritable(folder, &error, "--output"))?;
        }
        let (engine, body) = self.stage.download(key).await?;
        save::save(body, output, self.args.force, "--output").await?;
        Ok(engine)
    }
}

fn result_key(results: Vec<ImageProcessTaskResult>) -> Result<String, Error> {
    let result = results.into_iter().next();
    let failed = result
        .as_ref()
        .is_some_and(|result| result.status == Some(ImageProcessStatus::Fail));
    let (path, message) = match result {
        Some(result) => (
            result.output.and_then(|output| output.path),
            result.message.filter(|message| !message.is_empty()),
        ),
        None => (None, None),
    };
    match path {
        Some(path) if !failed => Ok(path.trim_start_matches('/').to_owned()),
        _ => Err(Error::Failed(format!(
            "DescribeImageTaskDetail: the task ended without a picture: {}",
            message.as_deref().unwrap_or("the service gives no reason")
        ))),
    }
}

fn show(json: bool, files: &[Processed], errors: &[Error]) -> Result<(), Error> {
    if json {
        return report::print(files, errors);
    }
    if files.is_empty() {
        return Ok(());
    }
    let mut rows = table([
        "File", "Pixels", "Bytes", "Result", "Pixels", "Bytes", "Engine",
    ]);
    for file in files {
        rows.add_row(vec![
            cell(&file.file),
            text(file.from.pixels().as_deref()),
            number(file.from.bytes()),
            cell(&file.output),
            text(file.to.pixels().as_deref()),
            number(file.to.bytes()),
            text(file.engine.as_deref()),
        ]);
    }
    console::print(&rows.to_string())
}
