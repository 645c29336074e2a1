//! What a request may take: how long a body may be, and memory for those that are read as a whole.
//!
//! Their senders may not have been authenticated yet, so that all of them share one bound.
//! A body takes its place before it is read: readers that waited for each other with half a body
//! each would wait for ever.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How much all bodies may have together, in KiB.
const TOTAL: u32 = 128 * 1024;
/// The longest body that needs no place, in bytes: the number of connections bounds these.
const FREE: u64 = 64 * 1024;
/// How long a body waits for its place.
const PATIENCE: Duration = Duration::from_secs(30);

/// The memory that bodies share.
#[derive(Debug)]
pub(crate) struct Buffers(Arc<Semaphore>);

/// A body in memory.
#[derive(Debug)]
pub(crate) struct Buffered {
    /// All of it.
    pub(crate) bytes: Bytes,
    /// What keeps the place of the bytes.
    pub(crate) place: Place,
}

/// A part of the shared memory, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

/// Why a body is not in memory.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BufferError {
    /// There was no place for it in time.
    #[error("the bodies of other requests take all the memory there is for them; try again later")]
    Full,
    /// It is too long, or did not arrive.
    #[error("{0}")]
    Body(#[from] io::Error),
}

impl Default for Buffers {
    fn default() -> Self {
        // `TOTAL` is far below what a semaphore can count on any machine.
        let total = usize::try_from(TOTAL).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(total)))
    }
}

impl Buffers {
    /// Reads `body`, of at most `limit` bytes. It takes `more` bytes once it is here, if it is
    /// compressed.
    ///
    /// # Errors
    ///
    /// [`BufferError::Full`] if other bodies do not make room in time, [`BufferError::Body`] if it
    /// is longer than `limit` or does not arrive in full.
    pub(crate) async fn collect(
        &self,
        body: Body,
        limit: usize,
        more: u64,
    ) -> Result<Buffered, BufferError> {
        let limit_bytes = u64::try_from(limit).unwrap_or(u64::MAX);
        let announced = body.length();
        // One that is too long is refused before anything is read of it.
        let expected = announced.unwrap_or(limit_bytes).min(limit_bytes);
        let is_here = body.as_bytes().is_some();
        let is_too_long = announced.is_some_and(|length| length > limit_bytes);
        let needed = if is_too_long {
            0
        } else if is_here || expected <= FREE {
            more
        } else {
            expected.saturating_add(more)
        };
        let permit = if needed == 0 {
            None
        } else {
            Some(self.place(needed).await?)
        };
        let bytes = body.collect(limit).await?;
        Ok(Buffered {
            bytes,
            place: Place { _permit: permit },
        })
    }

    async fn place(&self, bytes: u64) -> Result<OwnedSemaphorePermit, BufferError> {
        let size = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let place = Arc::clone(&self.0).acquire_many_owned(size.min(TOTAL));
        match timeout(PATIENCE, place).await {
            Ok(Ok(place)) => Ok(place),
            // It is never closed.
            Ok(Err(_)) | Err(_) => Err(BufferError::Full),
        }
    }
}

/// Why a service of `protocol` refuses a body that is not in memory.
pub(super) fn refuse(error: &BufferError, protocol: Protocol) -> Fault {
    let (status, code) = match (error, protocol) {
        (BufferError::Full, Protocol::Cos) => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        (BufferError::Full, Protocol::Ci) => (StatusCode::TOO_MANY_REQUESTS, "SlowDown"),
        (BufferError::Full, _) => (StatusCode::OK, "RequestLimitExceeded"),
        (BufferError::Body(error), Protocol::Cos) if error.kind() == io::ErrorKind::TimedOut => {
            (StatusCode::BAD_REQUEST, "RequestTimeout")
        }
        (BufferError::Body(error), _) if error.kind() != io::ErrorKind::FileTooLarge => {
            let message = format!("the body could not be read: {error}");
            return Fault::malformed(protocol, message);
        }
        (_, Protocol::Cos) => (StatusCode::BAD_REQUEST, "MaxMessageLengthExceeded"),
        (_, Protocol::Ci) => (StatusCode::PAYLOAD_TOO_LARGE, "InvalidContent"),
        (_, _) => (StatusCode::OK, "RequestSizeLimitExceeded"),
    };
    Fault::new(status, code, error.to_string())
}

/// Content has to say how long it is, or to come in chunks that end.
pub(super) fn require_length(headers: &HeaderMap, body: &Body) -> Result<(), Fault> {
    let is_told = headers.contains_key(CONTENT_LENGTH)
        || headers.contains_key(TRANSFER_ENCODING)
        || body.length().is_some_and(|length| length > 0);
    if is_told {
        return Ok(());
    }
    let message = "The request has no Content-Length; send one, also with an empty body.";
    Err(Fault::new(
        StatusCode::LENGTH_REQUIRED,
        "MissingContentLength",
        message,
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use tcloud_core::body::Body;
    use tokio::time::Instant;

    use super::{BufferError, Buffers, FREE, PATIENCE, TOTAL};

    const MIB: usize = 1024 * 1024;
    /// How many bodies of 8 MiB fit.
    const FIT: u32 = TOTAL / (8 * 1024);

    /// A body that arrives from elsewhere.
    fn arriving(size: usize) -> Body {
        let chunk = std::io::Result::Ok(Bytes::from(vec![0; size]));
        Body::from_stream(
            futures_util::stream::iter([chunk]),
            u64::try_from(size).ok(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn all_bodies_share_one_bound() {
        let buffers = Buffers::default();
        let mut held = Vec::new();
        for _ in 0..FIT {
            held.push(
                buffers
                    .collect(arriving(8 * MIB), 10 * MIB, 0)
                    .await
                    .unwrap(),
            );
        }
        let started = Instant::now();
        let full = buffers.collect(arriving(8 * MIB), 10 * MIB, 0).await;
        assert!(matches!(full, Err(BufferError::Full)), "{full:?}");
        assert_eq!(started.elapsed(), PATIENCE);
        // What is small, or in memory anyway, needs no place.
        let small = arriving(usize::try_from(FREE).unwrap());
        buffers.collect(small, 10 * MIB, 0).await.unwrap();
        let here = Body::from(vec![0; 8 * MIB]);
        buffers.collect(here, 10 * MIB, 0).await.unwrap();

        // A place that is given back goes to whoever waits.
        let waiting = buffers.collect(arriving(8 * MIB), 10 * MIB, 0);
        let giving = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            held.pop();
        };
        let (waited, ()) = tokio::join!(waiting, giving);
        assert_eq!(waited.unwrap().bytes.len(), 8 * MIB);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_of_unknown_length_takes_the_most_it_may_have() {
        let buffers = Buffers::default();
        let mut held = Vec::new();
        for _ in 0..FIT {
            let unknown = Body::from_stream(futures_util::stream::empty(), None);
            held.push(buffers.collect(unknown, 8 * MIB, 0).await.unwrap());
        }
        let full = buffers.collect(arriving(MIB), 8 * MIB, 0).await;
        assert!(matches!(full, Err(BufferError::Full)), "{full:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_body_takes_a_place_for_what_it_is_once_it_is_unpacked() {
        let buffers = Buffers::default();
        let more = u64::try_from(8 * MIB).unwrap();
        let mut held = Vec::new();
        for _ in 0..FIT {
            held.push(buffers.collect(arriving(10), MIB, more).await.unwrap());
        }
        let full = buffers.collect(arriving(10), MIB, more).await;
        assert!(matches!(full, Err(BufferError::Full)), "{full:?}");
        buffers.collect(arriving(10), MIB, 0).await.unwrap();
    }

    #[tokio::test]
    async fn one_that_is_too_long_is_not_read() {
        let endless = futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<_>> {
            panic!("it was read")
        });
        let body = Body::from_stream(endless, Some(11));
        let refused = Buffers::default().collect(body, 10, 0).await.unwrap_err();
        assert!(
            matches!(&refused, BufferError::Body(error) if error.kind() == std::io::ErrorKind::FileTooLarge),
            "{refused:?}"
        );
    }
}
