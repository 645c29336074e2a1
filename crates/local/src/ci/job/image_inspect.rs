//! Inspecting a picture, and what is done about a suspicious one.

use std::fmt::Display;

use bytes::Bytes;
use tcloud_ci::operation::create_image_inspect_job::{
    CreateImageInspectJobRequest, CreateImageInspectJobResponse,
};
use tcloud_ci::types::{
    AutoProcessCode, ImageInspect as Asked, ImageInspectAutoProcessResult,
    ImageInspectProcessResult, ImageInspectProcessType, ImageInspectResult, ImageInspectState,
    Job as Detail,
};
use tcloud_inspect::{Profile, Report, inspect_until};

use super::envelope;
use super::failure::Failure;
use super::kind::CiKind;
use crate::ci::address::object_url;
use crate::cos::KEY_LIMIT;
use crate::jobs::on_thread;
use crate::picture_limits::{BYTES, PIXELS, SIDE};
use crate::state::State;
use crate::store::{
    Acl, Effect, Job, JobClass, Object, ObjectName, ObjectReader, Processing, StoreError,
};

/// The folder suspicious pictures are moved to.
const BACKUP_FOLDER: &str = "abnormal_images_backup/";

/// The kind `ImageInspect`.
#[derive(Debug)]
pub(super) struct ImageInspect;

impl CiKind for ImageInspect {
    const TAG: &'static str = "ImageInspect";
    const CLASS: JobClass = JobClass::Picture;
    const PROCESSING: Processing = Processing::Picture;
    const RESULT: &'static str = "ImageInspectResult";
    type Request = CreateImageInspectJobRequest;
    type Result = ImageInspectResult;

    fn answer(job: Detail) -> CreateImageInspectJobResponse {
        CreateImageInspectJobResponse::new().jobs_detail([job])
    }

    async fn run(
        state: &State,
        job: &Job,
        request: &CreateImageInspectJobRequest,
    ) -> Result<(ImageInspectResult, Vec<Effect>), Failure> {
        let name =
            source(job, request).ok_or_else(|| Failure::internal("the job names no object"))?;
        let reader = state.store.get_object(&name, None).await?;
        let object = reader.object.clone();
        let report = inspect(state, reader).await?;

        let asked = request
            .operation
            .as_ref()
            .and_then(|operation| operation.image_inspect.as_ref())
            .filter(|asked| asked.auto_process == Some(true) && report.is_suspicious());
        let mut details = details(&report);
        let action = asked.map(|asked| action(asked, name, &object));
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
        let result = about(job, request)
            .state(ImageInspectState::Success)
            .code(envelope::NO_ERROR)
            .message("")
            .process_result(details);
        Ok((result, action.into_iter().collect()))
    }

    fn failed(
        job: &Job,
        request: &CreateImageInspectJobRequest,
        Failure { code, message }: &Failure,
    ) -> Option<ImageInspectResult> {
        let result = about(job, request)
            .state(ImageInspectState::Failed)
            .code(code.as_str())
            .message(message.as_str());
        Some(result)
    }

    /// The picture was inspected, but is no longer there as it was, so nothing is done to it.
    fn revised(mut result: ImageInspectResult, error: &StoreError) -> Option<ImageInspectResult> {
        if let Some(details) = &mut result.process_result {
            details.auto_process_result = Some(
                ImageInspectAutoProcessResult::new()
                    .code(AutoProcessCode::Failed)
                    .message(error.to_string()),
            );
        }
        Some(result)
    }
}

/// The object the job is about.
fn source(job: &Job, request: &CreateImageInspectJobRequest) -> Option<ObjectName> {
    let key = request.input.as_ref()?.object.clone()?;
    Some(ObjectName::new(job.bucket.clone()?, key))
}

/// A result that says no more than which object it is about.
fn about(job: &Job, request: &CreateImageInspectJobRequest) -> ImageInspectResult {
    match source(job, request) {
        Some(ObjectName { bucket, key }) => ImageInspectResult::new()
            .input_object_url(object_url(&bucket, &job.region, &key))
            .input_object_name(key),
        None => ImageInspectResult::new(),
    }
}

/// Inspects the picture in `reader`.
pub(in crate::ci) async fn inspect(state: &State, reader: ObjectReader) -> Result<Report, Failure> {
    let size = reader.object.size;
    if size > BYTES {
        return Err(Failure::new(
            "InvalidContent",
            format!("the picture has {size} bytes; at most {BYTES} are inspected"),
        ));
    }
    let content = reader.bytes().await?;
    let report = report(content, state.settings.inspect_profile).await?;
    check(&report)?;
    Ok(report)
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

/// Refuses what is above the service's limits, and what the service does not inspect.
fn check(report: &Report) -> Result<(), Failure> {
    if report.picture.is_none() && !report.is_suspicious() {
        return Err(Failure::new(
            "InvalidContent",
            "the object is no picture of a known format",
        ));
    }
    let (width, height) = report.dimensions.unwrap_or_default();
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > SIDE || pixels > PIXELS {
        return Err(Failure::new(
            "InvalidContent",
            format!(
                "the picture has {width} x {height} pixels; at most {SIDE} on a side and {PIXELS} in \
                 all are inspected"
            ),
        ));
    }
    Ok(())
}

/// What was found.
pub(in crate::ci) fn details(report: &Report) -> ImageInspectProcessResult {
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
fn action(asked: &Asked, name: ObjectName, inspected: &Object) -> Effect {
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
