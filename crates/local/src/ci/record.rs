//! Jobs as the store keeps them, and as the service tells of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tcloud_ci::operation::create_image_inspect_job::CreateImageInspectJobRequest;
use tcloud_ci::types::{
    CallbackEvent, ImageInspectResult, Job, JobCallback, JobInput, JobOperation,
};
use tcloud_core::codec::{CodecError, json, xml};
use tcloud_core::node::Node;
use tcloud_core::time::{Timestamp, format_ci};

use crate::store::{self, NewCallback, Outcome};

/// The tag of inspections.
pub(super) const IMAGE_INSPECT: &str = "ImageInspect";
/// The root of a kept request, as it was sent.
pub(super) const REQUEST_ROOT: &str = "Request";
const RESULT_ROOT: &str = "ImageInspectResult";
/// The code of all that went well, and of all that has not gone wrong yet.
pub(super) const NO_ERROR: &str = "Success";

/// What of a key is written as it is in an address.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The job as the service tells of it.
pub(super) fn job(job: &store::Job) -> Result<Job, CodecError> {
    let request = request(job)?;
    let mut input = JobInput::new().region(job.region.as_str());
    input.bucket_id.clone_from(&job.bucket);
    input.object = request.input.and_then(|input| input.object);

    let asked = request.operation.unwrap_or_default();
    let mut operation = JobOperation::new().job_level(job.level.into());
    operation.user_data = asked.user_data;
    operation.image_inspect = asked.image_inspect.map(Box::new);
    operation.image_inspect_result = job
        .result
        .as_deref()
        .map(decode_result)
        .transpose()?
        .map(Box::new);

    let mut detail = Job::new()
        .code(job.code.as_deref().unwrap_or(NO_ERROR))
        .message(job.message.as_deref().unwrap_or_default())
        .job_id(job.id.as_str())
        .tag(job.tag.as_str())
        .state(job.state.to_string())
        .creation_time(time(Some(job.created_at)))
        .start_time(time(job.started_at))
        .end_time(time(job.ended_at))
        .input(input)
        .operation(operation);
    detail.queue_id.clone_from(&job.queue_id);
    Ok(detail)
}

/// What the client asked for.
pub(super) fn request(job: &store::Job) -> Result<CreateImageInspectJobRequest, CodecError> {
    decoded(&job.request, REQUEST_ROOT)
}

pub(super) fn decode_result(text: &str) -> Result<ImageInspectResult, CodecError> {
    decoded(text, RESULT_ROOT)
}

pub(super) fn encode_result(result: &ImageInspectResult) -> Result<String, CodecError> {
    xml::encode(RESULT_ROOT, result)
}

/// What to send when `job` ends with `outcome` at the time `now`, if anybody wants to know.
pub(super) fn callback(
    job: &store::Job,
    outcome: &Outcome,
    now: i64,
) -> Result<Option<NewCallback>, CodecError> {
    let Some(url) = job.callback_url.clone() else {
        return Ok(None);
    };
    let mut ended = job.clone();
    ended.ended_at = Some(now);
    match outcome.clone() {
        Outcome::Success { result } => {
            ended.state = store::JobState::Success;
            ended.result = Some(result);
        }
        Outcome::Failed {
            code,
            message,
            result,
        } => {
            ended.state = store::JobState::Failed;
            ended.code = Some(code);
            ended.message = Some(message);
            ended.result = result;
        }
    }
    let told = JobCallback::new()
        .event_name(CallbackEvent::TaskFinish)
        .jobs_detail([self::job(&ended)?]);
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

/// The address of an object at the service's own host.
pub(super) fn object_url(bucket: &str, region: &str, key: &str) -> String {
    let key = utf8_percent_encode(key, KEY);
    format!("https://{bucket}.cos.{region}.myqcloud.com/{key}")
}

/// A time of the store as the service writes it.
pub(super) fn time(millis: Option<i64>) -> Timestamp {
    let text = match millis {
        Some(millis) => format_ci(millis.div_euclid(1000)),
        None => "-".to_owned(),
    };
    Timestamp::from_text(text)
}

fn decoded<T: Node + Default>(text: &str, root: &str) -> Result<T, CodecError> {
    let mut node = T::default();
    xml::decode(text, root, &mut node)?;
    Ok(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_escaped_in_an_address_but_for_its_slashes() {
        assert_eq!(
            object_url("b-1", "ap-chongqing", "album 1/猫?.png"),
            "https://b-1.cos.ap-chongqing.myqcloud.com/album%201/%E7%8C%AB%3F.png"
        );
    }

    #[test]
    fn times_are_chinese_and_an_unset_one_is_a_dash() {
        assert_eq!(
            time(Some(1_656_314_590_999)).as_str(),
            "2022-06-27T15:23:10+0800"
        );
        assert_eq!(time(None).as_str(), "-");
    }
}
