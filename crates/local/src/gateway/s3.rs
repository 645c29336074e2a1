//! Requests that speak S3: checked as S3 signs, and then served as requests to Object Storage, which
//! they become.

use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri};
use tcloud_core::body::Body;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Fault, Outgoing};
use tcloud_core::sign::encode;

use super::limits::Place;
use super::log::Entry;
use super::signature::{Checked, Proven};
use super::storage::DOCUMENT_LIMIT;
use super::target::{self, Target};
use super::{Gateway, noted, signature, via};
use crate::s3::{self, Chain, Operation, Payload, Read, Scope, Signature, Translated};
use crate::{AuthMode, digest};

/// The region that clients of S3 sign for where nobody has told them one.
const USUAL_REGION: &str = "us-east-1";

/// What a request says of its sender, and what its body has to be.
struct Sender {
    checked: Checked,
    signature: Option<Signature>,
    /// What the signatures of chunks go on from, if the signature was checked.
    chain: Option<Chain>,
}

impl Sender {
    fn unsigned(checked: Checked) -> Self {
        Self {
            checked,
            signature: None,
            chain: None,
        }
    }
}

impl Gateway {
    /// Answers a request that speaks S3.
    pub(super) async fn serve_s3(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        let query = encode::decode_query(parts.uri.query().unwrap_or_default());
        let path = encode::decode_path(parts.uri.path());
        let (Some(query), Some(path)) = (query, path) else {
            let message = "The path or the query is not UTF-8; encode it and try again.";
            return Err(Fault::new(StatusCode::BAD_REQUEST, "InvalidURI", message));
        };
        let request = s3::Request {
            method: &parts.method,
            path: &path,
            query: &query,
            headers: &parts.headers,
        };
        let sender = self.sender(parts, &request, entry)?;
        let mut target = self.place(parts, target, &path)?;
        let scope = match (&target.bucket, target.path.as_str()) {
            (None, _) => Scope::Service,
            (Some(_), "/") => Scope::Bucket,
            (Some(_), _) => Scope::Object,
        };
        let headers = s3::with_hoisted(&query, &parts.headers)?;
        let operation = s3::find(&parts.method, scope, &query, &headers)?;
        self.require_owner(&headers)?;
        if let (Some(signature), Some(_)) = (&sender.signature, &sender.chain) {
            self.require_region(signature, &target).await?;
        }
        let given = sender.signature.as_ref().map(Signature::payload);
        let payload = Payload::read(&headers, given)?;
        let Translated {
            parameters,
            mut headers,
            asked,
        } = s3::translate(operation, &query, &headers, &payload)?;
        let (mut body, read) = payload.guard(body, sender.chain);
        if let Some(fault) = read.fault() {
            return Err(fault);
        }
        // The place of a document is held until the answer is ready.
        let mut _place = None;
        if operation.has_document {
            let document = self.document(operation, body, &read, &mut headers, &mut target);
            let (translated, place) = document.await?;
            body = translated;
            _place = Some(place);
        }
        if operation.name == "CreateBucket" && target.region.is_none() {
            target.region = sender
                .signature
                .map(|signature| signature.region().to_owned())
                .filter(|region| region != USUAL_REGION);
        }

        let mut translated = parts.clone();
        translated.uri = uri(parts, &parameters)?;
        translated.headers = headers;
        translated.extensions.insert(Proven(sender.checked));
        let served = self.serve_storage(&translated, body, &target, entry).await;
        match (served, read.fault()) {
            // What was wrong with the body is told as it was found.
            (Err(_), Some(fault)) => Err(fault),
            (Err(fault), None) => Err(s3::translated_fault(fault)),
            (Ok(served), _) => s3::body(operation, &asked, &read, served, target.bucket.as_deref()),
        }
    }

    fn sender(
        &self,
        parts: &Parts,
        request: &s3::Request<'_>,
        entry: &mut Entry,
    ) -> Result<Sender, Fault> {
        let signature = match Signature::read(request) {
            Err(_) if self.settings().auth == AuthMode::Off => None,
            Err(fault) => {
                let refused = Err(signature::s3::refused(fault));
                return noted(refused, entry).map(|(checked, ())| Sender::unsigned(checked));
            }
            Ok(read) => read,
        };
        let directory = self.state.directory();
        let terms = self.terms(&directory);
        let Some(signature) = signature else {
            let checked = terms.nobody();
            let (checked, ()) = noted(Ok((checked, ())), entry)?;
            return Ok(Sender::unsigned(checked));
        };
        let verify = |secret: Option<&str>, now| signature.verify(request, secret, now);
        let outcome = signature::s3::check(terms, via(parts), &signature, verify);
        let (checked, chain) = noted(outcome, entry)?;
        Ok(Sender {
            checked,
            signature: Some(signature),
            chain,
        })
    }

    /// Where a request leads: by its host, or by its path, which then begins with a bucket.
    fn place(&self, parts: &Parts, target: &Target, path: &str) -> Result<Target, Fault> {
        let host = target::host_name(parts);
        let is_other = target.own_host.is_some()
            || (target.protocol == Protocol::Ci && target::is_of_service(host));
        if is_other {
            let message = "S3 is spoken at the hosts of Object Storage, and at this machine's";
            return Err(Fault::new(
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                message,
            ));
        }
        if target::bucket_at(host, "/", self.settings()).is_some() {
            return Ok(target.clone());
        }
        let (bucket, path) = match target::split_bucket(path) {
            Some((bucket, path)) => (Some(bucket), path),
            None if path == "/" => (None, path.to_owned()),
            None => {
                let name = path.trim_start_matches('/').split('/').next();
                let message = format!(
                    "The specified bucket is not valid: `{}`; its name ends with the number of the \
                     account, as in examplebucket-{}",
                    name.unwrap_or_default().escape_debug(),
                    self.state.directory().account().app_id
                );
                let code = "InvalidBucketName";
                return Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
            }
        };
        Ok(Target {
            protocol: Protocol::Cos,
            // What is at this place was looked at as it was found.
            path: if target.bucket == bucket {
                target.path.clone()
            } else {
                path
            },
            bucket,
            ..target.clone()
        })
    }

    /// Refuses a request of somebody who takes the account for another one.
    fn require_owner(&self, headers: &HeaderMap) -> Result<(), Fault> {
        const HEADERS: [&str; 2] = [
            "x-amz-expected-bucket-owner",
            "x-amz-source-expected-bucket-owner",
        ];
        let directory = self.state.directory();
        let account = directory.account();
        let is_own = |owner: &http::HeaderValue| *owner == account.uin || *owner == account.app_id;
        let other = HEADERS
            .into_iter()
            .find(|name| headers.get(*name).is_some_and(|owner| !is_own(owner)));
        match other {
            Some(name) => {
                let message = format!("{name} is not the account of the bucket");
                Err(Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message))
            }
            None => Ok(()),
        }
    }

    /// Refuses a signature for another region than the bucket's. The usual one is for all.
    async fn require_region(&self, signature: &Signature, target: &Target) -> Result<(), Fault> {
        if signature.region() == USUAL_REGION {
            return Ok(());
        }
        match self.bucket(target).await? {
            Some(bucket) if bucket.region != signature.region() => {
                Err(signature.wrong_region(&bucket.region))
            }
            _ => Ok(()),
        }
    }

    /// The document of a request as Object Storage has it.
    async fn document(
        &self,
        operation: &Operation,
        body: Body,
        read: &Read,
        headers: &mut HeaderMap,
        target: &mut Target,
    ) -> Result<(Body, Place), Fault> {
        let collected = self.collect(body, DOCUMENT_LIMIT, Protocol::Cos).await;
        let document = collected.map_err(|fault| read.fault().unwrap_or(fault))?;
        digest::check(headers, &document.bytes)?;
        headers.remove("content-md5");
        let (text, region) = s3::asked_document(operation, &document.bytes)?;
        if let Some(region) = region {
            if target.region.as_ref().is_some_and(|own| *own != region) {
                let message = format!("the host is not that of the region {region}");
                let code = "IllegalLocationConstraintException";
                return Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
            }
            target.region = Some(region);
        }
        headers.insert(http::header::CONTENT_LENGTH, text.len().into());
        Ok((Body::from(text), document.place))
    }
}

/// The address of a request with other parameters.
fn uri(parts: &Parts, parameters: &[(String, String)]) -> Result<Uri, Fault> {
    let query = encode::query(parameters.iter().map(|(name, value)| (name, value)));
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("{}{mark}{query}", parts.uri.path()).parse();
    uri.map_err(|_| {
        let message = "The address of the request is too long.";
        Fault::new(StatusCode::BAD_REQUEST, "InvalidURI", message)
    })
}
