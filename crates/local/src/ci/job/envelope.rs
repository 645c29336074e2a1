//! What all jobs have in common as the service shows them: the request they were submitted with,
//! their state and their result.

use tcloud_ci::types::{CallbackEvent, Job, JobCallback};
use tcloud_core::codec::{CodecError, json, xml};
use tcloud_core::node::{Node, Unknown};

use crate::ci::time::time;
use crate::store::{self, NewCallback};

/// The root of a kept request, as it was sent.
pub(super) const REQUEST_ROOT: &str = "Request";
const OPERATION: &str = "Operation";
/// The code of success, and of what has not failed yet.
pub(super) const NO_ERROR: &str = "Success";

/// The job as the service describes it, whatever its kind: a request has the nodes `Tag`, `Input`,
/// `Operation` and `QueueId` under the names the description has.
pub(super) fn job(job: &store::Job) -> Result<Job, CodecError> {
    let mut detail: Job = decoded(&job.request, REQUEST_ROOT)?;
    // What only a request has, such as where to call back.
    *detail.unknown_mut() = Unknown::default();
    if let Some(input) = &mut detail.input {
        input.region = Some(job.region.clone());
        input.bucket_id.clone_from(&job.bucket);
    }
    let mut operation = detail.operation.take().unwrap_or_default();
    operation.job_level = Some(job.level.into());
    if let Some(result) = &job.result {
        // It is one more node beside those of the request.
        let result = format!("<{OPERATION}>{result}</{OPERATION}>");
        xml::decode(&result, OPERATION, &mut operation)?;
    }
    detail.queue_id.clone_from(&job.queue_id);
    Ok(detail
        .code(job.code.as_deref().unwrap_or(NO_ERROR))
        .message(job.message.as_deref().unwrap_or_default())
        .job_id(job.id.as_str())
        .tag(job.tag.as_str())
        .state(job.state.to_string())
        .creation_time(time(Some(job.created_at)))
        .start_time(time(job.started_at))
        .end_time(time(job.ended_at))
        .operation(*operation))
}

/// The callback to send when `job` has ended, if one is wanted.
pub(super) fn callback(job: &store::Job) -> Result<Option<NewCallback>, CodecError> {
    let Some(url) = job.callback_url.clone() else {
        return Ok(None);
    };
    let told = JobCallback::new()
        .event_name(CallbackEvent::TaskFinish)
        .jobs_detail([self::job(job)?]);
    let (content_type, body) = if job.callback_format.as_deref() == Some("JSON") {
        ("application/json", json::encode(&told, json::Style::Text)?)
    } else {
        ("application/xml", xml::encode("Response", &told)?)
    };
    Ok(Some(NewCallback {
        url,
        content_type: content_type.to_owned(),
        body: body.into_bytes(),
    }))
}

pub(super) fn decoded<T: Node + Default>(text: &str, root: &str) -> Result<T, CodecError> {
    let mut node = T::default();
    xml::decode(text, root, &mut node)?;
    Ok(node)
}
