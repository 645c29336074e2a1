//! Rows of a copy that name content which is gone are taken again, as they are by now.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection};

use crate::store::error::{Result, StoreError};

/// A row of an object: what it is found by, and its content.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) bucket: String,
    pub(super) shown: bool,
    pub(super) key: String,
    pub(super) version: i64,
    pub(super) blob: String,
    pub(super) inline: bool,
}

/// The columns of a [`Row`].
pub(super) const ROW: &str = "bucket, shown, key, version, blob, inline";

/// Takes the rows of a key from the database `live`, and returns those that have content.
pub(super) async fn renew(
    made: &mut SqliteConnection,
    live: &Path,
    bucket: &str,
    key: &str,
) -> Result<Vec<Row>> {
    attach(made, live).await?;
    let renewed = try_renew(made, bucket, key).await;
    detach(made).await?;
    renewed
}

async fn try_renew(made: &mut SqliteConnection, bucket: &str, key: &str) -> Result<Vec<Row>> {
    let of_key = "bucket = $1 AND shown IN (TRUE, FALSE) AND key = $2";
    let shown = format!("SELECT blob FROM main.objects WHERE {of_key}");
    let mut tx = made.begin().await?;
    for statement in [
        format!("DELETE FROM main.objects WHERE {of_key}"),
        format!("INSERT INTO main.objects SELECT * FROM live.objects WHERE {of_key}"),
        format!(
            "INSERT OR REPLACE INTO main.contents SELECT * FROM live.contents WHERE id IN \
             ({shown} AND inline)"
        ),
        format!(
            "INSERT OR REPLACE INTO main.segments SELECT * FROM live.segments WHERE content IN \
             ({shown})"
        ),
        format!(
            "INSERT OR REPLACE INTO main.contents SELECT * FROM live.contents WHERE id IN \
             (SELECT blob FROM main.segments WHERE content IN ({shown}) AND inline)"
        ),
    ] {
        sqlx::query(AssertSqlSafe(statement))
            .bind(bucket)
            .bind(key)
            .execute(&mut *tx)
            .await?;
    }
    let rows = format!("SELECT {ROW} FROM main.objects WHERE {of_key} AND NOT is_marker");
    let rows = sqlx::query_as(AssertSqlSafe(rows))
        .bind(bucket)
        .bind(key)
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(rows)
}

/// Takes the row of a part from the database `live`, and returns which content it names and
/// whether that lies with the rows. An upload that has ended since keeps its other parts.
pub(super) async fn renew_part(
    made: &mut SqliteConnection,
    live: &Path,
    upload: &str,
    number: i64,
) -> Result<Option<(String, bool)>> {
    attach(made, live).await?;
    let renewed = try_renew_part(made, upload, number).await;
    detach(made).await?;
    renewed
}

async fn try_renew_part(
    made: &mut SqliteConnection,
    upload: &str,
    number: i64,
) -> Result<Option<(String, bool)>> {
    let mut tx = made.begin().await?;
    for statement in [
        "DELETE FROM main.parts WHERE upload = $1 AND number = $2",
        "INSERT INTO main.parts SELECT * FROM live.parts WHERE upload = $1 AND number = $2",
        "INSERT OR REPLACE INTO main.contents SELECT * FROM live.contents WHERE id = \
         (SELECT blob FROM main.parts WHERE upload = $1 AND number = $2 AND inline)",
    ] {
        sqlx::query(statement)
            .bind(upload)
            .bind(number)
            .execute(&mut *tx)
            .await?;
    }
    let named =
        sqlx::query_as("SELECT blob, inline FROM main.parts WHERE upload = $1 AND number = $2")
            .bind(upload)
            .bind(number)
            .fetch_optional(&mut *tx)
            .await?;
    tx.commit().await?;
    Ok(named)
}

async fn attach(made: &mut SqliteConnection, live: &Path) -> Result<()> {
    sqlx::query("ATTACH $1 AS live")
        .bind(path_text(live)?)
        .execute(made)
        .await?;
    Ok(())
}

async fn detach(made: &mut SqliteConnection) -> Result<()> {
    sqlx::query("DETACH live").execute(made).await?;
    Ok(())
}

/// `path` as SQLite takes it.
pub(in crate::store) fn path_text(path: &Path) -> Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| StoreError::NoState {
        path: PathBuf::from(path),
    })
}
