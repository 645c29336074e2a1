//! Access logs are delivered: what `access_log` keeps of a bucket becomes an object of another one.

use tcloud_core::time::format_iso_utc;

use super::bucket::setting::reports;
use crate::access_log::Lines;
use crate::state::State;
use crate::store::{ObjectAttributes, ObjectName, Overwrite, SettingName, StoreError, new_id};

/// How long lines wait for others, in milliseconds.
const WAIT: i64 = 5 * 60 * 1000;

/// Delivers what has waited long enough, or all if `all`, and returns how many objects there were.
///
/// # Errors
///
/// The state cannot be read or written. What was not delivered is kept.
pub(super) async fn deliver(state: &State, all: bool) -> Result<u64, StoreError> {
    let before = if all {
        i64::MAX
    } else {
        state.store.now().saturating_sub(WAIT)
    };
    let mut delivered = 0;
    let mut failed = None;
    for (bucket, lines) in state.access_log.take(before) {
        match deliver_one(state, &bucket, &lines).await {
            Ok(is_delivered) => delivered += u64::from(is_delivered),
            Err(error) => {
                state.access_log.put_back(&bucket, &lines);
                failed.get_or_insert(error);
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(delivered),
    }
}

/// Delivers `lines` of `bucket`, if it is still logged. Where logs go there may be no bucket any more.
async fn deliver_one(state: &State, bucket: &str, lines: &Lines) -> Result<bool, StoreError> {
    let setting = SettingName {
        bucket: bucket.to_owned(),
        kind: reports::LOGGING,
        id: String::new(),
    };
    let set = match state.store.bucket_setting(&setting).await {
        Ok(set) => set,
        Err(StoreError::NoSuchBucket(_)) => None,
        Err(error) => return Err(error),
    };
    let Some(set) = set else {
        return Ok(false);
    };
    let (target, prefix) = match reports::log_target(&set.document) {
        Ok(target) => target,
        Err(error) => {
            // Nobody else has written it.
            tracing::error!(%error, bucket, "cannot read where accesses are logged");
            return Ok(false);
        }
    };
    let name = ObjectName::new(target, format!("{prefix}{}", key(lines.since)));
    let blob = state.store.upload_bytes(lines.text.clone().into()).await?;
    let attributes = ObjectAttributes {
        content_type: "text/plain".to_owned(),
        ..ObjectAttributes::default()
    };
    let put = state
        .store
        .put_object(&name, blob, &attributes, Overwrite::Allow);
    match put.await {
        Ok(_) => Ok(true),
        Err(StoreError::NoSuchBucket(target)) => {
            tracing::warn!(
                bucket,
                target,
                "there is no bucket any more for access logs"
            );
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// The end of the key of what was logged from the time `since` on: the day, and a name that no other
/// process gives.
fn key(since: i64) -> String {
    let time = format_iso_utc(since.div_euclid(1000));
    let digits: String = time.chars().filter(char::is_ascii_digit).collect();
    let day = time.split('T').next().unwrap_or_default().replace('-', "/");
    format!("{day}/{digits}_{}_0", new_id(""))
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_key_has_its_day_and_is_no_other() {
        let first = key(1_700_000_000_000);
        assert!(first.starts_with("2023/11/14/20231114221320_"), "{first}");
        assert!(first.ends_with("_0"));
        assert_ne!(first, key(1_700_000_000_000));
    }
}
