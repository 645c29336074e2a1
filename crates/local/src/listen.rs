//! Sockets: connections in, requests to the pipeline, answers out.
//!
//! What a client can hold here is bounded: [`Settings::max_connections`](crate::Settings) open
//! connections, each of which is closed when nothing moves on it for [`STALL`](arriving::STALL)
//! while it should.

mod arriving;
mod beginning;
mod connection;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use tcloud_core::body::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gateway::{Peer, Via};
use crate::https::Https;
use crate::{LocalError, Settings, spelling};

/// How long to wait after a connection could not be accepted, mostly for lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers what comes in by `listener` with `handle`, by `https` over TLS as well, until `shutdown`,
/// then waits for the requests under way.
pub(crate) async fn serve<H, F>(
    handle: H,
    settings: &Settings,
    https: Option<Arc<Https>>,
    listener: TcpListener,
    shutdown: &CancellationToken,
) -> Result<(), LocalError>
where
    H: Fn(Request<Body>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    listener.local_addr().map_err(LocalError::Listen)?;
    let spelling = spelling::learn().await;
    let places = settings.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(places));
    let connections = TaskTracker::new();
    let ended = CancellationToken::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = shutdown.cancelled() => break,
        };
        let (stream, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let reached = stream.local_addr().map(|it| it.ip().to_canonical());
        let reached = reached.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let via = via(reached);
        let peer = stream
            .peer_addr()
            .ok()
            .map(|it| Peer(it.ip().to_canonical()));
        let handle = handle.clone();
        let handle = move |mut request: Request<Body>| {
            request.extensions_mut().insert(via);
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            handle(request)
        };
        let (spelling, shutdown) = (spelling.clone(), shutdown.clone());
        let https = https.clone();
        let connection = async move {
            match https {
                None => drop(connection::serve(stream, handle, spelling, shutdown).await),
                Some(https) => {
                    let begin = beginning::Begin { https, reached };
                    begin.serve(stream, handle, spelling, shutdown).await;
                }
            }
        };
        let ended = ended.clone();
        connections.spawn(async move {
            tokio::select! {
                () = connection => {}
                () = ended.cancelled() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    // A client that stopped in the middle of its request is not waited for.
    let waiting = tokio::time::timeout(settings.shutdown_grace, connections.wait());
    if waiting.await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections are cut off: their requests did not end in time"
        );
        ended.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// How requests come in at the address `reached`: what arrives at one of loopback was sent by this
/// machine.
fn via(reached: IpAddr) -> Via {
    if reached.is_loopback() {
        Via::Loopback
    } else {
        Via::Network
    }
}

/// The next connection, as soon as there is a place for it. Until then it waits where the system
/// keeps those that nobody has accepted yet.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    if places.available_permits() == 0 {
        tracing::warn!("as many connections are open as may be; further ones wait");
    }
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // Otherwise the system holds the content of an answer back until the client has acknowledged
    // its head, which takes 40 ms on a connection that is kept alive.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "answers may be slow: TCP_NODELAY could not be set");
    }
    Ok((stream, place))
}

#[cfg(test)]
mod tests;
