//! Moving the rows of a data folder into a database.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Row, SqliteConnection};

use crate::store::connection::Connection;
use crate::store::error::{Result, StoreError};
use crate::store::sql::sql;
use crate::store::value::Value;

/// The tables, each after those that it refers to. What is left out belongs to processes, or is made
/// by the migrations.
const TABLES: [&str; 16] = [
    "store",
    "secret",
    "buckets",
    "bucket_settings",
    "objects",
    "contents",
    "segments",
    "multipart_uploads",
    "parts",
    "garbage",
    "ci_buckets",
    "queues",
    "pic_buckets",
    "file_buckets",
    "jobs",
    "callbacks",
];

/// Copies all rows of the SQLite database `from` in the transaction `tx`, and returns how many there
/// were.
///
/// # Errors
///
/// [`StoreError::DatabaseInUse`] if the target has rows.
pub(in crate::store) async fn copy(
    from: &mut SqliteConnection,
    tx: &mut Connection,
) -> Result<u64> {
    tx.lock("store").await?;
    let mut copied = 0;
    for table in TABLES {
        // The names are those above; what a row holds is bound.
        let used = sql(format!("SELECT EXISTS (SELECT 1 FROM {table})"));
        if used.scalar(tx).await? {
            return Err(StoreError::DatabaseInUse);
        }
        copied += copy_table(from, tx, table).await?;
    }
    for (table, column) in [("jobs", "seq"), ("callbacks", "id")] {
        sql(format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), \
             coalesce((SELECT max({column}) FROM {table}), 0) + 1, FALSE)"
        ))
        .execute(tx)
        .await?;
    }
    let ahead: i64 = sqlx::query_scalar("SELECT ahead FROM clock")
        .fetch_one(from)
        .await?;
    sql("UPDATE clock SET ahead = $1")
        .bind(ahead)
        .execute(tx)
        .await?;
    Ok(copied)
}

async fn copy_table(from: &mut SqliteConnection, tx: &mut Connection, table: &str) -> Result<u64> {
    let types: Vec<(String, String)> = sql(
        "SELECT column_name::text, data_type::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name = $1",
    )
    .bind(table)
    .all(tx)
    .await?;
    let types: BTreeMap<_, _> = types.into_iter().collect();
    let select = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
    let rows = sqlx::query(select).fetch_all(from).await?;
    let mut copied = 0;
    for row in rows {
        let names: Vec<_> = row
            .columns()
            .iter()
            .map(|it| it.name().to_owned())
            .collect();
        let mut insert = sql(format!(
            "INSERT INTO {table} ({}) VALUES (",
            names.join(", ")
        ));
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                insert.push(", ");
            }
            let of_type = types.get(name).map_or("", String::as_str);
            insert.push_bind(value(&row, index, of_type)?);
        }
        insert.push(")");
        copied += insert.execute(tx).await?;
    }
    Ok(copied)
}

/// The value of a column, as the column of the same name takes it.
fn value(row: &SqliteRow, index: usize, of_type: &str) -> Result<Value> {
    Ok(match of_type {
        "bigint" => Value::Number(row.try_get(index)?),
        "boolean" => Value::Bool(row.try_get(index)?),
        "bytea" => Value::Bytes(row.try_get(index)?),
        "jsonb" => {
            let json = RawValue::from_string(row.try_get(index)?);
            Value::Json(json.map_err(|error| sqlx::Error::Decode(error.into()))?)
        }
        _ => Value::Text(row.try_get(index)?),
    })
}
