//! The tables of PostgreSQL beside those of SQLite, and beside those of a later version.

use std::collections::BTreeSet;

use super::Two;
use crate::store::sql::sql;
use crate::store::{Store, StoreError};

/// Both have the same tables and columns, so that a statement is good for both.
#[tokio::test]
async fn the_schemas_are_the_same() {
    let two = Two::start().await;
    let memory = Store::ephemeral().await.unwrap();
    let theirs: Vec<(String, String, bool)> = sql(
        "SELECT table_name::text, column_name::text, is_nullable = 'NO' \
         FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%'",
    )
    .all(&mut two.first.connect().await.unwrap())
    .await
    .unwrap();
    let ours: Vec<(String, String, bool)> = sql(
        "SELECT m.name, c.name, c.\"notnull\" OR c.pk > 0 FROM sqlite_schema m \
         JOIN pragma_table_info(m.name) c WHERE m.type = 'table' \
         AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'",
    )
    .all(&mut memory.connect().await.unwrap())
    .await
    .unwrap();
    let [theirs, ours] = [theirs, ours].map(|them| them.into_iter().collect::<BTreeSet<_>>());
    assert_eq!(theirs, ours);
    assert!(ours.len() > 80);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let two = Two::start().await;
    let mut tx = two.first.write().await.unwrap();
    let newer = sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', TRUE, '\\x00', 0)",
    )
    .execute(&mut tx)
    .await;
    tx.end(newer).await.unwrap();
    let error = crate::store::postgres::Database::connect(two.url.expose()).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, StoreError::NewerSchema { found: 9999, .. }),
        "{error}"
    );
}
