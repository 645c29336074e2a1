//! Faults on demand: rules that say which requests fail, and how.
//!
//! | what | file |
//! | --- | --- |
//! | what a rule says | `rule` |
//! | which rules there are, and which of them a request meets | here |
//! | what becomes of a request that met one | `gateway/struck.rs` |
//! | the page | `gateway/faults.rs` |

mod rule;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

pub(crate) use self::rule::Met;
pub use self::rule::{FaultKind, FaultRule, FaultRuleError};

/// The rules by which requests to a [`LocalCloud`](crate::LocalCloud) fail. Cloning gives another
/// handle to the same ones.
///
/// A request that is signed well and could be read is compared with the rules in the order in which
/// they were added. Delays add up; the first refusal ends it, and the rules after it do not see the
/// request. The answer names the rules that the request met in the header `x-tcloud-fault`, and so
/// does `/_local/requests`.
///
/// ```
/// use tcloud_core::config::Config;
/// use tcloud_core::credentials::Credentials;
/// use tcloud_cos::operation::put_object::PutObjectRequest;
/// use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, FaultRule, LocalCloud, Settings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::default().bucket("album-1250000000");
/// let cloud = LocalCloud::start(settings).await?;
/// // The first upload is refused; the client tries again by itself.
/// let rule = FaultRule::throttle().of::<PutObjectRequest>().count(1);
/// cloud.faults().add(rule)?;
///
/// let config = Config::builder()
///     .region("ap-guangzhou")
///     .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
///     .transport(cloud.transport())
///     .build()?;
/// let cos = tcloud_cos::Client::new(&config);
/// let reply = cos.put_object("album-1250000000", "cat.png", "…").send().await?;
/// assert_eq!(reply.attempts(), 2);
/// assert_eq!(cloud.faults().list()[0].hits, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Rules>>);

#[derive(Debug, Default)]
struct Rules {
    last_id: u64,
    rules: Vec<FaultState>,
}

/// A rule, and what came of it so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FaultState {
    /// The number of the rule, by which it is removed.
    pub id: u64,
    /// How many requests it was about.
    pub matched: u64,
    /// How many of them it let fail.
    pub hits: u64,
    /// The rule.
    pub rule: FaultRule,
}

/// What becomes of a request by the rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Struck {
    /// The rules that it met.
    pub(crate) ids: Vec<u64>,
    /// How long it waits first.
    pub(crate) latency: Duration,
    /// How it is refused then.
    pub(crate) refusal: Option<FaultKind>,
    /// After how many bytes its answer breaks off.
    pub(crate) cut: Option<u64>,
    /// Whether the checksum in its answer is wrong.
    pub(crate) wrong_checksum: bool,
}

impl Faults {
    /// Adds `rule` after all others, and returns its number.
    ///
    /// # Errors
    ///
    /// No request could ever meet it, or it is no fault.
    pub fn add(&self, rule: FaultRule) -> Result<u64, FaultRuleError> {
        rule.check()?;
        let mut rules = self.lock();
        rules.last_id += 1;
        let id = rules.last_id;
        rules.rules.push(FaultState {
            id,
            matched: 0,
            hits: 0,
            rule,
        });
        Ok(id)
    }

    /// All rules, in their order, with their counts.
    pub fn list(&self) -> Vec<FaultState> {
        self.lock().rules.clone()
    }

    /// Removes the rule `id`, and returns whether it was there.
    pub fn remove(&self, id: u64) -> bool {
        let mut rules = self.lock();
        let before = rules.rules.len();
        rules.rules.retain(|state| state.id != id);
        rules.rules.len() < before
    }

    /// Removes all rules. Their numbers are not given again.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// What becomes of the request, which the rules that are about it count.
    pub(crate) fn judge(&self, met: Met<'_>) -> Struck {
        let mut struck = Struck::default();
        let mut rules = self.lock();
        for state in &mut rules.rules {
            if !state.rule.is_about(met) {
                continue;
            }
            let number = state.matched;
            state.matched = state.matched.saturating_add(1);
            if !state.rule.strikes(number, state.hits) {
                continue;
            }
            state.hits = state.hits.saturating_add(1);
            struck.ids.push(state.id);
            match &state.rule.fault {
                FaultKind::Latency { millis } => {
                    let more = Duration::from_millis(*millis);
                    struck.latency = struck.latency.saturating_add(more);
                }
                FaultKind::Cut { after } => {
                    let first = struck.cut.map_or(*after, |cut| cut.min(*after));
                    struck.cut = Some(first);
                }
                FaultKind::WrongChecksum => struck.wrong_checksum = true,
                refusal => {
                    struck.refusal = Some(refusal.clone());
                    break;
                }
            }
        }
        struck
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        // Nothing above panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
