//! Other hosts answer what a bucket does not have (`PutBucketOrigin`).
//!
//! | what | file |
//! | --- | --- |
//! | what the rules say | `rules` |
//! | what an origin gets to see of a request | `asking` |
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

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use tcloud_core::operation::Operation;
use tcloud_core::schema::Place;
use tcloud_core::server::{Answer, Context, Fault, is_common_parameter};
use tcloud_cos::operation::get_object::GetObjectResponse;
use tcloud_cos::types::{OriginRule, OriginType};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

pub(crate) use self::asking::Asking;
pub(crate) use self::pulls::Pulls;
use self::pulls::{Pulled, Question, Waiting};
use super::bucket::setting::origin;
use crate::state::State;
use crate::store::{Bucket, ObjectName};

/// How many buckets have objects fetched at the same time that nobody waits for.
const BUCKETS_AT_ONCE: usize = 64;
/// How many objects of one of them: an origin that is slow keeps its own bucket busy alone.
const AT_ONCE: usize = 4;
/// How long it may take to fetch one.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long others are begun with. Whoever puts the clock ahead waits for that.
const ROUND: Duration = Duration::from_secs(30);

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
    let question = Question {
        address: rules::address(rule, "", asking.about(&name.key)),
        headers: rules::headers(rule, &asking.headers),
    };
    let turn = state.pulls.turn(name);
    let mut last = turn.lock().await;
    let pulled = match &*last {
        _ if state.store.head_object(name).await.is_ok() => return Ok(Missing::Stored),
        // Those who have waited for the answer to their own question need not ask it.
        Some((asked, pulled)) if *asked == question => pulled.clone(),
        _ => {
            let pulled = pull::pull(state, rule, name, asking).await;
            state.pulls.answered(name, &turn);
            last.insert((question, pulled)).1.clone()
        }
    };
    match pulled? {
        Pulled::Stored => Ok(Missing::Stored),
        Pulled::SentOn { status, location } => {
            Ok(Missing::SentOn(Box::new(redirection(status, location))))
        }
        Pulled::NotThere => {
            let mut fault = fault;
            fault.message.push_str(", nor at its origin");
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
    let location = rules::address(rule, host, asking.about(key))?;
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

/// Fetches what clients were sent elsewhere for, as far as there is time for it, and returns how many
/// objects were stored.
pub(super) async fn run(state: &State) -> u64 {
    let (_alone, waiting) = state.pulls.take().await;
    let ends = Instant::now() + ROUND;
    let mut buckets: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
    for waiting in waiting {
        let bucket = waiting.name.bucket.clone();
        buckets.entry(bucket).or_default().push(waiting);
    }
    let stored = buckets.into_values().map(|waiting| {
        let stored = waiting.into_iter().map(|it| counted(state, it, ends));
        stream::iter(stored)
            .buffer_unordered(AT_ONCE)
            .fold(0, |sum: u64, stored| ready(sum.saturating_add(stored)))
    });
    stream::iter(stored)
        .buffer_unordered(BUCKETS_AT_ONCE)
        .fold(0, |sum: u64, stored| ready(sum.saturating_add(stored)))
        .await
}

/// How many objects were stored for `waiting`, with which nothing is begun once the round `ends`.
async fn counted(state: &State, waiting: Waiting, ends: Instant) -> u64 {
    if Instant::now() >= ends {
        state.pulls.give_back(waiting);
        return 0;
    }
    let name = waiting.name.clone();
    match timeout(PATIENCE, stored(state, waiting)).await {
        Ok(Ok(stored)) => u64::from(stored),
        Ok(Err(fault)) => {
            tracing::warn!(%name, %fault, "an object was not fetched from its origin");
            0
        }
        Err(_) => {
            tracing::warn!(%name, ?PATIENCE, "an origin took too long; its object was not fetched");
            0
        }
    }
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
