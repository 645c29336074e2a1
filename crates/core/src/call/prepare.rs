//! From a request's fields to a signed HTTP request.

use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT,
};
use http::{HeaderMap, Method, Request, Uri};

use super::compression;
use super::computed;
use super::options::CallOptions;
use super::token::{self, Token};
use crate::body::Body;
use crate::client::Client;
use crate::codec::{self, Findings, json, url_text, xml};
use crate::config::Language;
use crate::credentials::Credentials;
use crate::endpoint;
use crate::error::{Error, ErrorKind};
use crate::host::{Address, Addresses, Given};
use crate::interceptor::{self, Outgoing};
use crate::node::Node;
use crate::operation::{BodyFormat, Operation, Protocol};
use crate::schema::Flags;
use crate::sign::{Signature, encode, qsign, tc3};

const AGENT: &str = concat!("tcloud/", env!("CARGO_PKG_VERSION"));

/// A signature is good for this long before and after it was made, in seconds.
pub(super) const VALID_BEFORE: i64 = 60;
pub(super) const VALID_AFTER: i64 = 900;

/// A request, complete but for its signature: all attempts of a call start from it.
pub(super) struct Prepared {
    pub(super) operation: &'static Operation,
    pub(super) method: Method,
    /// Where it goes.
    pub(super) first: Destination,
    /// Where it goes if it cannot get there.
    backups: Vec<Destination>,
    /// Of the bucket that the request is about, if it is about one.
    bucket: Option<String>,
    /// Decoded, as q-sign signs it.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    /// Without the host, which the destination has.
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    idempotent: bool,
}

/// Where a request goes, and whom it asks there.
pub(super) struct Destination {
    pub(super) uri: Uri,
    pub(super) host: HeaderValue,
}

impl Destination {
    /// The destination at `address` of what has this path and query, as they are sent.
    fn new(address: Address, rest: &str) -> Result<Self, Error> {
        let Address {
            scheme,
            authority,
            host,
        } = address;
        let refuse = |reason: String| {
            Error::new(
                ErrorKind::Request,
                format!("the request has no valid address: {reason}"),
            )
        };
        Ok(Self {
            uri: format!("{scheme}://{authority}{rest}")
                .parse()
                .map_err(|error: http::uri::InvalidUri| refuse(error.to_string()))?,
            host: host
                .try_into()
                .map_err(|error: http::header::InvalidHeaderValue| refuse(error.to_string()))?,
        })
    }
}

/// Refuses a request that lacks something or passes a bound.
fn require_sound(operation: &Operation, findings: &Findings) -> Result<(), Error> {
    let Findings {
        missing,
        out_of_bounds,
        ..
    } = findings;
    if !missing.is_empty() {
        return Err(Error::new(
            ErrorKind::Request,
            format!("required, but not given: {}", missing.join(", ")),
        )
        .advise(format!("set them; see {}", operation.document)));
    }
    if !out_of_bounds.is_empty() {
        let broken: Vec<_> = out_of_bounds.iter().map(ToString::to_string).collect();
        return Err(
            Error::new(ErrorKind::Request, broken.join("; ")).advise(format!(
                "see {}; `ConfigBuilder::check_limits(false)` sends it all the same",
                operation.document
            )),
        );
    }
    Ok(())
}

/// The body that travels, and its media type.
fn body(
    operation: &Operation,
    request: &dyn Node,
    has_body: bool,
    raw: Body,
    token: Option<&Token>,
) -> Result<(Body, Option<&'static str>), Error> {
    let unwritable = |error: codec::CodecError| {
        Error::new(
            ErrorKind::Request,
            format!("the request cannot be written: {error}"),
        )
    };
    Ok(match operation.request_body {
        BodyFormat::Empty => (Body::empty(), None),
        // An operation that takes headers or a document gets no empty document.
        BodyFormat::Xml(_) if !has_body => (Body::empty(), None),
        BodyFormat::Xml(root) => {
            let mut text = xml::encode(root, request).map_err(unwritable)?;
            if let Some(token) = token {
                token.write(&mut text);
            }
            (Body::from(text), Some("application/xml"))
        }
        BodyFormat::Json => {
            let mut text = json::encode(request, json::Style::Typed).map_err(unwritable)?;
            if let Some(token) = token {
                token.write(&mut text);
            }
            (Body::from(text), Some("application/json"))
        }
        BodyFormat::Raw => {
            // The signature covers the body, and is there before the body moves.
            if operation.service.protocol == Protocol::Tc3 && raw.as_bytes().is_none() {
                return Err(Error::new(
                    ErrorKind::Request,
                    "API 3.0 signs the body, so a stream or a file cannot be sent",
                )
                .advise("give it as bytes"));
            }
            let media_type = raw.media_type();
            (raw, media_type)
        }
    })
}

pub(super) fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    raw: Body,
    options: &CallOptions,
    region: Option<&str>,
) -> Result<Prepared, Error> {
    let root = match operation.request_body {
        BodyFormat::Xml(root) => root,
        _ => "",
    };
    let config = client.config();
    let findings = codec::check(request, root, config.check_limits);
    require_sound(operation, &findings)?;
    let mut bound = codec::bind(request);
    let token = Token::missing(operation, request, &*config.context.environment);
    if let Some(token) = &token {
        token.bind(&mut bound);
    }
    let addresses = Addresses::of(
        operation,
        Given {
            hosts: options.hosts.as_deref().unwrap_or(&config.context.hosts),
            site: config.context.site,
            endpoint: config.context.endpoint.as_ref(),
            region,
            labels: &bound.labels,
        },
    )?;
    let path = path(operation, &bound.labels)?;
    let mut query = query(operation, bound.query, options);
    let (body, media_type) = body(operation, request, findings.has_body, raw, token.as_ref())?;
    let compresses = options.compress_request.unwrap_or(config.compress_requests);
    let (body, encoding) = compression::pack(operation, body, compresses)?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (USER_AGENT, Some(AGENT)),
        (CONTENT_TYPE, media_type),
        (CONTENT_ENCODING, encoding),
    ] {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    for (name, value) in &bound.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            Error::new(
                ErrorKind::Request,
                format!("{name:?} cannot be a header's name"),
            )
        })?;
        let sensitive = is_sensitive(operation, name.as_str());
        set(&mut headers, name.clone(), value)?;
        if let Some(value) = headers.get_mut(&name) {
            value.set_sensitive(sensitive);
        }
    }
    let method = Method::from_bytes(operation.method.as_bytes()).map_err(|_| {
        Error::new(
            ErrorKind::Request,
            format!("{:?} is not an HTTP method", operation.method),
        )
    })?;
    if let Some(length) = body.length()
        && (length > 0 || method == Method::PUT || method == Method::POST)
    {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    if operation.service.protocol == Protocol::Tc3 {
        common_parameters(&mut headers, operation, region, config.language)?;
    }

    config.interceptors.request(Outgoing {
        operation,
        method: &method,
        path: &path,
        query: interceptor::Query(&mut query),
        headers: interceptor::Headers(&mut headers),
    })?;

    let mut rest = encode::path(&path);
    if !query.is_empty() {
        rest.push('?');
        rest.push_str(&encode::query(query.iter().map(|(k, v)| (k, v))));
    }
    let destination = |address| Destination::new(address, &rest);
    Ok(Prepared {
        operation,
        method,
        first: destination(addresses.first)?,
        backups: addresses
            .backups
            .into_iter()
            .map(destination)
            .collect::<Result<_, _>>()?,
        bucket: bound
            .labels
            .into_iter()
            .find_map(|(name, value)| (name == "bucket").then_some(value)),
        path,
        query,
        idempotent: is_idempotent(operation, &headers),
        headers,
        body,
    })
}

/// The decoded query: what the operation always has, what this request has by its table, and what
/// the call adds.
fn query(
    operation: &Operation,
    bound: Vec<(String, String)>,
    options: &CallOptions,
) -> Vec<(String, String)> {
    let fixed = operation.query.iter();
    let fixed = fixed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let added = options.query.iter().cloned();
    let mut query: Vec<_> = fixed.chain(bound).chain(added).collect();
    if let Some(encoding) = operation.encoding
        && !query.iter().any(|(name, _)| name == encoding.asked_by)
    {
        query.push((encoding.asked_by.to_owned(), url_text::URL.to_owned()));
    }
    query
}

/// Whether sending the request twice has the effect of sending it once.
fn is_idempotent(operation: &Operation, headers: &HeaderMap) -> bool {
    let spoils = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str() == operation.idempotent_unless && value != "false"
    };
    let is_known_again = token::field(operation).is_some();
    (operation.idempotent || is_known_again) && !headers.iter().any(spoils)
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), Error> {
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        // The value may be a secret.
        Error::new(
            ErrorKind::Request,
            format!("the value of `{name}` cannot be sent in a header"),
        )
        .advise("remove line breaks and control characters")
    })?;
    headers.insert(name, value);
    Ok(())
}

fn is_sensitive(operation: &Operation, header: &str) -> bool {
    operation.request.fields().iter().any(|field| {
        field.flags.contains(Flags::SENSITIVE) && field.name.eq_ignore_ascii_case(header)
    })
}

fn common_parameters(
    headers: &mut HeaderMap,
    operation: &Operation,
    region: Option<&str>,
    language: Language,
) -> Result<(), Error> {
    let header = HeaderName::from_static;
    set(headers, header("x-tc-action"), operation.name)?;
    set(headers, header("x-tc-version"), operation.service.version)?;
    if let Some(region) = region {
        set(headers, header("x-tc-region"), region)?;
    }
    let language = match language {
        Language::English => "en-US",
        Language::Chinese => "zh-CN",
    };
    set(headers, header("x-tc-language"), language)
}

/// The decoded path, its labels filled in.
fn path(operation: &Operation, labels: &[(&'static str, String)]) -> Result<String, Error> {
    let mut path = String::new();
    let mut rest = operation.path;
    while let Some((before, label, after)) = endpoint::next_label(rest) {
        path.push_str(before);
        let (name, may_have_slashes) = match label.strip_suffix('+') {
            Some(name) => (name, true),
            None => (label, false),
        };
        let value = labels
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default();
        let refuse = |why: &str| {
            Err(Error::new(
                ErrorKind::Request,
                format!("{value:?} cannot be the `{name}` of a path: {why}"),
            ))
        };
        if value.is_empty() {
            return refuse("it is empty");
        }
        if !may_have_slashes && value.contains('/') {
            return refuse("it has a slash");
        }
        // URL libraries fold a dot segment at the end away, whatever its encoding.
        if matches!(value.rsplit('/').next(), Some("." | "..")) {
            return refuse("it ends in a dot segment");
        }
        // The service folds such a path, and an object would be read from the list of its bucket.
        if value
            .split('/')
            .all(|segment| matches!(segment, "" | "." | ".."))
        {
            return refuse("it names nothing, so that the service would take it for the bucket");
        }
        path.push_str(value);
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

impl Prepared {
    /// Whether the body can be sent again.
    pub(super) fn is_repeatable(&self) -> bool {
        self.body.is_repeatable()
    }

    /// Sets the headers that are computed from the body.
    pub(super) async fn compute_headers(&mut self) -> Result<(), Error> {
        computed::fill(self.operation, &mut self.headers, &self.body).await
    }

    /// Whether sending it twice has the effect of sending it once.
    pub(super) fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// How many destinations it has.
    pub(super) fn destinations(&self) -> usize {
        self.backups.len().saturating_add(1)
    }

    fn destination(&self, at: usize) -> &Destination {
        let backup = at.checked_sub(1).and_then(|index| self.backups.get(index));
        backup.unwrap_or(&self.first)
    }

    /// The host of the destination numbered `at`, without its bucket.
    pub(super) fn area(&self, at: usize) -> &str {
        // It was made of a text.
        let host = self.destination(at).host.to_str().unwrap_or_default();
        let bucket = self.bucket.as_deref();
        let rest = bucket.and_then(|bucket| host.strip_prefix(bucket)?.strip_prefix('.'));
        rest.unwrap_or(host)
    }

    /// Signs an attempt at `now`, in Unix seconds, that goes to the destination numbered `at`;
    /// without credentials it says that it is not signed. A streamed body goes to the first attempt.
    pub(super) fn sign(
        &mut self,
        credentials: Option<&Credentials>,
        now: i64,
        at: usize,
    ) -> Result<(Request<Body>, Signature), Error> {
        let Destination { uri, host } = self.destination(at);
        let uri = uri.clone();
        let mut headers = self.headers.clone();
        headers.insert(HOST, host.clone());
        let signature = match (self.operation.service.protocol, credentials) {
            (Protocol::Tc3, None) => tc3::skip(now, &mut headers),
            (Protocol::Cos | Protocol::Ci, None) => Ok(Signature {
                authorization: String::new(),
                http_string: String::new(),
                string_to_sign: String::new(),
            }),
            (Protocol::Cos, Some(credentials)) => {
                self.qsign(credentials, qsign::TokenName::Cos, now, &mut headers)
            }
            (Protocol::Ci, Some(credentials)) => {
                self.qsign(credentials, qsign::TokenName::Ci, now, &mut headers)
            }
            (Protocol::Tc3, Some(credentials)) => {
                let service = self.operation.service.name;
                let payload = self.body.as_bytes().unwrap_or_default();
                tc3::Signer::new(credentials, service, now).authorize(
                    &self.method,
                    uri.query().unwrap_or_default(),
                    &mut headers,
                    payload,
                )
            }
        }
        .map_err(|error| Error::new(ErrorKind::Credentials, error.to_string()).caused_by(error))?;
        let body = self
            .body
            .try_clone()
            .unwrap_or_else(|| std::mem::take(&mut self.body));
        let mut request = Request::new(body);
        request.extensions_mut().insert(self.operation);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok((request, signature))
    }

    fn qsign(
        &self,
        credentials: &Credentials,
        token: qsign::TokenName,
        now: i64,
        headers: &mut HeaderMap,
    ) -> Result<Signature, crate::sign::SignError> {
        let window = qsign::Window::new(
            now.saturating_sub(VALID_BEFORE),
            now.saturating_add(VALID_AFTER),
        );
        qsign::Signer::new(credentials, token, window).authorize(
            &self.method,
            &self.path,
            &self.query,
            headers,
        )
    }
}
