//! Replication rules act: versions that are made in a bucket are copied to others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tcloud_cos::types::{ReplicationRule, RuleStatus, Tag};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::bucket::setting::replication;
use super::bucket::setting::rules::bucket_of;
use crate::state::State;
use crate::store::{Object, ReplicaTarget, Replicated, SettingName, StoreError};

/// How many versions are looked up in one go.
const PAGE: u32 = 100;
/// How often it is looked for what nobody has told of: what a job has made, or another process has
/// left behind.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Copies what is to be copied, until `shutdown`, which does not wait for it: the rest is done later.
pub(crate) async fn keep(state: Arc<State>, shutdown: CancellationToken) {
    let keeping = async {
        loop {
            if let Err(error) = run(&state).await {
                tracing::error!(%error, "cannot copy versions to other buckets");
            }
            tokio::select! {
                () = state.replicate.notified() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    };
    shutdown.run_until_cancelled(keeping).await;
}

/// Copies all that is to be copied, and returns of how many versions copies were made.
///
/// # Errors
///
/// The state cannot be read or written. The rest is to be copied still.
pub(super) async fn run(state: &State) -> Result<u64, StoreError> {
    let mut done = 0;
    loop {
        let noted = state.store.replications(PAGE).await?;
        if noted.is_empty() {
            return Ok(done);
        }
        for replication in noted {
            let targets = match state.store.replicated(&replication).await? {
                Some(object) => targets(&rules(state, &object.bucket).await?, &object),
                None => Vec::new(),
            };
            match state.store.replicate(&replication, &targets).await? {
                Replicated::Done => done += 1,
                Replicated::Failed => {
                    tracing::warn!(?replication, "a version cannot be copied to all buckets");
                }
                Replicated::Nothing => {}
            }
        }
    }
}

/// The rules of `bucket`, as of now.
async fn rules(state: &State, bucket: &str) -> Result<Vec<ReplicationRule>, StoreError> {
    let setting = SettingName {
        bucket: bucket.to_owned(),
        kind: replication::KIND,
        id: String::new(),
    };
    let set = match state.store.bucket_setting(&setting).await {
        Ok(set) => set,
        Err(StoreError::NoSuchBucket(_)) => None,
        Err(error) => return Err(error),
    };
    let read = set.map(|set| replication::rules(&set.document));
    Ok(match read {
        None => Vec::new(),
        Some(Ok(rules)) => rules,
        Some(Err(error)) => {
            // Nobody else has written them.
            tracing::error!(%error, bucket, "cannot read the replication rules");
            Vec::new()
        }
    })
}

/// Where `rules` copy `object` to. Of the rules for one bucket, the one with the highest priority
/// counts.
fn targets(rules: &[ReplicationRule], object: &Object) -> Vec<ReplicaTarget> {
    let mut found: BTreeMap<&str, (i64, ReplicaTarget)> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| matches(rule, object)) {
        let Some(destination) = &rule.destination else {
            continue;
        };
        let Ok((bucket, _)) = bucket_of(destination.bucket.as_deref().unwrap_or_default()) else {
            continue;
        };
        let priority = rule.priority.unwrap_or_default();
        let class = destination.storage_class.as_ref();
        let target = ReplicaTarget {
            bucket: bucket.to_owned(),
            class: class.map(ToString::to_string),
        };
        match found.get(bucket) {
            Some((higher, _)) if *higher >= priority => {}
            _ => {
                found.insert(bucket, (priority, target));
            }
        }
    }
    found.into_values().map(|(_, target)| target).collect()
}

fn matches(rule: &ReplicationRule, object: &Object) -> bool {
    let filter = rule.filter.as_ref();
    let and = filter.and_then(|filter| filter.and.as_ref());
    let prefix = rule
        .prefix
        .as_deref()
        .or_else(|| filter?.prefix.as_deref())
        .or_else(|| and?.prefix.as_deref());
    let tags = &object.attributes.tags;
    let has = |tag: &Tag| {
        let key = tag.key.as_deref().unwrap_or_default();
        tags.get(key).map(String::as_str) == Some(tag.value.as_deref().unwrap_or_default())
    };
    // A rule without a filter is of the first form, which has always copied delete markers.
    let markers = rule.delete_marker_replication.as_ref();
    let copies_markers = match markers.and_then(|it| it.status.as_ref()) {
        Some(status) => *status == RuleStatus::Enabled,
        None => filter.is_none(),
    };
    rule.status == Some(RuleStatus::Enabled)
        && object.key.starts_with(prefix.unwrap_or_default())
        && and.iter().flat_map(|and| &and.tags).all(has)
        && (copies_markers || !object.is_marker)
}
