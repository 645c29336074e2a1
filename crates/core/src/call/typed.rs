//! A call that is being put together.

use std::fmt;

use super::events::{Events, Listening};
use super::messages::{ListeningForMessages, Messages};
use super::options::CallOptions;
use super::reply::Reply;
use super::request::Request;
use super::signed::Signing;
use crate::body::Body;
use crate::client::Client;
use crate::codec;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::node::Node;

/// A request on its way: await it for the reply. It needs no more room than a pointer, however
/// large the reply may be.
pub type Sending<T> = BoxFuture<'static, Result<Reply<T>, Error>>;

/// A call that is being put together.
#[must_use = "a call is made when it is sent"]
pub struct Call<Q> {
    client: Client,
    request: Q,
    body: Body,
    options: CallOptions,
}

impl<Q: Request> Call<Q> {
    /// A call of `request`.
    pub fn new(client: &Client, request: Q) -> Self {
        Self {
            client: client.clone(),
            request,
            body: Body::empty(),
            options: CallOptions::default(),
        }
    }

    /// The same call with a raw body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The same call with other options. An observer of progress stays, unless they have another.
    pub fn options(mut self, options: CallOptions) -> Self {
        let observer = self.options.on_progress.take();
        self.options = options;
        self.options.on_progress = self.options.on_progress.or(observer);
        self
    }

    /// The same call, observed while its raw body moves. See
    /// [`CallOptions::on_progress`](CallOptions::on_progress).
    pub fn on_progress(
        mut self,
        observer: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
    ) -> Self {
        self.options = self.options.on_progress(observer);
        self
    }

    /// The request as it is.
    pub fn request(&self) -> &Q {
        &self.request
    }

    /// The request, to be changed.
    pub fn request_mut(&mut self) -> &mut Q {
        &mut self.request
    }

    /// The same call once more; without its body, if that is a stream.
    pub(super) fn again(&self) -> Self {
        Self {
            client: self.client.clone(),
            request: self.request.clone(),
            body: self.body.try_clone().unwrap_or_default(),
            options: self.options.clone(),
        }
    }

    /// The call without its body.
    pub(super) fn into_parts(self) -> (Client, Q, CallOptions) {
        (self.client, self.request, self.options)
    }

    /// A call of another operation by the same client and options, but for parameters that were
    /// added to this request.
    pub(super) fn to_describe<D: Request + Default>(&self) -> Call<D> {
        let options = CallOptions {
            query: Vec::new(),
            ..self.options.clone()
        };
        Call::new(&self.client, D::default()).options(options)
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends the request and reads the answer.
    ///
    /// # Errors
    /// Any [`ErrorKind`](crate::error::ErrorKind) but `Job`.
    pub fn send(self) -> Sending<Q::Response> {
        Box::pin(async move {
            let mut output = Q::Response::default();
            let reply = self
                .client
                .execute(
                    Q::operation(),
                    &self.request,
                    self.body,
                    &self.options,
                    &mut output,
                )
                .await?;
            if Q::operation().events.is_some() && reply.is_event_stream() {
                return Err(Error::new(
                    ErrorKind::Response,
                    "the answer is a stream of events, not one response",
                )
                .with_status(reply.status())
                .with_request_id(reply.request_id().map(str::to_owned))
                .advise("call `listen` in place of `send`")
                .of(Q::operation()));
            }
            Ok(reply.with(output))
        })
    }

    /// Sends the request, asks for a stream of events and reads the answer as one. An answer that is
    /// one document is a stream of one event. The deadline is that of the answer's beginning; what
    /// has begun is not asked for again.
    ///
    /// # Errors
    /// As [`Call::send`]; what happens after the beginning is reported by the events.
    pub fn listen(mut self) -> Listening<Q::Response> {
        Box::pin(async move {
            let operation = Q::operation();
            if let Some(events) = operation.events {
                codec::set(&mut self.request, events.asked_by, "true");
            }
            let mut output = Q::Response::default();
            let reply = self
                .client
                .execute(
                    operation,
                    &self.request,
                    self.body,
                    &self.options,
                    &mut output,
                )
                .await?;
            Ok(Events::new(operation, reply, output))
        })
    }

    /// Sends the request and reads its raw answer as a stream of messages. The deadline is that of the
    /// answer's beginning; what has begun is not asked for again.
    ///
    /// # Errors
    /// As [`Call::send`]; what happens after the beginning is reported instead of a message.
    pub fn listen_for_messages(self) -> ListeningForMessages {
        Box::pin(async move {
            let reply = self.send().await?;
            Ok(Messages::new(Q::operation(), reply.with(())))
        })
    }

    /// The signed request, without sending it.
    ///
    /// # Errors
    /// The request lacks something, or there are no credentials.
    pub fn sign(self) -> Signing {
        Box::pin(async move {
            self.client
                .sign(Q::operation(), &self.request, self.body, &self.options)
                .await
        })
    }
}

impl<Q: Node> fmt::Debug for Call<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::codec::debug(&self.request, f)
    }
}
