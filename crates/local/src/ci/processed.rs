//! Pictures that are processed while they are read, by operations of their own: `?ci-process=…`.

use bytes::Bytes;
use http::HeaderMap;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Answer, Fault};

use super::fault::invalid;
use crate::cos::{object_name, rendition};
use crate::pictures::{CI, Recipe, Rendition};
use crate::state::State;

/// A picture as it is stored or sent.
pub(super) struct Sent {
    pub(super) bytes: Bytes,
    pub(super) media_type: String,
    /// What says how it was made.
    pub(super) headers: HeaderMap,
}

impl Sent {
    /// A picture as it is stored.
    pub(super) fn stored(bytes: Bytes, media_type: String) -> Self {
        Self {
            bytes,
            media_type,
            headers: HeaderMap::new(),
        }
    }

    /// Its length in bytes, as headers have it.
    pub(super) fn length(&self) -> Option<i64> {
        i64::try_from(self.bytes.len()).ok()
    }
}

/// The answer `output` with the picture `bytes` and what says how it was made.
pub(super) fn answer<T>(output: T, bytes: Bytes, headers: HeaderMap) -> Answer<T> {
    let mut answer = Answer::new(output).body(bytes);
    answer.headers = headers;
    answer
}

/// The object, or what is at `address`.
///
/// # Errors
///
/// There is none, or it is too large for a picture.
pub(super) async fn read(
    state: &State,
    bucket: Option<String>,
    key: Option<String>,
    address: Option<String>,
) -> Result<Sent, Fault> {
    let (bytes, media_type) = if let Some(address) = address {
        let bytes = fetched(state, "detect-url", &address).await?;
        (bytes, "application/octet-stream".to_owned())
    } else {
        let name = object_name(bucket, key)?;
        let (object, bytes) = rendition::read(state, &name, None).await?;
        (bytes, object.attributes.content_type)
    };
    Ok(Sent::stored(bytes, media_type))
}

/// What is at `address`, which the parameter `name` has.
///
/// # Errors
///
/// It cannot be had.
pub(super) async fn fetched(state: &State, name: &str, address: &str) -> Result<Bytes, Fault> {
    let fetched = state.fetch.get(address, CI.max_input_bytes).await;
    fetched.map_err(|error| invalid(format!("{name}: {error}")))
}

/// The picture `source` as `recipe` makes it, in its own format and quality where that is written.
///
/// # Errors
///
/// It cannot be processed.
pub(super) async fn made(state: &State, mut source: Sent, recipe: Recipe) -> Result<Sent, Fault> {
    let recipe = recipe.or_png();
    // No part of such a recipe reads from a bucket.
    let input = std::mem::take(&mut source.bytes);
    let made = state.pictures.render(CI, &recipe, "", input).await;
    Ok(match made.map_err(rendition::unprocessed)? {
        Rendition::Picture {
            bytes,
            format,
            engines,
        } => Sent {
            bytes,
            media_type: format.media_type().to_owned(),
            headers: rendition::engine_header(&engines),
        },
        Rendition::Original(bytes) => Sent { bytes, ..source },
        // These recipes end in pictures.
        other => {
            let message = format!("a picture was to be made, and not {other:?}");
            return Err(Fault::internal(Protocol::Ci, message));
        }
    })
}
