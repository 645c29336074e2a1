//! Sockets: connections in, requests to the pipeline, answers out.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use futures_util::TryStreamExt;
use http::{Extensions, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::{BodyDataStream, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tcloud_core::body::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::access::Via;
use crate::{LocalCloud, LocalError, spelling};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may take to end at a shutdown.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted, mostly for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves `cloud` on `listener` until `shutdown`, then waits for the requests under way.
pub(crate) async fn serve(
    cloud: LocalCloud,
    listener: TcpListener,
    shutdown: &CancellationToken,
) -> Result<(), LocalError> {
    listener.local_addr().map_err(LocalError::Listen)?;
    let connections = GracefulShutdown::new();
    let spelling = spelling::learn().await;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let cloud = cloud.clone();
        let spelling = spelling.clone();
        let via = via(&stream);
        let service =
            service_fn(move |request| answer(cloud.clone(), spelling.clone(), via, request));
        let connection = http1::Builder::new()
            .preserve_header_case(true)
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            // The date is that of the local cloud's own clock, which the pipeline sets.
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    // A client that stopped in the middle of its request is not waited for.
    if tokio::time::timeout(GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were still open at the end");
    }
    Ok(())
}

/// How requests come in by `stream`: what arrives at a loopback address was sent by this machine.
fn via(stream: &TcpStream) -> Via {
    match stream.local_addr() {
        Ok(address) if address.ip().to_canonical().is_loopback() => Via::Loopback,
        _ => Via::Network,
    }
}

async fn answer(
    cloud: LocalCloud,
    spelling: Extensions,
    via: Via,
    mut request: Request<Incoming>,
) -> Result<
    Response<StreamBody<impl futures_util::Stream<Item = io::Result<Frame<bytes::Bytes>>>>>,
    Infallible,
> {
    request.extensions_mut().insert(via);
    let request = request.map(|body| {
        let length = body.size_hint().exact();
        if length == Some(0) {
            return Body::empty();
        }
        let chunks = BodyDataStream::new(body).map_err(io::Error::other);
        Body::from_stream(chunks, length)
    });
    let mut response = cloud.handle(request).await;
    response.extensions_mut().extend(spelling);
    Ok(response.map(|body| StreamBody::new(body.map_ok(Frame::data))))
}
