//! `index.yaml`: what a service has according to its documents and SDKs.

use schemars::JsonSchema;
use serde::Deserialize;

/// `index.yaml`: what the documents and the official SDKs of a service know, so that what the
/// tables lack is seen.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexFile {
    /// The documents.
    pub documents: Vec<IndexEntry>,
    /// The functions of an official SDK.
    #[serde(default)]
    pub functions: Vec<IndexEntry>,
}

/// A document or a function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexEntry {
    /// Title of the document, or name of the function.
    pub name: String,
    /// Method, path and query as it has them.
    #[serde(default)]
    pub http: Option<String>,
    /// Kind of work that the body names.
    #[serde(default)]
    pub tag: Option<String>,
    /// The operation or structure that answers it, where the route does not say.
    #[serde(default)]
    pub by: Option<String>,
    /// Why nothing answers it.
    #[serde(default)]
    pub reason: Option<String>,
}
