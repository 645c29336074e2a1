//! Where a table comes from.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where a table comes from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Address.
    #[serde(default)]
    pub url: String,
    /// The day it was last changed, `YYYY-MM-DD`.
    #[serde(default)]
    pub updated: String,
    /// Where documents disagree and which one is followed.
    #[serde(default)]
    pub note: String,
}
