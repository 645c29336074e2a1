//! Whom a request is for: by its host, by its path, or through a proxy.
//!
//! | form | example |
//! | --- | --- |
//! | host | `GET /key` with `Host: <bucket>.cos.<region>.myqcloud.com` or `….cos.<region>.localhost` |
//! | website | `GET /page` with `Host: <bucket>.cos-website.<region>.myqcloud.com` or `….localhost` |
//! | domain | `GET /key` with a domain of a bucket's owner as host, by [`Settings::domains`] or `PutBucketDomain` |
//! | path | `GET /<bucket>/key` with an address or any other name as host; Object Storage only |
//! | default bucket | `GET /key`, likewise, where the first segment cannot be a bucket; the paths of Cloud Infinite's jobs and picture buckets mean that service |
//! | own host | `POST /jobs` with `Host: <uin>.cos-control.<region>.myqcloud.com`, which some operations alone have |
//! | action | `POST /` with `X-TC-Action`, at any host |
//! | metadata | `GET /latest/meta-data/placement/region` with `Host: metadata.tencentyun.com` |
//! | proxy | `GET http://<bucket>.ci.<region>.myqcloud.com/jobs` |
//! | tunnel | `CONNECT <bucket>.cos.<region>.myqcloud.com:443`, then TLS and any of these; see [`Settings::tls`] |
//!
//! Nothing is ever forwarded: a proxy request for anybody else is refused. So is what a web page of
//! another site sends, see [`guard`].

mod guard;
mod host;
mod refusal;

use std::net::IpAddr;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Uri};
use tcloud_core::operation::Protocol;
use tcloud_core::sign::encode;

use super::tunnel::MayTunnel;
use crate::cos::Led;
use crate::{Settings, cos};
use host::Host;

pub(crate) use guard::{Peer, Via};
pub(crate) use host::without_user;
pub(crate) use refusal::Refusal;

/// What begins the paths of the pages about the local cloud itself.
pub(crate) const PAGES: &str = "/_local/";

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
    /// The host, if it is one that some operations have to themselves.
    pub(crate) own_host: Option<String>,
    /// The path after the bucket, decoded.
    pub(crate) path: String,
    /// Whether it asks for a page of the bucket as a website.
    pub(crate) is_website: bool,
    /// Why a web page of another site may not send this, unless the bucket's rules let it.
    pub(crate) foreign: Option<Refusal>,
}

impl Target {
    /// The host name the service itself has for this, with `region` where none was named.
    pub(crate) fn host(&self, region: &str) -> String {
        if let Some(host) = &self.own_host {
            return host.clone();
        }
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
    /// The metadata service of virtual machines.
    Metadata,
    /// A tunnel to this cloud.
    Tunnel,
}

/// The family of the service a request seems to be for, of which a refusal takes the form.
pub(crate) fn protocol(parts: &Parts) -> Protocol {
    let host = guard::host(parts).unwrap_or_default();
    if matches!(Host::parse(host), Host::Api(_)) || names_action(parts) {
        Protocol::Tc3
    } else {
        Protocol::Cos
    }
}

/// The host name of a request as sent, for the log.
pub(crate) fn host_name(parts: &Parts) -> &str {
    guard::host(parts).unwrap_or_default()
}

/// Whether `host`, with or without a port, is of a service that is here, whatever DNS says of it.
pub(crate) fn is_of_service(host: &str) -> bool {
    matches!(
        Host::parse(host),
        Host::Storage { .. } | Host::Website { .. } | Host::Own { .. } | Host::Api(_)
    )
}

/// The bucket and the key that `host` and the decoded `path` lead to, in whichever form, if they lead
/// to Object Storage.
pub(crate) fn bucket_at(host: &str, path: &str, settings: &Settings) -> Option<(String, String)> {
    let (bucket, path) = match Host::parse(host) {
        Host::Storage {
            protocol: Protocol::Cos,
            bucket: Some(bucket),
            ..
        } => (bucket, path.to_owned()),
        Host::Local => split_bucket(path)?,
        Host::Other if guard::is_allowed(host, settings) => split_bucket(path)?,
        Host::Other => {
            let bucket = settings.domains.get(&host::name(host))?;
            (bucket.clone(), path.to_owned())
        }
        _ => return None,
    };
    Some((bucket, path.strip_prefix('/')?.to_owned()))
}

/// Whether the host that a request names is this machine, whoever asks, by a name that nobody else
/// can have: `localhost` or below, or an address of loopback.
pub(crate) fn is_loopback(parts: &Parts) -> bool {
    let name = host::name(host_name(parts));
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    let address = literal.parse::<IpAddr>();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Whether `host`, with or without a port, is a name for this machine or one that was allowed.
pub(crate) fn is_local(host: &str, settings: &Settings) -> bool {
    Host::parse(host) == Host::Local || guard::is_allowed(host, settings)
}

/// The name of the host that a request is for, if nobody but the owner of a bucket can say what it leads
/// to.
pub(crate) fn foreign_host(parts: &Parts, settings: &Settings) -> Option<String> {
    let sent = guard::host(parts).ok()?;
    let name = host::name(sent);
    let is_known = settings.domains.contains_key(&name) || guard::is_allowed(sent, settings);
    (Host::parse(sent) == Host::Other && !is_known).then_some(name)
}

/// Whether a request comes by global acceleration: to `<bucket>.cos.accelerate.myqcloud.com`.
pub(crate) fn is_accelerated(parts: &Parts) -> bool {
    let name = host::name(host_name(parts));
    let labels: Vec<_> = name.split('.').collect();
    matches!(labels.as_slice(), [_, "cos", "accelerate", _, ..])
}

/// Whether this cloud answers to the name `host`, with or without a port.
pub(crate) fn answers_to(host: &str, settings: &Settings) -> bool {
    Host::parse(host) != Host::Other
        || guard::is_allowed(host, settings)
        || settings.domains.contains_key(&host::name(host))
}

/// Finds out whom a request is for; `led` is what its host leads to, if that is a domain of a bucket.
pub(crate) fn resolve(
    parts: &Parts,
    settings: &Settings,
    led: Option<Led>,
) -> Result<Access, Refusal> {
    if parts.method == Method::CONNECT {
        return tunnel(parts, settings, led.as_ref());
    }
    let sent = guard::host(parts)?;
    let proxied = parts.uri.authority().is_some();
    let host = match (Host::parse(sent), led) {
        (
            Host::Other,
            Some(Led {
                bucket,
                is_website: true,
            }),
        ) => Host::Website {
            bucket,
            region: None,
        },
        (Host::Other, Some(Led { bucket, .. })) => Host::Storage {
            protocol: Protocol::Cos,
            bucket: Some(bucket),
            region: None,
        },
        (Host::Other, None) if settings.domains.contains_key(&host::name(sent)) => Host::Storage {
            protocol: Protocol::Cos,
            bucket: settings.domains.get(&host::name(sent)).cloned(),
            region: None,
        },
        (Host::Other, None) if guard::is_allowed(sent, settings) => Host::Local,
        (Host::Other, None) if proxied => return Err(Refusal::Foreign(host::name(sent))),
        (Host::Other, None) => return Err(Refusal::Stranger(host::name(sent))),
        (host, _) => host,
    };
    let foreign = guard::check_origin(&parts.headers, sent).err();
    match (find(parts, settings, host)?, foreign) {
        (access, None) => Ok(access),
        // Only the owner of a bucket can have let other sites in.
        (Access::Service(target), foreign)
            if target.protocol == Protocol::Cos && target.bucket.is_some() =>
        {
            Ok(Access::Service(Target { foreign, ..target }))
        }
        (_, Some(refusal)) => Err(refusal),
    }
}

/// Finds out whom a tunnel is to lead to. At the name of this machine somebody else may be meant, who
/// listens there as well.
fn tunnel(parts: &Parts, settings: &Settings, led: Option<&Led>) -> Result<Access, Refusal> {
    let host = guard::host(parts)?;
    let is_own = led.is_some() || answers_to(host, settings);
    if parts.extensions.get::<MayTunnel>().is_none() {
        Err(Refusal::Tunnel)
    } else if is_own && Host::parse(host) != Host::Local {
        Ok(Access::Tunnel)
    } else {
        Err(Refusal::Foreign(host::name(host)))
    }
}

/// What a request to `host` asks for, whoever sends it.
fn find(parts: &Parts, settings: &Settings, host: Host) -> Result<Access, Refusal> {
    if host == Host::Metadata {
        return Ok(Access::Metadata);
    }
    let proxied = parts.uri.authority().is_some();
    let path = encode::decode_path(parts.uri.path()).ok_or(Refusal::Path)?;
    if !proxied && host == Host::Local && path.starts_with(PAGES) {
        return Ok(Access::Page);
    }
    let target = |protocol, bucket, region, path| Target {
        protocol,
        service: None,
        bucket,
        region,
        own_host: None,
        path,
        is_website: false,
        foreign: None,
    };
    let mut target = match host {
        Host::Api(service) => Target {
            service: Some(service),
            ..target(Protocol::Tc3, None, None, path)
        },
        _ if parts.headers.contains_key("x-tc-action") => target(Protocol::Tc3, None, None, path),
        Host::Storage {
            protocol,
            bucket,
            region,
        } => target(protocol, bucket, region, path),
        Host::Website { bucket, region } => Target {
            is_website: true,
            ..target(Protocol::Cos, Some(bucket), region, path)
        },
        Host::Own {
            protocol,
            host,
            region,
        } => Target {
            own_host: Some(host),
            ..target(protocol, None, Some(region), path)
        },
        Host::Unserved | Host::Metadata => {
            return Err(Refusal::Unserved(host::name(guard::host(parts)?)));
        }
        Host::Local | Host::Other if names_action(parts) => target(Protocol::Tc3, None, None, path),
        Host::Local | Host::Other => {
            if let Some((bucket, path)) = split_bucket(&path) {
                target(Protocol::Cos, Some(bucket), None, path)
            } else {
                let bucket = settings.default_bucket.clone();
                match ci_scope(&parts.method, &path) {
                    Some(Scope::Bucket) => target(Protocol::Ci, bucket, None, path),
                    Some(Scope::Region) => target(Protocol::Ci, None, None, path),
                    None => target(Protocol::Cos, bucket, None, path),
                }
            }
        }
    };
    if target.protocol == Protocol::Cos && target.path != "/" && is_root(&target.path) {
        match parts.method {
            Method::GET | Method::HEAD => "/".clone_into(&mut target.path),
            _ => return Err(Refusal::Root(target.path)),
        }
    }
    Ok(Access::Service(target))
}

/// Whether a path is the root once it is normalised as paths of files are. The
/// service takes it for the bucket; its SDKs refuse such keys so that nobody reads a list of
/// objects for an object.
fn is_root(path: &str) -> bool {
    path.split('/')
        .all(|segment| matches!(segment, "" | "." | ".."))
}

/// Whether a request names an action of API 3.0: by its header, or as requests do that are signed
/// in the older way, among the parameters of a query or a form.
fn names_action(parts: &Parts) -> bool {
    let has = |name: &str| parts.headers.contains_key(name);
    if has("x-tc-action") {
        return true;
    }
    let is_form = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    parts.uri.path() == "/"
        && ((parts.method == Method::POST && is_form) || has_parameters(&parts.uri))
}

fn has_parameters(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    let has = |name| {
        query
            .split('&')
            .any(|item| item.split('=').next() == Some(name))
    };
    has("Action") && has("Version")
}

/// Splits `/<bucket>/<key>` if its first segment has the form of a bucket's name.
pub(crate) fn split_bucket(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix('/')?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    cos::is_bucket_name(bucket).then(|| (bucket.to_owned(), format!("/{key}")))
}

/// What an operation of Cloud Infinite is about.
enum Scope {
    Bucket,
    Region,
}

/// Distinguishes the paths of Cloud Infinite from keys of the default bucket.
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
