//! Rows of objects, selected by SQL: `SelectObjectContent`.
//!
//! An object is read as a stream, unpacked, cut into rows, and what an expression chooses of them is
//! answered as a stream of messages. Memory is bounded by the longest record, whatever the object's size.
//!
//! | what | file |
//! | --- | --- |
//! | what a request asks for, and the codes for what it must not | `request` |
//! | the expression: tokens, grammar, flat programs | `sql` |
//! | values, their types, how they compare and are computed with | `value` |
//! | whoever listens, and whether they still do | `contact` |
//! | running a program; functions of values, of all rows; patterns | `evaluate`, `call`, `aggregate`, `like` |
//! | the object: unpacking, rows of CSV and JSON | `source`, `csv`, `json`, `row` |
//! | the result: rows, messages | `writer`, `engine` |
//! | how many are under way | `places` |

mod aggregate;
mod call;
mod contact;
mod csv;
mod engine;
mod evaluate;
mod failure;
mod json;
mod like;
mod places;
mod request;
mod row;
mod source;
mod sql;
mod value;
mod writer;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures_util::stream::{self, BoxStream, Stream};
use futures_util::{StreamExt, TryStreamExt};
use http::header::{CONTENT_TYPE, HeaderValue};
use tcloud_core::body::Body;
use tcloud_core::call::{Message, Request};
use tcloud_core::server::{Answer, Context, Fault, error_message, message};
use tcloud_cos::operation::select_object_content::{
    SelectObjectContentRequest, SelectObjectContentResponse,
};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use self::contact::Listener;
use self::engine::run;
use self::failure::Failure;
use self::source::Unread;
use super::object::linking;
use super::{encryption, names};
use crate::state::State;
use crate::store::Wanted;

pub(crate) use self::places::Places;
pub(super) use self::request::refusal;

/// How many messages may wait for their client.
const WAITING: usize = 4;

/// Answers rows of an object.
pub(super) async fn select(
    state: &State,
    context: Context,
    request: SelectObjectContentRequest,
) -> Result<Answer<SelectObjectContentResponse>, Fault> {
    let plan = request::plan(&request, state.store.now())?;
    let name = names::object(request.bucket, request.key)?;
    let operation = SelectObjectContentRequest::operation();
    let wanted = Wanted::Description;
    let followed = linking::follow(state, &context, operation, name, None, wanted);
    let (name, version, found) = followed.await?;
    // The operation has no headers for a key of the client's.
    encryption::require(&found.object.attributes, None)?;
    // Whoever waits for a place has no object open.
    let place = state.selections.take().await?;
    let reader = state.store.get_sealed(&name, version, None, None).await?;
    encryption::require(&reader.object.attributes, None)?;

    let broken = |error| io::Error::other(Unread(format!("the object cannot be read: {error}")));
    let object = Content {
        runtime: Handle::current(),
        chunks: reader.content.map_err(broken).boxed(),
        current: Bytes::new(),
    };
    let (tell, mut told) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        // Given back at the end.
        let _place = place;
        let client = Client(tell);
        if let Err(failure) = run(plan, object, &client) {
            let _ = client.0.blocking_send(Err(failure));
        }
    });
    // What goes wrong before the first row has a status.
    let first = told.recv().await.unwrap_or_else(|| {
        let message = "selecting ended without a result";
        Err(Failure::new("InternalError", message))
    })?;
    let body = Body::from_stream(messages(first, told), None);
    let mut answer = Answer::new(SelectObjectContentResponse::new()).body(body);
    let kind = HeaderValue::from_static("application/octet-stream");
    answer.headers.insert(CONTENT_TYPE, kind);
    Ok(answer)
}

/// The client, for as long as it keeps its connection.
struct Client(mpsc::Sender<Result<Bytes, Failure>>);

impl Listener for Client {
    fn hears(&self, told: Message) -> bool {
        self.0.blocking_send(Ok(message(&told))).is_ok()
    }

    fn is_there(&self) -> bool {
        !self.0.is_closed()
    }
}

/// Messages as they are sent. One that says what went wrong is the last.
fn messages(
    first: Bytes,
    told: mpsc::Receiver<Result<Bytes, Failure>>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let further = stream::unfold(told, |mut told| async move {
        let message = told.recv().await?.unwrap_or_else(|failure| {
            tracing::debug!(
                code = failure.code,
                "a selection ended: {}",
                failure.message
            );
            error_message(failure.code, &failure.message)
        });
        Some((Ok(message), told))
    });
    stream::once(async { Ok(first) }).chain(further)
}

/// The content of an object, for a thread that may wait.
struct Content {
    runtime: Handle,
    chunks: BoxStream<'static, io::Result<Bytes>>,
    current: Bytes,
}

impl Read for Content {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.runtime.block_on(self.chunks.next()) {
                Some(chunk) => self.current = chunk?,
                None => return Ok(0),
            }
        }
        let count = self.current.len().min(into.len());
        self.current
            .copy_to_slice(into.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}
