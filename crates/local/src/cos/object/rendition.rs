//! Pictures that are processed while they are read: `GET /cat.jpg?imageMogr2/thumbnail/640x`.
//!
//! The answer is computed once and kept (`crate::pictures::cache`). Its `ETag` is that of the object and the pipeline
//! together, so a client that has it already gets that answer without any work. Parts are not answered:
//! a request with `Range` gets the whole, as HTTP allows.
//!
//! Styles of the bucket stand in the query, `?style/small`, or behind the key, `cat.jpg!small`.

use bytes::Bytes;
use http::header::REFERER;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use md5::{Digest as _, Md5};
use tcloud_ci::picture::{ImageSlim, Pipeline, Step, Style};
use tcloud_core::operation::Operation;
use tcloud_core::server::{Answer, Fault, Incoming, Outgoing, Route};
use tcloud_cos::operation::get_object::{self, GetObjectRequest, GetObjectResponse};
use tcloud_cos::operation::head_object::HeadObjectRequest;
use tcloud_imaging::{BlindWatermark, Error, Format, Subject};

use super::attributes;
use super::conditions::{Conditions, Held};
use super::finding::find;
use super::reading::{Instead, http_date};
use crate::cos::fault::{invalid, not_implemented};
use crate::cos::names;
use crate::picture_rules;
#[cfg(feature = "codes")]
use crate::pictures::Ending;
use crate::pictures::cache::{Found, Kept};
use crate::pictures::settings::{self, StyleError};
use crate::pictures::slimming;
use crate::pictures::{CI, PictureError, Recipe, RecipeError, Rendition};
use crate::state::State;
use crate::store::{Object, ObjectName, StoreError, VersionId};

/// The header that says whether a rendition was made before.
const CACHE: HeaderName = HeaderName::from_static("x-tcloud-rendition");

/// The header that names what made a picture: the engines of Tencent are others.
const ENGINES: HeaderName = HeaderName::from_static("x-tcloud-engines");

/// The header that says how sure it is that a blind watermark was found, 0 to 100.
const CERTAINTY: HeaderName = HeaderName::from_static("x-tcloud-watermark-certainty");

/// What a request for an object wants to be made of it.
pub(crate) struct Wanted {
    recipe: Recipe,
    /// Whether it may be had where the original is protected.
    hides_original: bool,
}

/// Takes the pipeline out of the query of a request for an object, or the style from behind its key,
/// if there is one.
///
/// # Errors
///
/// It is not well-formed, the bucket has no such style, or something of it is not built.
pub(crate) async fn take(
    state: &State,
    route: &mut Route,
    sent: &str,
    query: &mut Vec<(String, String)>,
) -> Result<Option<Wanted>, Fault> {
    if !is_of_object(route.operation) {
        return Ok(None);
    }
    let label = |name| move |(label, _): &&(String, String)| label == name;
    let bucket = route.labels.iter().find(label("bucket"));
    let bucket = bucket.map(|(_, name)| name.clone()).unwrap_or_default();
    let pipeline = Pipeline::from_query(sent).map_err(|error| invalid(error.to_string()))?;
    let pipeline = if let Some(pipeline) = pipeline {
        // One of several would be ignored: the others stay, and are refused.
        if let Some(at) = query.iter().position(|(name, _)| Pipeline::begins(name)) {
            query.remove(at);
        }
        pipeline
    } else {
        let separators = &state.settings.style_separators;
        let mut labels = route.labels.iter_mut();
        let Some((_, key)) = labels.find(|(label, _)| label == "key") else {
            return Ok(None);
        };
        let Some((object, style)) = settings::split(&state.store, &bucket, key, separators).await?
        else {
            return slimmed(state, &bucket, key).await;
        };
        *key = object;
        Style::new(style).into()
    };
    let hides_original = settings::hides_original(&pipeline);
    let recipe = recipe(state, &bucket, pipeline).await?;
    #[cfg(feature = "codes")]
    if let Ending::Codes { .. } = recipe.ending() {
        return Err(invalid(
            "QRcode is a rule for uploads and stored pictures; read codes by ?ci-process=QRcode",
        ));
    }
    Ok(Some(Wanted {
        recipe,
        hides_original,
    }))
}

/// What makes the picture `key` slim, if its bucket has that done to whatever is read. A file that is
/// no picture is sent as it is.
async fn slimmed(state: &State, bucket: &str, key: &str) -> Result<Option<Wanted>, Fault> {
    if !slimming::may_cover(key) {
        return Ok(None);
    }
    let slimming = match settings::slimmed(&state.store, bucket).await {
        Err(StoreError::NoSuchBucket(_)) => None,
        slimming => slimming?,
    };
    if !slimming.is_some_and(|it| it.covers(key)) {
        return Ok(None);
    }
    let recipe = Recipe::new(&ImageSlim::new().into()).map_err(refused)?;
    Ok(Some(Wanted {
        recipe: recipe.ignore_error(true),
        hides_original: false,
    }))
}

/// What `pipeline` does to a picture of `bucket`.
///
/// # Errors
///
/// The bucket has no such style, does not slim, or something of it is not built.
pub(crate) async fn recipe(
    state: &State,
    bucket: &str,
    pipeline: Pipeline,
) -> Result<Recipe, Fault> {
    let store = &state.store;
    let expanded = settings::expand(store, bucket, pipeline).await;
    let pipeline = expanded.map_err(|error| match error {
        StyleError::Recipe(error) => refused(error),
        StyleError::Store(error) => error.into(),
    })?;
    let mut steps = pipeline.steps().iter();
    let slims = steps.any(|step| matches!(step, Step::ImageSlim(_)));
    if slims && settings::slimmed(store, bucket).await?.is_none() {
        return Err(invalid(format!(
            "imageSlim is not switched on for bucket {bucket}; switch it on with PUT /?image-slim"
        )));
    }
    Recipe::new(&pipeline).map_err(refused)
}

fn is_of_object(operation: &Operation) -> bool {
    matches!(operation.name, "GetObject" | "HeadObject") && operation.service.name == "cos"
}

/// Refuses a request without a signature that the settings of the bucket keep from its pictures.
///
/// # Errors
///
/// The original is protected, or the page the request comes from may not show pictures.
pub(crate) async fn guard(
    state: &State,
    operation: &Operation,
    object: (&str, &str),
    wanted: Option<&Wanted>,
    headers: &HeaderMap,
) -> Result<(), Fault> {
    let (bucket, key) = object;
    let is_picture = attributes::media_type(key).starts_with("image/");
    if !is_of_object(operation) || !is_picture {
        return Ok(());
    }
    let denied = |message| Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message);
    if let Some(hotlinks) = settings::hotlinks(&state.store, bucket).await? {
        let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
        if !hotlinks.allows(referer) {
            let from = referer.unwrap_or("no page");
            return Err(denied(format!(
                "the request comes from {from}, which the hotlink protection of bucket {bucket} \
                 does not let show its pictures"
            )));
        }
    }
    let hides = wanted.is_some_and(|wanted| wanted.hides_original);
    if !hides && settings::is_protected(&state.store, bucket).await? {
        return Err(denied(format!(
            "bucket {bucket} protects its original pictures; ask for a style or sign the request"
        )));
    }
    Ok(())
}

/// What a request for an object says besides its name.
struct Asked {
    name: ObjectName,
    version: Option<VersionId>,
    conditions: Conditions,
    instead: Instead,
}

/// What `GetObject` and `HeadObject` have in common.
macro_rules! asked {
    ($request:expr, $instead:expr) => {{
        let request = $request;
        Asked {
            instead: $instead,
            version: names::version(request.version_id.as_deref())?,
            name: names::object(request.bucket, request.key)?,
            conditions: Conditions {
                if_match: request.if_match,
                if_none_match: request.if_none_match,
                if_modified_since: request.if_modified_since,
                if_unmodified_since: request.if_unmodified_since,
            },
        }
    }};
}

impl Asked {
    fn of(incoming: Incoming) -> Result<Self, Fault> {
        Ok(if incoming.operation.method == Method::HEAD.as_str() {
            let (request, _) = incoming.decode::<HeadObjectRequest>()?;
            asked!(request, Instead::default())
        } else {
            let (request, _) = incoming.decode::<GetObjectRequest>()?;
            let instead = Instead::of(&request)?;
            asked!(request, instead)
        })
    }
}

/// Answers `incoming`, which asks for an object as the recipe makes it.
///
/// # Errors
///
/// There is no such object, its conditions are not met, or the picture cannot be processed.
pub(crate) async fn answer(
    state: &State,
    Wanted { recipe, .. }: &Wanted,
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
    let kept = if is_fixed {
        Some(state.renditions.find(&etag).await)
    } else {
        None
    };
    let (object, rendition, hit) = match kept {
        Some(Found::Kept(Kept::Rendition(rendition))) => (found, rendition, true),
        Some(Found::Kept(Kept::Original)) => {
            let (object, input) = read(state, &name, version).await?;
            (object, Rendition::Original(input), true)
        }
        missing => {
            let _room = state.pictures.room(found.size).await.map_err(unprocessed)?;
            let (object, input) = read(state, &name, version).await?;
            let rendition = state
                .pictures
                .render(CI, recipe, &object.bucket, input)
                .await;
            let rendition = rendition.map_err(unprocessed)?;
            // It may have been replaced since it was compared.
            if let Some(Found::Missing(vacancy)) = missing
                && tag(&object, recipe) == etag
            {
                vacancy.keep(&rendition).await;
            }
            (object, rendition, false)
        }
    };
    answer.etag = Some(attributes::quoted(&tag(&object, recipe)));
    answer.last_modified = Some(http_date(&object));
    let mut engines = HeaderMap::new();
    let (bytes, media_type) = match rendition {
        Rendition::Picture {
            bytes,
            format,
            engines: names,
        } => {
            engines = engine_header(&names);
            (bytes, format.media_type().to_owned())
        }
        Rendition::Json(text) => (text.into(), "application/json".to_owned()),
        Rendition::Original(bytes) => (bytes, object.attributes.content_type.clone()),
        Rendition::Text(text) => {
            let told = serde_json::json!({ "text": text, "engine": BlindWatermark::NAME });
            (told.to_string().into(), "application/json".to_owned())
        }
        Rendition::Found { outline, certainty } => {
            engines = engine_header(&[BlindWatermark::NAME.to_owned()]);
            engines.insert(CERTAINTY, u16::from(certainty).into());
            (outline, Format::Png.media_type().to_owned())
        }
        #[cfg(feature = "codes")]
        Rendition::Codes { bytes, .. } => (bytes, object.attributes.content_type.clone()),
    };
    answer.content_type = Some(media_type);
    answer.content_length = i64::try_from(bytes.len()).ok();
    let kept = |name: &str| object.attributes.headers.get(name).cloned();
    answer.cache_control = kept("cache-control");
    answer.content_disposition = kept("content-disposition");
    answer.expires = kept("expires");
    instead.replace(&mut answer);
    let mut outgoing = Outgoing::encode(&get_object::OPERATION, Answer::new(answer).body(bytes))?;
    let cache = HeaderValue::from_static(if hit { "hit" } else { "miss" });
    outgoing.headers.insert(CACHE, cache);
    outgoing.headers.extend(engines);
    Ok(outgoing)
}

/// The header that names `engines`; none if there are none.
pub(crate) fn engine_header(engines: &[String]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let (false, Ok(value)) = (engines.is_empty(), engines.join(", ").parse()) {
        headers.insert(ENGINES, value);
    }
    headers
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

/// Why a pipeline is not done, with the codes of the service.
pub(crate) fn refused(error: RecipeError) -> Fault {
    match error {
        RecipeError::Invalid(message) => invalid(message),
        RecipeError::NotBuilt(what) => {
            let mut fault = not_implemented(&format!("The picture processing `{what}`"));
            if let Some(reason) = picture_rules::reason(&what) {
                fault.message = format!("{} The reason: {reason}.", fault.message);
            }
            fault
        }
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
            Error::UnsupportedFormat { is_known: true, .. } | Error::MissingCodec { .. } => {
                (StatusCode::NOT_IMPLEMENTED, "NotImplemented")
            }
            Error::Codec { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
            _ => (StatusCode::BAD_REQUEST, "InvalidContent"),
        },
    };
    Fault::new(status, code, message)
}
