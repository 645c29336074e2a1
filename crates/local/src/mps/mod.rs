//! Media Processing Service.

mod capability;
mod detail;
mod failure;
mod fault;
mod path;
mod plan;
mod process_image;
mod quality;
mod source;
mod task;

use std::sync::Arc;

use http::StatusCode;
use tcloud_core::credentials::BoxFuture;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_mps::operation::describe_image_task_detail::{
    DescribeImageTaskDetailRequest, DescribeImageTaskDetailResponse,
};
use tcloud_mps::operation::process_image::{ProcessImageRequest, ProcessImageResponse};
use tcloud_mps::server::Mps;

use self::plan::Plan;
use self::process_image::ProcessImage;
use crate::jobs::{Kind, kind};
use crate::state::State;
use crate::store::{Service, StoreError};

/// The operations that are implemented, by name.
pub(crate) const IMPLEMENTED: [&str; 2] = ["DescribeImageTaskDetail", "ProcessImage"];

/// How long a task can be looked up, in milliseconds: seven days.
const LOOKBACK: i64 = 7 * 24 * 60 * 60 * 1000;

/// The service's operations.
#[derive(Debug)]
pub(crate) struct MpsService(Arc<State>);

impl MpsService {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    async fn submit(&self, request: ProcessImageRequest) -> Result<String, Fault> {
        let plan = Plan::new(&request)?;
        let job = task::new_job(request, &plan).map_err(internal)?;
        self.0.store.submit_job(&job).await.map_err(internal)?;
        Ok(job.id)
    }

    async fn detail(&self, id: &str) -> Result<DescribeImageTaskDetailResponse, Fault> {
        let job = match self.0.store.job(id).await {
            Ok(job) => job,
            Err(StoreError::NoSuchJob(_)) => return Err(unknown_task(id)),
            Err(error) => return Err(internal(error)),
        };
        let age = self.0.store.now().saturating_sub(job.created_at);
        if job.service != Service::Mps || job.tag != task::TAG || age > LOOKBACK {
            return Err(unknown_task(id));
        }
        detail::of(&job).map_err(internal)
    }
}

impl Mps for MpsService {
    fn process_image<'a>(
        &'a self,
        context: &'a Context,
        request: ProcessImageRequest,
    ) -> BoxFuture<'a, Result<Answer<ProcessImageResponse>, Fault>> {
        Box::pin(async move {
            let id = self.submit(request).await?;
            Ok(Answer::new(
                ProcessImageResponse::new()
                    .task_id(id)
                    .request_id(&context.request_id),
            ))
        })
    }

    fn describe_image_task_detail<'a>(
        &'a self,
        context: &'a Context,
        request: DescribeImageTaskDetailRequest,
    ) -> BoxFuture<'a, Result<Answer<DescribeImageTaskDetailResponse>, Fault>> {
        Box::pin(async move {
            let id = request.task_id.unwrap_or_default();
            let mut detail = self.detail(&id).await?;
            detail.request_id = Some(context.request_id.clone());
            Ok(Answer::new(detail))
        })
    }
}

/// All kinds of jobs.
pub(crate) fn kinds(state: &Arc<State>) -> Vec<Arc<dyn Kind>> {
    vec![kind(ProcessImage::new(Arc::clone(state)))]
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

fn internal(error: impl std::error::Error) -> Fault {
    Fault::internal(Protocol::Tc3, error.to_string())
}
