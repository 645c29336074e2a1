//! Work that busies a thread, for as long as somebody waits for it.

use tokio::task::{JoinError, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// Runs `work` on a thread meant for blocking. Once the returned future is dropped, because a
/// deadline has passed or the cloud ends, what `work` is given answers `true`: nobody waits any
/// more.
pub(crate) async fn while_awaited<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
) -> Result<T, JoinError> {
    let dropped = CancellationToken::new();
    let _guard = dropped.clone().drop_guard();
    spawn_blocking(move || work(&|| dropped.is_cancelled())).await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::while_awaited;

    #[tokio::test]
    async fn work_ends_when_nobody_waits_for_it() {
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (ended, has_ended) = channel();
        let work = while_awaited(move |is_cancelled| {
            started.send(()).unwrap();
            while !is_cancelled() {
                std::thread::yield_now();
            }
            ended.send(()).unwrap();
        });
        tokio::select! {
            _ = work => panic!("it never ends by itself"),
            begun = has_started => begun.unwrap(),
        }
        has_ended.recv_timeout(Duration::from_secs(60)).unwrap();
    }

    #[tokio::test]
    async fn an_answer_is_passed_on() {
        assert!(!while_awaited(|is_cancelled| is_cancelled()).await.unwrap());
    }
}
