//! Header names as the service spells them.
//!
//! Names of headers have no case, yet some SDKs look for `ETag` to the letter. hyper writes them in
//! lower case unless a message carries spellings, which it makes only by reading a message: so it
//! is given one to read.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Extensions, Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Every name that is not in lower case; those that start with `x-` are.
const NAMES: [&str; 15] = [
    "Accept-Ranges",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Date",
    "ETag",
    "Expires",
    "Last-Modified",
    "Location",
    "Server",
];

/// The spellings, to be added to the extensions of each response. If hyper cannot read that
/// request, names stay in lower case.
pub(crate) async fn learn() -> Extensions {
    let learnt = Arc::new(Mutex::new(Extensions::new()));
    let (mut client, server) = tokio::io::duplex(4096);
    let keep = Arc::clone(&learnt);
    let service = service_fn(move |request: Request<Incoming>| {
        keep.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(request.extensions().clone());
        async { Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new())) }
    });
    let reading = http1::Builder::new()
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(server), service);
    let teaching = async move {
        client.write_all(lesson().as_bytes()).await?;
        client.read_to_end(&mut Vec::new()).await
    };
    let (read, taught): (_, io::Result<usize>) = tokio::join!(reading, teaching);
    if read.is_err() || taught.is_err() {
        tracing::warn!("header names are sent in lower case");
    }
    let extensions = learnt.lock().unwrap_or_else(PoisonError::into_inner);
    extensions.clone()
}

/// A request with every name in its proper spelling, and no content.
fn lesson() -> String {
    let headers = NAMES.map(|name| {
        let value = match name {
            "Connection" => "close",
            // The request is known to be valid.
            "Content-Length" => "0",
            _ => "x",
        };
        format!("{name}: {value}\r\n")
    });
    format!("GET / HTTP/1.1\r\n{}\r\n", headers.concat())
}
