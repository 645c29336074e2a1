//! Pictures that are processed while they are read: `GET /cat.jpg?imageMogr2/thumbnail/640x`.
//!
//! The answer is computed anew each time. Its `ETag` is that of the object and the pipeline
//! together, so a client that has it already gets that answer without any work. Parts are not answered:
//! a request with `Range` gets the whole, as HTTP allows.

use bytes::Bytes;
use http::{Method, StatusCode};
use md5::{Digest as _, Md5};
use tcloud_ci::picture::Pipeline;
use tcloud_core::operation::Operation;
use tcloud_core::server::{Answer, Fault, Incoming, Outgoing};
use tcloud_cos::operation::get_object::{self, GetObjectRequest, GetObjectResponse};
use tcloud_cos::operation::head_object::HeadObjectRequest;
use tcloud_imaging::{Error, Subject};

use super::attributes;
use super::conditions::{Conditions, Held};
use super::reading::{Instead, find, http_date};
use crate::cos::fault::{invalid, not_implemented};
use crate::cos::names;
use crate::pictures::{CI, PictureError, Recipe, RecipeError, Rendition};
use crate::state::State;
use crate::store::{Object, ObjectName, VersionId};

/// Takes the pipeline out of the query of a request for an object, if there is one.
///
/// # Errors
///
/// It is not well-formed, or something of it is not built.
pub(crate) fn take(
    operation: &Operation,
    sent: &str,
    query: &mut Vec<(String, String)>,
) -> Result<Option<Recipe>, Fault> {
    if !matches!(operation.name, "GetObject" | "HeadObject") || operation.service.name != "cos" {
        return Ok(None);
    }
    let pipeline = Pipeline::from_query(sent).map_err(|error| invalid(error.to_string()))?;
    let Some(pipeline) = pipeline else {
        return Ok(None);
    };
    let recipe = Recipe::new(&pipeline).map_err(refused)?;
    // One of several would be ignored: the others stay, and are refused.
    if let Some(at) = query.iter().position(|(name, _)| Pipeline::begins(name)) {
        query.remove(at);
    }
    Ok(Some(recipe))
}

/// What a request for an object says besides its name.
struct Asked {
    name: ObjectName,
    version: Option<VersionId>,
    conditions: Conditions,
    instead: Instead,
}

impl Asked {
    fn of(incoming: Incoming) -> Result<Self, Fault> {
        let request = if incoming.operation.method == Method::HEAD.as_str() {
            let (head, _) = incoming.decode::<HeadObjectRequest>()?;
            let mut request = GetObjectRequest::default();
            request.bucket = head.bucket;
            request.key = head.key;
            request.version_id = head.version_id;
            request.if_match = head.if_match;
            request.if_none_match = head.if_none_match;
            request.if_modified_since = head.if_modified_since;
            request.if_unmodified_since = head.if_unmodified_since;
            request
        } else {
            incoming.decode::<GetObjectRequest>()?.0
        };
        Ok(Self {
            instead: Instead::of(&request)?,
            version: names::version(request.version_id.as_deref())?,
            name: names::object(request.bucket, request.key)?,
            conditions: Conditions {
                if_match: request.if_match,
                if_none_match: request.if_none_match,
                if_modified_since: request.if_modified_since,
                if_unmodified_since: request.if_unmodified_since,
            },
        })
    }
}

/// Answers `incoming`, which asks for an object as `recipe` makes it.
///
/// # Errors
///
/// There is no such object, its conditions are not met, or the picture cannot be processed.
pub(crate) async fn answer(
    state: &State,
    recipe: &Recipe,
    incoming: Incoming,
) -> Result<Outgoing, Fault> {
    let Asked {
        name,
        version,
        conditions,
        instead,
    } = Asked::of(incoming)?;
    let found = find(state, &name, version).await?;
    let modified = found.last_modified.div_euclid(1000);
    let etag = tag(&found, recipe);
    let mut answer = GetObjectResponse::new();
    answer.etag = Some(attributes::quoted(&etag));
    answer.last_modified = Some(http_date(&found));
    // A picture that is laid on it may have been replaced meanwhile.
    let is_fixed = !recipe.reads_others();
    if conditions.check(&etag, modified)? == Held::NotModified && is_fixed {
        answer.content_length = Some(0);
        let answer = Answer::new(answer).status(StatusCode::NOT_MODIFIED);
        return Outgoing::encode(&get_object::OPERATION, answer);
    }
    let (object, input) = read(state, &name, version).await?;
    // It may have been replaced since it was compared.
    answer.etag = Some(attributes::quoted(&tag(&object, recipe)));
    answer.last_modified = Some(http_date(&object));
    let rendition = state
        .pictures
        .render(CI, recipe, &object.bucket, input)
        .await;
    let (bytes, media_type) = match rendition.map_err(unprocessed)? {
        Rendition::Picture { bytes, format } => (bytes, format.media_type().to_owned()),
        Rendition::Json(text) => (text.into(), "application/json".to_owned()),
        Rendition::Original(bytes) => (bytes, object.attributes.content_type.clone()),
    };
    answer.content_type = Some(media_type);
    answer.content_length = i64::try_from(bytes.len()).ok();
    let kept = |name: &str| object.attributes.headers.get(name).cloned();
    answer.cache_control = kept("cache-control");
    answer.content_disposition = kept("content-disposition");
    answer.expires = kept("expires");
    instead.replace(&mut answer);
    Outgoing::encode(&get_object::OPERATION, Answer::new(answer).body(bytes))
}

/// The whole object, if it is not too large for a picture.
///
/// # Errors
///
/// It is, or there is none.
pub(crate) async fn read(
    state: &State,
    name: &ObjectName,
    version: Option<VersionId>,
) -> Result<(Object, Bytes), Fault> {
    let reader = state.store.get_version(name, version, None).await?;
    let (bytes, limit) = (reader.object.size, CI.max_input_bytes);
    if bytes > limit {
        return Err(unprocessed(Error::TooLarge { bytes, limit }.into()));
    }
    let object = reader.object.clone();
    Ok((object, reader.bytes().await?))
}

/// The tag of what `recipe` makes of `object`, by this version of the engine.
fn tag(object: &Object, recipe: &Recipe) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!("{}\n{}\n{version}", object.etag, recipe.text());
    format!("{:032x}", u128::from_be_bytes(Md5::digest(text).into()))
}

fn refused(error: RecipeError) -> Fault {
    match error {
        RecipeError::Invalid(message) => invalid(message),
        RecipeError::NotBuilt(what) => not_implemented(&format!("The picture processing `{what}`")),
    }
}

/// Why a picture was not processed, with the codes of Cloud Infinite.
pub(crate) fn unprocessed(error: PictureError) -> Fault {
    let message = error.to_string();
    let (status, code) = match error {
        PictureError::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        PictureError::Refused(error) => match error {
            Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "InvalidContent"),
            Error::InvalidParameter { .. }
            | Error::MissingGlyph { .. }
            | Error::OutputTooLarge { .. } => (StatusCode::BAD_REQUEST, "InvalidArgument"),
            Error::SideTooLong { subject, .. } | Error::TooManyPixels { subject, .. }
                if subject != Subject::Input =>
            {
                (StatusCode::BAD_REQUEST, "InvalidArgument")
            }
            // The service may read or write it.
            Error::UnsupportedFormat { is_known: true, .. } => {
                (StatusCode::NOT_IMPLEMENTED, "NotImplemented")
            }
            _ => (StatusCode::BAD_REQUEST, "InvalidContent"),
        },
    };
    Fault::new(status, code, message)
}
