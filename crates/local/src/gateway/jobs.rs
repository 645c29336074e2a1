//! The pages of jobs: they are listed, held, moved on and ended.

use http::{Method, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tcloud_core::body::Body;

use super::pages::{failed, json_page, not_allowed, unknown};
use crate::jobs::{Forced, JobError, JobMatch, Jobs};

/// Where all of them are; what is done to them is below it.
pub(super) const PAGE: &str = "/_local/jobs";
/// The longest body, in bytes.
const LIMIT: usize = 1024 * 1024;

/// Puts a job into a state.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewState {
    id: String,
    state: String,
}

/// What is done by the page `path`, an empty text if it is the list; `None` if it is no page of jobs.
pub(super) fn at(path: &str) -> Option<&str> {
    match path.strip_prefix(PAGE)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

/// Answers a request to have done to jobs `what` is.
pub(super) async fn answer(jobs: &Jobs, method: &Method, what: &str, body: Body) -> Response<Body> {
    let done = match (what, method) {
        ("", &Method::GET | &Method::HEAD) => Ok(()),
        ("", _) => return not_allowed("jobs are listed with GET"),
        ("hold" | "release" | "step" | "force" | "state", &Method::POST) => {
            act(jobs, what, body).await
        }
        ("hold" | "release" | "step" | "force" | "state", _) => {
            return not_allowed("this is done to jobs with POST");
        }
        _ => {
            return unknown(
                "there is no such page; jobs are listed at /_local/jobs, and moved by POST to hold, \
                 release, step, force and state below it",
            );
        }
    };
    let shown = match done {
        Ok(()) => show(jobs).await,
        Err(error) => Err(error),
    };
    shown.unwrap_or_else(|error| refused(&error))
}

async fn act(jobs: &Jobs, what: &str, body: Body) -> Result<(), JobError> {
    let bytes = body.collect(LIMIT).await;
    let bytes = bytes.map_err(|error| JobError::Invalid(format!("nothing was read: {error}")))?;
    match what {
        "hold" => jobs.hold(read(&bytes)?),
        "release" => jobs.release(&which(&bytes)?).await,
        "step" => jobs.step(&which(&bytes)?).await.map(drop),
        "force" => {
            let forced: Forced = read(&bytes)?;
            match &forced.which.id {
                Some(id) => jobs.force(id, &forced.end).await.map(drop),
                None => jobs.force_next(forced),
            }
        }
        _ => {
            let NewState { id, state } = read(&bytes)?;
            jobs.set_state(&id, &state).await.map(drop)
        }
    }
}

/// Which jobs: all, where nothing is said.
fn which(bytes: &[u8]) -> Result<JobMatch, JobError> {
    if bytes.is_empty() {
        return Ok(JobMatch::any());
    }
    read(bytes)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JobError> {
    serde_json::from_slice(bytes).map_err(|error| JobError::Invalid(error.to_string()))
}

async fn show(jobs: &Jobs) -> Result<Response<Body>, JobError> {
    let page = json!({
        "held": jobs.held(),
        "forced": jobs.forced(),
        "jobs": jobs.list().await?,
    });
    Ok(json_page(StatusCode::OK, &page))
}

fn refused(error: &JobError) -> Response<Body> {
    let why = error.to_string();
    let status = match error {
        JobError::Unknown(_) => return unknown(&why),
        JobError::Invalid(_) => return failed(&why),
        JobError::Ended { .. } | JobError::NotHeld(_) => StatusCode::CONFLICT,
        JobError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    json_page(status, &json!({ "error": why }))
}
