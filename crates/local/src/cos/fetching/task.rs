//! A task: fetched by the only way out to the network, and stored by the transaction that ends it.

use std::sync::Arc;

use serde_json::{Value, json};
use tcloud_core::call::Request;
use tcloud_core::codec::{self, CodecError};
use tcloud_core::server::Fault;
use tcloud_cos::operation::put_async_fetch_task::PutAsyncFetchTaskRequest;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::types::{AsyncFetchTaskState, OnKeyExist};

use crate::cam::Caller;
use crate::cos::fault::invalid;
use crate::cos::object::attributes::attributes;
use crate::cos::object::storing::receive;
use crate::cos::{encryption, permission};
use crate::fetch::FetchError;
use crate::jobs::{Finish, JobKind, failed};
use crate::state::State;
use crate::store::{Effect, Job, JobState, NewCallback, ObjectName, Outcome, Service, StoreError};

/// The tag of the jobs.
pub(super) const TAG: &str = "PutAsyncFetchTask";

/// What a task that waits or is run is called: the only word that the documents have.
const DOING: &str = "TASK_DOING";
/// What a task is called that has ended well.
const SUCCESS: &str = "TASK_SUCCESS";
/// What a task is called that has ended badly.
const FAILED: &str = "TASK_FAILED";

/// The kind `PutAsyncFetchTask`.
#[derive(Debug)]
pub(super) struct FetchTask(pub(super) Arc<State>);

impl JobKind for FetchTask {
    const SERVICE: Service = Service::Cos;
    const TAG: &'static str = TAG;
    type Request = PutAsyncFetchTaskRequest;

    fn decode(&self, request: &str) -> Result<PutAsyncFetchTaskRequest, CodecError> {
        read(request)
    }

    async fn run(&self, job: &Job, request: &PutAsyncFetchTaskRequest) -> Finish {
        match self.fetch(job, request).await {
            Ok(effects) => (done(), effects),
            Err(fault) => (failed(&fault.code, fault.message), Vec::new()),
        }
    }

    fn revise(
        &self,
        _: &Job,
        _: &PutAsyncFetchTaskRequest,
        _: Outcome,
        error: &StoreError,
    ) -> Finish {
        let code = match error {
            StoreError::NoSuchBucket(_) => "NoSuchBucket",
            StoreError::ObjectLocked { .. } => "ObjectLocked",
            _ => "InternalError",
        };
        (failed(code, error.to_string()), Vec::new())
    }

    fn keep_result(&self, json: &str) -> Result<String, String> {
        let mut result = AsyncFetchTaskState::default();
        let drift = codec::json::decode(json, "", &mut result).map_err(|it| it.to_string())?;
        match drift.first() {
            Some(departure) => Err(departure.to_string()),
            None => codec::json::encode(&result, codec::json::Style::Typed)
                .map_err(|error| error.to_string()),
        }
    }

    fn show_result(&self, kept: &str) -> Option<Value> {
        serde_json::from_str(kept).ok()
    }

    fn callback(&self, job: &Job) -> Result<Option<NewCallback>, CodecError> {
        let request: PutAsyncFetchTaskRequest = read(&job.request)?;
        let url = if job.state == JobState::Success {
            request.success_callback_url
        } else {
            request.failure_callback_url
        };
        let Some(url) = url else {
            return Ok(None);
        };
        let state = shown(job);
        // The documents do not say what is told: here it is what GetAsyncFetchTask answers, and of
        // which object.
        let told = json!({
            "taskid": job.id,
            "bucket": job.bucket,
            "key": request.key,
            "status": state.status,
            "percent": state.percent,
            "code": state.code.unwrap_or_default(),
            "msg": state.message.unwrap_or_default(),
        });
        Ok(Some(NewCallback {
            url,
            content_type: "application/json".to_owned(),
            body: told.to_string().into_bytes(),
        }))
    }
}

impl FetchTask {
    /// What storing the object changes.
    async fn fetch(
        &self,
        job: &Job,
        request: &PutAsyncFetchTaskRequest,
    ) -> Result<Vec<Effect>, Fault> {
        let state = &self.0;
        let key = request.key.clone().unwrap_or_default();
        let name = ObjectName::new(job.bucket.clone().unwrap_or_default(), key);
        // Who asked for it was allowed to; the bucket may have said otherwise since.
        let storing = PutObjectRequest::operation();
        let account = permission::context_of(Caller::Root);
        permission::require(state, &account, storing, &name, None).await?;
        let leaves = leaves_alone(request);
        if leaves && exists(state, &name).await? {
            return Ok(Vec::new());
        }
        let url = request.url.as_deref().unwrap_or_default();
        let within = state.settings.job_deadline;
        let fetched = state.fetch.open(url, within).await.map_err(unreached)?;
        let mut put = PutObjectRequest::default();
        put.key.clone_from(&request.key);
        put.content_type = fetched.media_type;
        let mut attributes = attributes(&put, None)?;
        encryption::encrypt_by_default(state, &name.bucket, &mut attributes).await?;
        let blob = receive(state, fetched.body, None).await?;
        let wanted = request.md5.as_deref().and_then(digest);
        if wanted.is_some_and(|wanted| wanted != blob.md5) {
            let message = format!(
                "the content has the MD5 digest {}, not {}, which the request asked for",
                blob.etag(),
                request.md5.as_deref().unwrap_or_default()
            );
            return Err(Fault::new(
                http::StatusCode::BAD_REQUEST,
                "BadDigest",
                message,
            ));
        }
        Ok(vec![if leaves {
            Effect::AddObject {
                name,
                blob,
                attributes,
            }
        } else {
            Effect::PutObject {
                name,
                blob,
                attributes,
            }
        }])
    }
}

/// Whether an object of the key stays as it is. What `OnKeyExist` says goes before `IgnoreSameKey`.
fn leaves_alone(request: &PutAsyncFetchTaskRequest) -> bool {
    match &request.on_key_exist {
        Some(word) => *word == OnKeyExist::Ignore,
        None => request.ignore_same_key == Some(true),
    }
}

async fn exists(state: &State, name: &ObjectName) -> Result<bool, Fault> {
    match state.store.head_object(name).await {
        Ok(_) => Ok(true),
        Err(StoreError::NoSuchObject(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The fault of a task whose address gives nothing.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
fn unreached(error: FetchError) -> Fault {
    match error {
        FetchError::Address(_) | FetchError::Forbidden(_) => invalid(error.to_string()),
        // The code for an origin of a bucket that cannot be read.
        _ => Fault::new(
            http::StatusCode::FAILED_DEPENDENCY,
            "MirrorFailed",
            error.to_string(),
        ),
    }
}

/// The digest that is written in hexadecimal digits.
pub(super) fn digest(text: &str) -> Option<[u8; 16]> {
    let is_written = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok();
    number.filter(|_| is_written).map(u128::to_be_bytes)
}

fn done() -> Outcome {
    let state = json!({ "percent": 100, "status": SUCCESS });
    Outcome::Success {
        result: state.to_string(),
    }
}

/// How far `job` is.
pub(super) fn shown(job: &Job) -> AsyncFetchTaskState {
    let state = AsyncFetchTaskState::new();
    match job.state {
        JobState::Submitted | JobState::Running | JobState::Pause => state.percent(0).status(DOING),
        JobState::Success => {
            let kept = job.result.as_deref().and_then(|kept| read(kept).ok());
            kept.unwrap_or_else(|| state.percent(100).status(SUCCESS))
        }
        JobState::Failed => state
            .percent(0)
            .status(FAILED)
            .code(job.code.clone())
            .message(job.message.clone()),
        JobState::Cancel => state
            .percent(0)
            .status(FAILED)
            .code("Cancelled")
            .message("the task was cancelled by hand"),
    }
}

fn read<T: tcloud_core::node::Node + Default>(text: &str) -> Result<T, CodecError> {
    let mut node = T::default();
    codec::json::decode(text, "", &mut node)?;
    Ok(node)
}

#[cfg(test)]
mod tests {
    use tcloud_cos::operation::put_async_fetch_task::PutAsyncFetchTaskRequest;
    use tcloud_cos::types::OnKeyExist;

    use super::{digest, leaves_alone};

    #[test]
    fn a_digest_has_32_hexadecimal_digits() {
        let of_nothing = digest("D41D8CD98F00b204e9800998ecf8427e").unwrap();
        assert_eq!(of_nothing.first(), Some(&0xd4));
        for bad in [
            "",
            "d4",
            "+41d8cd98f00b204e9800998ecf8427e",
            &"0".repeat(33),
        ] {
            assert_eq!(digest(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_newer_word_goes_first() {
        let of = |word: Option<OnKeyExist>, ignores: Option<bool>| {
            let mut request = PutAsyncFetchTaskRequest::default();
            request.on_key_exist = word;
            request.ignore_same_key = ignores;
            leaves_alone(&request)
        };
        assert!(!of(None, None));
        assert!(of(None, Some(true)));
        assert!(of(Some(OnKeyExist::Ignore), Some(false)));
        assert!(!of(Some(OnKeyExist::Override), Some(true)));
    }
}
