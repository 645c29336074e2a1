//! Moving the rows of a data folder into a database.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use serde_json::value::RawValue;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Row, SqliteConnection};

use crate::store::connection::Connection;
use crate::store::error::{Result, StoreError};
use crate::store::sql::sql;
use crate::store::value::Value;

/// What processes say of themselves, of which none is left; and the clock, whose row the migrations
/// make.
const LEFT_OUT: [&str; 3] = ["processes", "uploads", "clock"];

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
    let tables = tables(tx).await?;
    for table in &tables {
        // The names are those of the catalogue; what a row holds is bound.
        let used = sql(format!("SELECT EXISTS (SELECT 1 FROM \"{table}\")"));
        if used.scalar(tx).await? {
            return Err(StoreError::DatabaseInUse);
        }
    }
    let mut copied = 0;
    for table in &tables {
        copied += copy_table(from, tx, table).await?;
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

/// The tables to fill, each after those that it refers to. The catalogue has them, so that none is
/// forgotten.
async fn tables(tx: &mut Connection) -> Result<Vec<String>> {
    let mut left: Vec<String> = sql("SELECT relname::text FROM pg_class WHERE relkind = 'r' \
         AND relnamespace = current_schema()::regnamespace AND relname NOT LIKE '\\_sqlx%' \
         ORDER BY relname")
    .scalars(tx)
    .await?;
    left.retain(|table| !LEFT_OUT.contains(&table.as_str()));
    let references: Vec<(String, String)> = sql(
        "SELECT here.relname::text, there.relname::text FROM pg_constraint c \
         JOIN pg_class here ON here.oid = c.conrelid JOIN pg_class there ON there.oid = c.confrelid \
         WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace \
         AND c.conrelid <> c.confrelid",
    )
    .all(tx)
    .await?;
    let mut ordered: Vec<String> = Vec::new();
    while !left.is_empty() {
        let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(|table| {
            let mut needed = references.iter().filter(|(here, _)| here == table);
            needed.all(|(_, there)| ordered.contains(there))
        });
        if ready.is_empty() {
            let circle = format!("{} refer to each other", waiting.join(", "));
            return Err(sqlx::Error::Protocol(circle).into());
        }
        ordered.extend(ready);
        left = waiting;
    }
    Ok(ordered)
}

async fn copy_table(from: &mut SqliteConnection, tx: &mut Connection, table: &str) -> Result<u64> {
    let columns: Vec<(String, String, bool)> = sql(
        "SELECT column_name::text, data_type::text, is_identity = 'YES' \
         FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name = $1",
    )
    .bind(table)
    .all(tx)
    .await?;
    let types: BTreeMap<_, _> = columns.iter().map(|(name, of, _)| (name, of)).collect();
    let select = sqlx::AssertSqlSafe(format!("SELECT * FROM \"{table}\""));
    let mut rows = sqlx::query(select).fetch(from);
    let mut copied = 0;
    while let Some(row) = rows.try_next().await? {
        let names: Vec<_> = row
            .columns()
            .iter()
            .map(|it| it.name().to_owned())
            .collect();
        let mut insert = sql(format!(
            "INSERT INTO \"{table}\" (\"{}\") VALUES (",
            names.join("\", \"")
        ));
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                insert.push(", ");
            }
            let of_type = types.get(name).map_or("", |it| it.as_str());
            insert.push_bind(value(&row, index, of_type)?);
        }
        insert.push(")");
        copied += insert.execute(tx).await?;
    }
    for (column, _, _) in columns.iter().filter(|(_, _, is_identity)| *is_identity) {
        sql(format!(
            "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), \
             coalesce((SELECT max(\"{column}\") FROM \"{table}\"), 0) + 1, FALSE)"
        ))
        .execute(tx)
        .await?;
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
