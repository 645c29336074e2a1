//! From a request to its answer: whom it is for, who sent it, what it asks, what comes of it.

mod api;
mod own;
mod query;

use std::sync::Arc;
use std::time::Instant;
use std::{io, mem};

use http::header::{CONTENT_LENGTH, CONTENT_RANGE, DATE, HOST, HeaderName, HeaderValue, SERVER};
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Request, Response, StatusCode};
use hyper::ext::ReasonPhrase;
use tcloud_core::body::Body;
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::schema::{Flags, Place};
use tcloud_core::server::{
    Context, Fault, Head, Incoming, Outgoing, Route, Unroutable, is_common_parameter, route,
};
use tcloud_core::sign::{encode, qsign};
use tcloud_core::time::format_http_date;
use uuid::Uuid;

use crate::access::{self, Access, Refusal, Target, Via};
use crate::auth::{self, Signed, Verdict};
use crate::buffers::{BufferError, Buffered, Buffers};
use crate::requests::{Entry, Requests};
use crate::service;
use crate::state::State;
use crate::store::{Bucket, StoreError};
use crate::{AuthMode, Settings, cos};

/// The longest XML document that is read, in bytes.
const DOCUMENT_LIMIT: usize = 1024 * 1024;
/// What a client shows of a refused tunnel: most show nothing but the first line of the answer.
const NO_TUNNELS: &[u8] = b"No tunnels here: use the scheme http, or set the endpoint";

/// The services, and the way to them.
#[derive(Debug)]
pub(crate) struct Pipeline {
    state: Arc<State>,
    requests: Requests,
    buffers: Buffers,
}

impl Pipeline {
    /// The way to services over `state`.
    pub(crate) fn new(state: &Arc<State>) -> Self {
        Self {
            state: Arc::clone(state),
            requests: Requests::default(),
            buffers: Buffers::default(),
        }
    }

    /// Answers `request` and remembers it.
    pub(crate) async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let (mut parts, body) = request.into_parts();
        // A request to a proxy is for the host of its address, whatever `Host` says: otherwise one
        // could be signed for one bucket and served by another.
        if let Some(authority) = parts.uri.authority()
            && let Ok(host) = HeaderValue::from_str(access::without_user(authority.as_str()))
        {
            parts.headers.insert(HOST, host);
        }
        let id = Uuid::new_v4().to_string();
        let mut entry = Entry::new(self.state.unix_seconds(), &id, &parts.method);
        access::host_name(&parts).clone_into(&mut entry.host);
        parts.uri.path().clone_into(&mut entry.path);

        let mut extensions = Extensions::new();
        let (protocol, outcome) = match access::resolve(&parts, self.settings()) {
            Ok(Access::Page) => return self.page(&parts),
            Ok(Access::Service(target)) => {
                // Boxed: it holds the futures of all operations.
                let outcome = Box::pin(self.serve(&parts, body, &target, &mut entry)).await;
                (target.protocol, outcome)
            }
            Err(refusal) => {
                if refusal == Refusal::Tunnel {
                    extensions.insert(ReasonPhrase::from_static(NO_TUNNELS));
                }
                let protocol = access::protocol(&parts);
                (protocol, Err(refuse(protocol, &refusal)))
            }
        };
        let outgoing = outcome.unwrap_or_else(|fault| {
            let resource = format!("{}{}", entry.host, entry.path);
            let mut outgoing = fault.render(protocol, &id, &resource);
            outgoing.headers.extend(headers_of(&fault));
            entry.code = Some(fault.code);
            entry.message = Some(fault.message);
            outgoing
        });
        let mut response = self.finish(outgoing, protocol, &parts.method, &id);
        response.extensions_mut().extend(extensions);
        entry.status = response.status().as_u16();
        entry.took(started.elapsed());
        tracing::info!(
            request_id = entry.request_id,
            method = entry.method,
            host = entry.host,
            path = entry.path,
            operation = entry.operation,
            status = entry.status,
            code = entry.code,
            ms = entry.duration_ms,
            "answered"
        );
        self.requests.push(entry);
        response
    }

    fn settings(&self) -> &Settings {
        &self.state.settings
    }

    fn page(&self, parts: &Parts) -> Response<Body> {
        let query = encode::decode_query(parts.uri.query().unwrap_or_default());
        let path = parts.uri.path();
        self.requests
            .page(&parts.method, path, &query.unwrap_or_default())
    }

    async fn serve(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        match target.protocol {
            Protocol::Tc3 => self.serve_api(parts, body, target, entry).await,
            _ => self.serve_storage(parts, body, target, entry).await,
        }
    }

    /// Answers a request to Object Storage or Cloud Infinite.
    async fn serve_storage(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        let Target { protocol, .. } = *target;
        let query = encode::decode_query(parts.uri.query().unwrap_or_default());
        // The signature is over the path as sent, with a bucket in it or not.
        let path = encode::decode_path(parts.uri.path());
        let (Some(query), Some(path)) = (query, path) else {
            let message = "The query is not UTF-8; encode it and try again.";
            return Err(Fault::new(StatusCode::BAD_REQUEST, "InvalidURI", message));
        };
        let signed = Signed::Storage(qsign::Request {
            method: &parts.method,
            path: &path,
            query: &query,
            headers: &parts.headers,
        });
        let verdict = self.check(protocol, via(parts), &signed, entry)?;

        let bucket = self.bucket(target).await?;
        let region = region(target, bucket.as_ref(), &self.settings().default_region);
        let is_anonymous =
            verdict == Verdict::Anonymous && self.settings().auth == AuthMode::Strict;
        // Only Cloud Infinite tells operations apart by their document. None of them is for
        // everyone.
        let (collected, body) = match protocol {
            Protocol::Ci if is_anonymous && body.length() != Some(0) => {
                return Err(auth::missing(protocol));
            }
            Protocol::Ci => {
                let document = self.collect(body, DOCUMENT_LIMIT, protocol).await?;
                let body = Body::from(document.bytes.clone());
                (Some(document), body)
            }
            _ => (None, body),
        };
        let host = target.host(&region);
        let head = Head {
            method: &parts.method,
            host: &host,
            path: &target.path,
            query: &query,
            action: None,
            version: None,
            body: collected.as_ref().map(|document| &*document.bytes),
        };
        let found = if let Some(found) = picture_operation(&head, &parts.headers, target, &region)?
        {
            found
        } else {
            let catalog = &tcloud_cos::CATALOG;
            route(&[catalog], &head).map_err(|why| unroutable(&why, &head, catalog.service))?
        };
        let operation = found.operation;
        entry.operation = Some(operation_name(operation));
        // What is not there is told before the request is looked at.
        let service = service::require(operation)?;
        let mut incoming = Incoming::new(found, query, parts.headers.clone(), body)?;
        (service.admit)(&incoming.query, &incoming.headers)?;

        if is_anonymous {
            let name = label(&incoming.labels, "key");
            if !(service.is_public)(&self.state, operation, bucket.as_ref(), name).await? {
                return Err(auth::missing(protocol));
            }
        }
        if let (Some(bucket), Some(region)) = (&bucket, &target.region)
            && bucket.region != *region
            && operation.name != "PutBucket"
        {
            return Err(elsewhere(bucket, region));
        }

        // The place of a document is held until the answer is there.
        let mut _place = None;
        match operation.request_body {
            BodyFormat::Raw => require_length(&incoming.headers, &incoming.body)?,
            _ if protocol == Protocol::Ci => {}
            _ => {
                let body = mem::take(&mut incoming.body);
                let document = self.collect(body, DOCUMENT_LIMIT, protocol).await?;
                incoming.body = Body::from(document.bytes);
                _place = Some(document.place);
            }
        }
        let context = context(entry, region, &verdict, &host);
        // The regional host of the whole service asks for the buckets of its region.
        if let (Protocol::Cos, None, Some(region)) = (protocol, &target.bucket, &target.region) {
            incoming.query.push(("region".to_owned(), region.clone()));
        }
        service.handlers.call(&self.state, context, incoming).await
    }

    fn check(
        &self,
        protocol: Protocol,
        via: Via,
        signed: &Signed<'_>,
        entry: &mut Entry,
    ) -> Result<Verdict, Fault> {
        let now = self.state.unix_seconds();
        match auth::check(self.settings(), protocol, via, signed, now) {
            Ok(verdict) => {
                entry.signature = Some(verdict.clone());
                Ok(verdict)
            }
            Err(refused) => {
                entry.signature = Some(refused.verdict);
                Err(refused.fault)
            }
        }
    }

    /// The whole of `body`, which a service of `protocol` needs.
    async fn collect(
        &self,
        body: Body,
        limit: usize,
        protocol: Protocol,
    ) -> Result<Buffered, Fault> {
        let error = match self.buffers.collect(body, limit).await {
            Ok(buffered) => return Ok(buffered),
            Err(error) => error,
        };
        let (status, code) = match (&error, protocol) {
            (BufferError::Full, Protocol::Cos) => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
            (BufferError::Full, Protocol::Ci) => (StatusCode::TOO_MANY_REQUESTS, "SlowDown"),
            (BufferError::Full, _) => (StatusCode::OK, "RequestLimitExceeded"),
            (BufferError::Body(error), Protocol::Cos)
                if error.kind() == io::ErrorKind::TimedOut =>
            {
                (StatusCode::BAD_REQUEST, "RequestTimeout")
            }
            (BufferError::Body(error), _) if error.kind() != io::ErrorKind::FileTooLarge => {
                let message = format!("the body could not be read: {error}");
                return Err(Fault::malformed(protocol, message));
            }
            (_, Protocol::Cos) => (StatusCode::BAD_REQUEST, "MaxMessageLengthExceeded"),
            (_, Protocol::Ci) => (StatusCode::PAYLOAD_TOO_LARGE, "InvalidContent"),
            (_, _) => (StatusCode::OK, "RequestSizeLimitExceeded"),
        };
        Err(Fault::new(status, code, error.to_string()))
    }

    /// The bucket a request names, if there is one.
    async fn bucket(&self, target: &Target) -> Result<Option<Bucket>, Fault> {
        let Some(name) = &target.bucket else {
            return Ok(None);
        };
        match self.state.store.bucket(name).await {
            Ok(bucket) => Ok(Some(bucket)),
            Err(StoreError::NoSuchBucket(_)) => Ok(None),
            Err(error) => Err(cos::fault(error)),
        }
    }

    /// Sets what every answer has.
    fn finish(
        &self,
        outgoing: Outgoing,
        protocol: Protocol,
        method: &Method,
        id: &str,
    ) -> Response<Body> {
        let Outgoing {
            status,
            headers,
            body,
            ..
        } = outgoing;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        let length = response.body().length();
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &str| {
            // All of these are plain ASCII.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(DATE, &format_http_date(self.state.unix_seconds()));
        match protocol {
            Protocol::Cos => set(SERVER, "tencent-cos"),
            Protocol::Ci => {
                set(SERVER, "tencent-ci");
                set(HeaderName::from_static("x-ci-request-id"), id);
            }
            _ => {}
        }
        if protocol != Protocol::Tc3 {
            set(HeaderName::from_static("x-cos-request-id"), id);
            set(HeaderName::from_static("x-cos-trace-id"), id);
        }
        let has_no_body = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        // The documents' 304 says so, and the official Python SDK reads it.
        if status == StatusCode::NOT_MODIFIED && protocol == Protocol::Cos {
            headers.insert(CONTENT_LENGTH, 0.into());
        }
        if let Some(length) = length
            && !has_no_body
        {
            headers.entry(CONTENT_LENGTH).or_insert(length.into());
        }
        if method == Method::HEAD || has_no_body {
            *response.body_mut() = Body::empty();
        }
        response
    }
}

fn via(parts: &Parts) -> Via {
    parts.extensions.get().copied().unwrap_or_default()
}

fn operation_name(operation: &Operation) -> String {
    format!("{}.{}", operation.service.name, operation.name)
}

fn label<'a>(labels: &'a [(String, String)], name: &str) -> Option<&'a str> {
    labels
        .iter()
        .find(|(label, _)| label == name)
        .map(|(_, value)| value.as_str())
}

fn region(target: &Target, bucket: Option<&Bucket>, default: &str) -> String {
    target
        .region
        .as_deref()
        .or_else(|| bucket.map(|bucket| bucket.region.as_str()))
        .unwrap_or(default)
        .to_owned()
}

fn context(entry: &Entry, region: String, verdict: &Verdict, host: &str) -> Context {
    let mut context = Context::new(&entry.request_id);
    context.region = region;
    verdict.secret_id().clone_into(&mut context.secret_id);
    host.clone_into(&mut context.host);
    context
}

/// Content has to say how long it is, or to come in chunks that end.
fn require_length(headers: &HeaderMap, body: &Body) -> Result<(), Fault> {
    let is_told = headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(http::header::TRANSFER_ENCODING)
        || body.length().is_some_and(|length| length > 0);
    if is_told {
        return Ok(());
    }
    let message = "The request has no Content-Length; send one, also with an empty body.";
    Err(Fault::new(
        StatusCode::LENGTH_REQUIRED,
        "MissingContentLength",
        message,
    ))
}

fn refuse(protocol: Protocol, refusal: &Refusal) -> Fault {
    let (status, code) = match refusal {
        Refusal::Tunnel => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
        Refusal::Foreign(_) | Refusal::Stranger(_) => (StatusCode::FORBIDDEN, "AccessDenied"),
        Refusal::Origin(_) => (StatusCode::FORBIDDEN, "AccessForbidden"),
        Refusal::Unserved(_) => (StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
        Refusal::NoHost => (StatusCode::BAD_REQUEST, "InvalidRequest"),
        Refusal::Path | Refusal::Root(_) => (StatusCode::BAD_REQUEST, "InvalidURI"),
    };
    let code = match protocol {
        Protocol::Tc3 if status == StatusCode::FORBIDDEN => "UnauthorizedOperation",
        Protocol::Tc3 if status == StatusCode::METHOD_NOT_ALLOWED => "UnsupportedProtocol",
        _ => code,
    };
    Fault::new(status, code, refusal.to_string())
}

/// The operation of Cloud Infinite that a request asks for, on any of the hosts it has them on:
/// its own, the older one, and that of Object Storage, where a part of the query selects them, a
/// path that is no key, or a header.
fn picture_operation(
    head: &Head<'_>,
    headers: &HeaderMap,
    target: &Target,
    region: &str,
) -> Result<Option<Route>, Fault> {
    let catalog = &tcloud_ci::CATALOG;
    let found = route(&[catalog], head);
    if target.protocol != Protocol::Ci {
        let selects = |route: &Route| {
            let Operation { query, path, .. } = route.operation;
            let of_a_key = *path == "/" || path.contains('{');
            !query.is_empty() || !of_a_key || has_own_header(route.operation, headers)
        };
        return Ok(found.ok().filter(selects));
    }
    let older = target.picture_host(region).and_then(|host| {
        route(
            &[catalog],
            &Head {
                host: &host,
                ..*head
            },
        )
        .ok()
    });
    match (found, older) {
        (Ok(found), Some(older)) if older.operation.query.len() > found.operation.query.len() => {
            Ok(Some(older))
        }
        (Err(_), Some(older)) => Ok(Some(older)),
        (found, _) => found
            .map(Some)
            .map_err(|why| unroutable(&why, head, catalog.service)),
    }
}

/// Whether a request has the header without which `operation` is another one: `Pic-Operations`.
fn has_own_header(operation: &Operation, headers: &HeaderMap) -> bool {
    let fields = operation.request.fields().iter();
    let mut required = fields
        .filter(|field| field.place == Place::Header && field.flags.contains(Flags::REQUIRED));
    required.any(|field| headers.contains_key(field.name))
}

fn elsewhere(bucket: &Bucket, region: &str) -> Fault {
    let Bucket {
        name, region: own, ..
    } = bucket;
    let message = format!("bucket {name} is in {own}, not in {region}; use the host of {own}");
    Fault::new(StatusCode::NOT_FOUND, "NoSuchBucket", message)
}

fn unroutable(why: &Unroutable, head: &Head<'_>, service: &Service) -> Fault {
    let Head { method, path, .. } = head;
    let names = head.query.iter().map(|(name, _)| name.as_str());
    let query: Vec<_> = names.filter(|name| !is_common_parameter(name)).collect();
    let target = match query.as_slice() {
        [] => (*path).to_owned(),
        names => format!("{path}?{}", names.join("&")),
    };
    let asked = match why {
        Unroutable::NoVariant { node, found } => {
            format!("{method} {target} with the {node} `{found}`")
        }
        _ => format!("{method} {target} at {}", head.host),
    };
    let message = format!("{} has no {asked} in the local cloud.", service.title);
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

/// What a refusal says in headers.
fn headers_of(fault: &Fault) -> HeaderMap {
    let size = fault
        .details
        .iter()
        .find(|(name, _)| *name == cos::OBJECT_SIZE);
    size.and_then(|(_, size)| HeaderValue::from_str(&format!("bytes */{size}")).ok())
        .map(|value| (CONTENT_RANGE, value))
        .into_iter()
        .collect()
}
