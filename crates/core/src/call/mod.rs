//! A call: encode → sign → send → classify → retry → decode, in one place for all operations.

mod answer;
mod clock;
mod execute;
mod prepare;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::body::Body;
use crate::client::Client;
use crate::codec::Drift;
use crate::credentials::BoxFuture;
use crate::error::Error;
use crate::node::Node;
use crate::operation::Operation;
use crate::paging::Paging;
use crate::retry::RetryPolicy;
use crate::waiter::Waiter;

pub use crate::paging::{Items, Pages};
pub use crate::waiter::Wait;
pub use prepare::SignedRequest;

/// A typed request of an operation.
pub trait Request: Node + Clone + Unpin + 'static {
    /// What is answered.
    type Response: Node + Default + Unpin + 'static;

    /// The operation.
    fn operation() -> &'static Operation;
}

/// What may differ from call to call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Another region than the configuration's.
    pub region: Option<String>,
    /// Another deadline.
    pub timeout: Option<Duration>,
    /// Another retry policy.
    pub retry: Option<RetryPolicy>,
    /// Query parameters that the operation's table does not have, by name and value.
    pub query: Vec<(String, String)>,
}

impl CallOptions {
    /// No difference.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls in `region`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Takes at most `timeout` in all.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Tries again as `policy` says.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sends a query parameter that the operation's table does not have, signed like the others:
    /// one that is newer than the table, or a pipeline that processes a picture while it is read.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
}

/// A request on its way: await it for the reply. It needs no more room than a pointer, however
/// large the reply may be.
pub type Sending<T> = BoxFuture<'static, Result<Reply<T>, Error>>;

/// A request that is being signed.
pub type Signing = BoxFuture<'static, Result<SignedRequest, Error>>;

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

    /// The same call with other options.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// The request as it stands.
    pub fn request(&self) -> &Q {
        &self.request
    }

    /// The request, to be changed.
    pub fn request_mut(&mut self) -> &mut Q {
        &mut self.request
    }

    /// The same call once more; without its body, if that is a stream.
    pub(crate) fn again(&self) -> Self {
        Self {
            client: self.client.clone(),
            request: self.request.clone(),
            body: self.body.try_clone().unwrap_or_default(),
            options: self.options.clone(),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends the request and reads the answer.
    ///
    /// # Errors
    /// Any [`ErrorKind`](crate::error::ErrorKind) but `Job`.
    pub fn send(self) -> Sending<Q::Response> {
        Box::pin(async move {
            let mut output = Q::Response::default();
            let (head, body) = self
                .client
                .execute(
                    Q::operation(),
                    &self.request,
                    self.body,
                    &self.options,
                    &mut output,
                )
                .await?;
            Ok(Reply { output, head, body })
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

    /// The pages of a list.
    pub fn pages(self, paging: &'static Paging) -> Pages<Q> {
        Pages::new(self, paging)
    }

    /// A wait for what the operation describes.
    pub fn wait(self, waiter: &'static Waiter) -> Wait<Q> {
        Wait::new(self, waiter)
    }
}

impl<Q: Node> fmt::Debug for Call<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::codec::debug(&self.request, f)
    }
}

/// What an operation answered: its typed output, and what came with it.
///
/// Dereferences to the output.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reply<T> {
    /// The typed output.
    pub output: T,
    /// Status, headers, request id, and where the answer departs from its table.
    pub head: Head,
    /// The bytes of an operation that answers with raw bytes; empty otherwise.
    pub body: Body,
}

impl<T> Reply<T> {
    /// The typed output alone.
    pub fn into_output(self) -> T {
        self.output
    }

    /// The raw bytes alone.
    pub fn into_body(self) -> Body {
        self.body
    }
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.output
    }
}

impl<T> DerefMut for Reply<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.output
    }
}

/// What came with an answer.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Head {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The request's id at the service: what its support asks for.
    pub request_id: Option<String>,
    /// Where the answer departs from its table. Nothing of it is lost.
    pub drift: Vec<Drift>,
    /// How often the request was sent.
    pub attempts: u32,
}

impl Client {
    /// Calls an operation whose request and response are any nodes of its tables: what typed calls
    /// come down to, and what calls operations known only by their tables.
    pub fn execute<'a>(
        &'a self,
        operation: &'static Operation,
        request: &'a dyn Node,
        body: Body,
        options: &'a CallOptions,
        output: &'a mut dyn Node,
    ) -> BoxFuture<'a, Result<(Head, Body), Error>> {
        Box::pin(execute::execute(
            self, operation, request, body, options, output,
        ))
    }

    /// Signs a request without sending it.
    ///
    /// # Errors
    /// The request lacks something, or there are no credentials.
    pub fn sign<'a>(
        &'a self,
        operation: &'static Operation,
        request: &'a dyn Node,
        body: Body,
        options: &'a CallOptions,
    ) -> BoxFuture<'a, Result<SignedRequest, Error>> {
        Box::pin(prepare::sign(self, operation, request, body, options))
    }
}
