//! What a client has signed instead: the usual mistakes, tried one after the other.
//!
//! The server knows its own text and the client's signature, not the client's text. If one of these
//! texts has that signature, it is the client's, and the difference is known and not guessed.

use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde::Serialize;
use tcloud_core::sign::{Policy, Rejection, encode, explain, qsign, tc3};

use crate::cos::is_bucket_name;

/// What a client has signed instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Instead {
    /// How that differs from the request.
    pub(crate) why: String,
    /// Its canonical text.
    pub(crate) format_string: String,
}

/// A request as the client may have taken it to be. What is `None` is as it came.
#[derive(Debug, Clone, Default)]
struct Tried {
    host: Option<String>,
    path: Option<String>,
    method: Option<Method>,
    query: Option<Vec<(String, String)>>,
    content_type: Option<&'static str>,
    payload: Option<&'static [u8]>,
}

const METHODS: [Method; 5] = [
    Method::GET,
    Method::PUT,
    Method::POST,
    Method::HEAD,
    Method::DELETE,
];
const MEDIA_TYPES: [&str; 6] = [
    "",
    "application/json",
    "application/json; charset=utf-8",
    "application/octet-stream",
    "application/xml",
    "text/plain; charset=utf-8",
];

/// Finds out what the client has signed whose signature of `request`, by the key with `secret`, is
/// wrong `now`.
pub(super) fn storage(
    request: &qsign::Request<'_>,
    secret: &str,
    now: i64,
    region: &str,
) -> Option<Instead> {
    let authorization = qsign::Authorization::from_request(request).ok()?;
    let verify = |tried: &Tried, secret: &str| {
        let headers = tried.headers(request.headers);
        let changed = qsign::Request {
            method: tried.method.as_ref().unwrap_or(request.method),
            path: tried.path.as_deref().unwrap_or(request.path),
            query: tried.query.as_deref().unwrap_or(request.query),
            headers: &headers,
        };
        authorization.verify(&changed, Some(secret), now, Policy::COS)
    };
    let hosts = storage_hosts(region, request);
    let paths = paths(request);
    let mut all: Vec<_> = hosts.iter().cloned().map(Tried::host).collect();
    all.extend(paths.iter().cloned().map(Tried::path));
    for host in &hosts {
        let both = |path: &String| Tried {
            path: Some(path.clone()),
            ..Tried::host(host.clone())
        };
        all.extend(paths.iter().map(both));
    }
    all.extend(METHODS.map(Tried::method));
    all.extend(queries(request.query).into_iter().map(Tried::query));
    all.extend(MEDIA_TYPES.map(Tried::content_type));
    let found = all.into_iter().find(|it| verify(it, secret).is_ok())?;
    let text = text_of(verify(&found, ""))?;
    Some(found.described(request.method, request.path, request.headers, text))
}

/// The same of a request to a service of API 3.0.
pub(super) fn api(
    request: &tc3::Request<'_>,
    secret: &str,
    now: i64,
    region: &str,
) -> Option<Instead> {
    let authorization = tc3::Authorization::from_request(request).ok()?;
    let verify = |tried: &Tried, secret: &str| {
        let headers = tried.headers(request.headers);
        let changed = tc3::Request {
            method: tried.method.as_ref().unwrap_or(request.method),
            query: request.query,
            headers: &headers,
            payload: tried.payload.unwrap_or(request.payload),
        };
        authorization.verify(&changed, Some(secret), now, Policy::TC3)
    };
    let service = authorization.service();
    let mut all = vec![
        Tried::host(format!("{service}.tencentcloudapi.com")),
        Tried::host(format!("{service}.{region}.tencentcloudapi.com")),
    ];
    all.extend(METHODS.map(Tried::method));
    all.extend(MEDIA_TYPES.map(Tried::content_type));
    all.extend([Tried::payload(b""), Tried::payload(b"{}")]);
    let found = all.into_iter().find(|it| verify(it, secret).is_ok())?;
    let text = text_of(verify(&found, ""))?;
    Some(found.described(request.method, "/", request.headers, text))
}

/// The canonical text that a refusal reports.
fn text_of(refused: Result<(), Rejection>) -> Option<String> {
    match refused {
        Err(Rejection::SignatureMismatch { http_string, .. }) => {
            Some(explain::redacted(&http_string))
        }
        _ => None,
    }
}

/// The hosts of the service, of a request that came to another name of it.
fn storage_hosts(region: &str, request: &qsign::Request<'_>) -> Vec<String> {
    let sent = host_of(request.headers);
    let bare = sent.split(':').next().unwrap_or_default();
    let mut labels = bare.split('.');
    let of_host = labels.next().filter(|label| is_bucket_name(label));
    let own_region = of_host.and_then(|_| labels.nth(1));
    let of_path = segments(request.path).0;
    let buckets = of_host.into_iter().chain(of_path);
    let mut hosts = vec![bare.to_owned()];
    for bucket in buckets {
        for region in own_region.into_iter().chain([region]) {
            hosts.push(format!("{bucket}.cos.{region}.myqcloud.com"));
            hosts.push(format!("{bucket}.ci.{region}.myqcloud.com"));
        }
    }
    hosts.push(format!("cos.{region}.myqcloud.com"));
    hosts.retain(|host| *host != sent);
    hosts
}

/// The bucket that a path begins with, and the rest of it.
fn segments(path: &str) -> (Option<&str>, &str) {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let bucket = rest.split('/').next().filter(|it| is_bucket_name(it));
    let after = bucket.and_then(|it| rest.strip_prefix(it));
    (bucket, after.unwrap_or(path))
}

/// The path with and without the bucket, encoded, decoded once more, without its slash.
fn paths(request: &qsign::Request<'_>) -> Vec<String> {
    let path = request.path;
    let (_, without) = segments(path);
    let mut paths = vec![if without.is_empty() { "/" } else { without }.to_owned()];
    let host = host_of(request.headers);
    if let Some(bucket) = host.split('.').next().filter(|it| is_bucket_name(it)) {
        paths.push(format!("/{bucket}{path}"));
    }
    paths.push(encode::path(path));
    paths.extend(encode::decode_path(path));
    paths.extend(path.strip_prefix('/').map(str::to_owned));
    paths.push(format!("/{path}"));
    paths.retain(|it| it != path);
    paths
}

/// Parameters that were encoded before they were signed, and such whose spaces were pluses.
fn queries(query: &[(String, String)]) -> Vec<Vec<(String, String)>> {
    if query.is_empty() {
        return Vec::new();
    }
    let changed = |change: fn(&str) -> String| {
        let pairs = query
            .iter()
            .map(|(name, value)| (name.clone(), change(value)));
        pairs.collect()
    };
    let mut all: Vec<Vec<(String, String)>> = vec![
        changed(|value| encode::component(value)),
        changed(|value| value.replace('+', " ")),
        changed(|value| value.replace(' ', "+")),
        changed(|_| String::new()),
    ];
    all.retain(|it| it != query);
    all
}

fn host_of(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

impl Tried {
    fn host(host: String) -> Self {
        Self {
            host: Some(host),
            ..Self::default()
        }
    }

    fn path(path: String) -> Self {
        Self {
            path: Some(path),
            ..Self::default()
        }
    }

    fn method(method: Method) -> Self {
        Self {
            method: Some(method),
            ..Self::default()
        }
    }

    fn query(query: Vec<(String, String)>) -> Self {
        Self {
            query: Some(query),
            ..Self::default()
        }
    }

    fn content_type(media_type: &'static str) -> Self {
        Self {
            content_type: Some(media_type),
            ..Self::default()
        }
    }

    fn payload(payload: &'static [u8]) -> Self {
        Self {
            payload: Some(payload),
            ..Self::default()
        }
    }

    fn headers(&self, original: &HeaderMap) -> HeaderMap {
        let mut headers = original.clone();
        let mut set = |name: HeaderName, value: Option<&str>| {
            if let Some(value) = value.and_then(|it| HeaderValue::from_str(it).ok()) {
                headers.insert(name, value);
            }
        };
        set(HOST, self.host.as_deref());
        set(CONTENT_TYPE, self.content_type);
        headers
    }

    /// What the client has signed, whose canonical text is `text`.
    fn described(&self, method: &Method, path: &str, headers: &HeaderMap, text: String) -> Instead {
        let mut parts = Vec::new();
        if let Some(host) = &self.host {
            let sent = host_of(headers);
            parts.push(format!("for the host `{host}`, and sent it to `{sent}`"));
        }
        if let Some(own) = &self.path {
            parts.push(format!(
                "the path `{own}`, and the path that came is `{path}`"
            ));
        }
        if let Some(own) = &self.method {
            parts.push(format!("a {own}, and sent a {method}"));
        }
        if self.query.is_some() {
            parts.push("parameters that are written in another way than they were sent".to_owned());
        }
        if let Some(own) = self.content_type {
            let sent = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
            let sent = sent.unwrap_or_default();
            parts.push(format!("the Content-Type `{own}`, and sent `{sent}`"));
        }
        if self.payload.is_some() {
            parts.push("another body than came".to_owned());
        }
        Instead {
            why: format!("The client signed {}.", parts.join("; ")),
            format_string: text,
        }
    }
}
