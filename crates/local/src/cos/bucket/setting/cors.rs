//! What web pages of other sites may do with a bucket.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_cors::DeleteBucketCorsRequest;
use tcloud_cos::operation::get_bucket_cors::{GetBucketCorsRequest, GetBucketCorsResponse};
use tcloud_cos::operation::put_bucket_cors::PutBucketCorsRequest;
use tcloud_cos::types::CorsRule;

use super::kept::{self, Absent, Deletable, Setting};
use super::rules::at_most;
use crate::cos::fault::invalid;
use crate::state::State;

/// How many rules a bucket has.
const RULES: usize = 100;
/// The longest document, in bytes.
const LONGEST: usize = 64 * 1024;

/// The rules.
pub(super) struct Cors;

impl Setting for Cors {
    type Put = PutBucketCorsRequest;
    type Get = GetBucketCorsRequest;

    const KIND: &'static str = "cors";
    const ABSENT: Absent = Absent::Refused("NoSuchCORSConfiguration");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        at_most(request.rules.len(), RULES, "rules")?;
        let length = request.rules.iter().map(length).sum::<usize>();
        if length > LONGEST {
            let message = format!("the rules have {length} bytes, at most {LONGEST} are allowed");
            let code = "XMLSizeLimit";
            return Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
        }
        request.rules.iter().try_for_each(check)
    }
}

impl Deletable for Cors {
    type Delete = DeleteBucketCorsRequest;
}

/// The rules of `bucket`; none if it has none, or is not there.
pub(in crate::cos) async fn rules(
    state: &State,
    bucket: &str,
) -> Result<GetBucketCorsResponse, Fault> {
    let rules = kept::of::<Cors>(state, bucket).await?;
    Ok(rules.unwrap_or_default())
}

/// The texts of a rule, in bytes.
fn length(rule: &CorsRule) -> usize {
    let texts = rule
        .allowed_origins
        .iter()
        .chain(&rule.allowed_headers)
        .chain(&rule.expose_headers);
    texts.map(String::len).sum()
}

fn check(rule: &CorsRule) -> Result<(), Fault> {
    if let Some(origin) = rule.allowed_origins.iter().find(|it| !is_origin(it)) {
        return Err(invalid(format!(
            "`{origin}` is no AllowedOrigin; write `*`, or a scheme and a host with at most one `*`, \
             as in https://*.example.com"
        )));
    }
    if let Some(header) = rule
        .allowed_headers
        .iter()
        .find(|header| header.matches('*').count() > 1)
    {
        return Err(invalid(format!(
            "the AllowedHeader `{header}` has more than one `*`"
        )));
    }
    if let Some(header) = rule.expose_headers.iter().find(|it| it.contains('*')) {
        return Err(invalid(format!(
            "the ExposeHeader `{header}` has a `*`; name each header"
        )));
    }
    if rule.max_age_seconds.is_some_and(|seconds| seconds < 0) {
        return Err(invalid("MaxAgeSeconds must be at least 0"));
    }
    Ok(())
}

fn is_origin(origin: &str) -> bool {
    let has_host = |origin: &str| {
        origin
            .split_once("://")
            .is_some_and(|(scheme, host)| !scheme.is_empty() && !host.is_empty())
    };
    origin == "*" || (origin.matches('*').count() <= 1 && has_host(origin))
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn an_origin_has_a_scheme_and_one_star() {
        for good in [
            "*",
            "https://a.example",
            "http://*.a.example:8443",
            "https://*",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in ["", "a.example", "https://", "https://*.*.example", "**"] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
