//! Requests to the services of API 3.0.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{Method, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::operation::{Catalog, Operation, Protocol};
use tcloud_core::server::{Context, Fault, Head, Incoming, Outgoing, Unroutable, route};
use tcloud_core::sign::{encode, tc3};

use super::limits::Buffered;
use super::log::Entry;
use super::signature::{self, Signed, Verdict};
use super::target::Target;
use super::{Gateway, context, operation_name, query, sent_by, via};
use crate::faults::Met;
use crate::permission::{Asked, permit};
use crate::recorded::Arrived;
use crate::service::Service;
use crate::{AuthMode, MockService, services};

/// The longest body of a request, in bytes.
const LIMIT: usize = 10 * 1024 * 1024;

impl Gateway {
    /// Answers a request to a service of API 3.0.
    pub(super) async fn serve_api(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        let sent = parts.uri.query().unwrap_or_default();
        let signed = |payload| tc3::Request {
            method: &parts.method,
            query: sent,
            headers: &parts.headers,
            payload,
        };
        // What is refused whatever the payload is has none read.
        let head = Signed::ApiHead(signed(&[]));
        let checked = self.check(Protocol::Tc3, via(parts), &head, entry)?;
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let region = header("x-tc-region").unwrap_or(&self.settings().default_region);
        let host = target.host(region);
        let found = header("x-tc-action").map(|action| {
            let head = Head {
                // Whichever way its parameters come.
                method: &Method::POST,
                host: &host,
                path: &target.path,
                query: &[],
                headers: None,
                action: Some(action),
                version: header("x-tc-version"),
                body: None,
            };
            (action, route(&self.catalogs(target), &head))
        });
        // What proves by itself who asks is not signed.
        let needs_no_signature = matches!(&found, Some((_, Ok(found))) if found.operation.unsigned);
        let is_admitted = checked.verdict != Verdict::Anonymous
            || self.settings().auth != AuthMode::Strict
            || needs_no_signature;
        // A form may hold a signature of its own. The place is held until the answer is ready.
        let (payload, _place) = if is_admitted || is_form(parts) {
            let collected = self.collect_beside(body, LIMIT, unpacked(parts), Protocol::Tc3);
            let Buffered { bytes, place } = collected.await?;
            (bytes, Some(place))
        } else {
            (Bytes::new(), None)
        };
        if let Some(method) = older_signature(parts, &payload) {
            let message = format!(
                "The request is signed with {method}, in the older way with the signature among \
                 the parameters, which the local cloud does not understand. Let the SDK sign with \
                 TC3-HMAC-SHA256, for example by its signMethod."
            );
            return Err(fault("AuthFailure.InvalidAuthorization", message));
        }
        let checked = if is_admitted {
            let whole = Signed::Api(signed(&payload));
            self.check(Protocol::Tc3, via(parts), &whole, entry)?
        } else {
            checked
        };
        if !matches!(parts.method, Method::POST | Method::GET) {
            let message = format!("Send the request by POST or GET, not by {}.", parts.method);
            return Err(fault("UnsupportedProtocol", message));
        }
        let Some((action, found)) = found else {
            let message = "The header X-TC-Action is missing.".to_owned();
            return Err(fault("MissingParameter", message));
        };
        let found = match found {
            Ok(found) => found,
            Err(_) if !is_admitted => return Err(signature::missing(Protocol::Tc3)),
            Err(why) => return Err(unroutable(&why, action, target)),
        };
        let operation = found.operation;
        entry.operation = Some(operation_name(operation));
        // What is not implemented is refused before the request is read.
        let by = self.by(operation)?;
        if !is_admitted {
            return Err(signature::missing(Protocol::Tc3));
        }
        let payload = match parts.method {
            Method::GET => from_query(operation, sent)?,
            _ => payload,
        };
        let headers = parts.headers.clone();
        let incoming = Incoming::new(found, Vec::new(), headers, Body::from(payload))?;
        if self.recorded.are_kept() {
            entry.arrived = Some(Arrived::new(&incoming, None));
        }
        self.strike(Met::of(operation), Protocol::Tc3, entry)
            .await?;
        // Whom it lets become somebody else is for the service itself to say.
        if !matches!(by, By::Service(service) if service.permits) {
            let asked = Asked {
                operation,
                bucket: None,
                key: None,
                region,
            };
            let sent = sent_by(parts, &host, &[]);
            permit(&self.state, &checked.caller, &asked, &sent, None)
                .map_err(|refusal| refusal.fault)?;
        }
        let context = context(entry, region.to_owned(), checked, &host);
        self.answer(by, context, incoming).await
    }

    async fn answer(
        &self,
        by: By<'_>,
        context: Context,
        incoming: Incoming,
    ) -> Result<Outgoing, Fault> {
        let answer = match by {
            By::Service(service) => service.handlers.call(&self.state, context, incoming).await,
            By::Mock(service) => service.answer(&context, incoming),
        };
        // API 3.0 answers 200 whatever is wrong.
        answer.map_err(|mut fault| {
            fault.status = StatusCode::OK;
            fault
        })
    }

    /// Who answers `operation`.
    fn by(&self, operation: &Operation) -> Result<By<'_>, Fault> {
        let refused = match services::require(operation) {
            Ok(service) => return Ok(By::Service(service)),
            Err(refused) => refused,
        };
        let mut mocks = self.settings().mocks.iter();
        let mock = mocks.find(|it| it.knows(operation));
        mock.map(By::Mock).ok_or(refused)
    }

    /// What a request to `target` may ask for. What the local cloud does comes first.
    fn catalogs(&self, target: &Target) -> Vec<&'static Catalog> {
        let named = target.service.as_deref();
        let own = services::all().iter().map(|service| service.catalog);
        let mocked = self.settings().mocks.iter().map(MockService::catalog);
        own.chain(mocked)
            .filter(|catalog| {
                let Catalog { service, .. } = catalog;
                service.protocol == Protocol::Tc3 && named.is_none_or(|name| name == service.name)
            })
            .collect()
    }
}

/// Who answers an operation.
enum By<'a> {
    /// The service that does it.
    Service(&'static Service),
    /// A service that only answers.
    Mock(&'a MockService),
}

/// How many bytes a body takes besides, once it is unpacked: as many as it may have then, if it is
/// compressed.
fn unpacked(parts: &Parts) -> u64 {
    if parts.headers.contains_key(CONTENT_ENCODING) {
        u64::try_from(Incoming::MOST_UNPACKED).unwrap_or(u64::MAX)
    } else {
        0
    }
}

fn unroutable(why: &Unroutable, action: &str, target: &Target) -> Fault {
    if matches!(why, Unroutable::NoVersion) {
        let message = "The action exists in another version; see the X-TC-Version of the service.";
        return fault("NoSuchVersion", message.to_owned());
    }
    let service = target.service.as_deref().unwrap_or("API 3.0");
    let message = format!(
        "The local cloud knows no action {action} of {service}; `tcloud local --list` names what \
         it implements."
    );
    fault("InvalidAction", message)
}

fn fault(code: &str, message: String) -> Fault {
    Fault::new(StatusCode::OK, code, message)
}

/// The document that the parameters of a query make.
fn from_query(operation: &Operation, sent: &str) -> Result<Bytes, Fault> {
    let document = encode::decode_query(sent)
        .and_then(|parameters| query::document(operation.request, &parameters));
    match document {
        Some(document) => Ok(document.to_string().into()),
        None => Err(fault(
            "InvalidParameter",
            "The query is not UTF-8 or nested too deeply; send the parameters as JSON by POST."
                .to_owned(),
        )),
    }
}

/// Whether the parameters are those of a form.
fn is_form(parts: &Parts) -> bool {
    parts.headers.get(CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}

/// The method of a signature that is among the parameters of the query or of a form.
fn older_signature(parts: &Parts, payload: &[u8]) -> Option<String> {
    if parts.headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let text = match parts.method {
        Method::POST if is_form(parts) => std::str::from_utf8(payload).ok()?,
        _ => parts.uri.query()?,
    };
    let parameters = encode::decode_query(text)?;
    let value = |name: &str| {
        let mut found = parameters.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    };
    value("Signature").or(value("SecretId"))?;
    // The default.
    let method = value("SignatureMethod").filter(|method| *method == "HmacSHA256");
    Some(method.unwrap_or("HmacSHA1").to_owned())
}
