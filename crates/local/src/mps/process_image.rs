//! Runs a task: reads the picture, processes it, stores the result.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use tcloud_core::codec::{CodecError, json};
use tcloud_imaging::{Lanczos3, Limits, Outcome as Picture, Pipeline, probe};
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tokio::sync::Semaphore;

use super::failure::{Cause, Failure};
use super::plan::{Plan, Work};
use super::source::Source;
use super::{detail, quality, task};
use crate::jobs::{Finish, JobKind, on_thread};
use crate::state::State;
use crate::store::{Effect, Job, ObjectAttributes, ObjectName, Outcome, Service, StoreError};

const MEBIBYTE: u64 = 1024 * 1024;
/// The `x-cos-meta-` header of a result that names the engine that enlarged it.
const ENGINE: &str = "engine";

/// The kind `ProcessImage`.
#[derive(Debug)]
pub(super) struct ProcessImage {
    state: Arc<State>,
    limits: Limits,
    /// Memory for all pictures together, one permit per mebibyte.
    memory: Arc<Semaphore>,
}

impl JobKind for ProcessImage {
    const SERVICE: Service = Service::Mps;
    const TAG: &'static str = task::TAG;
    type Request = ProcessImageRequest;

    fn decode(&self, request: &str) -> Result<ProcessImageRequest, CodecError> {
        task::decode(request)
    }

    async fn run(&self, _: &Job, request: &ProcessImageRequest) -> Finish {
        self.process(request).await.unwrap_or_else(failed)
    }

    fn revise(&self, _: &Job, _: &ProcessImageRequest, _: Outcome, error: &StoreError) -> Finish {
        // Storing the result is the only effect, and it needs nothing but its bucket.
        failed(Failure::new(Cause::Input, error.to_string()))
    }
}

fn failed(failure: Failure) -> Finish {
    let outcome = Outcome::Failed {
        code: failure.cause.code().to_owned(),
        message: failure.message,
        result: None,
    };
    (outcome, Vec::new())
}

impl ProcessImage {
    pub(super) fn new(state: Arc<State>) -> Self {
        let mut limits = Limits::MPS;
        limits.max_memory = state.settings.picture_memory;
        let permits = permits(limits.max_memory);
        Self {
            state,
            limits,
            memory: Arc::new(Semaphore::new(permits as usize)),
        }
    }

    async fn process(&self, request: &ProcessImageRequest) -> Result<Finish, Failure> {
        let plan = Plan::new(request).map_err(|fault| Failure::new(Cause::Input, fault.message))?;
        let input = self.read(&plan.source).await?;
        self.check_bucket(&plan.target.bucket, &plan.target.region, Cause::Input)
            .await?;
        let format_kept = plan.work.format.is_none();
        let picture = self.transform(input, plan.work).await?;

        let key = plan.target.path.key(picture.format, format_kept);
        let result = detail::success(&plan.target, &key, &picture);
        let result = json::encode(&result, json::Style::Typed)
            .map_err(|error| Failure::internal(error.to_string()))?;
        let attributes = attributes(&picture);
        let put = Effect::PutObject {
            name: ObjectName::new(plan.target.bucket, key),
            blob: self.state.store.upload_bytes(picture.bytes.into()).await?,
            attributes,
        };
        Ok((Outcome::Success { result }, vec![put]))
    }

    async fn check_bucket(&self, name: &str, region: &str, cause: Cause) -> Result<(), Failure> {
        match self.state.store.bucket(name).await {
            Ok(bucket) if bucket.region == region => Ok(()),
            Ok(bucket) => Err(Failure::new(
                cause,
                format!("bucket {name} lies in {}, not in {region}", bucket.region),
            )),
            Err(error @ StoreError::NoSuchBucket(_)) => Err(Failure::new(cause, error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&self, source: &Source) -> Result<Bytes, Failure> {
        match source {
            Source::Object { name, region } => {
                self.check_bucket(&name.bucket, region, Cause::SourceFile)
                    .await?;
                self.read_object(name).await
            }
            Source::Address(url) => self
                .state
                .fetch
                .get(url, self.limits.max_input_bytes)
                .await
                .map_err(|error| Failure::source_file(error.to_string())),
        }
    }

    async fn read_object(&self, name: &ObjectName) -> Result<Bytes, Failure> {
        let reader = match self.state.store.get_object(name, None).await {
            Ok(reader) => reader,
            Err(error @ StoreError::NoSuchObject(_)) => {
                return Err(Failure::source_file(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let (bytes, limit) = (reader.object.size, self.limits.max_input_bytes);
        if bytes > limit {
            let error = tcloud_imaging::Error::TooLarge { bytes, limit };
            return Err(Failure::source_file(error.to_string()));
        }
        Ok(reader.bytes().await?)
    }

    /// Processes the picture once there is memory for it.
    async fn transform(&self, input: Bytes, work: Work) -> Result<Picture, Failure> {
        let info =
            probe(&input, &self.limits).map_err(|error| Failure::source_file(error.to_string()))?;
        let quality = quality::of_output(&input, info.format, work.quality);
        let mut pipeline = Pipeline::new(self.limits);
        pipeline = match work.format {
            Some(format) => pipeline.encode(format, quality),
            None => pipeline.quality(quality),
        };
        if work.super_resolve {
            pipeline = pipeline.super_resolve(Arc::new(Lanczos3));
        }
        if let Some(resize) = work.resize {
            pipeline = pipeline.resize(resize);
        }
        let bytes = pipeline
            .estimated_bytes(&info)
            .map_err(|error| Failure::processing(&error))?;
        let permit = Arc::clone(&self.memory)
            .acquire_many_owned(permits(bytes))
            .await
            .map_err(|error| Failure::internal(error.to_string()))?;
        // The thread holds the permit itself: it goes on even if nobody waits for it any more.
        on_thread(move |_| {
            let _permit = permit;
            pipeline.run(&input)
        })
        .await
        .map_err(|error| Failure::internal(format!("processing the picture: {error}")))?
        .map_err(|error| Failure::processing(&error))
    }
}

/// The permits of so many bytes. A picture never asks for more than there are: the limit of one is
/// that of all.
fn permits(bytes: u64) -> u32 {
    const MOST: u32 = 1 << 28;
    u32::try_from(bytes.div_ceil(MEBIBYTE)).map_or(MOST, |mebibytes| mebibytes.clamp(1, MOST))
}

fn attributes(picture: &Picture) -> ObjectAttributes {
    ObjectAttributes {
        content_type: picture.format.media_type().to_owned(),
        metadata: picture
            .engine
            .map(|engine| (ENGINE.to_owned(), engine.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        ..ObjectAttributes::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_takes_at_least_one_permit_and_at_most_all() {
        assert_eq!(permits(0), 1);
        assert_eq!(permits(MEBIBYTE + 1), 2);
        for limit in [1, MEBIBYTE, 2048 * MEBIBYTE, u64::MAX] {
            let all = permits(limit);
            assert_eq!(permits(limit), all);
            assert!(permits(limit / 2) <= all && all as usize <= Semaphore::MAX_PERMITS);
        }
    }
}
