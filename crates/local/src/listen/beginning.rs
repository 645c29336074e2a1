//! What connections begin with where TLS is served: TLS or a request, and the same again in a tunnel.

use std::io::{self, Cursor};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::{Extensions, Request, Response};
use tcloud_core::body::Body;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::arriving::STALL;
use super::connection::{self, Tunnelled};
use crate::gateway::MayTunnel;
use crate::https::{Https, Secure};

/// How long a client may take to agree on keys.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);
/// The first byte of TLS. No request begins with it.
const TLS: u8 = 22;

/// A connection, or what comes through one.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Begins connections.
pub(super) struct Begin {
    /// What proves who this is.
    pub(super) https: Arc<Https>,
    /// The address at which clients have reached this machine.
    pub(super) reached: IpAddr,
}

impl Begin {
    /// Answers the requests that come by `stream` with `handle`, and those that come through a tunnel
    /// in it. There is no tunnel through a tunnel.
    pub(super) async fn serve<S, H, F>(
        &self,
        stream: S,
        handle: H,
        spelling: Extensions,
        shutdown: CancellationToken,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
        H: Fn(Request<Body>) -> F,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let Some((stream, secure)) = self.begin(Box::new(stream), &shutdown).await else {
            return;
        };
        let tunnelling = |mut request: Request<Body>| {
            request.extensions_mut().insert(MayTunnel);
            handle(marked(request, secure))
        };
        let (again, ending) = (spelling.clone(), shutdown.clone());
        let served = connection::serve(stream, tunnelling, again, ending).await;
        let Some(Tunnelled { stream, read }) = served else {
            return;
        };
        let stream = after(read, stream);
        if let Some((stream, secure)) = self.begin(stream, &shutdown).await {
            let handle = |request| handle(marked(request, secure));
            connection::serve(stream, handle, spelling, shutdown).await;
        }
    }

    /// The stream of requests in `stream`, and whether it is of TLS, unless it ends before there is one.
    async fn begin(
        &self,
        stream: Box<dyn Stream>,
        shutdown: &CancellationToken,
    ) -> Option<(Box<dyn Stream>, Option<Secure>)> {
        let begun = tokio::select! {
            begun = self.secure(stream) => begun,
            () = shutdown.cancelled() => return None,
        };
        begun.unwrap_or_else(|error| {
            tracing::debug!(%error, "a connection did not come to a request");
            None
        })
    }

    async fn secure(
        &self,
        mut stream: Box<dyn Stream>,
    ) -> io::Result<Option<(Box<dyn Stream>, Option<Secure>)>> {
        let mut first = BytesMut::with_capacity(1).limit(1);
        let read = stream.read_buf(&mut first);
        if timeout(STALL, read).await?? == 0 {
            return Ok(None);
        }
        let first = first.into_inner().freeze();
        let is_tls = first.first() == Some(&TLS);
        let stream = after(first, stream);
        if !is_tls {
            return Ok(Some((stream, None)));
        }
        let accepting = self.https.accept(stream, self.reached);
        let secured = timeout(HANDSHAKE, accepting).await??;
        Ok(Some((Box::new(secured), Some(Secure))))
    }
}

/// `request`, which came by a stream that is `secure` or not.
fn marked(mut request: Request<Body>, secure: Option<Secure>) -> Request<Body> {
    if let Some(secure) = secure {
        request.extensions_mut().insert(secure);
    }
    request
}

/// `stream`, of which `read` was read.
fn after<S: Stream + 'static>(read: Bytes, stream: S) -> Box<dyn Stream> {
    let (reading, writing) = tokio::io::split(stream);
    Box::new(tokio::io::join(Cursor::new(read).chain(reading), writing))
}

#[cfg(test)]
#[cfg(feature = "tls")]
mod tests;
