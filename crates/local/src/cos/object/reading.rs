//! Objects: read and described.

use std::io;

use futures_util::TryStreamExt;
use http::{HeaderValue, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::call::Request;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::format_http_date;
use tcloud_cos::operation::get_object::{GetObjectRequest, GetObjectResponse};
use tcloud_cos::operation::head_object::{HeadObjectRequest, HeadObjectResponse};
use tcloud_cos::types::ObjectType;

use super::conditions::{Conditions, Held};
use super::{attributes, linking, range};
use crate::cos::fault::invalid;
use crate::cos::origin::Missing;
use crate::cos::tiers::Tiers;
use crate::cos::{encryption, names, origin};
use crate::state::State;
use crate::store::{Object, ObjectReader, REPLICATION_STATUS, Restored, Tier, Wanted};

/// Sets what reading and describing have in common.
macro_rules! describe {
    ($answer:ident, $object:ident) => {
        $answer.accept_ranges = Some("bytes".to_owned());
        $answer.etag = Some(attributes::quoted(&$object.etag));
        $answer.last_modified = Some(http_date($object));
        $answer.crc64 = Some($object.crc64.to_string());
        $answer.storage_class = attributes::storage_class($object);
        $answer.object_type = Some(if $object.is_appendable() {
            ObjectType::Appendable
        } else {
            ObjectType::Normal
        });
        $answer.content_type = Some($object.attributes.content_type.clone());
        let kept = |name: &str| $object.attributes.headers.get(name).cloned();
        $answer.cache_control = kept("cache-control");
        $answer.content_disposition = kept("content-disposition");
        $answer.content_encoding = kept("content-encoding");
        $answer.content_language = kept("content-language");
        $answer.expires = kept("expires");
        $answer.metadata.clone_from(&$object.attributes.metadata);
        $answer.replication_status = kept(REPLICATION_STATUS);
        encryption::show!($answer, &$object.attributes);
        let tags = i64::try_from($object.attributes.tags.len()).ok();
        $answer.tagging_count = tags.filter(|tags| *tags > 0);
        $answer.version_id = $object.version_id().map(|id| id.to_string());
    };
}

/// The headers of the answer that the request wants to be others.
#[derive(Default)]
pub(super) struct Instead {
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    content_type: Option<String>,
    expires: Option<String>,
}

impl Instead {
    /// # Errors
    ///
    /// A text cannot be a header's.
    pub(super) fn of(request: &GetObjectRequest) -> Result<Self, Fault> {
        let header = |name: &str, text: &Option<String>| {
            let text = attributes::given(text.as_deref());
            let is_header = |text: &String| HeaderValue::from_bytes(text.as_bytes()).is_ok();
            if text.as_ref().is_none_or(is_header) {
                return Ok(text);
            }
            Err(invalid(format!(
                "{name} has a control character, which no header can carry; leave it out"
            )))
        };
        let GetObjectRequest {
            response_cache_control,
            response_content_disposition,
            response_content_encoding,
            response_content_language,
            response_content_type,
            response_expires,
            ..
        } = request;
        Ok(Self {
            cache_control: header("response-cache-control", response_cache_control)?,
            content_disposition: header(
                "response-content-disposition",
                response_content_disposition,
            )?,
            content_encoding: header("response-content-encoding", response_content_encoding)?,
            content_language: header("response-content-language", response_content_language)?,
            content_type: header("response-content-type", response_content_type)?,
            expires: header("response-expires", response_expires)?,
        })
    }

    /// Puts them in the place of those of the object.
    pub(super) fn replace(self, answer: &mut GetObjectResponse) {
        for (header, instead) in [
            (&mut answer.cache_control, self.cache_control),
            (&mut answer.content_disposition, self.content_disposition),
            (&mut answer.content_encoding, self.content_encoding),
            (&mut answer.content_language, self.content_language),
            (&mut answer.content_type, self.content_type),
            (&mut answer.expires, self.expires),
        ] {
            if instead.is_some() {
                *header = instead;
            }
        }
    }
}

/// Reads an object or a part of it.
pub(in crate::cos) async fn get(
    state: &State,
    context: Context,
    request: GetObjectRequest,
) -> Result<Answer<GetObjectResponse>, Fault> {
    let instead = Instead::of(&request)?;
    let key = encryption::sent_key!(request).read()?;
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let conditions = Conditions {
        if_match: request.if_match,
        if_none_match: request.if_none_match,
        if_modified_since: request.if_modified_since,
        if_unmodified_since: request.if_unmodified_since,
    };
    let operation = GetObjectRequest::operation();
    let follow = || {
        let name = name.clone();
        linking::follow(state, &context, operation, name, version, Wanted::Content)
    };
    let followed = match follow().await {
        Err(fault) if version.is_none() => {
            match Box::pin(origin::missing(state, &context, &name, fault)).await? {
                Missing::Stored => follow().await,
                Missing::SentOn(answer) => return Ok(*answer),
            }
        }
        followed => followed,
    };
    let (_, version, found) = followed?;
    let object = &found.object;
    encryption::require(&object.attributes, key.as_ref())?;
    if held(&conditions, object)? == Held::NotModified {
        let mut answer = GetObjectResponse::new();
        answer.etag = Some(attributes::quoted(&object.etag));
        answer.last_modified = Some(http_date(object));
        // As the service has it; cos-python cannot read an answer without a length.
        answer.content_length = Some(0);
        return Ok(Answer::new(answer).status(StatusCode::NOT_MODIFIED));
    }
    let part = request.range.as_deref().and_then(range::parse);
    let sealed_with = key.as_ref().map(|key| &key.key);
    let reader = state.store.get_found(found, version, part, sealed_with);
    let reader = reader.await?;
    // It may have been replaced since it was compared.
    encryption::require(&reader.object.attributes, key.as_ref())?;
    held(&conditions, &reader.object)?;

    let ObjectReader {
        object,
        range,
        content,
    } = reader;
    let object = &object;
    let tiers = Tiers::of(state, &object.bucket, [object].into_iter()).await?;
    tiers.note_read(state, object).await;
    let length = range.end.saturating_sub(range.start);
    let mut answer = GetObjectResponse::new();
    describe!(answer, object);
    answer.storage_tier = tiers.tier(object);
    answer.restore = restore(object, state.store.now());
    answer.content_length = i64::try_from(length).ok();
    let mut status = StatusCode::OK;
    if part.is_some() {
        status = StatusCode::PARTIAL_CONTENT;
        let last = range.end.saturating_sub(1);
        let size = object.size;
        answer.content_range = Some(format!("bytes {}-{last}/{size}", range.start));
    }
    instead.replace(&mut answer);
    let body = Body::from_stream(content.map_err(io::Error::other), Some(length));
    Ok(Answer::new(answer).body(body).status(status))
}

/// Describes an object.
pub(in crate::cos) async fn head(
    state: &State,
    context: Context,
    request: HeadObjectRequest,
) -> Result<Answer<HeadObjectResponse>, Fault> {
    let key = encryption::sent_key!(request).read()?;
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let conditions = Conditions {
        if_match: request.if_match,
        if_none_match: request.if_none_match,
        if_modified_since: request.if_modified_since,
        if_unmodified_since: request.if_unmodified_since,
    };
    let operation = HeadObjectRequest::operation();
    let wanted = Wanted::Description;
    let followed = linking::follow(state, &context, operation, name, version, wanted);
    let (_, _, found) = followed.await?;
    let object = &found.object;
    encryption::require(&object.attributes, key.as_ref())?;
    let mut answer = HeadObjectResponse::new();
    if held(&conditions, object)? == Held::NotModified {
        answer.etag = Some(attributes::quoted(&object.etag));
        answer.last_modified = Some(http_date(object));
        answer.content_length = Some(0);
        return Ok(Answer::new(answer).status(StatusCode::NOT_MODIFIED));
    }
    describe!(answer, object);
    let tiers = Tiers::of(state, &object.bucket, [object].into_iter()).await?;
    answer.storage_tier = tiers.tier(object);
    answer.restore = restore(object, state.store.now());
    answer.restore_status = restore_status(object);
    answer.content_length = i64::try_from(object.size).ok();
    Ok(answer.into())
}

/// Whether a restored copy can be read at the time `now`, or is being made.
fn restore(object: &Object, now: i64) -> Option<String> {
    let restoration = object.restoration()?;
    match restoration.at(now) {
        Restored::UnderWay => Some("ongoing-request=\"true\"".to_owned()),
        Restored::Done => {
            let until = format_http_date(restoration.until.div_euclid(1000));
            Some(format!(
                "ongoing-request=\"false\", expiry-date=\"{until}\""
            ))
        }
        Restored::Over => None,
    }
}

/// What the last restoration was asked for.
fn restore_status(object: &Object) -> Option<String> {
    let restoration = object.restoration()?;
    let tier = match restoration.tier {
        Tier::Expedited => "expedited",
        Tier::Standard => "standard",
        Tier::Bulk => "bulk",
    };
    let date = format_http_date(restoration.requested.div_euclid(1000));
    Some(format!("tier=\"{tier}\"; request-date=\"{date}\""))
}

fn held(conditions: &Conditions, object: &Object) -> Result<Held, Fault> {
    conditions.check(&object.etag, object.last_modified.div_euclid(1000))
}

pub(super) fn http_date(object: &Object) -> String {
    format_http_date(object.last_modified.div_euclid(1000))
}
