//! Media Processing Service.

mod capability;
mod detail;
mod failure;
mod fault;
mod path;
mod plan;
mod process_image;
mod source;
mod task;

use std::sync::Arc;

use http::StatusCode;
use tcloud_core::codec::CodecError;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault, Handlers};
use tcloud_mps::operation::describe_image_task_detail::{
    DescribeImageTaskDetailRequest, DescribeImageTaskDetailResponse,
};
use tcloud_mps::operation::process_image::{ProcessImageRequest, ProcessImageResponse};

use self::plan::Plan;
use self::process_image::ProcessImage;
use crate::jobs::kind;
use crate::service::Service;
use crate::state::State;
use crate::store::{self, StoreError};
use crate::support::Support;

/// How long a task can be looked up, in milliseconds: seven days.
const LOOKBACK: i64 = 7 * 24 * 60 * 60 * 1000;

const TEMPLATES: Support = Support::Refused(
    "the service has templates of pictures in a closed test; give ImageTask what is to be done",
);
/// What runs what is about pictures, or why it is refused.
const SUPPORT: &[(&str, Support)] = &[
    ("CreateProcessImageTemplate", TEMPLATES),
    ("DeleteProcessImageTemplate", TEMPLATES),
    ("DescribeImageTaskDetail", Support::By("the queue of jobs")),
    ("DescribeProcessImageTemplates", TEMPLATES),
    ("ModifyProcessImageTemplate", TEMPLATES),
    (
        "ProcessImage",
        Support::By("imaging, and networks for what is new"),
    ),
];

/// The service.
pub(crate) fn service() -> Service {
    Service {
        handlers: Handlers::new().on(submit).on(describe),
        kinds: vec![|state| kind(ProcessImage(Arc::clone(state)))],
        support: SUPPORT.to_vec(),
        ..Service::new(&tcloud_mps::CATALOG)
    }
}

async fn submit(
    state: &State,
    context: Context,
    request: ProcessImageRequest,
) -> Result<ProcessImageResponse, Fault> {
    let plan = Plan::new(&request)?;
    let job = task::new_job(request, &plan).map_err(internal)?;
    state.store.submit_job(&job).await?;
    Ok(ProcessImageResponse::new()
        .task_id(job.id)
        .request_id(context.request_id))
}

async fn describe(
    state: &State,
    context: Context,
    request: DescribeImageTaskDetailRequest,
) -> Result<DescribeImageTaskDetailResponse, Fault> {
    let id = request.task_id.unwrap_or_default();
    let job = match state.store.job(&id).await {
        Ok(job) => job,
        Err(StoreError::NoSuchJob(_)) => return Err(unknown_task(&id)),
        Err(error) => return Err(error.into()),
    };
    let age = state.store.now().saturating_sub(job.created_at);
    if job.service != store::Service::Mps || job.tag != task::TAG || age > LOOKBACK {
        return Err(unknown_task(&id));
    }
    let detail = detail::of(&job).map_err(internal)?;
    Ok(detail.request_id(context.request_id))
}

fn unknown_task(id: &str) -> Fault {
    Fault::new(
        StatusCode::OK,
        "ResourceNotFound",
        format!(
            "TaskId: no task {id} was submitted in the last seven days; use the id that \
             ProcessImage answered"
        ),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn internal(error: CodecError) -> Fault {
    Fault::internal(Protocol::Tc3, error.to_string())
}
