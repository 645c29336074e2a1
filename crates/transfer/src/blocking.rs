//! Work that may wait for the disk.

use std::io;

use tokio::task::spawn_blocking;

/// Runs `work` on a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
