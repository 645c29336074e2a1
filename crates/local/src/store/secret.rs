//! The secret of a store, which what it hands out is sealed with.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::connection::Connection;
use super::error::Result;
use super::handle::Store;
use super::sql::sql;

impl Store {
    /// The secret of this store: made once, and the same for every process that opens it.
    pub(crate) async fn secret(&self) -> Result<[u8; 32]> {
        // Each of them has 122 random bits.
        let random = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()];
        let fresh = Sha256::new()
            .chain_update(random.map(Uuid::into_bytes).as_flattened())
            .finalize();
        let mut tx = self.write().await?;
        let key = find_or_insert(&mut tx, &fresh).await;
        let key = tx.end(key).await?;
        // Whatever length a foreign tool gave it, all of it counts.
        Ok(<[u8; 32]>::try_from(key).unwrap_or_else(|key| Sha256::digest(key).into()))
    }
}

async fn find_or_insert(tx: &mut Connection, fresh: &[u8]) -> Result<Vec<u8>> {
    tx.lock("secret").await?;
    sql("INSERT INTO secret (key) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM secret)")
        .bind(fresh)
        .execute(tx)
        .await?;
    sql("SELECT key FROM secret").scalar(tx).await
}
