//! What calls follow one another: the next page of a list, the next look at a job.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// How a list continues.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Request parameter that names the next page.
    pub input: String,
    /// Response node with its value; without it the parameter is a number that counts up.
    pub output: Option<String>,
    /// Further request parameters that name the next page, each with the response node that has its
    /// value: `version-id-marker: NextVersionIdMarker`.
    #[serde(default)]
    pub also: BTreeMap<String, String>,
    /// What such a number counts.
    #[serde(default)]
    pub by: Counted,
    /// Response node that says whether there is more (`true`).
    pub more: Option<String>,
    /// Response node with the number of items in all, for page numbers.
    pub total: Option<String>,
    /// Response node that holds the items.
    pub items: String,
}

/// How lists of a service continue: fits an operation whose request has the parameter and whose
/// response has the node and one list alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagingRule {
    /// Request parameter that names the next page.
    pub input: String,
    /// Response node with its value; without it the parameter is a number that counts up.
    #[serde(default)]
    pub output: Option<String>,
    /// What such a number counts.
    #[serde(default)]
    pub by: Counted,
    /// Response nodes with the number of items in all; the first that the response has counts.
    #[serde(default)]
    pub total: Vec<String>,
}

/// What the number that asks for the next page counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// Pages, from 1.
    #[default]
    Pages,
    /// The items before the page, from 0.
    Items,
}

/// How to wait for a job.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiter {
    /// Name of the client's method: `wait_job`.
    pub name: String,
    /// Response node with the state; the first item of a list counts.
    pub state: String,
    /// States that end the wait well.
    pub success: Vec<String>,
    /// States that end it badly.
    #[serde(default)]
    pub failure: Vec<String>,
    /// Response node with the error's code; with `success` a code other than `ok` means failure.
    #[serde(default)]
    pub code: Option<String>,
    /// The codes that mean no error.
    #[serde(default)]
    pub ok: Vec<String>,
    /// Response node with the error's message.
    #[serde(default)]
    pub message: Option<String>,
    /// How the parts of a job report that they failed, where the job as a whole does not.
    #[serde(default)]
    pub parts: Option<Parts>,
    /// Seconds between two looks.
    pub interval: u32,
    /// Seconds until the wait is given up.
    pub timeout: u32,
}

/// How a part of a job, a container anywhere in the response, shows that it failed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Row with the state.
    pub state: String,
    /// States of failure.
    pub failure: Vec<String>,
    /// Rows with the error's code; the first that the part has counts.
    #[serde(default)]
    pub code: Vec<String>,
    /// The codes that mean no error.
    #[serde(default)]
    pub ok: Vec<String>,
    /// Row with the error's message.
    pub message: String,
}
