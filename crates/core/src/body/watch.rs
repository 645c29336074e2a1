//! Looking at a body while it moves.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::content::Body;

/// What looks at a body while it moves. Several go around one body one after the other.
pub(crate) trait Watch: Send + Unpin + 'static {
    /// The body is asked for its first chunk.
    fn start(&mut self) {}

    /// `chunk` is about to be handed over.
    ///
    /// # Errors
    /// The reader gets the error instead of the chunk, and the body ends.
    fn chunk(&mut self, chunk: &Bytes) -> io::Result<()>;

    /// The body has ended. A reader who knows its length may not ask so far.
    ///
    /// # Errors
    /// The reader gets the error instead of the end.
    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The body ends by `error`, its own or one of this watch.
    fn failed(&mut self, _error: &io::Error) {}
}

impl Body {
    /// The same body, to be sent once, with `watch` looking at it.
    pub(crate) fn watched(self, watch: impl Watch) -> Self {
        let length = self.length();
        let watched = Watched {
            body: self,
            watch,
            at: At::Start,
        };
        Self::from_stream(watched, length)
    }
}

struct Watched<W> {
    body: Body,
    watch: W,
    at: At,
}

#[derive(PartialEq)]
enum At {
    Start,
    Middle,
    End,
}

impl<W: Watch> Stream for Watched<W> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { body, watch, at } = self.get_mut();
        match at {
            At::Start => {
                *at = At::Middle;
                watch.start();
            }
            At::Middle => {}
            At::End => return Poll::Ready(None),
        }
        let outcome = match ready!(Pin::new(body).poll_next(context)) {
            Some(Ok(chunk)) => watch.chunk(&chunk).map(|()| Some(chunk)),
            Some(Err(error)) => Err(error),
            None => watch.end().map(|()| None),
        };
        if !matches!(outcome, Ok(Some(_))) {
            *at = At::End;
        }
        if let Err(error) = &outcome {
            watch.failed(error);
        }
        Poll::Ready(outcome.transpose())
    }
}
