//! A task as it is kept: a job whose request and result are the documents' own structures.

use tcloud_core::codec::{CodecError, json};
use tcloud_core::node::Node;
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{ImageProcessTaskResult, MediaInputInfo};
use uuid::Uuid;

use super::plan::Plan;
use super::source::Source;
use crate::store::{Job, JobClass, NewJob, Service};

/// The tag of the jobs.
pub(super) const TAG: &str = "ProcessImage";

/// The job for `request`, whose plan is `plan`.
pub(super) fn new_job(mut request: ProcessImageRequest, plan: &Plan) -> Result<NewJob, CodecError> {
    if let Some(input) = &mut request.input_info {
        keep_used(input, &plan.source);
    }
    if let Some(storage) = &mut request.output_storage {
        storage.s3_output_storage = None;
        storage.vod_output_storage = None;
    }
    Ok(NewJob {
        id: new_id(),
        service: Service::Mps,
        tag: TAG.to_owned(),
        class: JobClass::Picture,
        bucket: Some(plan.target.bucket.clone()),
        region: plan.target.region.clone(),
        queue_id: None,
        level: 0,
        request: json::encode(&request, json::Style::Typed)?,
        session: None,
        callback_url: None,
        callback_format: None,
    })
}

/// Drops the places that `Type` does not select: they may hold keys of other clouds, which are
/// neither kept nor shown.
fn keep_used(input: &mut MediaInputInfo, source: &Source) {
    input.s3_input_info = None;
    input.vod_input_info = None;
    match source {
        Source::Object { .. } => input.url_input_info = None,
        Source::Address(_) => input.cos_input_info = None,
    }
}

/// A fresh task id in the form of the documents' sample: 64 letters and digits, not to be guessed.
fn new_id() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// What the task was asked.
pub(super) fn request(job: &Job) -> Result<ProcessImageRequest, CodecError> {
    decode(&job.request)
}

/// What came of the task, if it ended well.
pub(super) fn result(job: &Job) -> Result<Option<ImageProcessTaskResult>, CodecError> {
    job.result.as_deref().map(decode).transpose()
}

pub(super) fn decode<T: Node + Default>(text: &str) -> Result<T, CodecError> {
    let mut node = T::default();
    json::decode(text, "", &mut node)?;
    Ok(node)
}
