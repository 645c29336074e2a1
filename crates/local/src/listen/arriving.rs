//! The body of a request while it arrives.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http_body::Body as _;
use hyper::body::Incoming;
use tcloud_core::body::Body;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a connection lives on which nothing moves: while a head or a body should arrive, and
/// while an answer should be read.
pub(super) const STALL: Duration = Duration::from_secs(30);

/// What was left of a body that its reader let go of.
#[derive(Debug)]
pub(super) enum Left {
    /// Nothing: it was read to its end, or broke off.
    Nothing,
    /// What arrives from here on.
    Rest(Incoming),
    /// Something that does not arrive, or that its reader still holds.
    Stuck,
}

/// Reports what was left of a body.
pub(super) struct Remainder(Option<oneshot::Receiver<Left>>);

impl Remainder {
    /// What was left, to be asked once the request has been answered.
    pub(super) fn take(self) -> Left {
        use oneshot::error::TryRecvError;
        match self.0.map(|mut left| left.try_recv()) {
            None | Some(Err(TryRecvError::Closed)) => Left::Nothing,
            Some(Err(TryRecvError::Empty)) => Left::Stuck,
            Some(Ok(left)) => left,
        }
    }
}

/// The body that arrives by `incoming`, which fails if no byte comes for [`STALL`].
pub(super) fn body(incoming: Incoming) -> (Body, Remainder) {
    if incoming.is_end_stream() {
        return (Body::empty(), Remainder(None));
    }
    let length = incoming.size_hint().exact();
    let (sender, receiver) = oneshot::channel();
    let arriving = Arriving {
        incoming: Some(incoming),
        alarm: None,
        waits: false,
        stalled: false,
        left: Some(sender),
    };
    (
        Body::from_stream(arriving, length),
        Remainder(Some(receiver)),
    )
}

struct Arriving {
    /// Gone when the body has ended.
    incoming: Option<Incoming>,
    /// Set when the reader first had to wait.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Whether the reader waits for the next byte. Only then the alarm counts: a client is not to
    /// blame for a reader that is busy.
    waits: bool,
    stalled: bool,
    left: Option<oneshot::Sender<Left>>,
}

impl Arriving {
    /// Ends when the reader has waited for [`STALL`].
    fn poll_stall(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now())));
        if !self.waits {
            self.waits = true;
            alarm.as_mut().reset(Instant::now() + STALL);
        }
        alarm.as_mut().poll(context)
    }
}

impl Stream for Arriving {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let Some(incoming) = &mut this.incoming else {
                return Poll::Ready(None);
            };
            let Poll::Ready(frame) = Pin::new(incoming).poll_frame(context) else {
                ready!(this.poll_stall(context));
                this.stalled = true;
                let message = format!("no byte of the body came for {} s", STALL.as_secs());
                let error = io::Error::new(io::ErrorKind::TimedOut, message);
                return Poll::Ready(Some(Err(error)));
            };
            this.waits = false;
            match frame {
                // What is not data is trailers, which say nothing here.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(error)) => {
                    this.incoming = None;
                    return Poll::Ready(Some(Err(io::Error::other(error))));
                }
                None => {
                    this.incoming = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let Some(incoming) = self.incoming.take() else {
            return;
        };
        let left = if self.stalled {
            Left::Stuck
        } else {
            Left::Rest(incoming)
        };
        if let Some(sender) = self.left.take() {
            // Nobody listens when the connection is gone.
            let _ = sender.send(left);
        }
    }
}
