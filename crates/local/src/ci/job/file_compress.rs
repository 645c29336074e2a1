//! Objects are packed into an archive.

mod sources;

use futures_util::TryStreamExt;
use tcloud_ci::operation::create_file_compress_job::{
    CreateFileCompressJobRequest, CreateFileCompressJobResponse,
};
use tcloud_ci::types::{
    FileCompressFlatten, FileCompressFormat, FileCompressResult, Job as Detail,
};
use tcloud_core::server::Fault;
use tokio::sync::mpsc::{self, Sender};

use self::sources::sources;
use super::failure::Failure;
use super::kind::CiKind;
use super::request::{only, output};
use crate::archive::{self, Format, Part};
use crate::ci::{fault, file};
use crate::cos::{KEY_LIMIT, media_type};
use crate::jobs::on_thread;
use crate::state::State;
use crate::store::{Effect, Job, JobClass, ObjectAttributes, ObjectName, Processing, Store};

/// How many parts may wait to be packed.
const PARTS: usize = 4;

/// The kind `FileCompress`.
#[derive(Debug)]
pub(super) struct FileCompress;

impl CiKind for FileCompress {
    const TAG: &'static str = "FileCompress";
    const CLASS: JobClass = JobClass::Light;
    const PROCESSING: Processing = Processing::File;
    const RESULT: &'static str = "FileCompressResult";
    type Request = CreateFileCompressJobRequest;
    type Result = FileCompressResult;

    fn answer(job: Detail) -> CreateFileCompressJobResponse {
        CreateFileCompressJobResponse::new().jobs_detail([job])
    }

    fn check(request: &CreateFileCompressJobRequest) -> Result<(), Fault> {
        let operation = request.operation.as_ref();
        if let Some(config) = operation.and_then(|it| it.file_compress_config.as_ref()) {
            let built = ["Flatten", "Format", "UrlList", "Prefix", "Key"];
            only(config, "FileCompressConfig", &built)?;
            if config.url_list.is_none() && config.prefix.is_none() && config.key.is_empty() {
                return Err(fault::invalid(
                    "Request.Operation.FileCompressConfig needs one of UrlList, Prefix and Key",
                ));
            }
        }
        let Some(output) = operation.and_then(|it| it.output.as_ref()) else {
            return Ok(());
        };
        only(output, "Output", &["Region", "Bucket", "Object"])?;
        match output.object.as_deref() {
            None | Some("") => Err(fault::invalid(
                "Request.Operation.Output.Object is required",
            )),
            Some(key) if key.len() > KEY_LIMIT => Err(fault::invalid(format!(
                "Request.Operation.Output.Object has more than {KEY_LIMIT} bytes"
            ))),
            Some(_) => Ok(()),
        }
    }

    async fn run(
        state: &State,
        job: &Job,
        request: &CreateFileCompressJobRequest,
    ) -> Result<(FileCompressResult, Vec<Effect>), Failure> {
        let store = &state.store;
        let operation = request.operation.clone().unwrap_or_default();
        let target = output(store, operation.output.as_ref()).await?;
        let config = operation.file_compress_config.unwrap_or_default();
        let (format, extension) = match config.format {
            Some(FileCompressFormat::Tar) => (Format::Tar, "tar"),
            Some(FileCompressFormat::TarGz) => (Format::TarGz, "tar.gz"),
            _ => (Format::Zip, "zip"),
        };
        let flatten = config.flatten == Some(FileCompressFlatten::_1);
        let bucket = job.bucket.clone().unwrap_or_default();
        let names = sources(store, &bucket, &config).await?;
        let key = operation.output.and_then(|output| output.object);
        let key = key
            .unwrap_or_default()
            .replace("${jobid}", &job.id)
            .replace("${ext}", extension);

        let file = tempfile::tempfile()?;
        let written = file.try_clone()?;
        let (sender, mut parts) = mpsc::channel(PARTS);
        let packing =
            on_thread(move |_| archive::write(format, file, &mut || parts.blocking_recv()));
        let (packed, fed) = tokio::join!(packing, feed(store, &names, flatten, sender));
        fed?;
        packed.map_err(|error| Failure::internal(error.to_string()))??;
        let blob = file::to_blob(store, written).await?;
        let put = Effect::PutObject {
            attributes: ObjectAttributes {
                content_type: media_type(&key).to_owned(),
                ..ObjectAttributes::default()
            },
            name: ObjectName::new(target.name.as_str(), key.as_str()),
            blob,
        };
        let result = FileCompressResult::new()
            .region(target.region)
            .bucket(target.name)
            .object(key)
            .compress_file_count(i64::try_from(names.len()).unwrap_or(i64::MAX));
        Ok((result, vec![put]))
    }
}

/// Hands the objects `names` on to be packed, until that fails.
async fn feed(
    store: &Store,
    names: &[ObjectName],
    flatten: bool,
    sender: Sender<Part>,
) -> Result<(), Failure> {
    let mut total: u64 = 0;
    for name in names {
        let left = file::GIGABYTES_50.saturating_sub(total);
        let reader = file::open(store, name, left).await?;
        total = total.saturating_add(reader.object.size);
        let path = match name.key.rsplit_once('/') {
            Some((_, file)) if flatten => file,
            _ => name.key.as_str(),
        };
        let part = Part::File {
            path: path.to_owned(),
            size: reader.object.size,
            modified: reader.object.last_modified.div_euclid(1000),
        };
        if sender.send(part).await.is_err() {
            return Ok(());
        }
        let mut content = reader.content;
        while let Some(bytes) = content.try_next().await? {
            if sender.send(Part::Content(bytes)).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}
