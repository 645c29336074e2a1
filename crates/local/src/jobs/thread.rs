//! Long computations, on threads that can be abandoned.
//!
//! The runtime's own blocking threads are waited for when the process ends, so one picture that
//! takes an hour would keep it alive for that hour. These threads are not.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::sync::oneshot;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThreadError {
    /// The system gave no thread.
    #[error("cannot start a thread: {0}; lower the number of workers")]
    Start(#[from] io::Error),
    /// The work panicked.
    #[error("it broke off; see the log of the local cloud")]
    Panicked,
}

/// Runs `work` on a thread of its own.
///
/// Dropping the future leaves the thread alone: from then on, what `work` is given answers that it
/// is cancelled. Work that can take long asks now and then; what it returns is dropped.
///
/// # Errors
///
/// [`ThreadError`] if the thread cannot be started or `work` panics.
pub(crate) async fn on_thread<T, F>(work: F) -> Result<T, ThreadError>
where
    T: Send + 'static,
    F: FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
{
    let cancelled = Arc::new(AtomicBool::new(false));
    let _cancel = CancelOnDrop(Arc::clone(&cancelled));
    let (sender, result) = oneshot::channel();
    thread::Builder::new()
        .name("tcloud-job".to_owned())
        .spawn(move || {
            // Nobody waits any more if the job was given up.
            let _ = sender.send(work(&|| cancelled.load(Ordering::Relaxed)));
        })?;
    result.await.map_err(|_| ThreadError::Panicked)
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::hint::spin_loop;
    use std::sync::mpsc;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_result_comes_back() {
        assert_eq!(on_thread(|_| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let result = on_thread(|_| -> u8 { panic!("out of reach") }).await;
        assert!(matches!(result, Err(ThreadError::Panicked)));
    }

    #[tokio::test]
    async fn dropping_the_future_cancels_the_work() {
        let (end, ended) = mpsc::channel();
        let work = on_thread(move |is_cancelled| {
            while !is_cancelled() {
                spin_loop();
            }
            end.send(()).unwrap();
        });
        // Polled once, which starts the thread, and dropped.
        assert!(work.now_or_never().is_none());
        ended.recv().unwrap();
    }
}
