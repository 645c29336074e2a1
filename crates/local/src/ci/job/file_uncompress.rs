//! An archive is unpacked into a bucket.
//!
//! All its files appear when the job ends, or none.

use tcloud_ci::operation::create_file_uncompress_job::{
    CreateFileUncompressJobRequest, CreateFileUncompressJobResponse,
};
use tcloud_ci::types::{
    FileUncompressConfig, FileUncompressPrefix, FileUncompressResult, Job as Detail,
};
use tcloud_core::server::Fault;
use tokio::sync::mpsc::{self, Receiver};

use super::failure::Failure;
use super::kind::CiKind;
use super::request::{object_of, only, output};
use crate::archive::{self, ArchiveError, Piece};
use crate::ci::file::{self, GIGABYTES_50, LIMITS};
use crate::cos::{KEY_LIMIT, media_type};
use crate::jobs::on_thread;
use crate::state::State;
use crate::store::{
    Effect, Job, JobClass, ObjectAttributes, ObjectName, Processing, Store, Upload,
};

/// How many pieces of an archive may wait to be stored.
const PIECES: usize = 4;

/// The kind `FileUncompress`.
#[derive(Debug)]
pub(super) struct FileUncompress;

impl CiKind for FileUncompress {
    const TAG: &'static str = "FileUncompress";
    const CLASS: JobClass = JobClass::Light;
    const PROCESSING: Processing = Processing::File;
    const RESULT: &'static str = "FileUncompressResult";
    type Request = CreateFileUncompressJobRequest;
    type Result = FileUncompressResult;

    fn answer(job: Detail) -> CreateFileUncompressJobResponse {
        CreateFileUncompressJobResponse::new().jobs_detail([job])
    }

    fn check(request: &CreateFileUncompressJobRequest) -> Result<(), Fault> {
        let operation = request.operation.as_ref();
        if let Some(config) = operation.and_then(|it| it.file_uncompress_config.as_ref()) {
            only(
                config,
                "FileUncompressConfig",
                &["Prefix", "PrefixReplaced"],
            )?;
        }
        if let Some(output) = operation.and_then(|it| it.output.as_ref()) {
            only(output, "Output", &["Region", "Bucket", "Object"])?;
        }
        Ok(())
    }

    async fn run(
        state: &State,
        job: &Job,
        request: &CreateFileUncompressJobRequest,
    ) -> Result<(FileUncompressResult, Vec<Effect>), Failure> {
        let store = &state.store;
        let name = object_of(job, request.input.as_ref())?;
        let operation = request.operation.clone().unwrap_or_default();
        let target = output(store, operation.output.as_ref()).await?;
        let config = operation.file_uncompress_config.unwrap_or_default();
        let prefix = prefix(&config, &name.key);

        let reader = file::open(store, &name, GIGABYTES_50).await?;
        let (_, file) = file::to_file(reader).await?;
        let (sender, pieces) = mpsc::channel(PIECES);
        let reading = on_thread(move |_| {
            archive::read(file, LIMITS, true, &mut |piece| {
                let sent = sender.blocking_send(piece);
                sent.map_err(|_| ArchiveError::Abandoned)
            })
        });
        let storing = put_files(store, &target.name, &prefix, pieces);
        let (read, stored) = tokio::join!(reading, storing);
        // If storing fails, reading is given up because of that.
        let effects = stored?;
        read.map_err(|error| Failure::internal(error.to_string()))??;
        let result = FileUncompressResult::new()
            .region(target.region)
            .bucket(target.name)
            .file_count(i64::try_from(effects.len()).unwrap_or(i64::MAX));
        Ok((result, effects))
    }
}

/// What the keys of the files begin with.
fn prefix(config: &FileUncompressConfig, archive: &str) -> String {
    let prefix = config.prefix.as_deref().unwrap_or_default();
    let prefix = prefix.trim_start_matches('/');
    let (folder, file) = match archive.rsplit_once('/') {
        Some((folder, file)) => (format!("{folder}/"), file),
        None => (String::new(), archive),
    };
    let stem = file
        .strip_suffix(".tar.gz")
        .or_else(|| file.rsplit_once('.').map(|(stem, _)| stem))
        .filter(|stem| !stem.is_empty())
        .unwrap_or(file);
    match config.prefix_replaced {
        Some(FileUncompressPrefix::_1) => format!("{prefix}{stem}/"),
        Some(FileUncompressPrefix::_2) => {
            format!("{prefix}{}{stem}/", folder.trim_start_matches('/'))
        }
        _ => prefix.to_owned(),
    }
}

/// Stores the files that come as `pieces`. They are seen when the job ends.
async fn put_files(
    store: &Store,
    bucket: &str,
    prefix: &str,
    mut pieces: Receiver<Piece>,
) -> Result<Vec<Effect>, Failure> {
    let mut effects = Vec::new();
    let mut current: Option<(String, Upload)> = None;
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::File(entry) => {
                effects.extend(put(bucket, current.take()).await?);
                let key = format!("{prefix}{}", entry.path);
                if key.len() > KEY_LIMIT {
                    return Err(Failure::new(
                        "InvalidContent",
                        format!("the key {key} would have more than {KEY_LIMIT} bytes"),
                    ));
                }
                current = Some((key, store.upload()));
            }
            Piece::Content(bytes) => {
                if let Some((_, upload)) = &mut current {
                    upload.write(bytes).await?;
                }
            }
        }
    }
    effects.extend(put(bucket, current).await?);
    Ok(effects)
}

async fn put(bucket: &str, file: Option<(String, Upload)>) -> Result<Option<Effect>, Failure> {
    let Some((key, upload)) = file else {
        return Ok(None);
    };
    let attributes = ObjectAttributes {
        content_type: media_type(&key).to_owned(),
        ..ObjectAttributes::default()
    };
    Ok(Some(Effect::PutObject {
        name: ObjectName::new(bucket, key),
        blob: upload.finish().await?,
        attributes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_may_hold_the_archives_name_or_key() {
        let with = |replaced: &str, archive: &str| {
            let config = FileUncompressConfig::new()
                .prefix("/out/")
                .prefix_replaced(replaced);
            prefix(&config, archive)
        };
        assert_eq!(with("0", "in/a.zip"), "out/");
        assert_eq!(with("1", "in/a.zip"), "out/a/");
        assert_eq!(with("2", "in/a.zip"), "out/in/a/");
        assert_eq!(with("1", "a.b.tar.gz"), "out/a.b/");
        assert_eq!(with("1", ".zip"), "out/.zip/");
        assert_eq!(prefix(&FileUncompressConfig::new(), "in/a.zip"), "");
    }
}
