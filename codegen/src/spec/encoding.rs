//! Texts that travel URL-encoded.

use schemars::JsonSchema;
use serde::Deserialize;

/// That the service URL-encodes texts of its answer if it is asked to, since XML cannot carry every
/// character: those of the rows marked `url_encoded`. The call asks for it and undoes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// Request parameter that asks for it by `url`.
    pub asked_by: String,
    /// Response nodes, directly in the root, any of which declares it by `url`.
    pub marked_by: Vec<String>,
}
