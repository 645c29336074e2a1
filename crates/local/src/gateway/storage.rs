//! Requests to Object Storage and Cloud Infinite.

use std::mem;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::operation::{BodyFormat, Protocol};
use tcloud_core::server::{Fault, Head, Incoming, Outgoing};
use tcloud_core::sign::{encode, qsign};

use super::log::{Entry, Logged};
use super::signature::{self, Checked, Proven, Signed, Verdict};
use super::target::{self, Target};
use super::{Gateway, context, limits, operation_name, origin, render, route, sent_by, via};
use crate::cam::Caller;
#[cfg(feature = "pictures")]
use crate::cos::rendition;
use crate::cos::{OfBucket, SignedBy};
use crate::faults::Met;
use crate::permission::{Asked, permit};
use crate::recorded::Arrived;
use crate::service::Wish;
use crate::store::{Bucket, StoreError};
use crate::{AuthMode, cos, digest, services};

/// The longest XML document that is read, in bytes.
pub(super) const DOCUMENT_LIMIT: usize = 1024 * 1024;

impl Gateway {
    /// Answers a request to Object Storage or Cloud Infinite, or sends it on where the rules for an
    /// origin say so.
    pub(super) async fn serve_storage(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        match self.serve_bucket(parts, body, target, entry).await {
            Err(fault) => self.sent_on(parts, target, entry, fault).await,
            answered => answered,
        }
    }

    /// Answers a request to Object Storage or Cloud Infinite.
    #[allow(clippy::too_many_lines, reason = "one step after another")]
    async fn serve_bucket(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        let Target { protocol, .. } = *target;
        // A preflight has the address of the request to come; it asks about that one and is none.
        let query = match parts.method {
            Method::OPTIONS => "",
            _ => parts.uri.query().unwrap_or_default(),
        };
        let query = encode::decode_query(query);
        // The signature is over the path as sent, with a bucket in it or not.
        let path = encode::decode_path(parts.uri.path());
        let (Some(query), Some(path)) = (query, path) else {
            let message = "The query is not UTF-8; encode it and try again.";
            return Err(Fault::new(StatusCode::BAD_REQUEST, "InvalidURI", message));
        };
        let request = || qsign::Request {
            method: &parts.method,
            path: &path,
            query: &query,
            headers: &parts.headers,
        };
        let signed = Signed::Storage(request());
        let mut checked = match parts.extensions.get::<Proven>() {
            Some(Proven(checked)) => checked.clone(),
            None => self.check(protocol, via(parts), &signed, entry)?,
        };

        let bucket = self.bucket(target).await?;
        let region = region(target, bucket.as_ref(), &self.settings().default_region);
        let mut is_anonymous = self.is_anonymous(&checked);
        // Only Cloud Infinite distinguishes operations by their document. None of them is for
        // everyone.
        let (collected, body) = match protocol {
            Protocol::Ci if is_anonymous && body.length() != Some(0) => {
                return Err(signature::missing(protocol));
            }
            Protocol::Ci => {
                let document = self.collect(body, DOCUMENT_LIMIT, protocol).await?;
                digest::check(&parts.headers, &document.bytes)?;
                let body = Body::from(document.bytes.clone());
                (Some(document), body)
            }
            _ => (None, body),
        };
        if let Some(bucket) = bucket.as_ref().filter(|bucket| bucket.has(cos::LOGGING)) {
            entry.logged = Some(Logged {
                bucket: bucket.name.clone(),
                region: bucket.region.clone(),
                requester: self.number_of(&checked.caller),
            });
        }
        let host = target.host(&region);
        let head = Head {
            method: &parts.method,
            host: &host,
            path: &target.path,
            query: &query,
            headers: Some(&parts.headers),
            action: None,
            version: None,
            body: collected.as_ref().map(|document| &*document.bytes),
        };
        #[cfg_attr(
            not(feature = "pictures"),
            allow(unused_mut, reason = "styles stand behind keys")
        )]
        let mut found = route::find(&head, &parts.headers, target, &region)?;
        let operation = found.operation;
        entry.operation = Some(operation_name(operation));
        // A signature of S3 covers what it is asked for in any case.
        let is_own = parts.extensions.get::<Proven>().is_none();
        if let (Verdict::Valid { .. }, Some(bucket), true) = (&checked.verdict, &bucket, is_own) {
            cos::require_covered(&self.state, bucket, operation, &request()).await?;
        }
        if let (true, Some(bucket)) = (target::is_accelerated(parts), &bucket) {
            cos::require_accelerated(&self.state, &bucket.name).await?;
        }
        // What is not implemented is refused before the request is read.
        let service = services::require(operation)?;
        #[cfg(feature = "pictures")]
        let (wanted, query) = {
            let mut query = query;
            let sent = parts.uri.query().unwrap_or_default();
            let wanted = rendition::take(&self.state, &mut found, sent, &mut query).await?;
            (wanted, query)
        };
        let asking = origin::asking(parts, bucket.as_ref(), operation);
        let mut query = query;
        if asking.is_some() {
            cos::origin::keep_known(operation, &mut query);
        }
        let mut incoming = Incoming::new(found, query, parts.headers.clone(), body)?;
        if self.recorded.are_kept() {
            entry.arrived = Some(Arrived::new(&incoming, target.bucket.as_deref()));
        }
        (service.admit)(&incoming.query, &incoming.headers)?;
        // The signature of a form is in the form, and so is the key.
        let mut posted = None;
        if let ("PostObject", Some(bucket)) = (operation.name, &target.bucket) {
            let body = &mut incoming.body;
            let (form, by_form) = self.posted(parts, body, bucket, checked, entry).await?;
            is_anonymous = self.is_anonymous(&by_form);
            checked = by_form;
            if let Some(logged) = &mut entry.logged {
                logged.requester = self.number_of(&checked.caller);
            }
            if let Some(arrived) = &mut entry.arrived {
                arrived.about(&form.key);
            }
            posted = Some(form);
        }

        // At a host of its own, an operation names its bucket in the path.
        let named = label(&incoming.labels, "bucket");
        let bucket = match (bucket, named) {
            (None, Some(name)) if target.own_host.is_some() => self.bucket_called(name).await?,
            (bucket, _) => bucket,
        };
        let key = match &posted {
            Some(form) => Some(form.key.as_str()),
            None => label(&incoming.labels, "key"),
        };
        let asked = Asked {
            operation,
            bucket: target.bucket.as_deref().or(named),
            key,
            region: &region,
        };
        let met = Met {
            operation,
            bucket: asked.bucket,
            key,
        };
        self.strike(met, protocol, entry).await?;
        let sent = sent_by(parts, &host, &incoming.query);
        let of_bucket = match &bucket {
            Some(bucket) => {
                let caller = &checked.caller;
                Some(OfBucket::read(&self.state, bucket, caller, operation).await?)
            }
            None => None,
        };
        let policy = of_bucket.as_ref().and_then(OfBucket::policy);
        if let Err(refusal) = permit(&self.state, &checked.caller, &asked, &sent, policy) {
            if refusal.is_denial {
                return Err(refusal.fault);
            }
            let wish = Wish {
                caller: if refusal.is_bound {
                    &Caller::Anonymous
                } else {
                    &checked.caller
                },
                operation,
                bucket: bucket.as_ref(),
                key,
                // An id that cannot be read is refused by the operation.
                version: label(&incoming.query, "versionId").and_then(|id| id.parse().ok()),
            };
            if !(service.is_granted)(&self.state, wish).await? {
                return Err(if is_anonymous {
                    signature::missing(protocol)
                } else {
                    refusal.fault
                });
            }
        }
        if let (Protocol::Cos, Some(bucket)) = (protocol, &bucket)
            && parts.method != Method::OPTIONS
            && target.own_host.is_none()
        {
            let signed = signed_by(&checked.verdict, &parts.headers, posted.is_some());
            cos::require_page(&self.state, bucket, &parts.headers, signed).await?;
        }
        #[cfg(feature = "pictures")]
        if let (true, Some(bucket), Some(key)) = (is_anonymous, &bucket, key) {
            let object = (bucket.name.as_str(), key);
            let headers = &parts.headers;
            rendition::guard(&self.state, operation, object, wanted.as_ref(), headers).await?;
        }
        if let (Some(bucket), Some(region)) = (&bucket, &target.region)
            && bucket.region != *region
            && operation.name != "PutBucket"
        {
            return Err(render::elsewhere(bucket, region));
        }

        // The place of a document is held until the answer is ready.
        let mut _place = None;
        match operation.request_body {
            BodyFormat::Raw => limits::require_length(&incoming.headers, &incoming.body)?,
            _ if protocol == Protocol::Ci => {}
            _ => {
                let body = mem::take(&mut incoming.body);
                let document = self.collect(body, DOCUMENT_LIMIT, protocol).await?;
                digest::check(&parts.headers, &document.bytes)?;
                incoming.body = Body::from(document.bytes);
                if let Some(arrived) = &mut entry.arrived {
                    arrived.read(&incoming);
                }
                _place = Some(document.place);
            }
        }
        #[cfg(feature = "pictures")]
        if let Some(wanted) = wanted {
            return rendition::answer(&self.state, &wanted, incoming).await;
        }
        let mut context = context(entry, region, checked, &host);
        // Some operations do something to several objects, and ask again.
        context.extensions.insert(sent);
        if let Some(of_bucket) = of_bucket {
            context.extensions.insert(of_bucket);
        }
        if let Some(posted) = posted {
            context.extensions.insert(posted);
        }
        if let Some(asking) = asking {
            context.extensions.insert(asking);
        }
        // The regional host of the whole service asks for the buckets of its region.
        if let (Protocol::Cos, None, Some(region)) = (protocol, &target.bucket, &target.region) {
            incoming.query.push(("region".to_owned(), region.clone()));
        }
        let answered = service.handlers.call(&self.state, context, incoming).await;
        if bucket.is_some_and(|bucket| bucket.has(cos::REPLICATION)) && !parts.method.is_safe() {
            self.state.replicate.notify_one();
        }
        answered
    }

    /// The number of the account or user that asks.
    fn number_of(&self, caller: &Caller) -> String {
        // Of a role, whoever issued its key.
        if let Caller::Session(session) = caller {
            return session.issuer.clone();
        }
        let directory = self.state.directory();
        directory.number(caller).unwrap_or_default().to_owned()
    }

    /// Whether nobody has signed, where that matters.
    fn is_anonymous(&self, checked: &Checked) -> bool {
        checked.verdict == Verdict::Anonymous && self.settings().auth == AuthMode::Strict
    }

    /// The bucket a request names, if there is one.
    pub(super) async fn bucket(&self, target: &Target) -> Result<Option<Bucket>, Fault> {
        match &target.bucket {
            Some(name) => self.bucket_called(name).await,
            None => Ok(None),
        }
    }

    async fn bucket_called(&self, name: &str) -> Result<Option<Bucket>, Fault> {
        match self.state.store.bucket(name).await {
            Ok(bucket) => Ok(Some(bucket)),
            Err(StoreError::NoSuchBucket(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// How a request with this verdict is signed: as a form, if it is one.
fn signed_by(verdict: &Verdict, headers: &HeaderMap, is_form: bool) -> SignedBy {
    match verdict {
        Verdict::Anonymous => SignedBy::Nobody,
        // The console signs nothing, and is no page of another site.
        _ if is_form || verdict.secret_id().is_empty() => SignedBy::Request,
        _ if headers.contains_key(AUTHORIZATION) => SignedBy::Request,
        _ => SignedBy::Url,
    }
}

/// The text that goes by `name`.
fn label<'a>(named: &'a [(String, String)], name: &str) -> Option<&'a str> {
    named
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
