//! A call that is being put together.

use std::fmt;

use super::options::CallOptions;
use super::reply::Reply;
use super::request::Request;
use super::signed::Signing;
use crate::body::Body;
use crate::client::Client;
use crate::error::Error;
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

    /// The request as it stands.
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
            Ok(reply.with(output))
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
