//! Bodies as `reqwest` takes and gives them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as _, Frame, SizeHint};

use crate::body::Body;

/// A body that goes up. Its chunks are passed on without a copy.
pub(super) struct Outgoing {
    body: Body,
    left: Option<u64>,
}

impl Outgoing {
    pub(super) fn new(body: Body) -> Self {
        Self {
            left: body.length(),
            body,
        }
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let chunk = std::task::ready!(Pin::new(&mut this.body).poll_next(context));
        if let (Some(left), Some(Ok(chunk))) = (&mut this.left, &chunk) {
            *left = left.saturating_sub(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        }
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A body that comes down, as a stream of chunks.
pub(super) struct Incoming(::reqwest::Body);

impl Incoming {
    pub(super) fn new(body: ::reqwest::Body) -> Self {
        Self(body)
    }
}

impl Stream for Incoming {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match std::task::ready!(Pin::new(&mut self.0).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                None => return Poll::Ready(None),
            }
        }
    }
}
