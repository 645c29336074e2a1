//! An answer that comes as server-sent events, each of them a response of the operation.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::answer::{LIMIT, error_in};
use super::output::Output;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::codec::{CodecError, Drift, json, sse, text_at};
use crate::error::Error;
use crate::future::BoxFuture;
use crate::node::Node;
use crate::operation::Operation;

/// The data of an event that says that no other comes, as some services send it.
const DONE: &str = "[DONE]";

/// A request on its way: await it for the events of its answer.
pub type Listening<T> = BoxFuture<'static, Result<Events<T>, Error>>;

/// An event: a part of an answer, in the form of a response. Dereferences to its output.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Event<T> {
    /// The typed output.
    pub output: T,
    /// The kind of the event; empty if the service names none.
    pub name: String,
    /// The id of the last event that had one; empty if none had.
    pub id: String,
    /// Where the event departs from its table. Nothing of it is lost: what the table has no place
    /// for is among the output's [unknown nodes](Node::unknown).
    pub drift: Vec<Drift>,
}

impl<T> Deref for Event<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.output
    }
}

impl<T> DerefMut for Event<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.output
    }
}

/// The events of an answer, as they come.
///
/// A [`Stream`]; [`Events::next`] does without the traits around streams. An answer that is one
/// document, because the service had nothing to stream, is one event. After an error there is no
/// further event; what came before it stands.
#[must_use = "events are read when the stream is polled"]
pub struct Events<T> {
    source: Source,
    /// The answer, if it was one document.
    whole: Option<Event<T>>,
}

impl<T: Node + Default + Unpin> Events<T> {
    /// The events of the answer to `operation` whose head is that of `reply`; `output` is the answer
    /// if it was one document.
    pub(super) fn new(operation: &'static Operation, mut reply: Reply<()>, output: T) -> Self {
        let streams = reply.is_event_stream();
        let whole = (!streams).then(|| Event {
            output,
            name: String::new(),
            id: String::new(),
            drift: std::mem::take(&mut reply.drift),
        });
        Self {
            source: Source {
                operation,
                reply,
                parser: sse::Parser::new(LIMIT),
                failure: None,
                state: if streams { State::Open } else { State::Done },
            },
            whole,
        }
    }

    /// The next event, or `None` at the end.
    ///
    /// # Errors
    /// The connection broke, an event cannot be read, or the service said in the middle of its
    /// answer that it cannot go on: [`ErrorKind::Service`](crate::error::ErrorKind::Service), with its code.
    pub async fn next(&mut self) -> Option<Result<Event<T>, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All events.
    ///
    /// # Errors
    /// The first of [`Events::next`].
    pub async fn collect(mut self) -> Result<Vec<Event<T>>, Error> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event?);
        }
        Ok(all)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.source.reply.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.source.reply.headers()
    }

    /// The request's id at the service: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.source.reply.request_id()
    }

    /// How often the request was sent, at least once.
    pub fn attempts(&self) -> u32 {
        self.source.reply.attempts()
    }
}

impl<T: Node + Default + Unpin> Stream for Events<T> {
    type Item = Result<Event<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(whole) = self.whole.take() {
            return Poll::Ready(Some(Ok(whole)));
        }
        let event = match ready!(self.source.poll_event(context)) {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        };
        let mut output = T::default();
        Poll::Ready(Some(self.source.read(&event.data, &mut output).map(
            |drift| Event {
                output,
                name: event.name,
                id: event.id,
                drift,
            },
        )))
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("operation", &self.source.operation.name)
            .field("request_id", &self.source.reply.request_id())
            .finish_non_exhaustive()
    }
}

/// Where events come from, whatever they are read into.
struct Source {
    operation: &'static Operation,
    /// The head of the answer, and what is still to come of its body.
    reply: Reply<()>,
    parser: sse::Parser,
    /// What an event said has gone wrong: it is an event, and then an error.
    failure: Option<Error>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// More may come.
    Open,
    /// All has come, and events may be left.
    Ended,
    /// Nothing is left.
    Done,
}

impl Source {
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<sse::Event, Error>>> {
        loop {
            if let Some(error) = self.failure.take() {
                self.state = State::Done;
                return Poll::Ready(Some(Err(error)));
            }
            if self.state == State::Done {
                return Poll::Ready(None);
            }
            match self.parser.next() {
                Some(event) if event.data.trim() == DONE => self.state = State::Done,
                // It keeps the connection alive and says nothing.
                Some(event) if event.data.trim().is_empty() => {}
                Some(event) => return Poll::Ready(Some(Ok(event))),
                None if self.state == State::Ended => self.state = State::Done,
                None => {
                    let chunk = ready!(Pin::new(self.reply.body_mut()).poll_next(context));
                    self.failure = match chunk {
                        Some(Ok(chunk)) => {
                            let fed = self.parser.feed(&chunk);
                            fed.err().map(|error| self.unreadable(error))
                        }
                        Some(Err(error)) => {
                            let message = format!("the stream of events broke: {error}");
                            Some(self.broken(message).caused_by(error))
                        }
                        None => {
                            self.parser.finish();
                            self.state = State::Ended;
                            None
                        }
                    };
                }
            }
        }
    }

    /// Reads the data of an event.
    fn read(&mut self, data: &str, output: &mut dyn Output) -> Result<Vec<Drift>, Error> {
        let outcome = self.decode(data, output);
        if outcome.is_err() {
            self.state = State::Done;
        }
        outcome
    }

    fn decode(&mut self, data: &str, output: &mut dyn Output) -> Result<Vec<Drift>, Error> {
        let unreadable = |error| self.unreadable(error);
        let mut drift = json::decode(data, "", output).map_err(unreadable)?;
        // What a service says before it begins to stream has the wrapper of all answers.
        if let Some(Value::Object(_)) = output.unknown().get("Response") {
            output.clear();
            drift = json::decode_member(data, "Response", output).map_err(unreadable)?;
        }
        if let Some([code, message]) = error_in(output) {
            return Err(self.refused(code, message));
        }
        self.failure = self.error_row(output);
        Ok(drift)
    }

    /// The error that the row for it reports.
    fn error_row(&self, output: &dyn Node) -> Option<Error> {
        let row = self.operation.events?.error;
        let text = |name: &str| text_at(output, &format!("{row}.{name}"));
        let code = text("Code").filter(|code| code != "0");
        let message = text("Message").or_else(|| text("Msg"));
        let message = message.filter(|message| !message.is_empty());
        (code.is_some() || message.is_some()).then(|| self.refused(code, message))
    }

    fn refused(&self, code: Option<String>, message: Option<String>) -> Error {
        Refusal::new(code, message)
            .into_error(self.operation, None, false, &self.reply)
            .of(self.operation)
    }

    fn unreadable(&self, error: CodecError) -> Error {
        let message = format!("an event cannot be read: {error}");
        self.broken(message).caused_by(error)
    }

    fn broken(&self, message: String) -> Error {
        self.reply.broken(self.operation, message)
    }
}
