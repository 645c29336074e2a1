//! An answer that comes as messages with checksums: rows that a service has selected, and what it
//! says of its work meanwhile.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};

use super::refusal::Refusal;
use super::reply::Reply;
use crate::codec::{CodecError, Document, message, text_at, xml};
use crate::error::Error;
use crate::future::BoxFuture;
use crate::operation::Operation;
use crate::schema::{Field, Kind, Structure};

/// A request on its way: await it for the messages of its answer.
pub type ListeningForMessages = BoxFuture<'static, Result<Messages, Error>>;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// A part of the result. It may end within a row.
    Records(Bytes),
    /// The service is still at work. It says nothing else.
    Continuation,
    /// How far it has come, if that was asked for.
    Progress(Statistics),
    /// What it has done, at the end.
    Stats(Statistics),
    /// The result is complete. No other message comes.
    End,
    /// Any other message.
    Unknown {
        /// What it is called.
        name: String,
        /// What it holds.
        payload: Bytes,
    },
}

/// How much a service has worked on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Bytes that were read of the object.
    pub bytes_scanned: Option<u64>,
    /// Bytes that were looked at, after unpacking.
    pub bytes_processed: Option<u64>,
    /// Bytes of the result.
    pub bytes_returned: Option<u64>,
}

static STATISTICS: Structure = Structure::new(
    "Statistics",
    &[
        Field::new("BytesScanned", Kind::Text),
        Field::new("BytesProcessed", Kind::Text),
        Field::new("BytesReturned", Kind::Text),
    ],
);

impl Statistics {
    fn read(root: &str, payload: &[u8]) -> Result<Self, CodecError> {
        let mut document = Document::new(&STATISTICS);
        xml::decode(&String::from_utf8_lossy(payload), root, &mut document)?;
        let number = |name: &str| text_at(&document, name)?.parse().ok();
        Ok(Self {
            bytes_scanned: number("BytesScanned"),
            bytes_processed: number("BytesProcessed"),
            bytes_returned: number("BytesReturned"),
        })
    }
}

/// The messages of an answer, as they come.
///
/// A [`Stream`]; [`Messages::next`] does without the traits around streams. The checksums of each
/// message are compared. After an error there is no further message; what came before it stands, but
/// the result is not complete.
#[must_use = "messages are read when the stream is polled"]
pub struct Messages {
    operation: &'static Operation,
    /// The head of the answer, and what is still to come of its body.
    reply: Reply<()>,
    parser: message::Parser,
    is_done: bool,
}

impl Messages {
    /// The messages of the answer to `operation` that `reply` is.
    pub(super) fn new(operation: &'static Operation, reply: Reply<()>) -> Self {
        Self {
            operation,
            reply,
            parser: message::Parser::default(),
            is_done: false,
        }
    }

    /// The next message, or `None` behind [`Message::End`].
    ///
    /// # Errors
    /// The connection broke, a message cannot be read or is not what its checksum says, the answer
    /// ended before its end, or the service said in the middle of it that it cannot go on:
    /// [`ErrorKind::Service`](crate::error::ErrorKind::Service), with its code.
    pub async fn next(&mut self) -> Option<Result<Message, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The whole result, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// The first of [`Messages::next`]; the result is longer.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Error> {
        let mut all = Vec::new();
        while let Some(message) = self.next().await {
            let Message::Records(records) = message? else {
                continue;
            };
            if records.len() > limit.saturating_sub(all.len()) {
                let message = format!("the result has more than {limit} bytes");
                return Err(self
                    .broken(message)
                    .advise("read it message by message, or select less"));
            }
            all.extend_from_slice(&records);
        }
        Ok(all.into())
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.reply.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.reply.headers()
    }

    /// The request's id at the service: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.reply.request_id()
    }

    /// How often the request was sent, at least once.
    pub fn attempts(&self) -> u32 {
        self.reply.attempts()
    }

    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        loop {
            match self.parser.next() {
                Ok(Some(message)) => return Poll::Ready(self.read(message)),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Err(self.unreadable(error))),
            }
            match ready!(Pin::new(self.reply.body_mut()).poll_next(context)) {
                Some(Ok(chunk)) => self.parser.feed(&chunk),
                Some(Err(error)) => {
                    let message = format!("the stream of messages broke: {error}");
                    let error = self.broken(message).caused_by(error);
                    return Poll::Ready(Err(error));
                }
                None => {
                    let place = if self.parser.is_empty() {
                        "before the message that ends it"
                    } else {
                        "within a message"
                    };
                    let message = format!("the answer ended {place}: the result is not complete");
                    return Poll::Ready(Err(self.broken(message)));
                }
            }
        }
    }

    fn read(&self, message: message::Message) -> Result<Message, Error> {
        if message.header(":message-type") == "error" {
            let text = |name: &str| Some(message.header(name).to_owned());
            return Err(Refusal::new(text(":error-code"), text(":error-message"))
                .into_error(self.operation, None, false, &self.reply)
                .of(self.operation));
        }
        let statistics =
            |root| Statistics::read(root, &message.payload).map_err(|error| self.unreadable(error));
        Ok(match message.header(":event-type") {
            "Records" => Message::Records(message.payload),
            "Cont" => Message::Continuation,
            "Progress" => Message::Progress(statistics("Progress")?),
            "Stats" => Message::Stats(statistics("Stats")?),
            "End" => Message::End,
            name => Message::Unknown {
                name: name.to_owned(),
                payload: message.payload,
            },
        })
    }

    fn unreadable(&self, error: CodecError) -> Error {
        let message = format!("a message cannot be read: {error}");
        self.broken(message).caused_by(error)
    }

    fn broken(&self, message: String) -> Error {
        self.reply.broken(self.operation, message)
    }
}

impl Stream for Messages {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_done {
            return Poll::Ready(None);
        }
        let message = ready!(self.poll_message(context));
        self.is_done = matches!(message, Ok(Message::End) | Err(_));
        Poll::Ready(Some(message))
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("operation", &self.operation.name)
            .field("request_id", &self.reply.request_id())
            .finish_non_exhaustive()
    }
}
