//! Pictures that rules make of others, on their way into the store.

use bytes::Bytes;
use tcloud_ci::types::QrCodeInfo;
use tcloud_core::server::Fault;
use tcloud_imaging::BlindWatermark;

use crate::cos::{self, rendition};
use crate::pictures::{CI, Description, Recipe, Rendition, engine_metadata};
use crate::state::State;
use crate::store::{Object, ObjectAttributes, ObjectName, Overwrite};

/// A picture that was made.
pub(super) struct Made {
    pub(super) bytes: Bytes,
    pub(super) about: Description,
    /// What made it, by name.
    pub(super) engines: Vec<String>,
    /// How sure it is that it was hidden in another picture, 0 to 100.
    pub(super) certainty: Option<u8>,
    /// The codes that it shows, if they were looked for.
    pub(super) codes: Option<Vec<QrCodeInfo>>,
}

/// What comes of a rule.
pub(super) enum Product {
    /// A picture.
    Picture(Made),
    /// The text that was hidden in a picture, if there is one.
    Text(Option<String>),
}

/// Makes a picture of `input`, which is in `bucket`.
///
/// # Errors
///
/// It cannot be processed.
pub(super) async fn make(
    state: &State,
    recipe: &Recipe,
    bucket: &str,
    input: Bytes,
) -> Result<Product, Fault> {
    let rendition = state.pictures.render(CI, recipe, bucket, input).await;
    let (bytes, engines, certainty, codes) = match rendition.map_err(rendition::unprocessed)? {
        Rendition::Picture { bytes, engines, .. } => (bytes, engines, None, None),
        Rendition::Original(bytes) => (bytes, Vec::new(), None, None),
        Rendition::Json(text) => (text.into(), Vec::new(), None, None),
        Rendition::Text(text) => return Ok(Product::Text(text)),
        Rendition::Found { outline, certainty } => {
            let engines = vec![BlindWatermark::NAME.to_owned()];
            (outline, engines, Some(certainty), None)
        }
        #[cfg(feature = "codes")]
        Rendition::Codes {
            codes,
            bytes,
            engines,
        } => (bytes, engines, None, Some(super::codes::described(codes))),
    };
    let about = state.pictures.describe(CI, &bytes);
    let about = about.map_err(|error| rendition::unprocessed(error.into()))?;
    Ok(Product::Picture(Made {
        bytes,
        about,
        engines,
        certainty,
        codes,
    }))
}

/// What is known of the picture `input`, and its main colour.
///
/// # Errors
///
/// It is no picture.
pub(super) async fn original(state: &State, input: Bytes) -> Result<(Description, String), Fault> {
    let about = state.pictures.describe(CI, &input);
    let about = about.map_err(|error| rendition::unprocessed(error.into()))?;
    let average = state.pictures.information(CI, input).await;
    let average = average.map_err(rendition::unprocessed)?.average;
    Ok((about, average))
}

impl Made {
    /// What is kept with it.
    pub(super) fn attributes(&self) -> ObjectAttributes {
        ObjectAttributes {
            content_type: self.about.format.media_type().to_owned(),
            metadata: engine_metadata(&self.engines),
            ..ObjectAttributes::default()
        }
    }

    /// Stores it as `name`.
    pub(super) async fn store(&self, state: &State, name: &ObjectName) -> Result<Object, Fault> {
        let blob = state.store.upload_bytes(self.bytes.clone()).await?;
        let mut attributes = self.attributes();
        cos::encrypt_by_default(state, &name.bucket, &mut attributes).await?;
        let stored = state
            .store
            .put_object(name, blob, &attributes, Overwrite::Allow)
            .await?;
        Ok(stored)
    }
}
