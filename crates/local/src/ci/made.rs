//! Pictures that rules make of others, on their way into the store.

use bytes::Bytes;
use tcloud_core::server::Fault;

use crate::cos::rendition;
use crate::pictures::{CI, Description, Recipe, Rendition};
use crate::state::State;
use crate::store::{Object, ObjectAttributes, ObjectName, Overwrite};

/// A picture that was made.
pub(super) struct Made {
    pub(super) bytes: Bytes,
    pub(super) about: Description,
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
) -> Result<Made, Fault> {
    let rendition = state.pictures.render(CI, recipe, bucket, input).await;
    let bytes = match rendition.map_err(rendition::unprocessed)? {
        Rendition::Picture { bytes, .. } | Rendition::Original(bytes) => bytes,
        Rendition::Json(text) => text.into(),
    };
    let about = state.pictures.describe(CI, &bytes);
    let about = about.map_err(|error| rendition::unprocessed(error.into()))?;
    Ok(Made { bytes, about })
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
            ..ObjectAttributes::default()
        }
    }

    /// Stores it as `name`.
    pub(super) async fn store(&self, state: &State, name: &ObjectName) -> Result<Object, Fault> {
        let blob = state.store.upload_bytes(self.bytes.clone()).await?;
        let attributes = self.attributes();
        let stored = state
            .store
            .put_object(name, blob, &attributes, Overwrite::Allow)
            .await?;
        Ok(stored)
    }
}
