//! Runs a task: reads the picture, processes it, stores the result.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use tcloud_core::codec::{self, CodecError, json};
use tcloud_imaging::{Outcome as Picture, probe};
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::ImageProcessTaskResult;

use super::failure::{Cause, Failure};
use super::plan::{Plan, Work};
use super::source::Source;
use super::{detail, task};
use crate::jobs::{Finish, JobKind};
use crate::pictures::{MPS as LIMITS, engine_metadata};
use crate::state::State;
use crate::store::{Effect, Job, ObjectAttributes, ObjectName, Outcome, Service, StoreError};

/// The kind `ProcessImage`.
#[derive(Debug)]
pub(super) struct ProcessImage(pub(super) Arc<State>);

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

    fn keep_result(&self, json: &str) -> Result<String, String> {
        let mut result = ImageProcessTaskResult::default();
        let drift = json::decode(json, "", &mut result).map_err(|error| error.to_string())?;
        match drift.first() {
            Some(departure) => Err(departure.to_string()),
            None => json::encode(&result, json::Style::Typed).map_err(|error| error.to_string()),
        }
    }

    fn show_result(&self, kept: &str) -> Option<Value> {
        let mut result: ImageProcessTaskResult = task::decode(kept).ok()?;
        codec::redact(&mut result);
        json::to_value(&result, json::Style::Typed).ok()
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
    async fn process(&self, request: &ProcessImageRequest) -> Result<Finish, Failure> {
        let plan = Plan::new(request).map_err(|fault| Failure::new(Cause::Input, fault.message))?;
        let input = self.read(&plan.source).await?;
        self.check_bucket(&plan.target.bucket, &plan.target.region, Cause::Input)
            .await?;
        let format_kept = plan.work.format.is_none();
        let picture = self.transform(input, &plan.work).await?;

        let key = plan.target.path.key(picture.format, format_kept);
        let result = detail::success(&plan.target, &key, &picture);
        let result = json::encode(&result, json::Style::Typed)
            .map_err(|error| Failure::internal(error.to_string()))?;
        let attributes = attributes(&picture);
        let put = Effect::PutObject {
            name: ObjectName::new(plan.target.bucket, key),
            blob: self.0.store.upload_bytes(picture.bytes.into()).await?,
            attributes,
        };
        Ok((Outcome::Success { result }, vec![put]))
    }

    async fn check_bucket(&self, name: &str, region: &str, cause: Cause) -> Result<(), Failure> {
        match self.0.store.bucket(name).await {
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
                .0
                .fetch
                .get(url, LIMITS.max_input_bytes)
                .await
                .map_err(|error| Failure::source_file(error.to_string())),
        }
    }

    async fn read_object(&self, name: &ObjectName) -> Result<Bytes, Failure> {
        let reader = match self.0.store.get_object(name, None).await {
            Ok(reader) => reader,
            Err(error @ StoreError::NoSuchObject(_)) => {
                return Err(Failure::source_file(error.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        let (bytes, limit) = (reader.object.size, LIMITS.max_input_bytes);
        if bytes > limit {
            let error = tcloud_imaging::Error::TooLarge { bytes, limit };
            return Err(Failure::source_file(error.to_string()));
        }
        Ok(reader.bytes().await?)
    }

    async fn transform(&self, input: Bytes, work: &Work) -> Result<Picture, Failure> {
        let pictures = &self.0.pictures;
        let limits = pictures.within(LIMITS);
        // Nothing but the source itself is at fault if this fails.
        probe(&input, &limits).map_err(|error| Failure::source_file(error.to_string()))?;
        let recipe = work.recipe();
        // No part of it reads from a bucket.
        Ok(pictures.make(LIMITS, &recipe, "", input).await?)
    }
}

fn attributes(picture: &Picture) -> ObjectAttributes {
    ObjectAttributes {
        content_type: picture.format.media_type().to_owned(),
        metadata: engine_metadata(&picture.engines),
        ..ObjectAttributes::default()
    }
}
