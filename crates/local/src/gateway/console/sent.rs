//! What the console's page sends.

use serde::de::DeserializeOwned;
use tcloud_core::body::Body;

/// The longest document, in bytes.
const LIMIT: usize = 64 * 1024;

/// The JSON document that `body` is.
///
/// # Errors
///
/// It is none of this kind; the text says why.
pub(super) async fn document<T: DeserializeOwned>(body: Body) -> Result<T, String> {
    let bytes = body.collect(LIMIT).await;
    let bytes = bytes.map_err(|error| format!("the document cannot be read: {error}"))?;
    serde_json::from_slice(&bytes).map_err(|error| format!("the document is wrong: {error}"))
}
