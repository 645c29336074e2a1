//! Waiting for a job to end.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use crate::call::{Call, Reply, Request};
use crate::credentials::BoxFuture;
use crate::error::{Error, ErrorKind};
use crate::node::{Node, Ref};
use crate::paging::{text_of, with_field};

/// How to tell that a job has ended, as the spec says it. Nodes are named by their path in the
/// response; of a list the first item counts.
#[derive(Debug)]
pub struct Waiter {
    /// The node with the state.
    pub state: &'static str,
    /// The states that end the wait well.
    pub success: &'static [&'static str],
    /// The states that end it badly.
    pub failure: &'static [&'static str],
    /// The node with the error's code.
    pub code: Option<&'static str>,
    /// The codes that mean no error. If there are any, every other code in a successful state is
    /// a failure.
    pub ok: &'static [&'static str],
    /// The node with the error's message.
    pub message: Option<&'static str>,
    /// How the parts of a job tell that they failed, where the job as a whole does not.
    pub parts: Option<Parts>,
    /// The pause between two looks.
    pub interval: Duration,
    /// When the wait is given up.
    pub timeout: Duration,
}

/// How a part of a job, a structure anywhere in the response, tells that it failed.
#[derive(Debug)]
pub struct Parts {
    /// The field with the state.
    pub state: &'static str,
    /// The states of failure.
    pub failure: &'static [&'static str],
    /// The fields with the error's code; the first that the part has counts.
    pub code: &'static [&'static str],
    /// The codes that mean no error.
    pub ok: &'static [&'static str],
    /// The field with the error's message.
    pub message: &'static str,
}

/// A wait for a job. Await it.
#[must_use = "nothing is asked for until the wait is awaited"]
pub struct Wait<Q: Request> {
    call: Call<Q>,
    waiter: &'static Waiter,
    interval: Duration,
    timeout: Duration,
    watch: Option<Watch<Q>>,
}

type Watch<Q> = Box<dyn FnMut(&<Q as Request>::Response) + Send>;

impl<Q: Request> Wait<Q> {
    pub(crate) fn new(call: Call<Q>, waiter: &'static Waiter) -> Self {
        Self {
            call,
            waiter,
            interval: waiter.interval,
            timeout: waiter.timeout,
            watch: None,
        }
    }

    /// The pause between two looks.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// When the wait is given up.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Shows each answer on the way to `watch`, the last included.
    pub fn watch(mut self, watch: impl FnMut(&Q::Response) + Send + 'static) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    async fn until_done(mut self) -> Result<Reply<Q::Response>, Error> {
        let client = self.call.client().clone();
        let environment = &client.config().environment;
        let millis = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        let deadline = environment.now().saturating_add(millis);
        loop {
            let reply = self.call.again().send().await?;
            if let Some(watch) = &mut self.watch {
                watch(&reply.output);
            }
            match self.judge(&reply) {
                Judgement::Done => return Ok(reply),
                Judgement::Failed(error) => return Err(*error),
                Judgement::Running(state) => {
                    if environment.now() >= deadline {
                        return Err(Error::new(
                            ErrorKind::Timeout,
                            format!("still {state} after {} s", self.timeout.as_secs_f64()),
                        )
                        .of(Q::operation())
                        .advise("the job goes on: wait again, or longer"));
                    }
                }
            }
            environment.sleep(self.interval).await;
        }
    }

    fn judge(&self, reply: &Reply<Q::Response>) -> Judgement {
        let waiter = self.waiter;
        let at = |path: Option<&str>| path.and_then(|path| text_at(&reply.output, path));
        let failed = |message: String| {
            let error = Error::new(ErrorKind::Job, message)
                .of(Q::operation())
                .with_request_id(reply.head.request_id.clone())
                .with_status(reply.head.status);
            Judgement::Failed(Box::new(match at(waiter.code) {
                Some(code) => error.with_code(code),
                None => error,
            }))
        };
        let message = || {
            at(waiter.message)
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| "the service gives no reason".to_owned())
        };
        let Some(state) = at(Some(waiter.state)) else {
            return failed(format!(
                "the answer has no {}: there is no such job",
                waiter.state
            ));
        };
        if is_among(waiter.failure, &state) {
            return failed(format!("the job ended as {state}: {}", message()));
        }
        if !is_among(waiter.success, &state) {
            return Judgement::Running(state);
        }
        match at(waiter.code) {
            Some(code) if !waiter.ok.is_empty() && !waiter.ok.contains(&code.as_str()) => {
                return failed(message());
            }
            _ => {}
        }
        let part = waiter
            .parts
            .as_ref()
            .and_then(|parts| parts.failed(&reply.output, ""));
        match part {
            Some(part) => Judgement::Failed(Box::new(
                Error::new(ErrorKind::Job, part.to_string())
                    .of(Q::operation())
                    .with_request_id(reply.head.request_id.clone())
                    .with_status(reply.head.status)
                    .with_code(part.code),
            )),
            None => Judgement::Done,
        }
    }
}

/// Whether `state` is one of `words`. Services write the same state in more than one case.
fn is_among(words: &[&str], state: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(state))
}

impl Parts {
    /// The first part that failed, in the order of the tables.
    fn failed(&self, node: &dyn Node, path: &str) -> Option<FailedPart> {
        let text = |name: &str| text_of(node, name).filter(|text| !text.is_empty());
        let state = text(self.state);
        let code = self.code.iter().find_map(|name| text(name));
        let refused = code.as_deref().is_some_and(|code| !self.ok.contains(&code));
        if refused
            || state
                .as_deref()
                .is_some_and(|state| is_among(self.failure, state))
        {
            return Some(FailedPart {
                path: path.to_owned(),
                code: code.unwrap_or_default(),
                message: text(self.message),
            });
        }
        let mut found = None;
        let fields = node.structure().fields();
        node.refs(&mut |refs| {
            for (field, value) in fields.iter().zip(refs) {
                let path = match path {
                    "" => field.name.to_owned(),
                    path => format!("{path}.{}", field.name),
                };
                match value {
                    _ if found.is_some() => return,
                    Ref::Node(Some(child)) => found = self.failed(*child, &path),
                    Ref::Nodes(list) => {
                        found = (0..list.count())
                            .filter_map(|index| Some((index, list.item(index)?)))
                            .find_map(|(index, item)| {
                                self.failed(item, &format!("{path}[{index}]"))
                            });
                    }
                    _ => {}
                }
            }
        });
        found
    }
}

struct FailedPart {
    path: String,
    code: String,
    message: Option<String>,
}

impl fmt::Display for FailedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref();
        let reason = message.unwrap_or("the service gives no reason");
        write!(f, "{} failed: {reason}", self.path)
    }
}

enum Judgement {
    Running(String),
    Done,
    Failed(Box<Error>),
}

impl<Q: Request> IntoFuture for Wait<Q> {
    type Output = Result<Reply<Q::Response>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.until_done())
    }
}

impl<Q: Request> fmt::Debug for Wait<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("call", &self.call)
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}

/// The text at a path such as `JobsDetail.State`.
fn text_at(node: &dyn Node, path: &str) -> Option<String> {
    let Some((first, rest)) = path.split_once('.') else {
        return text_of(node, path);
    };
    let mut found = None;
    with_field(node, first, &mut |value| {
        found = match value {
            Ref::Node(Some(child)) => text_at(child, rest),
            Ref::Nodes(list) => list.item(0).and_then(|child| text_at(child, rest)),
            _ => None,
        };
    });
    found
}
