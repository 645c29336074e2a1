//! Inspecting a picture, and what is done about a suspicious one.

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use tcloud_ci::types::{
    AutoProcessCode, ImageInspect, ImageInspectAutoProcessResult, ImageInspectProcessResult,
    ImageInspectProcessType, ImageInspectResult, ImageInspectState,
};
use tcloud_core::credentials::BoxFuture;
use tcloud_imaging::Limits;
use tcloud_inspect::{Profile, Report, inspect_until};

use super::record;
use crate::cos::KEY_LIMIT;
use crate::state::State;
use crate::store::{
    Acl, ClaimedJob, Effect, Job, Object, ObjectName, Outcome, Service, StoreError,
};
use crate::worker::{Finish, Step, on_thread};

const LIMITS: Limits = Limits::CI;
/// The folder suspicious pictures are moved to.
const BACKUP_FOLDER: &str = "abnormal_images_backup/";

/// Runs the jobs with the tag `ImageInspect`.
#[derive(Debug)]
pub(super) struct ImageInspectStep(Arc<State>);

/// Why a picture could not be inspected, as a code and a sentence.
struct Failure {
    code: &'static str,
    message: String,
}

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalError", message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::NoSuchBucket(_) | StoreError::NoSuchObject(_) => "ResourceNotFound",
            _ => "InternalError",
        };
        Self::new(code, error.to_string())
    }
}

impl Step for ImageInspectStep {
    fn service(&self) -> Service {
        Service::Ci
    }

    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Finish> {
        Box::pin(async move {
            match self.inspect(&job.job).await {
                Ok((result, action)) => self.success(job, &result, action),
                Err(Failure { code, message }) => self.fail(job, code, message),
            }
        })
    }

    fn fail(&self, job: &ClaimedJob, code: &str, message: String) -> Finish {
        let result = about(&job.job)
            .state(ImageInspectState::Failed)
            .code(code)
            .message(message.as_str());
        let outcome = Outcome::Failed {
            code: code.to_owned(),
            message,
            // A text that XML cannot carry is the only obstacle; the job has it all the same.
            result: record::encode_result(&result).ok(),
        };
        self.told(job, outcome, None)
    }

    /// The picture was inspected, but is no longer there as it was, so nothing is done to it.
    fn revise(&self, job: &ClaimedJob, outcome: Outcome, error: &StoreError) -> Finish {
        let inspected = match &outcome {
            Outcome::Success { result } => record::decode_result(result).ok(),
            Outcome::Failed { .. } => None,
        };
        let Some(mut result) = inspected else {
            return self.fail(job, "InternalError", error.to_string());
        };
        if let Some(details) = &mut result.process_result {
            details.auto_process_result = Some(
                ImageInspectAutoProcessResult::new()
                    .code(AutoProcessCode::Failed)
                    .message(error.to_string()),
            );
        }
        self.success(job, &result, None)
    }
}

impl ImageInspectStep {
    pub(super) const fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    async fn inspect(&self, job: &Job) -> Result<(ImageInspectResult, Option<Effect>), Failure> {
        let name = source(job).ok_or_else(|| Failure::internal("the job names no object"))?;
        let reader = self.0.store.get_object(&name, None).await?;
        if reader.object.size > LIMITS.max_input_bytes {
            return Err(Failure::new(
                "InvalidContent",
                format!(
                    "the picture has {} bytes; at most {} are inspected",
                    reader.object.size, LIMITS.max_input_bytes
                ),
            ));
        }
        let object = reader.object.clone();
        let content = reader.bytes().await?;
        let report = report(content, self.0.settings.inspect_profile).await?;
        check(&report)?;

        let asked = record::request(job)
            .map_err(|error| Failure::internal(error.to_string()))?
            .operation
            .and_then(|operation| operation.image_inspect)
            .filter(|asked| asked.auto_process == Some(true) && report.is_suspicious());
        let mut details = details(&report);
        let action = asked.map(|asked| action(&asked, name, &object));
        let (action, refused) = match action {
            Some(Effect::MoveObject { to, .. }) if to.key.len() > KEY_LIMIT => (None, true),
            action => (action, false),
        };
        if refused {
            details = details.auto_process_result(
                ImageInspectAutoProcessResult::new()
                    .code(AutoProcessCode::Failed)
                    .message("the key is too long to be moved below the backup folder"),
            );
        }
        if action.is_some() {
            // Holds if the action can be taken when the job ends; otherwise it is revised.
            details = details.auto_process_result(
                ImageInspectAutoProcessResult::new()
                    .code(AutoProcessCode::Success)
                    .message(""),
            );
        }
        let result = about(job)
            .state(ImageInspectState::Success)
            .code(record::NO_ERROR)
            .message("")
            .process_result(details);
        Ok((result, action))
    }

    fn success(
        &self,
        job: &ClaimedJob,
        result: &ImageInspectResult,
        action: Option<Effect>,
    ) -> Finish {
        match record::encode_result(result) {
            Ok(result) => self.told(job, Outcome::Success { result }, action),
            Err(error) => self.fail(job, "InternalError", error.to_string()),
        }
    }

    /// The end of a job, with the callback that tells of it.
    fn told(&self, job: &ClaimedJob, outcome: Outcome, action: Option<Effect>) -> Finish {
        let callback =
            record::callback(&job.job, &outcome, self.0.store.now()).unwrap_or_else(|error| {
                tracing::error!(job = job.job.id, %error, "cannot write the callback");
                None
            });
        let effects = action.into_iter().chain(callback.map(Effect::Callback));
        (outcome, effects.collect())
    }
}

/// The object the job is about.
fn source(job: &Job) -> Option<ObjectName> {
    let key = record::request(job).ok()?.input?.object?;
    Some(ObjectName::new(job.bucket.clone()?, key))
}

/// A result that says no more than which object it is about.
fn about(job: &Job) -> ImageInspectResult {
    match source(job) {
        Some(ObjectName { bucket, key }) => ImageInspectResult::new()
            .input_object_url(record::object_url(&bucket, &job.region, &key))
            .input_object_name(key),
        None => ImageInspectResult::new(),
    }
}

/// Inspects the picture; the inspection ends early if the job does.
async fn report(content: Bytes, profile: Profile) -> Result<Report, Failure> {
    let report =
        on_thread(move |is_cancelled| inspect_until(&content, profile, is_cancelled)).await;
    let failed =
        |error: &dyn Display| Failure::internal(format!("inspecting the picture: {error}"));
    report
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))
}

/// Refuses what is above the service's limits, and what is nothing the service inspects.
fn check(report: &Report) -> Result<(), Failure> {
    if report.picture.is_none() && !report.is_suspicious() {
        return Err(Failure::new(
            "InvalidContent",
            "the object is no picture of a known format",
        ));
    }
    let (width, height) = report.dimensions.unwrap_or_default();
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > LIMITS.max_side || pixels > LIMITS.max_pixels {
        return Err(Failure::new(
            "InvalidContent",
            format!(
                "the picture has {width} x {height} pixels; at most {} on a side and {} in all \
                 are inspected",
                LIMITS.max_side, LIMITS.max_pixels
            ),
        ));
    }
    Ok(())
}

fn details(report: &Report) -> ImageInspectProcessResult {
    let mut details = ImageInspectProcessResult::new()
        .pic_size(number(report.size))
        .suspicious(report.is_suspicious());
    details.pic_type = report.picture.map(|kind| kind.to_string());
    match report.primary() {
        Some(finding) => details
            .suspicious_begin_byte(number(finding.begin))
            .suspicious_end_byte(number(finding.end))
            .suspicious_size(number(finding.size()))
            .suspicious_type(finding.payload.as_str()),
        None => details,
    }
}

/// What is inspected has far fewer bytes than an `i64` can count.
fn number(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What is done about a suspicious picture, provided that it still is the one inspected.
fn action(asked: &ImageInspect, name: ObjectName, inspected: &Object) -> Effect {
    let if_etag = Some(inspected.etag.clone());
    match asked.process_type {
        Some(ImageInspectProcessType::SwitchObjectToPrivate) => Effect::SetObjectAcl {
            name,
            acl: Acl::Private,
            if_etag,
        },
        Some(ImageInspectProcessType::DeleteObject) => Effect::DeleteObject { name, if_etag },
        _ => Effect::MoveObject {
            to: ObjectName::new(name.bucket.as_str(), format!("{BACKUP_FOLDER}{}", name.key)),
            from: name,
            if_etag,
        },
    }
}
