//! The connections that read.
//!
//! A pool of sqlx asks each connection that comes back whether it is still there. That takes the thread of
//! the connection as long as a small statement does, and most reads are a small statement. A file that is
//! open does not go away, so these are asked nothing.

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many reads run at the same time.
const MOST: u32 = 4;

/// Connections to the database in one file.
pub(in crate::store) struct Readers {
    options: SqliteConnectOptions,
    places: Arc<Semaphore>,
    idle: Arc<Idle>,
}

/// The open ones that nobody has.
type Idle = Mutex<Vec<SqliteConnection>>;

/// One of the connections, until this is dropped.
pub(in crate::store) struct Reader {
    /// `None` when it is given back.
    connection: Option<SqliteConnection>,
    in_transaction: bool,
    idle: Arc<Idle>,
    place: Option<OwnedSemaphorePermit>,
}

impl Readers {
    /// Reads by connections with `options`, which are opened as they are needed.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            places: Arc::new(Semaphore::new(MOST as usize)),
            idle: Arc::default(),
        }
    }

    /// Waits for a connection, on which each statement stands for itself.
    pub(in crate::store) async fn acquire(&self) -> sqlx::Result<Reader> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        let open = take(&self.idle);
        let connection = match open {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Reader {
            connection: Some(connection),
            in_transaction: false,
            idle: Arc::clone(&self.idle),
            place: Some(place),
        })
    }

    /// Waits for a connection all of whose statements see the same state.
    pub(in crate::store) async fn begin(&self) -> sqlx::Result<Reader> {
        let mut reader = self.acquire().await?;
        reader.in_transaction = true;
        reader.get()?.execute("BEGIN").await?;
        Ok(reader)
    }

    /// Waits for running statements, then closes the connections.
    pub(super) async fn close(&self) {
        // It is closed already, or all have come back.
        let _all = self.places.acquire_many(MOST).await;
        self.places.close();
        while let Some(connection) = take(&self.idle) {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "the database was not closed in order");
            }
        }
    }
}

impl Reader {
    pub(in crate::store) fn get(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let (Some(mut connection), Some(place)) = (self.connection.take(), self.place.take())
        else {
            return;
        };
        let idle = Arc::clone(&self.idle);
        if !self.in_transaction {
            give_back(&idle, connection);
            drop(place);
            return;
        }
        // Where nothing runs any more, the connection is closed, which ends its transaction.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            // Dropped before it began, it has no transaction to be ended.
            let ended = connection.execute("ROLLBACK").await;
            match ended {
                Err(sqlx::Error::WorkerCrashed) => {}
                _ => give_back(&idle, connection),
            }
            drop(place);
        });
    }
}

fn take(idle: &Idle) -> Option<SqliteConnection> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give_back(idle: &Idle, connection: SqliteConnection) {
    let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
    idle.push(connection);
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::{MOST, Reader, Readers};
    use crate::store::sqlite::{connect, options};

    async fn count(reader: &mut Reader) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM numbers");
        count.fetch_one(reader.get().unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_transaction_ends_with_its_reader() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("database");
        let mut writer = connect(&path).await.unwrap();
        let mut write = async |statement: &'static str| {
            sqlx::query(statement).execute(&mut writer).await.unwrap();
        };
        write("CREATE TABLE numbers (number INTEGER)").await;
        let readers = Readers::new(options(&path).read_only(true));

        let mut reader = readers.begin().await.unwrap();
        assert_eq!(count(&mut reader).await, 0);
        write("INSERT INTO numbers VALUES (1)").await;
        assert_eq!(count(&mut reader).await, 0);
        drop(reader);

        // All of them, so the one that had the transaction is among them.
        let mut all = Vec::new();
        for _ in 0..MOST {
            let mut reader = readers.acquire().await.unwrap();
            assert_eq!(count(&mut reader).await, 1);
            all.push(reader);
        }
        drop(all);
        readers.close().await;
        assert!(readers.acquire().await.is_err());
        writer.close().await.unwrap();
    }
}
