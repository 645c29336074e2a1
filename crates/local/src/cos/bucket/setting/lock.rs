//! Whether objects of a bucket can be locked.

use tcloud_core::server::Fault;
use tcloud_cos::operation::get_bucket_object_lock::GetBucketObjectLockRequest;
use tcloud_cos::operation::put_bucket_object_lock::PutBucketObjectLockRequest;

use super::conflicts::{self, conflict};
use super::kept::{Absent, Setting};
use crate::state::State;
use crate::store::{Bucket, SettingName, Versioning};

/// That they can.
pub(super) struct ObjectLock;

impl Setting for ObjectLock {
    type Put = PutBucketObjectLockRequest;
    type Get = GetBucketObjectLockRequest;

    const KIND: &'static str = conflicts::OBJECT_LOCK;
    const ABSENT: Absent = Absent::Refused("NoSuchObjectLockConfiguration");

    async fn check_beside(state: &State, bucket: &Bucket, _: &Self::Put) -> Result<(), Fault> {
        if bucket.versioning == Versioning::Suspended {
            return Err(conflict(
                "the bucket's versioning is suspended, so objects cannot be locked; enable it first",
            ));
        }
        conflicts::require_untiered(state, &bucket.name).await
    }

    /// The store locks what is stored from now on.
    async fn keep(
        state: &State,
        name: &SettingName,
        document: &str,
        request: &Self::Put,
    ) -> Result<(), Fault> {
        let rule = request.rule.as_ref();
        let days = rule.and_then(|rule| rule.default_retention.as_ref()?.days);
        let days = days.unwrap_or_default();
        state.store.put_object_lock(name, document, days).await?;
        Ok(())
    }
}
