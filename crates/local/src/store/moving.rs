//! Moving a state from a data folder to a database.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::backup::require_state;
use super::database::Database;
use super::error::{Result, io_error};
use super::folder::{Folder, moved_database_in};
use super::handle::Store;
use super::{postgres, sqlite};
use crate::clock::Clock;
use crate::content_bucket::ContentBucket;
use crate::database_url::DatabaseUrl;

/// Moves the rows in the folder `from`, which no process uses and whose content is in `bucket` if that
/// is given, to the database at `to`, which must
/// have none, and returns how many there were. All of them are there in the end, or none. Content
/// stays where it is.
///
/// The database in the folder is renamed, so that nobody goes on with it by mistake.
pub(crate) async fn move_rows(
    from: &Path,
    bucket: Option<&ContentBucket>,
    to: &DatabaseUrl,
    clock: Arc<dyn Clock>,
) -> Result<u64> {
    require_state(from)?;
    // This brings it up to date, and takes jobs back from a process that was killed.
    Store::in_folder(from, bucket, clock, true)
        .await?
        .close()
        .await;
    let folder = Folder::take(from)?;
    let file = folder.database();
    let mut source = sqlite::connect(&file).await?;
    let target = Database::Postgres(postgres::Database::connect(to.expose()).await?);
    let mut tx = target.write().await?;
    let copied = postgres::moving::copy(&mut source, &mut tx).await;
    let copied = tx.end(copied).await?;
    target.close().await;
    sqlx::Connection::close(source).await?;
    fs::rename(&file, moved_database_in(from)).map_err(io_error("rename", &file))?;
    Ok(copied)
}
