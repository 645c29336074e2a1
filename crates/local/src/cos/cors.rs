//! Which requests of web pages of other sites a bucket's rules let through, and what answers say of
//! it to browsers.

use http::header::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    HeaderName, HeaderValue, VARY,
};
use http::{HeaderMap, StatusCode};
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::options_object::{OptionsObjectRequest, OptionsObjectResponse};
use tcloud_cos::types::{CorsMethod, CorsRule};

use super::bucket::setting::cors::rules;
use super::names;
use crate::state::State;

/// A rule that fits a request.
struct Fitting<'a> {
    rule: &'a CorsRule,
    /// What the answer calls the site: itself, or `*`.
    origin: &'a str,
}

impl Fitting<'_> {
    fn methods(&self) -> String {
        let methods = self.rule.allowed_methods.iter().map(CorsMethod::as_str);
        methods.collect::<Vec<_>>().join(",")
    }

    fn exposed(&self) -> Option<String> {
        let exposed = &self.rule.expose_headers;
        (!exposed.is_empty()).then(|| exposed.join(","))
    }
}

/// Answers a browser that asks whether it may send a request.
pub(super) async fn preflight(
    state: &State,
    _: Context,
    request: OptionsObjectRequest,
) -> Result<Answer<OptionsObjectResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    state.store.bucket(&bucket).await?;
    let rules = rules(state, &bucket).await?;
    let origin = request.origin.unwrap_or_default();
    let method = request.access_control_request_method.unwrap_or_default();
    let asked = request.access_control_request_headers.unwrap_or_default();
    let headers: Vec<_> = asked
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let Some(fitting) = find(&rules.rules, &origin, &method, &headers) else {
        return Err(refused(&bucket, &origin, &method, &asked));
    };
    let mut response = OptionsObjectResponse::new()
        .access_control_allow_origin(fitting.origin)
        .access_control_allow_methods(fitting.methods());
    response.access_control_expose_headers = fitting.exposed();
    response.access_control_max_age = fitting.rule.max_age_seconds;
    if !headers.is_empty() {
        response.access_control_allow_headers = Some(headers.join(","));
    }
    let mut answer = Answer::new(response);
    vary(&mut answer.headers);
    Ok(answer)
}

/// What an answer says to a browser about a request with this method that a page of `origin` has
/// sent; nothing if no rule lets it through.
pub(crate) async fn shared(
    state: &State,
    bucket: &str,
    origin: &str,
    method: &str,
) -> Result<Option<HeaderMap>, Fault> {
    let rules = rules(state, bucket).await?;
    let mut headers = HeaderMap::new();
    let Some(fitting) = find(&rules.rules, origin, method, &[]) else {
        return Ok(None);
    };
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(ACCESS_CONTROL_ALLOW_ORIGIN, fitting.origin);
    set(ACCESS_CONTROL_ALLOW_METHODS, &fitting.methods());
    if let Some(exposed) = fitting.exposed() {
        set(ACCESS_CONTROL_EXPOSE_HEADERS, &exposed);
    }
    if fitting.origin != "*" || rules.response_vary == Some(true) {
        vary(&mut headers);
    }
    Ok(Some(headers))
}

/// Tells caches that the answer is for this site.
fn vary(headers: &mut HeaderMap) {
    headers.insert(VARY, HeaderValue::from_static("Origin"));
}

/// The first rule that fits: its origins, its methods and, of a preflight, its headers.
fn find<'a>(
    rules: &'a [CorsRule],
    origin: &'a str,
    method: &str,
    headers: &[&str],
) -> Option<Fitting<'a>> {
    rules.iter().find_map(|rule| {
        let allowed = rule.allowed_origins.iter().find(|it| fits(it, origin))?;
        let has_method = rule
            .allowed_methods
            .iter()
            .any(|allowed| allowed.as_str() == method);
        let has_headers = headers.iter().all(|header| {
            let header = header.to_ascii_lowercase();
            let mut allowed = rule.allowed_headers.iter();
            allowed.any(|it| fits(&it.to_ascii_lowercase(), &header))
        });
        let origin = if allowed == "*" { "*" } else { origin };
        (has_method && has_headers).then_some(Fitting { rule, origin })
    })
}

/// Whether `text` is `pattern`, in which a `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text
            .strip_prefix(start)
            .is_some_and(|rest| rest.ends_with(end)),
    }
}

fn refused(bucket: &str, origin: &str, method: &str, headers: &str) -> Fault {
    let headers = if headers.is_empty() {
        String::new()
    } else {
        format!(" with the headers {headers}")
    };
    let message = format!(
        "no CORS rule of {bucket} lets pages of {origin} send {method}{headers}; add one by \
         PutBucketCors"
    );
    Fault::new(StatusCode::FORBIDDEN, "AccessForbidden", message)
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{CorsMethod, CorsRule};

    use super::{find, fits};

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("*", "null"));
        assert!(fits("https://*.example.com", "https://a.b.example.com"));
        assert!(fits("x-cos-*", "x-cos-acl"));
        assert!(!fits("https://*.example.com", "https://example.com"));
        assert!(!fits("ab*ba", "aba"));
        assert!(!fits("https://a.example", "https://a.example.evil"));
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = [
            CorsRule::new(["https://a.example"], [CorsMethod::Put]).id("first"),
            CorsRule::new(["https://*.example"], [CorsMethod::Get, CorsMethod::Put])
                .allowed_headers(["Content-Type", "X-Cos-*"])
                .id("second"),
            CorsRule::new(["*"], [CorsMethod::Get]).id("third"),
        ];
        let found = |origin, method, headers: &[&str]| {
            let found = find(&rules, origin, method, headers)?;
            Some((found.rule.id.clone()?, found.origin.to_owned()))
        };
        let some = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        let a = "https://a.example";
        assert_eq!(found(a, "PUT", &[]), some("first", a));
        let sent = ["content-type", "x-cos-acl"];
        assert_eq!(found(a, "PUT", &sent), some("second", a));
        assert_eq!(found("null", "GET", &[]), some("third", "*"));
        assert_eq!(found("null", "PUT", &[]), None);
        assert_eq!(found(a, "PUT", &["authorization"]), None);
        assert_eq!(found(a, "put", &[]), None);
    }
}
