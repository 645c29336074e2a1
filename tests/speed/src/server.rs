//! A server that does next to nothing: it reads and forgets, and sends what lies ready.

use std::convert::Infallible;
use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream as _;
use http::{Method, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tcloud_core::body::{crc64, crc64_combine};
use tokio::net::TcpListener;

use crate::case::{LARGE, SMALL, Zeros};

/// Serves for ever. Its address is the one line that it writes.
pub(crate) async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut output = std::io::stdout();
    writeln!(output, "http://{}", listener.local_addr().unwrap()).unwrap();
    output.flush().unwrap();
    let sums = Sums {
        small: crc64(&[0; SMALL]).to_string(),
        large: crc64_of_zeros(LARGE).to_string(),
    };
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let sums = sums.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &sums));
            let connection = hyper::server::conn::http1::Builder::new();
            // A client that has gone is no failure.
            let _ = connection
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// The checksums of both objects, as headers.
#[derive(Clone)]
struct Sums {
    small: String,
    large: String,
}

/// Of a power of two.
fn crc64_of_zeros(length: u64) -> u64 {
    let (mut sum, mut reached) = (crc64(&[0]), 1);
    while reached < length {
        sum = crc64_combine(sum, sum, reached);
        reached *= 2;
    }
    sum
}

async fn answer(
    request: Request<Incoming>,
    sums: &Sums,
) -> Result<Response<BoxBody<Bytes, Infallible>>, hyper::Error> {
    static SMALL_OBJECT: [u8; SMALL] = [0; SMALL];
    let is_large = request.uri().path().ends_with("/large");
    let is_upload = request.method() == Method::PUT;
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        frame?;
    }
    let answer = Response::builder()
        .header("x-cos-request-id", "NjU0MzIx")
        .header("etag", "\"b5cf0b9c8cb1b2f1\"")
        .header("content-type", "application/octet-stream")
        .header(
            "x-cos-hash-crc64ecma",
            if is_large { &sums.large } else { &sums.small },
        );
    let body = match (is_upload, is_large) {
        (true, _) => Full::default().boxed(),
        (false, true) => Large(Zeros { left: LARGE }).boxed(),
        (false, false) => Full::from(Bytes::from_static(&SMALL_OBJECT)).boxed(),
    };
    Ok(answer.body(body).unwrap())
}

/// The large object as a body.
pub(crate) struct Large(pub(crate) Zeros);

impl Body for Large {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let chunk = ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(chunk.unwrap()))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.left)
    }
}
