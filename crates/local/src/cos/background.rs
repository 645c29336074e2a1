//! What settings of buckets ask for from time to time, one after the other.
//!
//! Each setting has passes (`store/passes.rs`): one process is at one, a crash gives it back, and
//! whoever takes it over goes on where it was.

use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;

use super::bucket::setting;
use super::{inventory, lifecycle, logging, midnight, origin, replication};
use crate::state::State;
use crate::store::{Begun, BucketSetting, Pass, SettingName, StoreError};

/// How often it is looked whether another process has ended a pass.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The settings that ask for something, in the order in which it is done.
const KINDS: [&str; 2] = [setting::lifecycle::KIND, setting::inventory::KIND];

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// What has not been done since it was due, unless another process is at it.
    Due,
    /// All that is due by now, whether it was looked at before or not. Another process that is at it
    /// is waited for.
    Now,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Report {
    /// By lifecycle rules.
    pub(crate) lifecycle: lifecycle::Done,
    /// How many inventories were written.
    pub(crate) inventories: u64,
    /// How many versions were copied to other buckets; others may have been before.
    pub(crate) replicated: u64,
    /// How many objects were fetched from origins that nobody has waited for; others may have been
    /// before.
    pub(crate) fetched: u64,
    /// How many objects with accesses were delivered.
    pub(crate) access_logs: u64,
}

/// Delivers all accesses that this process has kept, which ends.
pub(crate) async fn end(state: &State) {
    let _alone = state.background.lock().await;
    if let Err(error) = logging::deliver(state, true).await {
        tracing::warn!(%error, "accesses are not logged");
    }
}

/// Does what settings ask for by the cloud's clock.
///
/// # Errors
///
/// The state cannot be read or written. What was not done is done the next time.
pub(crate) async fn run(state: &State, when: When) -> Result<Report, StoreError> {
    let _alone = state.background.lock().await;
    let mut report = Report::default();
    let mut failed = None;
    for kind in KINDS {
        for set in state.store.settings_of_kind(kind).await? {
            let Some((due, again)) = due(&set, kind, when, state.store.now()) else {
                continue;
            };
            let done = passes(state, &set, kind, (due, again, when), &mut report);
            if let Err(error) = done.await {
                // The others have their turn.
                tracing::warn!(%error, kind, bucket = set.bucket, "a setting could not act");
                failed.get_or_insert(error);
            }
        }
    }
    if when == When::Now {
        report.fetched = origin::run(state).await;
    }
    match replication::run(state).await {
        Ok(replicated) => report.replicated = replicated,
        Err(error) => {
            failed.get_or_insert(error);
        }
    }
    match logging::deliver(state, when == When::Now).await {
        Ok(delivered) => report.access_logs = delivered,
        Err(error) => {
            failed.get_or_insert(error);
        }
    }
    if report != Report::default() {
        tracing::info!(?report, "settings of buckets have acted");
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(report),
    }
}

/// The time for which `set` asks for a pass, if it does, and whether for one that was done already.
fn due(set: &BucketSetting, kind: &str, when: When, now: i64) -> Option<(i64, bool)> {
    if kind == setting::inventory::KIND {
        let due = inventory::due(&set.document, now)?;
        // What was due before it was set was not asked for.
        return (due > set.set_at).then_some((due, false));
    }
    Some(match when {
        When::Due => (midnight::last(now), false),
        // What a rule says of a date may have become true within a day.
        When::Now => (now, true),
    })
}

/// Ends the pass that was begun, if there is one, and does the one for the time `due`.
async fn passes(
    state: &State,
    set: &BucketSetting,
    kind: &'static str,
    (due, again, when): (i64, bool, When),
    report: &mut Report,
) -> Result<(), StoreError> {
    let name = SettingName {
        bucket: set.bucket.clone(),
        kind,
        id: set.id.clone(),
    };
    loop {
        let pass = match state.store.begin_pass(&name, due, again).await? {
            // If it is dead or has given the pass up, that shows within a minute.
            Begun::Busy if when == When::Now => {
                sleep(LOOK_EVERY).await;
                continue;
            }
            Begun::Busy | Begun::Done => return Ok(()),
            Begun::Mine(pass) => pass,
        };
        // Boxed: housekeeping holds it for as long as the cloud lives.
        match Box::pin(act(state, &pass, report)).await {
            Ok(true) => {
                state.store.end_pass(&pass).await?;
            }
            // Another process goes on.
            Ok(false) => continue,
            Err(StoreError::NoSuchBucket(_)) => return Ok(()),
            Err(error) => {
                state.store.leave_pass(&pass).await?;
                return Err(error);
            }
        }
        if pass.due >= due {
            return Ok(());
        }
    }
}

/// Does what is left of `pass`. Returns whether it came to its end.
async fn act(state: &State, pass: &Pass, report: &mut Report) -> Result<bool, StoreError> {
    if pass.setting.kind == setting::inventory::KIND {
        return inventory::run(state, pass, &mut report.inventories).await;
    }
    lifecycle::run(state, pass, &mut report.lifecycle).await
}

#[cfg(test)]
mod tests;
