//! Whom a request is for: by its host, by its path, or through a proxy.
//!
//! | form | example |
//! | --- | --- |
//! | host | `GET /key` with `Host: <bucket>.cos.<region>.myqcloud.com` or `….cos.<region>.localhost` |
//! | path | `GET /<bucket>/key` with an address or any other name as host; Object Storage only |
//! | default bucket | `GET /key`, likewise, where the first segment cannot be a bucket; the paths of Cloud Infinite's jobs and picture buckets mean that service |
//! | action | `POST /` with `X-TC-Action`, at any host |
//! | proxy | `GET http://<bucket>.ci.<region>.myqcloud.com/jobs` |
//!
//! Nothing is ever forwarded: a proxy request for anybody else is refused.

mod host;

use std::fmt;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method};
use tcloud_core::operation::Protocol;
use tcloud_core::sign::encode;

use crate::cos;
use host::Host;

/// Whom a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The family of the service.
    pub(crate) protocol: Protocol,
    /// The API 3.0 service the host names.
    pub(crate) service: Option<String>,
    /// The bucket.
    pub(crate) bucket: Option<String>,
    /// The region, if the host names one.
    pub(crate) region: Option<String>,
    /// The path after the bucket, decoded.
    pub(crate) path: String,
}

impl Target {
    /// The host name the service itself has for this, with `region` where none was named.
    pub(crate) fn host(&self, region: &str) -> String {
        let region = self.region.as_deref().unwrap_or(region);
        match (self.protocol, &self.bucket) {
            (Protocol::Cos, Some(bucket)) => format!("{bucket}.cos.{region}.myqcloud.com"),
            (Protocol::Cos, None) => "service.cos.myqcloud.com".to_owned(),
            (Protocol::Ci, Some(bucket)) => format!("{bucket}.ci.{region}.myqcloud.com"),
            (Protocol::Ci, None) => format!("ci.{region}.myqcloud.com"),
            (_, _) => {
                let service = self.service.as_deref().unwrap_or("api");
                format!("{service}.tencentcloudapi.com")
            }
        }
    }
}

impl Target {
    /// The older host of bucket settings of Cloud Infinite, which some operations still have.
    pub(crate) fn picture_host(&self, region: &str) -> Option<String> {
        let region = self.region.as_deref().unwrap_or(region);
        match (self.protocol, &self.bucket) {
            (Protocol::Ci, Some(bucket)) => Some(format!("{bucket}.pic.{region}.myqcloud.com")),
            _ => None,
        }
    }
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Access {
    /// A service.
    Service(Target),
    /// A page about the local cloud itself.
    Page,
}

/// Why a request is for nobody here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A tunnel was asked for.
    Tunnel,
    /// A proxy request for somebody else.
    Foreign(String),
    /// A service of the cloud that is not here.
    Unserved(String),
    /// The path is not UTF-8.
    Path,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tunnel => f.write_str(
                "The local cloud is a proxy without tunnels: it answers requests itself, which it \
                 has to read. Let the client use the scheme http instead of https.",
            ),
            Self::Foreign(host) => write!(
                f,
                "The local cloud answers for hosts of Tencent Cloud and never forwards anything, \
                 so {host} is out of reach. Exclude it from the proxy, for example by NO_PROXY.",
            ),
            Self::Unserved(host) => write!(
                f,
                "The local cloud has no service at {host}. It has Object Storage \
                 (<bucket>.cos.<region>.myqcloud.com), Cloud Infinite \
                 (<bucket>.ci.<region>.myqcloud.com) and API 3.0 (mps.tencentcloudapi.com).",
            ),
            Self::Path => f.write_str("The path is not UTF-8; encode it and try again."),
        }
    }
}

/// The host name a request names, as sent: that of a proxy request's URL, or the `Host` header.
pub(crate) fn host_name(parts: &Parts) -> &str {
    parts
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| parts.headers.get(HOST)?.to_str().ok())
        .unwrap_or_default()
}

/// Finds out whom a request is for. `default_bucket` is the one of requests that name none.
pub(crate) fn resolve(parts: &Parts, default_bucket: Option<&str>) -> Result<Access, Refusal> {
    if parts.method == Method::CONNECT {
        return Err(Refusal::Tunnel);
    }
    let path = encode::decode_path(parts.uri.path()).ok_or(Refusal::Path)?;
    let sent = host_name(parts);
    let proxied = parts.uri.authority().is_some();
    let host = Host::parse(sent);
    if proxied && host == Host::Other {
        return Err(Refusal::Foreign(host::name(sent)));
    }
    // Only a name that cannot be anybody else's: a page on the web may have its own name resolve
    // to this machine, and must not read these pages.
    if !proxied && host == Host::Local && path.starts_with("/_local/") {
        return Ok(Access::Page);
    }
    let target = |protocol, bucket, region, path| Target {
        protocol,
        service: None,
        bucket,
        region,
        path,
    };
    let has_action = is_api_request(&parts.headers);
    Ok(Access::Service(match host {
        Host::Api(service) => Target {
            service: Some(service),
            ..target(Protocol::Tc3, None, None, path)
        },
        _ if has_action => target(Protocol::Tc3, None, None, path),
        Host::Cos { bucket, region } => target(Protocol::Cos, bucket, region, path),
        Host::Ci { bucket, region } => target(Protocol::Ci, bucket, region, path),
        Host::Unserved => return Err(Refusal::Unserved(host::name(sent))),
        Host::Local | Host::Other => {
            if let Some((bucket, path)) = split_bucket(&path) {
                target(Protocol::Cos, Some(bucket), None, path)
            } else {
                let bucket = default_bucket.map(str::to_owned);
                match ci_scope(&parts.method, &path) {
                    Some(Scope::Bucket) => target(Protocol::Ci, bucket, None, path),
                    Some(Scope::Region) => target(Protocol::Ci, None, None, path),
                    None => target(Protocol::Cos, bucket, None, path),
                }
            }
        }
    }))
}

fn is_api_request(headers: &HeaderMap) -> bool {
    headers.contains_key("x-tc-action")
}

/// Splits `/<bucket>/<key>` if its first segment has the form of a bucket's name.
fn split_bucket(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix('/')?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    cos::is_bucket_name(bucket).then(|| (bucket.to_owned(), format!("/{key}")))
}

/// What an operation of Cloud Infinite is about.
enum Scope {
    Bucket,
    Region,
}

/// Tells the paths of Cloud Infinite from keys of the default bucket.
fn ci_scope(method: &Method, path: &str) -> Option<Scope> {
    match path {
        "/picbucket" if method == Method::GET => Some(Scope::Region),
        "/picbucket" | "/jobs" => Some(Scope::Bucket),
        _ if path.starts_with("/jobs/") => Some(Scope::Bucket),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
