//! A service that knows what it was asked and what it did, the way to it, and time.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{Request, Response, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext,
};
use tcloud_core::environment::{Environment, Manual};
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::Operation;
use tcloud_core::time::format_http_date;
use tcloud_core::transport::{ConnectClock, Transport, TransportError};

use crate::dice::Dice;
use crate::operations::{has_token, is_tc3};
use crate::schedule::{Change, Fault, Schedule, Step, Turn};

pub(crate) const UPLOADED: u64 = 30;

/// What an attempt was, seen from the service.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) began: Duration,
    /// When it was answered or broken off from outside.
    pub(crate) ended: Option<Duration>,
    pub(crate) host: String,
    /// Whether anything of it reached the service.
    pub(crate) reached: bool,
    /// Whether the service did its work.
    pub(crate) worked: bool,
    /// What the client could learn from it.
    pub(crate) told: Told,
}

/// What a client can learn from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Nothing: no connection, or no answer.
    Nothing,
    Unsent,
    /// The connection broke before the head of an answer.
    Lost,
    /// There is a head, but not all of the body.
    Broken,
    /// A refusal that may pass.
    Passing,
    /// The service did not look.
    Throttled(Option<u64>),
    /// The signature's time is wrong; whether the answer has a date.
    Skewed(bool),
    Expired,
    Final,
    Success,
}

impl Told {
    /// Whether there was the head of an answer.
    pub(crate) fn is_answer(self) -> bool {
        !matches!(self, Self::Nothing | Self::Unsent | Self::Lost)
    }
}

#[derive(Debug)]
struct State {
    /// Seconds.
    skew: i64,
    /// The steps of the call under way, in reverse.
    steps: Vec<Step>,
    attempts: Vec<Attempt>,
    /// In reverse.
    provider: Vec<Turn>,
    /// Tokens given out so far, and how many of them are no longer valid.
    given: u64,
    expired: u64,
    dice: Dice,
    /// Those of requests that were done.
    tokens: BTreeSet<String>,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: Manual,
    state: Arc<Mutex<State>>,
}

impl World {
    pub(crate) fn of(schedule: &Schedule) -> Self {
        Self {
            clock: Manual::standing(1_700_000_000_000),
            state: Arc::new(Mutex::new(State {
                skew: schedule.skew,
                steps: Vec::new(),
                attempts: Vec::new(),
                provider: schedule.provider.iter().rev().copied().collect(),
                given: 0,
                expired: 0,
                dice: Dice::new(!schedule.seed),
                tokens: BTreeSet::new(),
            })),
        }
    }

    pub(crate) fn begin(&self, steps: &[Step]) {
        let mut state = self.state();
        state.steps = steps.iter().rev().copied().collect();
        state.attempts.clear();
    }

    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.state().attempts.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn change(&self, index: usize, change: impl FnOnce(&mut Attempt)) {
        // Of a call before, nothing is asked any more.
        if let Some(attempt) = self.state().attempts.get_mut(index) {
            change(attempt);
        }
    }

    fn end(&self, index: usize, told: Told) {
        let now = self.clock.monotonic();
        self.change(index, |attempt| {
            attempt.told = told;
            attempt.ended = Some(now);
        });
    }

    /// The next attempt's number and its step.
    fn enter(&self, request: &Request<Body>) -> (usize, Step) {
        let mut state = self.state();
        state.attempts.push(Attempt {
            began: self.clock.monotonic(),
            ended: None,
            host: request.headers()["host"].to_str().unwrap().to_owned(),
            reached: false,
            worked: false,
            told: Told::Nothing,
        });
        let step = state.steps.pop().unwrap_or(Step::GOOD);
        match step.before {
            Change::Nothing => {}
            Change::Clock(skew) => state.skew = skew,
            Change::Tokens => state.expired = state.given,
        }
        (state.attempts.len() - 1, step)
    }

    async fn serve(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let operation = Operation::of(&request).unwrap();
        let (index, step) = self.enter(&request);
        let (parts, mut body) = request.into_parts();
        let connecting = parts.extensions.get::<ConnectClock>().unwrap();
        connecting.start();
        self.pass(step.connect).await;
        connecting.stop();
        if step.fault == Fault::Refused {
            self.end(index, Told::Unsent);
            return Err(TransportError::unsent("connection refused"));
        }
        self.change(index, |attempt| attempt.reached = true);
        let mut read = Vec::new();
        while let Some(chunk) = body.chunk().await {
            read.extend_from_slice(&chunk.unwrap());
            if step.fault == Fault::Unread {
                std::future::pending::<()>().await;
            }
        }
        drop(body);
        let told = self.judge(operation, &parts.headers, &step);
        let works = match told {
            Told::Success => true,
            Told::Passing => step.works,
            _ => false,
        };
        if works {
            let is_new = self.remember(operation, read);
            self.change(index, |attempt| attempt.worked = is_new);
        }
        match step.fault {
            Fault::Reset => {
                self.pass(step.think).await;
                self.end(index, Told::Lost);
                return Err(TransportError::new("connection reset by peer"));
            }
            Fault::Silent | Fault::Unread => std::future::pending().await,
            _ => self.pass(step.think).await,
        }
        Ok(self.answer(index, operation, told, step))
    }

    /// Whether the service has not done yet what a request with this body asks for.
    fn remember(&self, operation: &Operation, body: Vec<u8>) -> bool {
        if has_token(operation) {
            let text = String::from_utf8(body).unwrap();
            let token = text.strip_prefix(r#"{"ClientToken":""#).unwrap();
            assert_eq!(token.len(), 32 + r#""}"#.len());
            return self.state().tokens.insert(text);
        }
        let length = u64::try_from(body.len()).unwrap();
        assert!(matches!(length, 0 | 2 | UPLOADED), "half a body is no body");
        true
    }

    /// What the service makes of a request that it has read.
    fn judge(&self, operation: &Operation, headers: &http::HeaderMap, step: &Step) -> Told {
        let state = self.state();
        let now = self.clock.now() / 1000 + state.skew;
        let text = |name: &str| headers.get(name).map(|it| it.to_str().unwrap());
        let (window, token) = if is_tc3(operation) {
            let signed: i64 = text("x-tc-timestamp").unwrap().parse().unwrap();
            (signed - 300..=signed + 300, text("x-tc-token"))
        } else {
            let (_, rest) = text("authorization")
                .unwrap()
                .split_once("q-sign-time=")
                .unwrap();
            let (start, rest) = rest.split_once(';').unwrap();
            let (end, _) = rest.split_once('&').unwrap();
            let window = start.parse().unwrap()..=end.parse().unwrap();
            (window, text("x-ci-security-token"))
        };
        let number: u64 = token
            .unwrap()
            .strip_prefix("token-")
            .unwrap()
            .parse()
            .unwrap();
        if !window.contains(&now) {
            return Told::Skewed(step.dated);
        }
        if number <= state.expired {
            return Told::Expired;
        }
        match step.fault {
            Fault::Throttled { after, .. } => Told::Throttled(after),
            Fault::Redirect(_) | Fault::NotFound => Told::Final,
            // What becomes of the work does not show in the answer.
            Fault::Status(_) | Fault::Hidden | Fault::Reset | Fault::Silent | Fault::Unread => {
                Told::Passing
            }
            Fault::None | Fault::Refused | Fault::Cut | Fault::Stopped => Told::Success,
        }
    }

    fn answer(
        &self,
        index: usize,
        operation: &Operation,
        told: Told,
        step: Step,
    ) -> Response<Body> {
        let tc3 = is_tc3(operation);
        let said = if tc3 { 200 } else { 403 };
        let (status, code) = match (told, step.fault) {
            (Told::Skewed(_), _) if tc3 => (said, "AuthFailure.SignatureExpire"),
            (Told::Skewed(_), _) => (said, "RequestTimeTooSkewed"),
            (Told::Expired, _) if tc3 => (said, "AuthFailure.TokenFailure"),
            (Told::Expired, _) => (said, "ExpiredToken"),
            (_, Fault::Throttled { hidden: true, .. }) if tc3 => (200, "RequestLimitExceeded"),
            (_, Fault::Throttled { hidden: true, .. }) => (200, "SlowDown"),
            (_, Fault::Throttled { .. }) => (429, ""),
            (_, Fault::Hidden) => (200, "InternalError"),
            (_, Fault::Status(status) | Fault::Redirect(status)) => (status, ""),
            (_, Fault::NotFound) => (404, "NoSuchKey"),
            _ => (200, ""),
        };
        let text = match (status, code, tc3) {
            (200, "", true) => r#"{"Response":{"State":"Success","RequestId":"r"}}"#.to_owned(),
            (200, "", false) => "<Response><State>Success</State></Response>".to_owned(),
            (_, "", _) => String::new(),
            (_, code, true) => format!(
                r#"{{"Response":{{"Error":{{"Code":"{code}","Message":"m"}},"RequestId":"r"}}}}"#
            ),
            (_, code, false) => {
                format!("<Error><Code>{code}</Code><Message>m</Message></Error>")
            }
        };
        let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
        if step.dated {
            let now = self.clock.now() / 1000 + self.state().skew;
            response = response.header("date", format_http_date(now));
        }
        if let Told::Throttled(Some(after)) = told {
            response = response.header("retry-after", after);
        }
        if (300..400).contains(&status) {
            response = response.header("location", "https://elsewhere.example/");
        }
        self.end(index, Told::Broken);
        if text.is_empty() {
            self.end(index, told);
            return response.body(Body::empty()).unwrap();
        }
        let length = u64::try_from(text.len()).unwrap();
        let half = text.len() / 2;
        let body = Body::from_stream(
            Trickle {
                world: self.clone(),
                index,
                told,
                step,
                chunks: vec![text[half..].to_owned(), text[..half].to_owned()],
                pause: None,
            },
            Some(length),
        );
        response.body(body).unwrap()
    }

    async fn pass(&self, time: Duration) {
        if !time.is_zero() {
            self.clock.sleep(time).await;
        }
    }
}

/// The body of an answer, in two chunks.
struct Trickle {
    world: World,
    index: usize,
    told: Told,
    step: Step,
    /// In reverse.
    chunks: Vec<String>,
    pause: Option<BoxFuture<'static, ()>>,
}

impl Stream for Trickle {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.chunks.is_empty() {
            return Poll::Ready(None);
        }
        if !this.step.gap.is_zero() {
            let clock = &this.world.clock;
            let pause = this.pause.get_or_insert_with(|| clock.sleep(this.step.gap));
            ready!(pause.as_mut().poll(context));
            this.pause = None;
        }
        if this.told == Told::Success && this.chunks.len() == 1 {
            match this.step.fault {
                Fault::Cut => {
                    this.chunks.clear();
                    this.world.end(this.index, Told::Broken);
                    let reset = io::Error::new(io::ErrorKind::ConnectionReset, "reset by peer");
                    return Poll::Ready(Some(Err(reset)));
                }
                Fault::Stopped => return Poll::Pending,
                _ => {}
            }
        }
        let chunk = this.chunks.pop().unwrap();
        if this.chunks.is_empty() {
            this.world.end(this.index, this.told);
        }
        Poll::Ready(Some(Ok(chunk.into())))
    }
}

impl Transport for World {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(self.serve(request))
    }
}

impl CredentialsProvider for World {
    fn credentials<'a>(
        &'a self,
        _: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let turn = self.state().provider.pop().unwrap_or(Turn::Good);
        Box::pin(async move {
            match turn {
                Turn::Good => {}
                Turn::Fails => return Err(CredentialsError::new("nobody is in")),
                Turn::Hangs => std::future::pending().await,
            }
            let mut state = self.state();
            state.given += 1;
            let token = format!("token-{}", state.given);
            let end = self.clock.now() / 1000 + 7_200;
            Ok(Credentials::new("ID", "KEY")
                .with_token(token)
                .with_expiry(end))
        })
    }
}

impl Environment for World {
    fn now(&self) -> i64 {
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(duration)
    }

    fn random(&self) -> u64 {
        self.state().dice.roll()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}
