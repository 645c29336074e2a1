//! How a task is described.

use std::iter;

use tcloud_core::codec::CodecError;
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_imaging::Outcome as Picture;
use tcloud_mps::operation::describe_image_task_detail::DescribeImageTaskDetailResponse;
use tcloud_mps::types::{
    CosOutputStorage, ImageProcessStatus, ImageProcessTaskOutput, ImageProcessTaskResult,
    OutputStorageType, TaskOutputStorage, TaskStatus, TaskType,
};

use super::failure::Cause;
use super::plan::Target;
use super::task;
use crate::fetch::shown;
use crate::store::{Job, JobState};

const SUCCESS: &str = "SUCCESS";

/// The detail of the task that `job` keeps.
pub(super) fn of(job: &Job) -> Result<DescribeImageTaskDetailResponse, CodecError> {
    let request = task::request(job)?;
    let mut detail = DescribeImageTaskDetailResponse::default();
    detail.task_type = Some(TaskType::WorkflowTask);
    detail.create_time = Some(timestamp(job.created_at));
    detail.input_info = request.input_info;
    // Whoever may ask about the task need not be the one who may read the picture.
    let input = detail.input_info.as_mut();
    if let Some(url) = input
        .and_then(|input| input.url_input_info.as_mut())
        .and_then(|info| info.url.as_mut())
    {
        *url = shown(url);
    }
    detail.image_task = request.image_task;
    detail.status = Some(match job.state {
        JobState::Submitted | JobState::Pause => TaskStatus::Waiting,
        JobState::Running => TaskStatus::Processing,
        // A failed task is finished as well: the codes make the difference.
        JobState::Success | JobState::Failed | JobState::Cancel => TaskStatus::Finish,
    });
    if detail.status != Some(TaskStatus::Finish) {
        return Ok(detail);
    }
    detail.finish_time = job.ended_at.map(timestamp);
    let result = if let Some(result) = task::result(job)? {
        detail.err_code = Some(0);
        result
    } else {
        let cause = Cause::from_code(job.code.as_deref().unwrap_or_default());
        detail.err_code = Some(cause.number());
        failure(cause, job.message.as_deref().unwrap_or_default())
    };
    detail.err_msg.clone_from(&result.err_msg);
    detail.message.clone_from(&result.message);
    detail.image_process_task_result_set = vec![result];
    Ok(detail)
}

/// The result of a task that stored `picture` as the object `key`.
///
/// The message says what a reader would otherwise take for granted: which engines made the
/// picture, and what of it is lost, such as the later frames of an animation.
pub(super) fn success(target: &Target, key: &str, picture: &Picture) -> ImageProcessTaskResult {
    let engines = picture
        .engines
        .iter()
        .map(|engine| format!("engine: {engine}"));
    let message = iter::once(SUCCESS.to_owned())
        .chain(engines)
        .chain(picture.losses.iter().map(ToString::to_string))
        .collect::<Vec<_>>()
        .join("; ");
    let place = CosOutputStorage::new()
        .bucket(&target.bucket)
        .region(&target.region);
    let output = ImageProcessTaskOutput::new()
        .path(format!("/{key}"))
        .output_storage(TaskOutputStorage::new(OutputStorageType::Cos).cos_output_storage(place));
    ImageProcessTaskResult::new()
        .status(ImageProcessStatus::Success)
        .err_msg("")
        .message(message)
        .output(output)
        .progress(100)
}

fn failure(cause: Cause, message: &str) -> ImageProcessTaskResult {
    ImageProcessTaskResult::new()
        .status(ImageProcessStatus::Fail)
        .err_msg(cause.code())
        .message(message)
}

fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_text(format_iso_utc(milliseconds.div_euclid(1000)))
}

#[cfg(test)]
mod tests;
