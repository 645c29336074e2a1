//! Submitting a job.

use http::Uri;
use tcloud_ci::operation::create_image_inspect_job::{
    CreateImageInspectJobRequest, CreateImageInspectJobResponse,
};
use tcloud_ci::types::CallbackType;
use tcloud_core::codec::xml;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

use super::{CiService, fault, record};
use crate::cos::KEY_LIMIT;
use crate::store::{NewJob, Service, Submission, new_id};
/// What stands for an address to keep a job from having a callback.
const NO_CALLBACK: &str = "no";

impl CiService {
    pub(super) async fn submit_inspection(
        &self,
        request: CreateImageInspectJobRequest,
    ) -> Result<CreateImageInspectJobResponse, Fault> {
        check(&request)?;
        let bucket = self.bucket(request.bucket.clone()).await?;
        let queue = self.pic_queue(&bucket.name).await?;
        let level = request
            .operation
            .as_ref()
            .and_then(|operation| operation.job_level);
        let job = NewJob {
            id: new_id("c"),
            service: Service::Ci,
            tag: record::IMAGE_INSPECT.to_owned(),
            bucket: Some(bucket.name),
            region: bucket.region,
            queue_id: Some(queue),
            level: level
                .and_then(|level| level.try_into().ok())
                .unwrap_or_default(),
            request: xml::encode(record::REQUEST_ROOT, &request)
                .map_err(|error| fault::invalid(error.to_string()))?,
            session: None,
            callback_format: request.callback_format.map(|format| format.to_string()),
            callback_url: request.callback.filter(|url| url != NO_CALLBACK),
        };
        let submission = self
            .0
            .store
            .submit_job(&job)
            .await
            .map_err(fault::of_store)?;
        let (Submission::Accepted(job) | Submission::Duplicate(job)) = submission;
        let detail =
            record::job(&job).map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?;
        Ok(CreateImageInspectJobResponse::new().jobs_detail([detail]))
    }
}

/// Checks what the table says in words only.
fn check(request: &CreateImageInspectJobRequest) -> Result<(), Fault> {
    let object = request
        .input
        .as_ref()
        .and_then(|input| input.object.as_deref());
    if object.is_some_and(|key| key.len() > KEY_LIMIT) {
        return Err(fault::invalid(format!(
            "Request.Input.Object has more than {KEY_LIMIT} bytes; no object has such a key"
        )));
    }
    let user_data = request
        .operation
        .as_ref()
        .and_then(|it| it.user_data.as_deref());
    if user_data.is_some_and(|text| text.contains(|c: char| !matches!(c, ' '..='~'))) {
        return Err(fault::invalid(
            "Request.Operation.UserData must be printable ASCII",
        ));
    }
    if request.callback_type == Some(CallbackType::Tdmq) {
        return Err(fault::not_built(
            "Request.CallBackType TDMQ is not supported by the local cloud; use Url",
        ));
    }
    match request.callback.as_deref() {
        None | Some(NO_CALLBACK) => Ok(()),
        Some(url) if is_web_address(url) => Ok(()),
        Some(_) => Err(fault::invalid(
            "Request.CallBack must be a whole address that starts with http:// or https://, or no",
        )),
    }
}

fn is_web_address(text: &str) -> bool {
    text.parse::<Uri>()
        .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
}
