//! Other hosts answer what a bucket does not have (`PutBucketOrigin`).
//!
//! | what | file |
//! | --- | --- |
//! | what the rules say | `rules` |
//! | what of a request an origin gets | `asking` |
//! | an object is fetched and stored | `pull` |
//! | which ones are under way, and which are to be fetched when nobody waits for them | `pulls` |
//!
//! A `Mirror` is asked while the client waits: what it answers is stored, and then read like any other
//! object, by range and on conditions. A `Proxy` is where the client is sent, while the object is
//! fetched and stored. Both are asked by a `GET` that finds nothing, as the documents say, and by nothing
//! else: not by `HEAD`, not for a version, and not by a page of a website, which has rules of its own
//! for what is missing. A key behind a delete marker is missing like any other. The object is stored
//! under the key that was asked for, whatever it is called at the origin, or it would never be found.
//!
//! A `Redirect` counts for the status that an answer would have, whatever has made it so: also if that
//! is what came of a mirror.

mod asking;
mod pull;
mod pulls;
pub(in crate::cos) mod rules;

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use tcloud_core::operation::Operation;
use tcloud_core::schema::Place;
use tcloud_core::server::{Answer, Context, Fault, is_common_parameter};
use tcloud_cos::operation::get_object::GetObjectResponse;
use tcloud_cos::types::{OriginRule, OriginType};
use tokio_util::sync::CancellationToken;

pub(crate) use self::asking::Asking;
use self::pull::Pulled;
pub(crate) use self::pulls::Pulls;
use self::pulls::Waiting;
use super::bucket::setting::origin;
use crate::state::State;
use crate::store::{Bucket, ObjectName};

/// How many objects are fetched at the same time that nobody waits for.
const AT_ONCE: usize = 4;

/// Whether `bucket` may have an origin.
pub(crate) fn may_have(bucket: &Bucket) -> bool {
    bucket.has(origin::KIND)
}

/// Leaves of `query` what `operation` knows: the rest is for the origin.
pub(crate) fn keep_known(operation: &Operation, query: &mut Vec<(String, String)>) {
    query.retain(|(name, _)| {
        let mut fields = operation.request.fields().iter();
        is_common_parameter(name)
            || operation.query.iter().any(|(own, _)| own == name)
            || fields.any(|field| field.place == Place::Query && field.name == name)
    });
}

/// What becomes of a request for an object that is not there.
pub(in crate::cos) enum Missing {
    /// The object is there now.
    Stored,
    /// The client is sent elsewhere.
    SentOn(Box<Answer<GetObjectResponse>>),
}

/// Asks the origin of its bucket for the object `name`, which was refused with `fault`.
///
/// # Errors
///
/// `fault`, if there is nobody to ask or nobody who has it; how the origin has failed.
pub(in crate::cos) async fn missing(
    state: &State,
    context: &Context,
    name: &ObjectName,
    fault: Fault,
) -> Result<Missing, Fault> {
    let Some(asking) = context.extensions.get::<Asking>() else {
        return Err(fault);
    };
    if fault.code != "NoSuchKey" || asking.is_from_a_rule() {
        return Err(fault);
    }
    let rules = origin::rules(state, &name.bucket).await?;
    let Some(rule) = rules::first(&rules, &name.key, fault.status, |_| true) else {
        return Err(fault);
    };
    match rule.origin_type {
        Some(OriginType::Mirror) => mirrored(state, rule, name, asking, fault).await,
        // Something is there: a symbolic link, whose target is missing.
        Some(OriginType::Proxy) if state.store.head_object(name).await.is_ok() => Err(fault),
        Some(OriginType::Proxy) => {
            let Some(answer) = sent_on(rule, &name.key, asking) else {
                return Err(fault);
            };
            state.pulls.later(name, asking);
            Ok(Missing::SentOn(Box::new(answer)))
        }
        _ => Err(fault),
    }
}

/// Fetches `name` from a mirror, once for all who wait for it.
async fn mirrored(
    state: &State,
    rule: &OriginRule,
    name: &ObjectName,
    asking: &Asking,
    fault: Fault,
) -> Result<Missing, Fault> {
    let turn = state.pulls.turn(name);
    let _alone = turn.lock().await;
    if state.store.head_object(name).await.is_ok() {
        return Ok(Missing::Stored);
    }
    match pull::pull(state, rule, name, asking).await? {
        Pulled::Stored => Ok(Missing::Stored),
        Pulled::SentOn { status, location } => {
            Ok(Missing::SentOn(Box::new(redirection(status, location))))
        }
        Pulled::NotThere { host } => {
            let mut fault = fault;
            fault.message = format!("{}, nor at its origin {host}", fault.message);
            Err(fault)
        }
    }
}

/// Where the client is sent whose answer about `key` in `bucket` would have `status`, if anywhere.
///
/// # Errors
///
/// The state cannot be read.
pub(crate) async fn redirected(
    state: &State,
    bucket: &Bucket,
    key: &str,
    status: StatusCode,
    asking: &Asking,
) -> Result<Option<Answer<GetObjectResponse>>, Fault> {
    let rules = origin::rules(state, &bucket.name).await?;
    let is_redirect = |rule: &OriginRule| rule.origin_type == Some(OriginType::Redirect);
    let rule = rules::first(&rules, key, status, is_redirect);
    Ok(rule.and_then(|rule| sent_on(rule, key, asking)))
}

fn sent_on(rule: &OriginRule, key: &str, asking: &Asking) -> Option<Answer<GetObjectResponse>> {
    let host = *rules::hosts(rule, 0).first()?;
    let location = rules::address(rule, host, asking.about(key));
    let location = HeaderValue::from_str(&location).ok()?;
    Some(redirection(rules::redirect_status(rule), location))
}

fn redirection(status: StatusCode, location: HeaderValue) -> Answer<GetObjectResponse> {
    let mut answer = Answer::new(GetObjectResponse::new()).status(status);
    answer.headers.insert(LOCATION, location);
    answer
}

/// Fetches what clients were sent elsewhere for, until `shutdown`. What is under way then is left: the
/// next request for it is as the first.
pub(crate) async fn keep(state: Arc<State>, shutdown: CancellationToken) {
    let keeping = async {
        loop {
            run(&state).await;
            state.pulls.told().await;
        }
    };
    shutdown.run_until_cancelled(keeping).await;
}

/// Fetches all that clients were sent elsewhere for, and returns how many objects were stored.
pub(super) async fn run(state: &State) -> u64 {
    let (_alone, waiting) = state.pulls.take().await;
    let stored = stream::iter(waiting).map(|waiting| async move {
        let name = waiting.name.clone();
        match stored(state, waiting).await {
            Ok(stored) => u64::from(stored),
            Err(fault) => {
                tracing::warn!(%name, %fault, "an object was not fetched from its origin");
                0
            }
        }
    });
    let counts: Vec<u64> = stored.buffer_unordered(AT_ONCE).collect().await;
    counts.into_iter().sum()
}

/// Fetches an object that nobody waits for, if that is still asked for. Returns whether it was stored.
async fn stored(state: &State, Waiting { name, asking }: Waiting) -> Result<bool, Fault> {
    let rules = origin::rules(state, &name.bucket).await?;
    let rule = rules::first(&rules, &name.key, StatusCode::NOT_FOUND, |_| true);
    let Some(rule) = rule.filter(|rule| rule.origin_type == Some(OriginType::Proxy)) else {
        return Ok(false);
    };
    if state.store.head_object(&name).await.is_ok() {
        return Ok(false);
    }
    let pulled = pull::pull(state, rule, &name, &asking).await?;
    Ok(matches!(pulled, Pulled::Stored))
}

#[cfg(test)]
mod tests;
