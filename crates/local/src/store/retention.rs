//! Locks of objects, and of the new ones of a bucket: set.

use super::bucket_settings::{self, SettingName};
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::ObjectName;
use super::version::VersionId;
use super::{buckets, rows};

impl Store {
    /// Lets objects of the bucket be locked, new ones for `days` days unless that is 0, and keeps
    /// `document` as its setting `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub(crate) async fn put_object_lock(
        &self,
        name: &SettingName,
        document: &str,
        days: i64,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let put = async {
            buckets::set(&mut tx, &name.bucket, "retention", days).await?;
            bucket_settings::write(&mut tx, name, document, self.now()).await
        }
        .await;
        tx.end(put).await
    }

    /// Locks the object `name`, or a version of it, until the time `until`.
    ///
    /// # Errors
    ///
    /// [`StoreError::LockNotLonger`] if that is over, or if it is locked for longer;
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], [`StoreError::NoSuchVersion`],
    /// [`StoreError::DeleteMarker`].
    pub(crate) async fn lock_object(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        until: i64,
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.write().await?;
        let locked = async {
            rows::lock(&mut tx, name).await?;
            let object = rows::find_version(&mut tx, name, version).await?;
            let least = object.locked_until.unwrap_or(now).max(now);
            if until < least || until == now {
                return Err(StoreError::LockNotLonger(name.clone()));
            }
            rows::set(&mut tx, name, version, "locked_until", until).await
        }
        .await;
        tx.end(locked).await
    }
}
