//! Jobs, their queues and their callbacks; cancelling, running and delivering again.

use http::request::Parts;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use tcloud_core::body::Body;
use tcloud_core::operation::Operation;
use tcloud_core::schema::Kind;
use tcloud_core::sign::encode;
use uuid::Uuid;

use super::super::Gateway;
use super::super::pages::{failed, json_page, unknown};
use super::struck;
use crate::cos;
use crate::fetch::shown;
use crate::services;
use crate::store::{
    Callback, Job, JobFilter, JobState, NewJob, Queue, Service, StoreError, Submission, new_id,
};

/// How many jobs a page has.
const PAGE: u32 = 50;

impl Gateway {
    /// Lists jobs, newest first: those of a queue, of a state or of a tag if the query says so.
    pub(super) async fn listed_jobs(&self, parts: &Parts) -> Response<Body> {
        let query = encode::decode_query(parts.uri.query().unwrap_or_default()).unwrap_or_default();
        let mut filter = JobFilter {
            size: PAGE,
            ..JobFilter::default()
        };
        for (name, value) in query {
            match name.as_str() {
                "queue" => filter.queue_id = Some(value),
                "tag" => filter.tag = Some(value),
                "token" => filter.token = Some(value),
                "state" => match JobState::try_from(value) {
                    Ok(state) => filter.states.push(state),
                    Err(why) => return failed(&why),
                },
                _ => return failed(&format!("there is no parameter {name}")),
            }
        }
        answered(self.listed(&filter).await)
    }

    async fn listed(&self, filter: &JobFilter) -> Result<Value, StoreError> {
        let store = &self.state.store;
        let page = store.list_jobs(filter).await?;
        let mut queues = Vec::new();
        for bucket in store.buckets().await? {
            queues.extend(store.queues(&bucket.name, &[]).await?.iter().map(queue));
        }
        Ok(json!({
            "jobs": page.jobs.iter().map(brief).collect::<Vec<_>>(),
            "next": page.next_token,
            "queues": queues,
            "now": store.now(),
        }))
    }

    /// One job with its request, its result and its callbacks.
    pub(super) async fn job(&self, id: &str) -> Response<Body> {
        answered(self.whole(id).await)
    }

    async fn whole(&self, id: &str) -> Result<Value, StoreError> {
        let store = &self.state.store;
        let job = store.job(id).await?;
        let callbacks = store.callbacks_of(id).await?;
        let callbacks: Vec<_> = callbacks.iter().map(|it| self.callback(it)).collect();
        let request = submitted_by(&job).and_then(|it| struck::document(it, &job.request));
        let mut shown = brief(&job);
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("request".to_owned(), json!(request));
            shown.insert("result".to_owned(), json!(job.result));
            shown.insert("callbacks".to_owned(), json!(callbacks));
            shown.insert("now".to_owned(), json!(store.now()));
        }
        Ok(shown)
    }

    fn callback(&self, callback: &Callback) -> Value {
        let attempts = self.state.attempts.of(callback.id);
        json!({
            "id": callback.id,
            "url": shown(&callback.url),
            "state": callback.state.word(),
            "contentType": callback.content_type,
            "body": String::from_utf8_lossy(&callback.body),
            "count": callback.attempts,
            "nextAt": callback.next_attempt_at,
            "createdAt": callback.created_at,
            "lastAt": callback.last_attempt_at,
            "lastStatus": callback.last_status,
            "lastError": callback.last_error,
            "attempts": attempts,
        })
    }

    /// Cancels a job that has not begun.
    pub(super) async fn cancel(&self, id: &str) -> Response<Body> {
        let cancelled = self.state.store.cancel_job(id).await;
        answered(cancelled.map(|job| brief(&job)))
    }

    /// Submits what a job was asked for once more, as a job of its own.
    pub(super) async fn again(&self, id: &str) -> Response<Body> {
        answered(self.submitted_again(id).await)
    }

    async fn submitted_again(&self, id: &str) -> Result<Value, StoreError> {
        let store = &self.state.store;
        let job = store.job(id).await?;
        let id = match job.service {
            // The forms that each service gives its ids.
            Service::Ci => new_id(job.id.get(..1).unwrap_or("c")),
            Service::Mps => format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            Service::Cos => cos::fetch_task_id(),
        };
        let again = NewJob {
            id,
            service: job.service,
            tag: job.tag,
            class: job.class,
            bucket: job.bucket,
            region: job.region,
            queue_id: job.queue_id,
            level: job.level,
            request: job.request,
            session: None,
            callback_url: job.callback_url,
            callback_format: job.callback_format,
        };
        let submission = store.submit_job(&again).await?;
        let (Submission::Accepted(job) | Submission::Duplicate(job)) = submission;
        Ok(brief(&job))
    }

    /// Begins another attempt at a callback that has ended.
    pub(super) async fn deliver(&self, id: &str) -> Response<Body> {
        let none = || unknown(&format!("there is no callback {id} that has ended"));
        let Ok(number) = id.parse() else {
            return none();
        };
        match self.state.store.deliver_again(number).await {
            Ok(Some(callback)) => answered(Ok(self.callback(&callback))),
            Ok(None) => none(),
            Err(error) => answered(Err(error)),
        }
    }
}

fn answered(outcome: Result<Value, StoreError>) -> Response<Body> {
    match outcome {
        Ok(value) => json_page(StatusCode::OK, &value),
        Err(error @ StoreError::NoSuchJob(_)) => unknown(&error.to_string()),
        Err(error @ StoreError::Unavailable { .. }) => json_page(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "error": error.to_string() }),
        ),
        Err(error) => failed(&error.to_string()),
    }
}

fn brief(job: &Job) -> Value {
    json!({
        "id": job.id,
        "service": job.service.word(),
        "tag": job.tag,
        "class": job.class.word(),
        "bucket": job.bucket,
        "region": job.region,
        "queue": job.queue_id,
        "level": job.level,
        "state": job.state.word(),
        "code": job.code,
        "message": job.message,
        "createdAt": job.created_at,
        "startedAt": job.started_at,
        "endedAt": job.ended_at,
        "attempt": job.attempt,
        "callbackUrl": job.callback_url.as_deref().map(shown),
    })
}

fn queue(queue: &Queue) -> Value {
    json!({
        "id": queue.queue_id,
        "bucket": queue.bucket,
        "kind": queue.kind,
        "name": queue.name,
        "state": queue.state.word(),
        "atOnce": queue.max_concurrent,
    })
}

/// The operation by which a job was submitted, whose table says what of its request is secret: the
/// one that is called as the job's tag, or whose tag is always that.
fn submitted_by(job: &Job) -> Option<&'static Operation> {
    let mut services = services::all().iter();
    let service = services.find(|it| it.catalog.service.name == job.service.word())?;
    let has_tag = |operation: &&&'static Operation| {
        let mut fields = operation.request.fields().iter();
        operation.name == job.tag
            || fields
                .any(|it| it.name == "Tag" && matches!(it.kind, Kind::Fixed(tag) if tag == job.tag))
    };
    let mut operations = service.catalog.operations.iter();
    operations.find(has_tag).copied()
}
