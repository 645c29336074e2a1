//! Answers, and what can be wrong with them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body, Frame, SizeHint};

use super::faults::What;

/// Chunks are of this size.
const CHUNK: usize = 32 * 1024;

/// The body of an answer. `None` breaks the connection.
pub(crate) struct Content {
    chunks: VecDeque<Option<Bytes>>,
    length: u64,
    /// How often the end of a broken answer is put off, so that what is before it gets out.
    put_off: u32,
}

impl Content {
    pub(crate) fn of(bytes: impl Into<Bytes>) -> Self {
        let mut rest: Bytes = bytes.into();
        let length = rest.len() as u64;
        let mut chunks = VecDeque::new();
        while !rest.is_empty() {
            chunks.push_back(Some(rest.split_to(rest.len().min(CHUNK))));
        }
        Self {
            chunks,
            length,
            put_off: 3,
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if matches!(self.chunks.front(), Some(None)) && self.put_off > 0 {
            self.put_off -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.chunks.pop_front().map(|chunk| match chunk {
            Some(chunk) => Ok(Frame::data(chunk)),
            None => Err(std::io::Error::other("dropped on purpose")),
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_empty()
    }
}

pub(crate) fn refuse(status: u16, code: &str) -> Response<Content> {
    let text = format!(
        "<Error><Code>{code}</Code><Message>as the test wants it</Message>\
         <RequestId>made-up</RequestId></Error>"
    );
    let answer = Response::builder()
        .status(status)
        .header("x-cos-request-id", "made-up");
    answer.body(Content::of(text)).unwrap()
}

pub(crate) fn xml(text: String) -> Response<Content> {
    Response::builder()
        .header("content-type", "application/xml")
        .body(Content::of(text))
        .unwrap()
}

/// The answer with what is to be wrong with it.
pub(crate) fn spoil(mut answer: Response<Content>, fault: Option<&What>) -> Response<Content> {
    match fault {
        Some(What::DropDownload(after)) => {
            let chunks = &mut answer.body_mut().chunks;
            chunks.truncate(after.div_ceil(CHUNK));
            chunks.push_back(None);
        }
        Some(What::Damage) => {
            if let Some(Some(chunk)) = answer.body_mut().chunks.front_mut() {
                let mut damaged = chunk.to_vec();
                damaged[0] ^= 1;
                *chunk = damaged.into();
            }
        }
        Some(What::OtherChecksum) => {
            answer
                .headers_mut()
                .insert("x-cos-hash-crc64ecma", "1".parse().unwrap());
        }
        _ => {}
    }
    answer
}
