//! The jobs that operations start.

use schemars::JsonSchema;
use serde::Deserialize;

/// The one job that an operation starts.
///
/// The operation that describes the job takes the id by its row of the same name, and whatever else
/// it requires from the rows of the same names in the request that started the job; upper and lower
/// case do not matter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Response node with the job's id; the first item of a list counts.
    pub id: String,
    /// The operation that describes the job, whose `waiter` waits for it. Without it: the job
    /// cannot be waited for.
    #[serde(default)]
    pub described_by: Option<String>,
}
