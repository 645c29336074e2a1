//! Objects that the service fetches from other addresses by itself: each is a job.

mod task;

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{StatusCode, Uri};
use tcloud_core::call::Request;
use tcloud_core::codec::json;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault};
use tcloud_cos::operation::get_async_fetch_task::{
    GetAsyncFetchTaskRequest, GetAsyncFetchTaskResponse,
};
use tcloud_cos::operation::put_async_fetch_task::{
    PutAsyncFetchTaskRequest, PutAsyncFetchTaskResponse,
};
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::types::AsyncFetchTask;
use uuid::Uuid;

use self::task::{FetchTask, TAG};
use super::fault::invalid;
use super::{names, permission};
use crate::jobs::{Kind, kind};
use crate::state::State;
use crate::store::{Job, JobClass, NewJob, Service, StoreError, Submission};

/// What an answer says that is no refusal.
const DONE: &str = "SUCCESS";

/// The kind of its jobs.
pub(super) fn fetch_task(state: &Arc<State>) -> Arc<dyn Kind> {
    kind(FetchTask(Arc::clone(state)))
}

/// Keeps the task, which is run soon.
pub(super) async fn put(
    state: &State,
    context: Context,
    mut request: PutAsyncFetchTaskRequest,
) -> Result<PutAsyncFetchTaskResponse, Fault> {
    let name = names::object(request.bucket.take(), request.key.clone())?;
    let bucket = state.store.bucket(&name.bucket).await?;
    check(&mut request)?;
    let storing = PutObjectRequest::operation();
    permission::require(state, &context, storing, &name, None).await?;
    let kept = json::encode(&request, json::Style::Typed)
        .map_err(|error| Fault::malformed(Protocol::Cos, error.to_string()))?;
    let job = NewJob {
        id: new_id(),
        service: Service::Cos,
        tag: TAG.to_owned(),
        class: JobClass::Light,
        bucket: Some(bucket.name),
        region: bucket.region,
        queue_id: None,
        level: 0,
        request: kept,
        session: None,
        callback_url: None,
        callback_format: None,
    };
    let submission = state.store.submit_job(&job).await?;
    let (Submission::Accepted(job) | Submission::Duplicate(job)) = submission;
    Ok(PutAsyncFetchTaskResponse::new()
        .code(0)
        .message(DONE)
        .request_id(context.request_id)
        .data(AsyncFetchTask::new().task_id(job.id)))
}

/// Tells how far a task is.
pub(super) async fn get(
    state: &State,
    context: Context,
    request: GetAsyncFetchTaskRequest,
) -> Result<GetAsyncFetchTaskResponse, Fault> {
    let bucket = names::bucket(request.bucket)?;
    state.store.bucket(&bucket).await?;
    let id = request.task_id.unwrap_or_default();
    let job = match state.store.job(&id).await {
        Ok(job) if is_of(&job, &bucket) => job,
        Ok(_) | Err(StoreError::NoSuchJob(_)) => {
            let message = format!(
                "no task {id} of the bucket {bucket} is known; use the id that PutAsyncFetchTask \
                 answered, for as long as jobs are kept"
            );
            return Err(Fault::new(StatusCode::NOT_FOUND, "NoSuchTask", message));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(GetAsyncFetchTaskResponse::new()
        .code(0)
        .message(DONE)
        .request_id(context.request_id)
        .data(task::shown(&job)))
}

fn is_of(job: &Job, bucket: &str) -> bool {
    job.service == Service::Cos && job.tag == TAG && job.bucket.as_deref() == Some(bucket)
}

/// A fresh id in the form of the documents' samples. It can be a part of a path as it is.
pub(crate) fn new_id() -> String {
    BASE64_STANDARD.encode(Uuid::new_v4().simple().to_string())
}

/// Refuses what no task can do, and writes the rest in one form.
fn check(request: &mut PutAsyncFetchTaskRequest) -> Result<(), Fault> {
    if request.key.as_deref().unwrap_or_default().is_empty() {
        return Err(invalid("Key is empty; name the object to store"));
    }
    let url = request.url.as_deref().unwrap_or_default().trim();
    // The documents' own sample has no scheme.
    let url = if has_scheme(url) {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    if !is_web_address(&url) {
        return Err(invalid(
            "Url must be an address of the web, as in http://example.com/movie.mp4",
        ));
    }
    request.url = Some(url);
    let callbacks = [
        ("SuccessCallbackUrl", &mut request.success_callback_url),
        ("FailureCallbackUrl", &mut request.failure_callback_url),
    ];
    for (name, callback) in callbacks {
        // An empty one is as good as none.
        *callback = callback.take().filter(|url| !url.is_empty());
        if callback.as_deref().is_some_and(|url| !is_web_address(url)) {
            return Err(invalid(format!(
                "{name} must be a whole address that starts with http:// or https://"
            )));
        }
    }
    request.md5 = request.md5.take().filter(|digest| !digest.is_empty());
    match request.md5.as_deref().map(task::digest) {
        Some(None) => Err(invalid("MD5 must be 32 hexadecimal digits")),
        _ => Ok(()),
    }
}

/// Whether `url` begins with a scheme: an address without one may have another address in its query.
fn has_scheme(url: &str) -> bool {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.');
    url.split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(is_part))
}

fn is_web_address(text: &str) -> bool {
    text.parse::<Uri>()
        .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some())
}

#[cfg(test)]
mod tests {
    use tcloud_cos::operation::put_async_fetch_task::PutAsyncFetchTaskRequest;

    use super::{check, new_id};

    fn request(change: impl FnOnce(&mut PutAsyncFetchTaskRequest)) -> PutAsyncFetchTaskRequest {
        let mut request = PutAsyncFetchTaskRequest::default();
        request.key = Some("movie.mp4".to_owned());
        request.url = Some("example.com/movie.mp4".to_owned());
        change(&mut request);
        request
    }

    #[test]
    fn an_address_needs_no_scheme_and_empty_texts_are_none() {
        let mut given = request(|it| {
            it.md5 = Some(String::new());
            it.success_callback_url = Some(String::new());
        });
        check(&mut given).unwrap();
        assert_eq!(given.url.as_deref(), Some("http://example.com/movie.mp4"));
        assert_eq!((given.md5, given.success_callback_url), (None, None));
        let address = "example.com/get?from=http://a.b/c";
        let mut given = request(|it| it.url = Some(address.to_owned()));
        check(&mut given).unwrap();
        assert_eq!(given.url, Some(format!("http://{address}")));
    }

    #[test]
    fn what_no_task_can_do_is_refused() {
        let set = |text: &str| Some(text.to_owned());
        for bad in [
            request(|it| it.key = set("")),
            request(|it| it.url = set("")),
            request(|it| it.url = set("ftp://example.com/a")),
            request(|it| it.md5 = set("1B2M2Y8AsgTpgAmY7PhCfg==")),
            request(|it| it.failure_callback_url = set("example.com/hook")),
        ] {
            let mut bad = bad;
            assert_eq!(check(&mut bad).unwrap_err().code, "InvalidArgument");
        }
    }

    #[test]
    fn an_id_is_a_part_of_a_path() {
        assert!(!new_id().contains(['/', '+']));
    }
}
