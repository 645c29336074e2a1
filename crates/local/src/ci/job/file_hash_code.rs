//! The digest of a file, as a job.

use tcloud_ci::operation::create_file_hash_code_job::{
    CreateFileHashCodeJobRequest, CreateFileHashCodeJobResponse,
};
use tcloud_ci::types::{FileHashCodeResult, FileHashCodeType, Job as Detail};

use super::failure::Failure;
use super::kind::CiKind;
use super::request::object_of;
use crate::ci::file::GIGABYTES_50;
use crate::ci::file::hash::{self, Algorithm};
use crate::state::State;
use crate::store::{Effect, Job, JobClass, Processing};

/// The kind `FileHashCode`.
#[derive(Debug)]
pub(super) struct FileHashCode;

impl CiKind for FileHashCode {
    const TAG: &'static str = "FileHashCode";
    const CLASS: JobClass = JobClass::Light;
    const PROCESSING: Processing = Processing::File;
    const RESULT: &'static str = "FileHashCodeResult";
    type Request = CreateFileHashCodeJobRequest;
    type Result = FileHashCodeResult;

    fn answer(job: Detail) -> CreateFileHashCodeJobResponse {
        CreateFileHashCodeJobResponse::new().jobs_detail([job])
    }

    async fn run(
        state: &State,
        job: &Job,
        request: &CreateFileHashCodeJobRequest,
    ) -> Result<(FileHashCodeResult, Vec<Effect>), Failure> {
        let name = object_of(job, request.input.as_ref())?;
        let config = request.operation.as_ref();
        let config = config.and_then(|operation| operation.file_hash_code_config.as_ref());
        let algorithm = match config.and_then(|config| config.type_.as_ref()) {
            Some(FileHashCodeType::Sha1) => Algorithm::Sha1,
            Some(FileHashCodeType::Sha256) => Algorithm::Sha256,
            _ => Algorithm::Md5,
        };
        let (object, digest) = hash::take(&state.store, &name, algorithm, GIGABYTES_50).await?;
        let keep = config.is_some_and(|config| config.add_to_header == Some(true));
        let effect = keep.then(|| Effect::SetObjectMetadata {
            name,
            header: algorithm.header().to_owned(),
            value: digest.clone(),
            if_etag: Some(object.etag.clone()),
        });
        let result = hash::result(algorithm, digest, &object);
        Ok((result, effect.into_iter().collect()))
    }
}
