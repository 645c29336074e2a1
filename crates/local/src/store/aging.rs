//! What becomes of objects as they get older: each change is a transaction of its own, and counts
//! only if nothing that it was decided by has changed since.

use super::accesses;
use super::bucket_settings::SettingName;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{Object, STORAGE_CLASS};
use super::rows::{self, Removed};
use super::sql::sql;
use super::value::Value;
use super::version::VersionId;

/// A version that a rule was applied to, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aged {
    /// The version.
    pub(crate) object: Object,
    /// Whether it was the latest of its key.
    pub(crate) is_latest: bool,
}

/// What a rule lets become of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Aging {
    /// The latest is deleted, as by a request that names no version. One that is not the latest is
    /// deleted for good; so is a delete marker, if its key has nothing else.
    Removed,
    /// It is moved to another storage class.
    Moved(String),
}

impl Store {
    /// Lets `aging` become of `aged`, by the document `document` of `setting`. Returns whether it was
    /// done: not if the setting or the version has changed since, or if it is locked.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`](super::StoreError::Unavailable).
    pub(crate) async fn age(
        &self,
        aged: &Aged,
        aging: &Aging,
        setting: &SettingName,
        document: &str,
    ) -> Result<bool> {
        let mut tx = self.write().await?;
        let done = age(&mut tx, aged, aging, self.now(), (setting, document)).await;
        let done = tx.end(done).await?;
        let removed = done.as_ref().map(|it| &it.garbage);
        self.delete_garbage(removed.into_iter().flatten().map(String::as_str))
            .await;
        Ok(done.is_some())
    }
}

async fn age(
    tx: &mut Connection,
    aged: &Aged,
    aging: &Aging,
    now: i64,
    (setting, document): (&SettingName, &str),
) -> Result<Option<Removed>> {
    let Aged { object, is_latest } = aged;
    let name = object.name();
    rows::lock(tx, &name).await?;
    if !is_set(tx, setting, document).await? || !is_unchanged(tx, aged).await? {
        return Ok(None);
    }
    match aging {
        Aging::Moved(class) => {
            let mut headers = object.attributes.headers.clone();
            headers.insert(STORAGE_CLASS.to_owned(), class.clone());
            accesses::begin(&mut headers, class, now);
            // What was restored of it belongs to the class that it was in.
            let moved = sql(format!(
                "UPDATE objects SET headers = $5, restoration = NULL WHERE {}",
                rows::THIS_ROW
            ));
            let moved = rows::bind_row(moved, object).bind(Value::json(&headers)?);
            let moved = moved.execute(tx).await?;
            Ok((moved > 0).then(Removed::default))
        }
        Aging::Removed if object.is_marker && !is_alone(tx, object).await? => Ok(None),
        Aging::Removed if *is_latest && !object.is_marker => {
            unless_locked(rows::remove(tx, &name, now).await)
        }
        Aging::Removed => {
            let id = if object.is_null {
                VersionId::Null
            } else {
                VersionId::Number(object.version)
            };
            unless_locked(rows::remove_version(tx, &name, id, now).await)
        }
    }
}

/// What was removed; nothing if it is locked, which is told before anything is changed.
fn unless_locked(removed: Result<Removed>) -> Result<Option<Removed>> {
    match removed {
        Err(StoreError::ObjectLocked { .. }) => Ok(None),
        removed => removed.map(Some),
    }
}

/// Whether `setting` still says `document`.
async fn is_set(tx: &mut Connection, setting: &SettingName, document: &str) -> Result<bool> {
    let set = sql("SELECT EXISTS (SELECT 1 FROM bucket_settings \
         WHERE bucket = $1 AND kind = $2 AND id = $3 AND document = $4)");
    set.bind(&setting.bucket)
        .bind(setting.kind)
        .bind(&setting.id)
        .bind(document)
        .scalar(tx)
        .await
}

/// Whether the version is as it was, and the latest of its key if it was.
async fn is_unchanged(tx: &mut Connection, aged: &Aged) -> Result<bool> {
    let was = &aged.object;
    let Some(mut found) = rows::again(tx, was).await? else {
        return Ok(false);
    };
    found.is_versioned = was.is_versioned;
    let newer = "SELECT 1 FROM objects WHERE bucket = $1 AND shown IN (TRUE, FALSE) AND key = $2 \
                 AND version < $3";
    let has_newer: bool = sql(format!("SELECT EXISTS ({newer})"))
        .bind(&was.bucket)
        .bind(&was.key)
        .bind(was.version)
        .scalar(tx)
        .await?;
    Ok(found == *was && has_newer != aged.is_latest)
}

/// Whether `object` is the only version of its key.
async fn is_alone(tx: &mut Connection, object: &Object) -> Result<bool> {
    let others = sql("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = $1 \
         AND shown IN (TRUE, FALSE) AND key = $2 AND version <> $3)");
    let others = others.bind(&object.bucket).bind(&object.key);
    let others: bool = others.bind(object.version).scalar(tx).await?;
    Ok(!others)
}
