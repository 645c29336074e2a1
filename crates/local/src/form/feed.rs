//! A body as a parser of forms is to see it.
//!
//! The parser takes whatever is there before it looks at what it has. A client that sends faster
//! than the disk writes would fill the memory so. Hence it is fed: it gets one chunk, and only when
//! it can do nothing without, and no more of them than a form may have at that place.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use tcloud_core::body::Body;

/// What the parser may have of the body.
#[derive(Debug, Default)]
pub(super) struct Feed {
    /// Whether it may have a chunk.
    is_open: AtomicBool,
    /// How many bytes it may have.
    left: AtomicU64,
}

impl Feed {
    /// Allows `bytes` from now on.
    pub(super) fn allow(&self, bytes: u64) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    /// What comes of `work`, which reads of a [`Fed`] body.
    pub(super) async fn drive<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        self.is_open.store(false, Ordering::Relaxed);
        poll_fn(|context| {
            loop {
                if let Poll::Ready(output) = work.as_mut().poll(context) {
                    return Poll::Ready(output);
                }
                // If it was open, the body is what is waited for.
                if self.is_open.swap(true, Ordering::Relaxed) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

/// A body that is fed.
pub(super) struct Fed {
    body: Body,
    feed: Arc<Feed>,
}

impl Fed {
    pub(super) fn new(body: Body, feed: Arc<Feed>) -> Self {
        Self { body, feed }
    }
}

impl Stream for Fed {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { body, feed } = self.get_mut();
        if !feed.is_open.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        let left = feed.left.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Some(Err(io::ErrorKind::FileTooLarge.into())));
        }
        let polled = Pin::new(body).poll_next(context);
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            feed.allow(left.saturating_sub(length));
            feed.is_open.store(false, Ordering::Relaxed);
        }
        polled
    }
}
