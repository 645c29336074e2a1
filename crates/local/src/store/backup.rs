//! A copy of a data folder that is in use, and a folder made of such a copy.
//!
//! SQLite copies its database as it is at one moment. Content never changes, so it is linked or
//! copied afterwards; what was replaced or deleted meanwhile is gone, and then the object's row is
//! taken from the database again as it is by then. So the copy has every object as it was when the
//! backup began, or newer. It is a data folder itself, or an archive of one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::task::spawn_blocking;

use super::blobs::{Blobs, ContentFolder, sync_folder};
use super::error::{Result, StoreError, io_error};
use super::folder::{self, Folder};
use super::garbage;
use super::id::new_id;
use super::private;
use super::sqlite;
use crate::content_bucket::ContentBucket;

pub(super) mod archive;
mod renewing;

pub(super) use self::renewing::path_text;
use self::renewing::{ROW, Row};

/// How a file is named that is to be an archive.
const ARCHIVE: &str = "tar";
/// How many objects are looked at in one go.
const BATCH: i64 = 500;

/// What a backup or a restored state has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct BackedUp {
    /// How many objects.
    pub objects: u64,
    /// How much content was copied that does not lie in the database.
    pub blobs: u64,
}

/// Copies the state in the folder `from`, with its content in `bucket` if that is given, to `to`:
/// a folder that does not exist or is empty, or a file whose name ends in `.tar`. Another process
/// may be using the state.
pub(crate) async fn back_up(
    from: &Path,
    bucket: Option<&ContentBucket>,
    to: &Path,
) -> Result<BackedUp> {
    refuse_existing(to)?;
    require_state(from)?;
    let database = folder::database_in(from);
    let source = content(from, bucket)?;
    let parent = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    private::create_folder(parent).map_err(io_error("create", parent))?;
    // Whoever looks there finds a whole backup or none.
    let unfinished = tempfile::Builder::new()
        .prefix(".backup-")
        .tempdir_in(parent)
        .map_err(io_error("write to", parent))?;
    let copy = unfinished.path();
    let done = copy_state(&database, &source, copy).await?;
    if is_archive(to) {
        archive::write(copy, to).await?;
    } else {
        fs::rename(copy, to).map_err(io_error("write", to))?;
        // There is nothing left to be deleted.
        let _ = unfinished.keep();
    }
    sync_folder(parent).map_err(io_error("sync", parent))?;
    Ok(done)
}

/// Makes the state of the backup `from` that in the folder `to`, with its content in `bucket` if
/// that is given. Neither may have anything yet.
pub(crate) async fn restore(
    from: &Path,
    to: &Path,
    bucket: Option<&ContentBucket>,
) -> Result<BackedUp> {
    let unpacked = if is_archive(from) {
        Some(archive::read(from).await?)
    } else {
        None
    };
    let from = unpacked.as_ref().map_or(from, tempfile::TempDir::path);
    require_state(from)?;
    let backup = folder::database_in(from);
    let folder = Folder::take(to)?;
    let database = folder.database();
    if fs::metadata(&database).is_ok_and(|found| found.len() > 0) {
        return Err(StoreError::NotEmpty { path: database });
    }
    let source = content(from, None)?;
    let target = content(to, bucket)?;
    if let Some(path) = target.anything().await? {
        return Err(StoreError::NotEmpty { path });
    }
    let mut done = BackedUp::default();
    let mut listed = source.list();
    while let Some(found) = listed.try_next().await? {
        if found.is_whole() {
            copy_content(&source, &target, &found.id, &found.id).await?;
            done.blobs += 1;
        }
    }
    let id = source.store_id().await?;
    let id = id.ok_or_else(|| StoreError::NoState {
        path: source.location(),
    })?;
    target.set_store_id(&id).await?;
    // The database comes last: what has none is no state.
    let new = new_database_in(to);
    fs::copy(&backup, &new).map_err(io_error("write", &new))?;
    let mut restored = open(&new, false).await?;
    done.objects = count(&mut restored).await?;
    restored.close().await?;
    publish(&new, &database)?;
    Ok(done)
}

/// Refuses a folder in which there is no state.
pub(crate) fn require_state(folder: &Path) -> Result<()> {
    folder::refuse_moved(folder)?;
    let path = folder::database_in(folder);
    if path.is_file() {
        return Ok(());
    }
    Err(StoreError::NoState { path })
}

/// Copies the database `database` and what it names of `source` into the empty folder `copy`.
pub(super) async fn copy_state(database: &Path, source: &Blobs, copy: &Path) -> Result<BackedUp> {
    let mut live = open(database, true).await?;
    require_own_schema(&mut live).await?;
    copy_rows(&mut live, copy).await?;
    live.close().await?;
    fill(Some(database), source, copy).await
}

/// Copies the rows of `live`, as they are at this moment, into the empty folder `copy`.
pub(super) async fn copy_rows(live: &mut SqliteConnection, copy: &Path) -> Result<()> {
    let new = new_database_in(copy);
    sqlx::query("VACUUM INTO $1")
        .bind(path_text(&new)?)
        .execute(live)
        .await?;
    private::tighten(&new)
        .map(drop)
        .map_err(io_error("write", &new))
}

/// Copies what the rows in `copy` name of `source`, and makes a whole state of it. If content is gone,
/// its row is taken again from the database `live`; without one, nothing goes meanwhile.
pub(super) async fn fill(live: Option<&Path>, source: &Blobs, copy: &Path) -> Result<BackedUp> {
    let target = ContentFolder::new(folder::blobs_in(copy));
    target.create()?;
    let new = new_database_in(copy);
    let mut made = open(&new, false).await?;
    let mut done = BackedUp::default();
    let blobs = Blobs::in_folder(target.clone())?;
    let mut after = (String::new(), false, String::new(), i64::MIN);
    loop {
        let page = format!(
            "SELECT {ROW} FROM objects WHERE (bucket, shown, key, version) > ($1, $2, $3, $4) AND \
             NOT is_marker ORDER BY bucket, shown, key, version LIMIT $5"
        );
        let page: Vec<Row> = sqlx::query_as(AssertSqlSafe(page))
            .bind(&after.0)
            .bind(after.1)
            .bind(&after.2)
            .bind(after.3)
            .bind(BATCH)
            .fetch_all(&mut made)
            .await?;
        let Some(last) = page.last() else { break };
        after = (
            last.bucket.clone(),
            last.shown,
            last.key.clone(),
            last.version,
        );
        for row in page {
            done.blobs += keep(&mut made, live, row, source, &blobs).await?;
        }
    }
    done.blobs += keep_parts(&mut made, live, source, &blobs).await?;
    forget_replaced(&mut made).await?;
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM store")
        .fetch_optional(&mut made)
        .await?;
    let id = match id {
        Some(id) => id,
        // A state in memory has none.
        None => identify(&mut made).await?,
    };
    blobs.set_store_id(&id).await?;
    done.objects = count(&mut made).await?;
    made.close().await?;
    sync_folder(target.path()).map_err(io_error("sync", target.path()))?;
    publish(&new, &folder::database_in(copy))?;
    Ok(done)
}

async fn identify(made: &mut SqliteConnection) -> Result<String> {
    let id = new_id("store-");
    sqlx::query("INSERT INTO store (id, attached) VALUES ($1, TRUE)")
        .bind(&id)
        .execute(made)
        .await?;
    Ok(id)
}

/// The database of a copy that is not finished.
fn new_database_in(copy: &Path) -> PathBuf {
    copy.join("tcloud.db.new")
}

/// Copies the content of `row`, and returns how many blobs of it lie beside the database. If it is
/// gone, the rows of the key are replaced by those that `live` has by now, and theirs is copied.
async fn keep(
    made: &mut SqliteConnection,
    live: Option<&Path>,
    row: Row,
    source: &Blobs,
    target: &Blobs,
) -> Result<u64> {
    let mut copied = 0;
    let mut left = vec![row];
    while let Some(row) = left.pop() {
        if row.inline {
            continue;
        }
        match copy_pieces(made, &row.blob, source, target).await {
            Err(StoreError::NoContent(_)) => {}
            done => {
                copied += done?;
                continue;
            }
        }
        let Some(live) = live else { continue };
        let renewed = renewing::renew(made, live, &row.bucket, &row.key).await?;
        // It is missing in the original, too: that is for `check` to say.
        if !renewed.iter().any(|newer| newer.blob == row.blob) {
            left = renewed;
        }
    }
    Ok(copied)
}

/// Copies the content `id` that lies beside the database, and returns how many blobs it has.
async fn copy_pieces(
    made: &mut SqliteConnection,
    id: &str,
    source: &Blobs,
    target: &Blobs,
) -> Result<u64> {
    let pieces: Vec<(String, bool)> =
        sqlx::query_as("SELECT blob, inline FROM segments WHERE content = $1")
            .bind(id)
            .fetch_all(made)
            .await?;
    if pieces.is_empty() {
        return copy_content(source, target, id, id).await.map(|()| 1);
    }
    let mut copied = 0;
    for (blob, inline) in pieces {
        if !inline {
            copy_content(source, target, &blob, &blob).await?;
            copied += 1;
        }
    }
    Ok(copied)
}

/// Copies the content of parts whose uploads had not ended, and returns how many blobs there were.
async fn keep_parts(
    made: &mut SqliteConnection,
    live: Option<&Path>,
    source: &Blobs,
    target: &Blobs,
) -> Result<u64> {
    let parts: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT upload, number, blob FROM parts WHERE NOT inline")
            .fetch_all(&mut *made)
            .await?;
    let mut copied = 0;
    for (upload, number, mut blob) in parts {
        loop {
            match copy_content(source, target, &blob, &blob).await {
                Err(StoreError::NoContent(_)) => {}
                done => {
                    done?;
                    copied += 1;
                    break;
                }
            }
            let Some(live) = live else { break };
            match renewing::renew_part(made, live, &upload, number).await? {
                Some((newer, false)) if newer != blob => blob = newer,
                // It was dropped, became short enough to lie with the rows, or is missing.
                _ => break,
            }
        }
    }
    Ok(copied)
}

/// Deletes what only rows that were replaced have named.
async fn forget_replaced(made: &mut SqliteConnection) -> Result<()> {
    let unnamed = format!(
        "DELETE FROM contents WHERE NOT {}",
        garbage::named("contents.id")
    );
    let segments = "DELETE FROM segments WHERE NOT EXISTS \
                    (SELECT 1 FROM objects WHERE blob = segments.content)";
    sqlx::query(segments).execute(&mut *made).await?;
    sqlx::query(AssertSqlSafe(unnamed)).execute(made).await?;
    Ok(())
}

/// Copies the content `id` as `new`, or links it where that is the same.
pub(super) async fn copy_content(
    source: &Blobs,
    target: &Blobs,
    id: &str,
    new: &str,
) -> Result<()> {
    if let (Some(from), Some(to)) = (source.file(id), target.file(new)) {
        let linked = spawn_blocking(move || fs::hard_link(from, to)).await;
        match linked {
            Ok(Ok(())) => return Ok(()),
            // Two objects may show it.
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
            // On another disk, for one.
            _ => {}
        }
    }
    let mut content = source.read(id, 0..0).await?;
    let mut writer = target.create(new);
    while let Some(chunk) = content.try_next().await? {
        writer.write(chunk).await?;
    }
    writer.finish().await
}

fn content(folder: &Path, bucket: Option<&ContentBucket>) -> Result<Blobs> {
    match bucket {
        Some(bucket) => Blobs::in_bucket(bucket),
        None => Blobs::in_folder(ContentFolder::new(folder::blobs_in(folder))),
    }
}

pub(super) async fn open(path: &Path, read_only: bool) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(read_only)
        .busy_timeout(sqlite::BUSY_TIMEOUT);
    Ok(options.connect().await?)
}

/// A database of another schema than this version's cannot be read by it.
async fn require_own_schema(database: &mut SqliteConnection) -> Result<()> {
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(database)
        .await?;
    let (found, known) = (found.unwrap_or_default(), sqlite::known_schema());
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known }),
        std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
    }
}

pub(super) async fn count(database: &mut SqliteConnection) -> Result<u64> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM objects")
        .fetch_one(database)
        .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Gives the database `new` its name, durably.
fn publish(new: &Path, name: &Path) -> Result<()> {
    private::tighten(new).map_err(io_error("write", new))?;
    let publish = || {
        File::open(new)?.sync_all()?;
        fs::rename(new, name)?;
        name.parent().map_or(Ok(()), sync_folder)
    };
    publish().map_err(io_error("write", name))
}

fn refuse_existing(path: &Path) -> Result<()> {
    let is_empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if path.symlink_metadata().is_ok() && (is_archive(path) || !is_empty) {
        return Err(StoreError::NotEmpty {
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn is_archive(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == ARCHIVE)
}
