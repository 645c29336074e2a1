//! Attempts, deadlines and what is learnt between them.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use http::{Request, Response};

use super::options::CallOptions;
use super::output::Output;
use super::prepare::{credentials, prepare};
use super::reply::Reply;
use super::{answer, clock, integrity};
use crate::body::{Body, Sent};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::node::Node;
use crate::operation::{BodyFormat, Operation};
use crate::transport::TransportError;

impl Client {
    /// Calls an operation whose request and response are any nodes of its tables: what typed calls
    /// come down to, and what calls operations known only by their tables. The answer is read into
    /// `output`; the reply tells the rest.
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Job`.
    pub fn execute<'a>(
        &'a self,
        operation: &'static Operation,
        request: &'a dyn Node,
        body: Body,
        options: &'a CallOptions,
        output: &'a mut dyn Output,
    ) -> BoxFuture<'a, Result<Reply<()>, Error>> {
        Box::pin(execute(self, operation, request, body, options, output))
    }
}

async fn execute(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    raw: Body,
    options: &CallOptions,
    output: &mut dyn Output,
) -> Result<Reply<()>, Error> {
    let timeout = options.timeout.unwrap_or(client.config().timeout);
    let mut progress = Progress::default();
    let call = attempts(
        client,
        operation,
        request,
        raw,
        options,
        output,
        &mut progress,
    );
    let outcome = within(client, timeout, call).await;
    outcome
        .unwrap_or_else(|| Err(progress.out_of_time(timeout)))
        .map_err(|error| error.of(operation))
}

/// How far a call has come, for when its deadline passes.
#[derive(Default)]
struct Progress {
    /// Attempts, the one under way included.
    attempts: u32,
    /// Why the attempt before failed.
    last: Option<Error>,
}

impl Progress {
    fn out_of_time(self, timeout: Duration) -> Error {
        let seconds = timeout.as_secs_f64();
        let error = match self.last {
            Some(last) => Error::new(
                ErrorKind::Timeout,
                format!(
                    "no success within {seconds} s; the last attempt that ended, of {}, said: {}",
                    self.attempts,
                    last.message()
                ),
            )
            .with_answer_of(&last)
            .caused_by(last),
            None => Error::new(ErrorKind::Timeout, format!("no answer within {seconds} s")),
        };
        error
            .was_sent(self.attempts > 0)
            .advise("give the call a longer timeout, or look at the network")
    }
}

async fn attempts(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    raw: Body,
    options: &CallOptions,
    output: &mut dyn Output,
    progress: &mut Progress,
) -> Result<Reply<()>, Error> {
    let config = client.config();
    let policy = options.retry.as_ref().unwrap_or(&config.retry);
    let compares = options.check_integrity.unwrap_or(config.check_integrity);
    let mut prepared = prepare(client, operation, request, raw, options)?;
    prepared.compute_headers().await?;
    let repeatable = prepared.is_repeatable();
    let idempotent = prepared.is_idempotent();
    let mut healed = false;
    loop {
        let credentials = credentials(client, operation).await?;
        let skew = client.skew();
        let signed = client.now(skew);
        let (http_request, signature) = prepared.sign(credentials.as_ref(), signed)?;
        progress.attempts += 1;
        let attempt = progress.attempts;
        let (http_request, sent) = watched(operation, http_request, compares, options);
        let error = match send(client, http_request, &sent, idempotent).await {
            Ok(response) => {
                let told = clock::server_time(response.headers(), client.now(0));
                let read = answer::read(operation, response, &signature, idempotent, output).await;
                let read = read.and_then(|reply| {
                    integrity::check_upload(&sent, &reply, idempotent)?;
                    Ok(reply)
                });
                match read {
                    Ok(mut reply) => {
                        client.shared.tokens.give_back();
                        reply.attempts = attempt;
                        watch_answer(operation, &mut reply, compares, options);
                        return Ok(reply);
                    }
                    Err(error) => {
                        if clock::is_to_blame(operation, &error, signed, told) {
                            // Whether or not this call can be sent again, the next one gains.
                            let better = clock::learn(client, skew, told);
                            // Once: if the clock was not the reason, it will not be the cure.
                            if better && !healed && repeatable && policy.attempts > 1 {
                                healed = true;
                                progress.last = Some(error);
                                continue;
                            }
                        }
                        error
                    }
                }
            }
            Err(error) => error,
        };
        let may_retry = error.is_retryable() && repeatable && attempt < policy.attempts;
        if !may_retry || !client.shared.tokens.take() {
            return Err(error);
        }
        let delay = policy.delay(attempt, &error, config.environment.random());
        progress.last = Some(error);
        config.environment.sleep(delay).await;
    }
}

/// `request` with its raw body looked at while it goes out, and what is seen of it.
fn watched(
    operation: &Operation,
    request: Request<Body>,
    compares: bool,
    options: &CallOptions,
) -> (Request<Body>, Sent) {
    let (head, mut body) = request.into_parts();
    let sums = compares && integrity::covers_upload(operation);
    let sent = Sent::new(sums);
    if operation.request_body == BodyFormat::Raw {
        body = sent.watch(body);
        if let Some(observer) = &options.on_progress {
            body = observer.observe(body);
        }
    }
    (Request::from_parts(head, body), sent)
}

/// Looks at the raw body of an answer while it is read.
fn watch_answer(
    operation: &'static Operation,
    reply: &mut Reply<()>,
    compares: bool,
    options: &CallOptions,
) {
    if operation.response_body != BodyFormat::Raw {
        return;
    }
    let mut body = std::mem::take(&mut reply.body);
    if compares {
        body = integrity::check_download(operation, options, reply, body);
    }
    if let Some(observer) = &options.on_progress {
        body = observer.observe(body);
    }
    reply.body = body;
}

async fn send(
    client: &Client,
    request: Request<Body>,
    sent: &Sent,
    idempotent: bool,
) -> Result<Response<Body>, Error> {
    let host = request.uri().authority().map(ToString::to_string);
    client
        .config()
        .transport
        .send(request)
        .await
        .map_err(|error: TransportError| {
            // Another attempt would meet the same body.
            if let Some(failure) = sent.failure() {
                return Error::new(ErrorKind::Body, format!("the body broke off: {failure}"))
                    .was_sent(error.sent)
                    .caused_by(error);
            }
            let kind = if error.timeout {
                ErrorKind::Timeout
            } else {
                ErrorKind::Transport
            };
            let host = host.as_deref().unwrap_or("the service");
            Error::new(kind, format!("no answer from {host}: {error}"))
                .was_sent(error.sent)
                .retryable(!error.sent || idempotent)
                .advise("check the network, the region and the endpoint")
                .caused_by(error)
        })
}

/// Runs `future` for at most `timeout`.
pub(crate) async fn within<T>(
    client: &Client,
    timeout: Duration,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    let mut sleep = client.config().environment.sleep(timeout);
    std::future::poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        // Only a call that has to wait starts its clock.
        sleep.as_mut().poll(context).map(|()| None)
    })
    .await
}
