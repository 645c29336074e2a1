//! Attempts, deadlines and what is learnt between them.

use std::time::Duration;

use http::header::DATE;
use http::{Request, Response};

use super::identity::{Identity, Renewal};
use super::options::CallOptions;
use super::output::Output;
use super::prepare::prepare;
use super::reply::{Reply, request_id};
use super::route::{Route, Unanswered};
use super::seen::{Attempt, Seen};
use super::waiting::{Expired, Limits, Outbound};
use super::{answer, clock, compression, integrity};
use crate::body::{Body, Sent};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::interceptor::Answered;
use crate::node::Node;
use crate::operation::{BodyFormat, Operation};
use crate::transport::TransportError;

impl Client {
    /// Calls an operation whose request and response are any nodes of its tables: what typed calls
    /// come down to, and what calls operations known only by their tables. The answer is read into
    /// `output`; the reply has the rest. A stream of events is left in the reply's body as it
    /// comes: [`Call::listen`](crate::call::Call::listen) reads it.
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
    let mut progress = Progress {
        limits: Limits::of_call(client.config(), options.timeouts, operation),
        attempts: 0,
        sent: false,
        last: None,
        seen: Seen::begin(client.config(), operation, request, options),
    };
    let span = progress.seen.span();
    let call = attempts(
        client,
        operation,
        request,
        raw,
        options,
        output,
        &mut progress,
    );
    let outcome = span.around(call).await.map_err(|stop| {
        let error = match stop {
            // The last attempt says only what became of itself.
            Stop::Failed(error) => {
                let sent = progress.sent || error.was_ever_sent();
                error.was_sent(sent)
            }
            Stop::OutOfTime => progress.out_of_time(),
        };
        error.of(operation)
    });
    progress.seen.end(outcome)
}

/// Why a call ends without success.
enum Stop {
    /// Its last attempt has failed, or it could not make one.
    Failed(Error),
    /// It has no more time.
    OutOfTime,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// How far a call has come, for when its deadline passes.
struct Progress<'a> {
    limits: Limits,
    /// Attempts, the one under way included.
    attempts: u32,
    /// Whether any of them may have reached the service.
    sent: bool,
    /// Why the attempt before failed.
    last: Option<Error>,
    seen: Seen<'a>,
}

impl Progress<'_> {
    fn out_of_time(&mut self) -> Error {
        let seconds = self.limits.total().unwrap_or_default().as_secs_f64();
        let error = match self.last.take() {
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
            .was_sent(self.sent)
            .advise("give the call longer by `Timeouts::total`, or look at the network")
    }
}

async fn attempts(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Node,
    raw: Body,
    options: &CallOptions,
    output: &mut dyn Output,
    progress: &mut Progress<'_>,
) -> Result<Reply<()>, Stop> {
    let config = client.config();
    let limits = &progress.limits;
    let policy = options.retry.as_ref().unwrap_or(&config.retry);
    let compares = options.check_integrity.unwrap_or(config.check_integrity);
    let asking = limits.within(Identity::of(client, operation, options));
    let mut identity = asking.await.ok_or(Stop::OutOfTime)?;
    progress.seen.is_in(identity.region());
    let mut prepared = prepare(client, operation, request, raw, options, identity.region())?;
    let computing = limits.within(prepared.compute_headers());
    computing.await.ok_or(Stop::OutOfTime)??;
    let repeatable = prepared.is_repeatable();
    let idempotent = prepared.is_idempotent();
    let mut healed = false;
    let mut route = Route::begin(config, &prepared);
    loop {
        pace(client, limits).await?;
        let begun = config.context.environment.monotonic();
        let asking = limits.within(identity.credentials());
        let credentials = asking.await.ok_or(Stop::OutOfTime)??;
        let skew = client.skew();
        let signed = client.now(skew);
        let (mut request, signature) = prepared.sign(credentials.as_deref(), signed, route.at())?;
        compression::accept(operation, request.headers_mut());
        progress.attempts += 1;
        let attempt = progress.attempts;
        let sent_before = std::mem::replace(&mut progress.sent, true);
        let (request, sent) = watched(operation, request, compares, options);
        let mut seen_attempt = progress.seen.attempt(&request, &sent);
        let mut moved = false;
        let sending = send(client, request, &sent, limits, idempotent);
        let answer = seen_attempt.span().around(sending).await;
        route.learn(&prepared, &answer);
        let error = match answer {
            Ok(response) => {
                let response = intercept(client, operation, response, &mut seen_attempt)?;
                let date = response.headers().get(DATE).cloned();
                let read =
                    answer::read(operation, response, &signature, limits, idempotent, output);
                let read = read.await.and_then(|reply| {
                    integrity::check_upload(&sent, &reply, idempotent)?;
                    Ok(reply)
                });
                match read {
                    Ok(mut reply) => {
                        seen_attempt.succeeded(&reply);
                        went_well(client);
                        reply.attempts = attempt;
                        return Ok(watched_answer(operation, reply, compares, options));
                    }
                    Err(error) => {
                        seen_attempt.failed(&error);
                        let told = clock::server_time(date.as_ref(), client.now(0));
                        if clock::is_to_blame(operation, &error, signed, told) {
                            // Whether or not this call can be sent again, the next one gains.
                            let better = clock::learn(client, skew, told);
                            // Once: if the clock was not the reason, it will not be the cure.
                            if better && !healed && repeatable && attempt < policy.attempts {
                                healed = true;
                                progress.seen.retry(Duration::ZERO, &error);
                                progress.last = Some(error);
                                continue;
                            }
                        }
                        let renewing = identity.renew(credentials.as_deref(), &error);
                        match limits.within(renewing).await.ok_or(Stop::OutOfTime)? {
                            Renewal::Done if repeatable && attempt < policy.attempts => {
                                progress.seen.retry(Duration::ZERO, &error);
                                progress.last = Some(error);
                                continue;
                            }
                            Renewal::Failed(why) => {
                                error.advise(format!("the key could not be renewed: {why}"))
                            }
                            Renewal::Done | Renewal::NotNeeded => error,
                        }
                    }
                }
            }
            Err(Unanswered::Failed(error)) => {
                seen_attempt.failed(&error);
                // Nothing has answered there; another host may.
                moved = route.go_on();
                error
            }
            Err(Unanswered::OutOfTime { .. }) => return Err(Stop::OutOfTime),
        };
        progress.sent = sent_before || error.was_ever_sent();
        slow_down(client, begun, &error);
        let error = config.classifier.judge(operation, attempt, error);
        let may_retry = error.is_retryable() && repeatable && attempt < policy.attempts;
        if !may_retry || !client.shared.tokens.take() {
            return Err(error.into());
        }
        let mut delay = Duration::ZERO;
        // A host that has not been asked yet need not be spared.
        if !moved {
            delay = policy.delay(attempt, &error, config.context.environment.random());
        }
        let paused = pause(client, limits, &progress.seen, delay, &error).await;
        progress.last = Some(error);
        paused?;
    }
}

/// Waits for `delay` before the next attempt, since the last one has failed by `error`.
async fn pause(
    client: &Client,
    limits: &Limits,
    seen: &Seen<'_>,
    delay: Duration,
    error: &Error,
) -> Result<(), Stop> {
    if !limits.outlast(delay) {
        return Err(Stop::OutOfTime);
    }
    seen.retry(delay, error);
    if !delay.is_zero() {
        client.config().context.environment.sleep(delay).await;
    }
    Ok(())
}

/// Shows `response` to those who look at the attempt, and its head to the interceptors.
fn intercept(
    client: &Client,
    operation: &'static Operation,
    response: Response<Body>,
    attempt: &mut Attempt<'_>,
) -> Result<Response<Body>, Error> {
    let response = attempt.answered(response);
    let answer = Answered {
        operation,
        status: response.status(),
        headers: response.headers(),
    };
    match client.config().interceptors.answer(&answer) {
        Ok(()) => Ok(response),
        Err(error) => {
            let error = error.with_request_id(request_id(response.headers()));
            attempt.failed(&error);
            Err(error)
        }
    }
}

/// Gives the next calls of the client what this one did not need.
fn went_well(client: &Client) {
    client.shared.tokens.give_back();
    if let Some(pacer) = &client.shared.pacer {
        pacer.taken();
    }
}

/// Lowers the rate of the client's requests if the one that `begun` was refused for it.
fn slow_down(client: &Client, begun: Duration, error: &Error) {
    if let Some(pacer) = &client.shared.pacer
        && error.is_throttled()
    {
        pacer.refused(begun, client.config().context.environment.monotonic());
    }
}

/// Waits until the rate of the client's requests allows another one.
async fn pace(client: &Client, limits: &Limits) -> Result<(), Stop> {
    let environment = &client.config().context.environment;
    let pacer = client.shared.pacer.as_ref();
    let pause = pacer.map_or(Duration::ZERO, |it| it.take(environment.monotonic()));
    if pause.is_zero() {
        return Ok(());
    }
    if !limits.outlast(pause) {
        return Err(Stop::OutOfTime);
    }
    environment.sleep(pause).await;
    Ok(())
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

/// `reply` with its raw body looked at while it is read.
fn watched_answer(
    operation: &'static Operation,
    mut reply: Reply<()>,
    compares: bool,
    options: &CallOptions,
) -> Reply<()> {
    if operation.response_body != BodyFormat::Raw {
        return reply;
    }
    let mut body = std::mem::take(&mut reply.body);
    if compares {
        body = integrity::check_download(operation, options, &reply, body);
    }
    if let Some(observer) = &options.on_progress {
        body = observer.observe(body);
    }
    reply.body = body;
    reply
}

async fn send(
    client: &Client,
    request: Request<Body>,
    sent: &Sent,
    limits: &Limits,
    idempotent: bool,
) -> Result<Response<Body>, Unanswered> {
    let host = request.uri().authority().map(ToString::to_string);
    let host = host.as_deref().unwrap_or("the service");
    let (request, outbound) = Outbound::watch(request, limits);
    let sending = client.config().context.transport.send(request);
    match outbound.wait(sending).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(Unanswered::Failed(broken(host, error, sent, idempotent))),
        Err(expired) => Err(match expired.error(host, idempotent) {
            Some(error) => Unanswered::Failed(error),
            None => Unanswered::OutOfTime {
                connecting: expired == Expired::Total { connecting: true },
            },
        }),
    }
}

fn broken(host: &str, error: TransportError, sent: &Sent, idempotent: bool) -> Error {
    // Another attempt would meet the same body.
    if let Some(failure) = sent.failure() {
        return Error::new(ErrorKind::Body, format!("the body broke off: {failure}"))
            .was_sent(error.sent)
            .caused_by(error);
    }
    let kind = match (error.timeout, error.sent) {
        (true, false) => ErrorKind::ConnectTimeout,
        (true, true) => ErrorKind::AttemptTimeout,
        (false, _) => ErrorKind::Transport,
    };
    Error::new(kind, format!("no answer from {host}: {error}"))
        .was_sent(error.sent)
        .retryable(!error.sent || idempotent)
        .advise("check the network, the region and the endpoint")
        .caused_by(error)
}
