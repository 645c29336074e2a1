//! Submitting a job.

use http::Uri;
use tcloud_core::call;
use tcloud_core::codec::xml;
use tcloud_core::node::{Node, Ref, RefVisitor};
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault};

use super::envelope;
use super::kind::CiKind;
use crate::ci::binding::{bucket, queue};
use crate::ci::{fault, queues};
use crate::cos::KEY_LIMIT;
use crate::state::State;
use crate::store::{NewJob, Processing, Queue, Service, StoreError, Submission, new_id};

/// What is given instead of an address to keep a job from having a callback.
const NO_CALLBACK: &str = "no";

/// What the ids of jobs begin with, by which the calls of file jobs know theirs.
pub(super) const fn id_prefix(processing: Processing) -> &'static str {
    match processing {
        Processing::Picture => "c",
        Processing::File => "f",
    }
}

/// Keeps the job that `request` asks for and describes it.
pub(in crate::ci) async fn submit<K: CiKind>(
    state: &State,
    _: Context,
    request: K::Request,
) -> Result<<K::Request as call::Request>::Response, Fault> {
    check(&request)?;
    K::check(&request)?;
    let bucket = bucket(state, text_at(&request, "bucket")).await?;
    let queue = queue(state, &bucket.name, K::PROCESSING).await?;
    if let Some(asked) = text_at(&request, "QueueId").filter(|asked| *asked != queue.queue_id) {
        return Err(StoreError::NoSuchQueue(asked).into());
    }
    let (callback_url, callback_format) = callback(&request, &queue)?;
    let request = K::complete(state, &bucket.name, request).await?;
    let level = text_at(&request, "Operation.JobLevel");
    let job = NewJob {
        id: new_id(id_prefix(K::PROCESSING)),
        service: Service::Ci,
        tag: K::TAG.to_owned(),
        class: K::CLASS,
        bucket: Some(bucket.name),
        region: bucket.region,
        queue_id: Some(queue.queue_id),
        level: level
            .and_then(|level| level.parse().ok())
            .unwrap_or_default(),
        request: xml::encode(envelope::REQUEST_ROOT, &request)
            .map_err(|error| fault::invalid(error.to_string()))?,
        session: None,
        callback_format,
        callback_url,
    };
    let submission = state.store.submit_job(&job).await?;
    let (Submission::Accepted(job) | Submission::Duplicate(job)) = submission;
    let detail =
        envelope::job(&job).map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?;
    Ok(K::answer(detail))
}

/// Where a job calls back, and in which format: as the request says, or else its queue.
fn callback(request: &dyn Node, queue: &Queue) -> Result<(Option<String>, Option<String>), Fault> {
    let format = text_at(request, "CallBackFormat");
    if let Some(url) = text_at(request, "CallBack") {
        return Ok((Some(url).filter(|url| url != NO_CALLBACK), format));
    }
    let notify = queues::notify(queue)
        .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?
        .filter(queues::reports_jobs);
    let Some(notify) = notify else {
        return Ok((None, format));
    };
    let own = notify.result_format.map(|format| format.to_string());
    Ok((notify.url, format.or(own)))
}

/// Checks what the tables of all kinds say in words only.
fn check(request: &dyn Node) -> Result<(), Fault> {
    if text_at(request, "Input.Object").is_some_and(|key| key.len() > KEY_LIMIT) {
        return Err(fault::invalid(format!(
            "Request.Input.Object has more than {KEY_LIMIT} bytes; no object has such a key"
        )));
    }
    if text_at(request, "Operation.UserData")
        .is_some_and(|text| text.contains(|c: char| !matches!(c, ' '..='~')))
    {
        return Err(fault::invalid(
            "Request.Operation.UserData must be printable ASCII",
        ));
    }
    if text_at(request, "CallBackType").as_deref() == Some("TDMQ") {
        return Err(fault::not_built(
            "Request.CallBackType TDMQ is not supported by the local cloud; use Url",
        ));
    }
    match text_at(request, "CallBack").as_deref() {
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

/// The text or number of `node` at a path such as `Operation.UserData`.
fn text_at(node: &dyn Node, path: &str) -> Option<String> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let mut found = None;
    node.refs(RefVisitor::new(&mut |refs| {
        let mut fields = node.structure().fields().iter().zip(refs);
        found = match fields.find(|(field, _)| field.name == name) {
            Some((_, Ref::Node(Some(child)))) => text_at(*child, rest),
            Some((_, Ref::Text(text))) => text.map(str::to_owned),
            Some((_, Ref::Integer(number))) => number.map(|number| number.to_string()),
            _ => None,
        };
    }));
    found
}
