//! An object is fetched from an origin and stored.

use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, EXPIRES, HeaderName,
    HeaderValue, LOCATION,
};
use http::{HeaderMap, Response, StatusCode};
use reqwest::Url;
use tcloud_core::body::Body;
use tcloud_core::server::Fault;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::types::OriginRule;

use super::asking::Asking;
use super::pulls::Pulled;
use super::rules;
use crate::cos::object::storing;
use crate::fetch::{FetchError, shown};
use crate::state::State;
use crate::store::{ObjectName, Overwrite};

/// What an answer has that holds the object, all of it.
const WHOLE: [StatusCode; 2] = [StatusCode::OK, StatusCode::NON_AUTHORITATIVE_INFORMATION];
/// How many redirections are followed.
const HOPS: usize = 5;
/// The beginning of the headers of an object that are its owner's.
const METADATA: &str = "x-cos-meta-";

/// Fetches `name` as `rule` says, and stores it.
///
/// # Errors
///
/// 424, or the status of the origin if that is to be seen. The state cannot be written.
pub(super) async fn pull(
    state: &State,
    rule: &OriginRule,
    name: &ObjectName,
    asking: &Asking,
) -> Result<Pulled, Fault> {
    let mut failed = failure(StatusCode::FAILED_DEPENDENCY, "its rule names no host");
    for host in rules::hosts(rule, state.pulls.number()) {
        let Some(address) = rules::address(rule, host, asking.about(&name.key)) else {
            return Ok(Pulled::NotThere);
        };
        let answer = match ask(state, rule, address, asking).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(%name, host, %error, "an origin cannot be asked");
                failed = failure(StatusCode::FAILED_DEPENDENCY, "it cannot be asked");
                continue;
            }
        };
        let status = answer.status();
        if WHOLE.contains(&status) {
            store(state, name, answer).await?;
            return Ok(Pulled::Stored);
        }
        if let (true, Some(location)) = (status.is_redirection(), answer.headers().get(LOCATION)) {
            let location = location.clone();
            return Ok(Pulled::SentOn { status, location });
        }
        let hands_over = rules::hands_over(rule, status);
        if status == StatusCode::NOT_FOUND && !hands_over {
            return Ok(Pulled::NotThere);
        }
        let is_error = status.is_client_error() || status.is_server_error();
        let shown = if is_error && rules::is_on(rule, |it| it.transparent_error_code, false) {
            status
        } else {
            StatusCode::FAILED_DEPENDENCY
        };
        tracing::warn!(%name, host, %status, "an origin does not answer with an object");
        failed = failure(shown, &format!("it answered with status {status}"));
        if !hands_over {
            break;
        }
    }
    Err(failed)
}

/// The documents name the status alone; the code is that of a fetched object whose address fails.
/// Which host it is and what happened there is not for strangers, who may read the bucket: the log
/// has it.
fn failure(status: StatusCode, what: &str) -> Fault {
    let message = format!(
        "the object is not there, and its origin has failed: {what}; the log of the cloud says more"
    );
    Fault::new(status, "MirrorFailed", message)
}

/// What is answered at `address`, or wherever that sends on to.
async fn ask(
    state: &State,
    rule: &OriginRule,
    mut address: String,
    asking: &Asking,
) -> Result<Response<Body>, FetchError> {
    let mut headers = rules::headers(rule, &asking.headers);
    let follows = rules::is_on(rule, |it| it.follow_redirection, true);
    let configuration = rule.origin_parameter.as_ref();
    let configuration = configuration.and_then(|it| it.follow_redirection_configuration.as_ref());
    let keeps_headers = configuration.and_then(|it| it.follow_origin_headers) == Some(true);
    for _ in 0..=HOPS {
        let answer = state.fetch.ask(&address, &headers).await?;
        let next = follows.then(|| redirection(&address, &answer)).flatten();
        let Some(next) = next else {
            return Ok(answer);
        };
        if !keeps_headers {
            headers = rules::marked(&asking.headers);
        }
        address = next;
    }
    Err(FetchError::Network {
        host: shown(&address),
        reason: format!("there are more than {HOPS} redirections"),
    })
}

/// Where `answer` of `address` sends whoever asks, if it does.
fn redirection(address: &str, answer: &Response<Body>) -> Option<String> {
    if !answer.status().is_redirection() {
        return None;
    }
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    let next = address.parse::<Url>().ok()?.join(location).ok()?;
    Some(next.into())
}

/// Stores what an origin has answered as `name`, unless something has come there meanwhile.
async fn store(state: &State, name: &ObjectName, answer: Response<Body>) -> Result<(), Fault> {
    let (parts, body) = answer.into_parts();
    let header = |name: HeaderName| text(parts.headers.get(name)?);
    let mut put = PutObjectRequest::default();
    put.bucket = Some(name.bucket.clone());
    put.key = Some(name.key.clone());
    put.cache_control = header(CACHE_CONTROL);
    put.content_disposition = header(CONTENT_DISPOSITION);
    put.content_encoding = header(CONTENT_ENCODING);
    put.content_type = header(CONTENT_TYPE);
    put.expires = header(EXPIRES);
    put.metadata = metadata(&parts.headers).collect();
    let stored = storing::store_as(state, None, body, put, 0..=u64::MAX, Overwrite::Never).await;
    match stored {
        Ok(_) => Ok(()),
        Err(fault) if fault.code == "FileAlreadyExists" => Ok(()),
        // What cannot be stored is the origin's: it broke off, or is too long.
        Err(fault) if fault.status == StatusCode::BAD_REQUEST => {
            tracing::warn!(%name, %fault, "what an origin has answered cannot be stored");
            let what = "its answer cannot be stored";
            Err(failure(StatusCode::FAILED_DEPENDENCY, what))
        }
        Err(fault) => Err(fault),
    }
}

fn metadata(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(METADATA)?;
        Some((name.to_owned(), text(value)?))
    })
}

fn text(value: &HeaderValue) -> Option<String> {
    value.to_str().ok().map(str::to_owned)
}
