//! The rows of objects, within a transaction.
//!
//! A key has a row for each version. The one that is `shown` is what a request finds that names no
//! version; there is none if the newest version is a delete marker. In a bucket that never kept
//! versions, the shown row is the only one.

use std::collections::BTreeMap;

use super::acl::Acl;
use super::bucket::Bucket;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::locking::{self, LOCK};
use super::object::{Found, Object, ObjectAttributes, ObjectName, Wanted};
use super::sql::{Script, Sql, sql};
use super::uploads::StagedBlob;
use super::value::Value;
use super::version::{VersionId, Versioning, next_number};
use super::{buckets, contents, garbage, replications};

/// The row that [`bind_row`] binds.
pub(super) const THIS_ROW: &str = "bucket = $1 AND shown = $2 AND key = $3 AND version = $4";

/// Binds the four values of [`THIS_ROW`].
pub(super) fn bind_row(statement: Sql, object: &Object) -> Sql {
    statement
        .bind(&object.bucket)
        .bind(object.shown)
        .bind(&object.key)
        .bind(object.version)
}

/// The row of `object` as it is now, if it is still there.
pub(super) async fn again(tx: &mut Connection, object: &Object) -> Result<Option<Object>> {
    let row = sql(format!("SELECT * FROM objects WHERE {THIS_ROW}"));
    bind_row(row, object).optional(tx).await
}

/// Replaces what is kept as headers in the row of `object`.
pub(super) async fn set_headers(
    tx: &mut Connection,
    object: &Object,
    headers: &BTreeMap<String, String>,
) -> Result<()> {
    let set = sql(format!("UPDATE objects SET headers = $5 WHERE {THIS_ROW}"));
    let set = bind_row(set, object).bind(Value::json(headers)?);
    set.execute(tx).await.map(drop)
}

/// What became of an object or of a version that was removed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Whether there was one.
    pub(super) existed: bool,
    /// The delete marker that was made, or that was removed.
    pub(super) marker: Option<VersionId>,
    /// Until when it is locked, and so is still there.
    pub(super) locked_until: Option<i64>,
    /// The blobs that are garbage now.
    pub(super) garbage: Vec<String>,
}

/// Content that a row has shown: its name, and whether it is kept with the rows.
type Displaced = (String, bool);

/// Keeps other transactions from the object `name`, whether it exists or not, until this one ends.
pub(super) async fn lock(tx: &mut Connection, name: &ObjectName) -> Result<()> {
    tx.lock(&name.to_string()).await
}

/// Keeps other transactions from all of `names`. The order is always the same, so that two
/// transactions never wait for each other.
pub(super) async fn lock_all(tx: &mut Connection, mut names: Vec<&ObjectName>) -> Result<()> {
    names.sort_unstable_by_key(|name| (&name.bucket, &name.key));
    for name in names {
        lock(tx, name).await?;
    }
    Ok(())
}

/// The object that `blob` is about to become.
pub(super) fn staged_object(
    name: &ObjectName,
    blob: &StagedBlob,
    attributes: ObjectAttributes,
    now: i64,
) -> Object {
    Object {
        size: blob.size,
        etag: blob.etag(),
        crc64: blob.crc64,
        attributes,
        blob: blob.id().to_owned(),
        inline: blob.is_inline(),
        sealed: blob.sealed(),
        ..Object::without_content(name, now)
    }
}

/// The object `name`, as the transaction on `tx` sees it.
pub(super) async fn find(tx: &mut Connection, name: &ObjectName) -> Result<Object> {
    find_optional(tx, name)
        .await?
        .ok_or_else(|| StoreError::NoSuchObject(name.clone()))
}

/// The object `name`, if it exists.
pub(super) async fn find_optional(
    tx: &mut Connection,
    name: &ObjectName,
) -> Result<Option<Object>> {
    shown("SELECT * FROM objects", name).optional(tx).await
}

/// `what` of the version of the object `name` that is shown.
fn shown(what: &str, name: &ObjectName) -> Sql {
    sql(format!(
        "{what} WHERE bucket = $1 AND shown = TRUE AND key = $2"
    ))
    .bind(&name.bucket)
    .bind(&name.key)
}

/// The given version of the object `name`, or the object itself.
///
/// # Errors
///
/// As [`find_wanted`].
pub(super) async fn find_version(
    tx: &mut Connection,
    name: &ObjectName,
    version: Option<VersionId>,
) -> Result<Object> {
    let found = find_wanted(tx, name, version, Wanted::Description).await?;
    Ok(found.object)
}

/// The given version of the object `name`, or the object itself, with what is `wanted` of it.
///
/// # Errors
///
/// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], [`StoreError::NoSuchVersion`],
/// [`StoreError::DeleteMarker`].
pub(super) async fn find_wanted(
    tx: &mut Connection,
    name: &ObjectName,
    version: Option<VersionId>,
    wanted: Wanted,
) -> Result<Found> {
    let content = match wanted {
        Wanted::Description => "",
        Wanted::Content => {
            ", (SELECT content FROM contents WHERE objects.inline AND id = objects.blob) AS content"
        }
    };
    // One statement, since every read needs it.
    let what = format!(
        "SELECT *, EXISTS (SELECT 1 FROM buckets WHERE name = objects.bucket AND versioning <> '') \
         AS is_versioned{content} FROM objects"
    );
    let found = match version {
        None => shown(&what, name),
        Some(id) => of_version(&what, name, id),
    };
    let Some(found) = found.optional::<Found>(tx).await? else {
        buckets::find(tx, &name.bucket).await?;
        return Err(match version {
            None => StoreError::NoSuchObject(name.clone()),
            Some(id) => StoreError::NoSuchVersion(name.clone(), id),
        });
    };
    match found.object.version_id() {
        Some(id) if found.object.is_marker => Err(StoreError::DeleteMarker(name.clone(), id)),
        _ => Ok(found),
    }
}

/// `what` of the version `id` of the object `name`.
fn of_version(what: &str, name: &ObjectName, id: VersionId) -> Sql {
    let key = "bucket = $1 AND shown IN (TRUE, FALSE) AND key = $2";
    let bind = |text: String| sql(text).bind(&name.bucket).bind(&name.key);
    match id {
        VersionId::Null => bind(format!("{what} WHERE {key} AND is_null = TRUE")),
        VersionId::Number(number) => bind(format!(
            "{what} WHERE {key} AND version = $3 AND is_null = FALSE"
        ))
        .bind(number),
    }
}

/// The number of the version `null` of `name`, if it has one.
pub(super) async fn null_number(tx: &mut Connection, name: &ObjectName) -> Result<Option<i64>> {
    of_version("SELECT version FROM objects", name, VersionId::Null)
        .scalar_optional(tx)
        .await
}

/// The newest version of `name`, if it is a delete marker.
pub(super) async fn marker(tx: &mut Connection, name: &ObjectName) -> Result<Option<VersionId>> {
    let newest: Option<Object> = sql(
        "SELECT * FROM objects WHERE bucket = $1 AND shown = FALSE AND key = $2 \
         ORDER BY version LIMIT 1",
    )
    .bind(&name.bucket)
    .bind(&name.key)
    .optional(tx)
    .await?;
    let Some(mut newest) = newest else {
        return Ok(None);
    };
    newest.is_versioned = true;
    Ok(newest.version_id().filter(|_| newest.is_marker))
}

/// Writes the row of `object` with its content `blob`, and returns the blobs that are garbage now.
pub(super) async fn insert_staged(
    tx: &mut Connection,
    object: &mut Object,
    blob: &StagedBlob,
) -> Result<Vec<String>> {
    let Some(content) = blob.row() else {
        let garbage = insert(tx, object).await?;
        blob.place(tx).await?;
        return Ok(garbage);
    };
    let displaced = make_room(tx, object).await?;
    let mut script = Script::default();
    script.push(row(object)?);
    script.push(content);
    let displaced = match displaced {
        Some((id, true)) => {
            script.push(garbage::delete_inline(&id));
            None
        }
        displaced => displaced,
    };
    script.execute(tx).await?;
    replications::note(tx, object).await?;
    discard(tx, displaced, object.last_modified).await
}

/// Makes `object` the newest version of its key, and returns the blobs that are garbage now. The
/// caller has locked the name.
pub(super) async fn insert(tx: &mut Connection, object: &mut Object) -> Result<Vec<String>> {
    let displaced = make_room(tx, object).await?;
    write(tx, object).await?;
    replications::note(tx, object).await?;
    discard(tx, displaced, object.last_modified).await
}

/// Makes room for `object`, the newest version of its key, and completes it. Returns the content that was
/// deleted, if any.
async fn make_room(tx: &mut Connection, object: &mut Object) -> Result<Option<Displaced>> {
    let bucket = buckets::keep(tx, &object.bucket).await?;
    let name = object.name();
    let displaced = displace(tx, &name, &bucket, object.last_modified).await?;
    number(tx, object, bucket.versioning).await?;
    object.locked_until = locking::new_lock(&bucket, object.last_modified);
    Ok(displaced)
}

/// Gives `object`, which is about to be the newest of its key, its number.
async fn number(tx: &mut Connection, object: &mut Object, versioning: Versioning) -> Result<()> {
    let newest: Option<i64> = if versioning == Versioning::Never {
        // There is no other.
        None
    } else {
        let newest = "SELECT min(version) AS newest FROM objects WHERE bucket = $1 AND key = $2";
        sql(format!(
            "SELECT min(newest) FROM ({newest} AND shown = TRUE UNION ALL {newest} AND shown = \
             FALSE) AS each"
        ))
        .bind(&object.bucket)
        .bind(&object.key)
        .scalar(tx)
        .await?
    };
    object.version = next_number(object.last_modified, newest);
    object.is_null = versioning != Versioning::Enabled;
    object.is_versioned = versioning != Versioning::Never;
    object.shown = !object.is_marker;
    Ok(())
}

/// Writes the row of `object`.
pub(super) async fn write(tx: &mut Connection, object: &Object) -> Result<()> {
    row(object)?.execute(tx).await.map(drop)
}

/// The insertion of the row of `object`.
fn row(object: &Object) -> Result<Sql> {
    // No disk is larger than the largest signed number.
    let size = i64::try_from(object.size).unwrap_or(i64::MAX);
    let insertion = sql(
        "INSERT INTO objects (bucket, shown, key, version, is_null, is_marker, blob, inline, size, \
         etag, crc64, content_type, headers, metadata, acl, tags, last_modified, restoration, sealed, \
         locked_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
         $17, $18, $19, $20)",
    );
    Ok(insertion
        .bind(&object.bucket)
        .bind(object.shown)
        .bind(&object.key)
        .bind(object.version)
        .bind(object.is_null)
        .bind(object.is_marker)
        .bind(&object.blob)
        .bind(object.inline)
        .bind(size)
        .bind(&object.etag)
        .bind(object.crc64.to_string())
        .bind(&object.attributes.content_type)
        .bind(Value::json(&object.attributes.headers)?)
        .bind(Value::json(&object.attributes.metadata)?)
        .bind(object.attributes.acl.kept()?)
        .bind(Value::json(&object.attributes.tags)?)
        .bind(object.last_modified)
        .bind(&object.restoration)
        .bind(&object.sealed)
        .bind(object.locked_until))
}

/// Makes room for a new version of `name`: what must not stay is deleted, what stays is not shown
/// any more. Returns the content that was deleted, if any.
async fn displace(
    tx: &mut Connection,
    name: &ObjectName,
    bucket: &Bucket,
    now: i64,
) -> Result<Option<Displaced>> {
    match bucket.versioning {
        Versioning::Never => {
            let shown = sql(format!(
                "{LOCK} WHERE bucket = $1 AND shown = TRUE AND key = $2"
            ));
            let shown = shown.bind(&name.bucket).bind(&name.key);
            locking::require_none(tx, bucket, name, shown, now).await?;
        }
        Versioning::Enabled => {}
        Versioning::Suspended => {
            let null = of_version(LOCK, name, VersionId::Null);
            locking::require_none(tx, bucket, name, null, now).await?;
        }
    }
    let deleted = match bucket.versioning {
        Versioning::Never => {
            return sql(
                "DELETE FROM objects WHERE bucket = $1 AND shown = TRUE AND key = $2 \
                 RETURNING blob, inline",
            )
            .bind(&name.bucket)
            .bind(&name.key)
            .optional(tx)
            .await;
        }
        Versioning::Enabled => None,
        Versioning::Suspended => {
            let null = of_version("DELETE FROM objects", name, VersionId::Null);
            returning_content(null).optional(tx).await?
        }
    };
    sql("UPDATE objects SET shown = FALSE WHERE bucket = $1 AND shown = TRUE AND key = $2")
        .bind(&name.bucket)
        .bind(&name.key)
        .execute(tx)
        .await?;
    Ok(deleted)
}

fn returning_content(mut deletion: Sql) -> Sql {
    deletion.push(" RETURNING blob, inline");
    deletion
}

/// Makes garbage of content that no row shows any more, and returns its blobs: those are to be
/// deleted after the commit.
async fn discard(
    tx: &mut Connection,
    displaced: impl IntoIterator<Item = Displaced>,
    now: i64,
) -> Result<Vec<String>> {
    let mut blobs = Vec::new();
    for (id, inline) in displaced {
        // A delete marker has none.
        if !id.is_empty() {
            blobs.extend(contents::discard(tx, id, inline, now).await?);
        }
    }
    Ok(blobs)
}

/// Deletes the object `name`, if there is one. In a bucket that keeps versions it is hidden behind
/// a delete marker.
pub(super) async fn remove(tx: &mut Connection, name: &ObjectName, now: i64) -> Result<Removed> {
    lock(tx, name).await?;
    let existed = find_optional(tx, name).await?.is_some();
    let (displaced, marker) = hide(tx, name, now).await?;
    Ok(Removed {
        existed,
        marker,
        locked_until: None,
        garbage: discard(tx, displaced, now).await?,
    })
}

/// Lets `name` show nothing any more, and returns the content whose row is gone, if any, and the
/// delete marker, if one was made.
async fn hide(
    tx: &mut Connection,
    name: &ObjectName,
    now: i64,
) -> Result<(Option<Displaced>, Option<VersionId>)> {
    let bucket = buckets::keep(tx, &name.bucket).await?;
    let displaced = displace(tx, name, &bucket, now).await?;
    if bucket.versioning == Versioning::Never {
        return Ok((displaced, None));
    }
    let mut marker = Object::marker(name, now);
    number(tx, &mut marker, bucket.versioning).await?;
    write(tx, &marker).await?;
    replications::note(tx, &marker).await?;
    Ok((displaced, marker.version_id()))
}

/// Deletes the version `id` of the object `name` for good, if it exists. The one before it is shown
/// if it was the newest.
pub(super) async fn remove_version(
    tx: &mut Connection,
    name: &ObjectName,
    id: VersionId,
    now: i64,
) -> Result<Removed> {
    lock(tx, name).await?;
    let bucket = buckets::keep(tx, &name.bucket).await?;
    let selected = of_version(LOCK, name, id);
    locking::require_none(tx, &bucket, name, selected, now).await?;
    let mut deletion = of_version("DELETE FROM objects", name, id);
    deletion.push(" RETURNING blob, inline, is_marker");
    let deleted: Option<(String, bool, bool)> = deletion.optional(tx).await?;
    let Some((blob, inline, is_marker)) = deleted else {
        return Ok(Removed::default());
    };
    show_newest(tx, name).await?;
    Ok(Removed {
        existed: true,
        marker: is_marker.then_some(id),
        locked_until: None,
        garbage: discard(tx, [(blob, inline)], now).await?,
    })
}

/// Shows the newest version of `name`, unless one is shown or it is a delete marker.
pub(super) async fn show_newest(tx: &mut Connection, name: &ObjectName) -> Result<()> {
    let of_key = |shown: &str| format!("bucket = $1 AND shown = {shown} AND key = $2");
    let (shown, hidden) = (of_key("TRUE"), of_key("FALSE"));
    sql(format!(
        "UPDATE objects SET shown = TRUE WHERE {hidden} AND is_marker = FALSE \
         AND version = (SELECT min(version) FROM objects WHERE {hidden}) \
         AND NOT EXISTS (SELECT 1 FROM objects WHERE {shown})"
    ))
    .bind(&name.bucket)
    .bind(&name.key)
    .execute(tx)
    .await
    .map(drop)
}

/// Gives an object another name, and returns the blobs that are garbage now. The caller has locked
/// both names.
pub(super) async fn rename(
    tx: &mut Connection,
    from: &ObjectName,
    to: &ObjectName,
    now: i64,
) -> Result<Vec<String>> {
    let mut object = find(tx, from).await?.renamed(to, now);
    let (displaced, _) = hide(tx, from, now).await?;
    let mut garbage = insert(tx, &mut object).await?;
    // Only now: the object has its content still.
    garbage.extend(discard(tx, displaced, now).await?);
    Ok(garbage)
}

/// Sets one of the own headers of the object `name`, which must have the `ETag` `if_etag` if that
/// is given.
pub(super) async fn set_metadata(
    tx: &mut Connection,
    name: &ObjectName,
    header: &str,
    value: &str,
    if_etag: Option<&str>,
) -> Result<()> {
    lock(tx, name).await?;
    let object = require_content(tx, name, if_etag).await?;
    let mut metadata = object.attributes.metadata.clone();
    metadata.insert(header.to_owned(), value.to_owned());
    let set = sql(format!("UPDATE objects SET metadata = $5 WHERE {THIS_ROW}"));
    bind_row(set, &object)
        .bind(Value::json(&metadata)?)
        .execute(tx)
        .await
        .map(drop)
}

/// The object `name`, which must have the `ETag` `etag` if that is given.
pub(super) async fn require_content(
    tx: &mut Connection,
    name: &ObjectName,
    etag: Option<&str>,
) -> Result<Object> {
    let found = find(tx, name).await?;
    if etag.is_none_or(|etag| etag == found.etag) {
        Ok(found)
    } else {
        Err(StoreError::ObjectChanged(name.clone()))
    }
}

/// Sets the access control list of the object `name`, or of a version of it.
pub(super) async fn set_acl(
    tx: &mut Connection,
    name: &ObjectName,
    version: Option<VersionId>,
    acl: &Acl,
) -> Result<()> {
    set(tx, name, version, "acl", acl.kept()?).await
}

/// Sets the tags of the object `name`, or of a version of it.
pub(super) async fn set_tags(
    tx: &mut Connection,
    name: &ObjectName,
    version: Option<VersionId>,
    tags: &BTreeMap<String, String>,
) -> Result<()> {
    set(tx, name, version, "tags", Value::json(tags)?).await
}

/// Sets a column of the row of the object `name`, or of a version of it.
pub(super) async fn set(
    tx: &mut Connection,
    name: &ObjectName,
    version: Option<VersionId>,
    column: &'static str,
    value: impl Into<Value>,
) -> Result<()> {
    lock(tx, name).await?;
    let object = find_version(tx, name, version).await?;
    let set = sql(format!("UPDATE objects SET {column} = $5 WHERE {THIS_ROW}"));
    let changed = bind_row(set, &object).bind(value).execute(tx).await?;
    if changed == 0 {
        return Err(StoreError::NoSuchObject(name.clone()));
    }
    Ok(())
}
