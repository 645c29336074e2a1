//! Objects made of others: the content is never copied, two rows name it.

use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{Object, ObjectAttributes, ObjectName, Overwrite};
use super::version::{VersionId, Versioning};
use super::{buckets, rows};

impl Store {
    /// Stores the content of `source`, as it was read before, under the name `to` as well.
    ///
    /// # Errors
    ///
    /// [`StoreError::ObjectChanged`] if the source has been replaced or deleted since;
    /// [`StoreError::NoSuchBucket`]; [`StoreError::ObjectExists`] if that was forbidden.
    pub(crate) async fn copy_object(
        &self,
        source: &Object,
        to: &ObjectName,
        attributes: ObjectAttributes,
        overwrite: Overwrite,
    ) -> Result<Object> {
        let mut tx = self.write().await?;
        let copied = copy(&mut tx, source, to, attributes, overwrite, self.now()).await;
        let (copy, garbage) = tx.end(copied).await?;
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(copy)
    }

    /// Gives the object `from` the name `to`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`]; [`StoreError::ObjectExists`] if
    /// that was forbidden.
    pub(crate) async fn rename_object(
        &self,
        from: &ObjectName,
        to: &ObjectName,
        overwrite: Overwrite,
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.write().await?;
        let renamed = async {
            buckets::find(&mut tx, &from.bucket).await?;
            rows::lock_all(&mut tx, vec![from, to]).await?;
            // Told first, whether the new name is free or not.
            rows::find(&mut tx, from).await?;
            require_free(&mut tx, to, overwrite).await?;
            rows::rename(&mut tx, from, to, now).await
        };
        let renamed = renamed.await;
        let garbage = tx.end(renamed).await?;
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(())
    }
}

/// [`Store::copy_object`] in a transaction. Returns the blobs that are garbage then, too.
pub(super) async fn copy(
    tx: &mut Connection,
    source: &Object,
    to: &ObjectName,
    attributes: ObjectAttributes,
    overwrite: Overwrite,
    now: i64,
) -> Result<(Object, Vec<String>)> {
    let from = source.name();
    // Whoever deletes the source has to wait until the copy names its content.
    rows::lock_all(tx, vec![&from, to]).await?;
    let same = source.version_id().or(Some(VersionId::Null));
    let content = match rows::find_version(tx, &from, same).await {
        Ok(found) if found.blob == source.blob => found,
        Ok(_) | Err(StoreError::NoSuchVersion(..) | StoreError::DeleteMarker(..)) => {
            return Err(StoreError::ObjectChanged(from));
        }
        Err(error) => return Err(error),
    };
    require_free(tx, to, overwrite).await?;
    let mut copy = Object {
        attributes,
        restoration: None,
        ..content.renamed(to, now)
    };
    let garbage = rows::insert(tx, &mut copy).await?;
    Ok((copy, garbage))
}

/// Refuses a name that is taken, if that is asked for. Where versions are kept, nothing is lost.
pub(super) async fn require_free(
    tx: &mut Connection,
    name: &ObjectName,
    overwrite: Overwrite,
) -> Result<()> {
    let matters = match overwrite {
        Overwrite::Allow => false,
        Overwrite::Forbid => {
            buckets::keep(tx, &name.bucket).await?.versioning != Versioning::Enabled
        }
        Overwrite::Never => true,
    };
    if matters && rows::find_optional(tx, name).await?.is_some() {
        return Err(StoreError::ObjectExists(name.clone()));
    }
    Ok(())
}
