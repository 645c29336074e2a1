//! One connection: its requests, its answers, its end.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use http::header::{CONNECTION, EXPECT, HeaderValue};
use http::{Extensions, HeaderMap, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tcloud_core::body::Body;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use super::arriving::{self, Left, STALL};
use crate::gateway::Tunnel;

/// How much a connection buffers each way, in bytes; also the longest head of a request.
const BUFFER: usize = 64 * 1024;
/// The longest rest of a body that is read for the sake of keeping the connection, in bytes.
const SMALL_REST: u64 = 1024 * 1024;
/// How long a client that was answered may pause while the rest of its body is read.
const PAUSE: Duration = Duration::from_secs(5);
/// How long the rest of a body is read before the connection is cut off.
const LINGER: Duration = Duration::from_secs(30);
/// How much of it is read, in bytes: the largest body there can be.
const LINGER_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// A connection that has become a tunnel.
pub(super) struct Tunnelled<S> {
    /// The connection.
    pub(super) stream: Pin<Box<TimeoutStream<S>>>,
    /// What came by it through the tunnel already.
    pub(super) read: Bytes,
}

/// Answers the requests that come by `stream` with `handle`, until the client leaves, stops
/// moving, or `shutdown` is over: then the request under way is the last one. Returns what has become
/// a tunnel instead.
pub(super) async fn serve<S, H, F>(
    stream: S,
    handle: H,
    spelling: Extensions,
    shutdown: CancellationToken,
) -> Option<Tunnelled<S>>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
    H: Fn(Request<Body>) -> F,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(STALL));
    let unread = Flag::default();
    let tunnel = Flag::default();
    let service = service_fn(|request: Request<Incoming>| {
        let (parts, incoming) = request.into_parts();
        let waits = waits_to_continue(&parts.headers);
        let (body, remainder) = arriving::body(incoming);
        let handled = handle(Request::from_parts(parts, body));
        let (spelling, unread, tunnel) = (spelling.clone(), unread.clone(), tunnel.clone());
        Box::pin(async move {
            let mut response = handled.await;
            if settle(remainder.take(), waits, &unread) == After::Close {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            if response.extensions().get::<Tunnel>().is_some() {
                tunnel.set();
            }
            response.extensions_mut().extend(spelling);
            Ok::<_, Infallible>(response.map(frames))
        })
    });
    let mut connection = http1::Builder::new()
        .preserve_header_case(true)
        .timer(TokioTimer::new())
        // Also how long a connection may wait for its next request.
        .header_read_timeout(STALL)
        .max_buf_size(BUFFER)
        // The date is that of the local cloud's own clock, which the pipeline sets.
        .auto_date_header(false)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut ending = false;
    let end = loop {
        tokio::select! {
            end = poll_fn(|context| connection.poll_without_shutdown(context)) => break end,
            () = shutdown.cancelled(), if !ending => {
                ending = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner();
    if tunnel.is_set() && end.is_ok() {
        let read = parts.read_buf;
        return Some(Tunnelled { stream, read });
    }
    let mut lingers = unread.is_set();
    if let Err(error) = end {
        tracing::debug!(%error, "a connection broke");
        // The client gets an answer that says what was wrong with the head of its request.
        lingers |= error.is_parse();
    }
    if lingers {
        linger(&mut stream).await;
    } else if let Err(error) = stream.shutdown().await {
        tracing::debug!(%error, "a connection was closed by the client");
    }
    None
}

fn frames(body: Body) -> StreamBody<impl Stream<Item = io::Result<Frame<Bytes>>>> {
    StreamBody::new(body.map_ok(Frame::data))
}

/// Whether the client waits for `100 Continue` before it sends its body.
fn waits_to_continue(headers: &HeaderMap) -> bool {
    headers
        .get(EXPECT)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// What holds of a connection from some time on: that its client may still be sending a body that
/// nobody reads when it ends, or that it is a tunnel.
#[derive(Clone, Default)]
struct Flag(Arc<AtomicBool>);

impl Flag {
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What comes after an answer.
#[derive(Debug, PartialEq, Eq)]
enum After {
    /// The next request, perhaps.
    Keep,
    /// The end of the connection.
    Close,
}

/// Deals with the rest of a body whose request has been answered: a little is read, so that the
/// next request can follow; otherwise the connection ends. A client that waits for `100 Continue`
/// never sends its body, so that there is nothing to read before its next request.
fn settle(left: Left, waits: bool, unread: &Flag) -> After {
    match left {
        Left::Nothing => After::Keep,
        Left::Rest(rest) if !waits && rest.size_hint().upper().is_some_and(|n| n <= SMALL_REST) => {
            tokio::spawn(drain(rest, unread.clone()));
            After::Keep
        }
        Left::Rest(_) | Left::Stuck => {
            unread.set();
            After::Close
        }
    }
}

/// Reads `rest` and forgets it. If the client stops sending, letting go of it ends the connection.
async fn drain(mut rest: Incoming, unread: Flag) {
    let reading = async {
        loop {
            match timeout(PAUSE, rest.frame()).await {
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) => return,
                Err(_) => return unread.set(),
            }
        }
    };
    if timeout(LINGER, reading).await.is_err() {
        unread.set();
    }
}

/// Ends a connection whose client may still be sending. If it were closed at once, later bytes
/// would be answered by a reset, which destroys an answer that the client has not read yet.
async fn linger<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut buffer = vec![0; BUFFER];
    let reading = async {
        let mut read = 0;
        while read < LINGER_BYTES {
            match timeout(PAUSE, stream.read(&mut buffer)).await {
                Ok(Ok(n)) if n > 0 => read = read.saturating_add(n.try_into().unwrap_or(u64::MAX)),
                _ => return,
            }
        }
    };
    // Then it is cut off all the same.
    let _ = timeout(LINGER, reading).await;
}
