//! Signals from process to process. They save time and nothing else: who waits for one looks again
//! after a while anyway.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use crate::store::signals::{Signal, Signals};

/// How long to wait before the database is asked again after it could not be reached.
const RETRY: Duration = Duration::from_secs(1);

/// Passes on what happens in this process to the others. What comes at the same time is sent once.
pub(in crate::store) async fn tell(
    pool: PgPool,
    channel: String,
    mut told: UnboundedReceiver<Signal>,
) {
    while let Some(first) = told.recv().await {
        let mut signals = BTreeSet::from([first]);
        while let Ok(next) = told.try_recv() {
            signals.insert(next);
        }
        let words: Vec<_> = signals.into_iter().map(Signal::word).collect();
        let sent = sqlx::query("SELECT pg_notify($1, word) FROM unnest($2) AS word")
            .bind(&channel)
            .bind(&words)
            .execute(&pool)
            .await;
        if let Err(error) = sent {
            tracing::debug!(%error, "the other processes were not notified");
        }
    }
}

/// Hears what happens in the others.
pub(in crate::store) async fn hear(pool: PgPool, channel: String, signals: Arc<Signals>) {
    loop {
        let error = match listen(&pool, &channel, &signals).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        if matches!(error, sqlx::Error::PoolClosed) {
            return;
        }
        tracing::warn!(%error, "the database cannot be listened to; trying again");
        sleep(RETRY).await;
    }
}

async fn listen(
    pool: &PgPool,
    channel: &str,
    signals: &Signals,
) -> sqlx::Result<std::convert::Infallible> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    // Whatever was sent before.
    signals.hear_all();
    loop {
        match listener.try_recv().await? {
            Some(notification) => {
                if let Some(signal) = Signal::of_word(notification.payload()) {
                    signals.hear(signal);
                }
            }
            // The connection was lost and is there again.
            None => signals.hear_all(),
        }
    }
}
