//! The secret of a store, which what it hands out is sealed with.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::Result;
use super::handle::Store;

impl Store {
    /// The secret of this store: made once, and the same for every process that opens it.
    pub(crate) async fn secret(&self) -> Result<[u8; 32]> {
        // Each of them has 122 random bits.
        let random = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()];
        let fresh = Sha256::new()
            .chain_update(random.map(Uuid::into_bytes).as_flattened())
            .finalize();
        let mut transaction = self.begin_write().await?;
        sqlx::query("INSERT INTO secret (key) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM secret)")
            .bind(&fresh[..])
            .execute(&mut *transaction)
            .await?;
        let key: Vec<u8> = sqlx::query_scalar("SELECT key FROM secret")
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        // Whatever length a foreign tool gave it, all of it counts.
        Ok(<[u8; 32]>::try_from(key).unwrap_or_else(|key| Sha256::digest(key).into()))
    }
}
