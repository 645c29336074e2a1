//! Waiting for a job to end.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use super::reply::Reply;
use super::request::Request;
use super::typed::Call;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::waiter::{Verdict, Waiter};

impl<Q: Request> Call<Q> {
    /// A wait for what the operation describes.
    pub fn wait(self, waiter: &'static Waiter) -> Wait<Q> {
        Wait {
            call: self,
            waiter,
            interval: waiter.interval,
            timeout: waiter.timeout,
            watch: None,
        }
    }
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

    /// The request that is sent again and again.
    pub(super) fn request_mut(&mut self) -> &mut Q {
        self.call.request_mut()
    }

    async fn until_done(mut self) -> Result<Reply<Q::Response>, Error> {
        let client = self.call.client().clone();
        let environment = &client.config().context.environment;
        let deadline = environment.monotonic().saturating_add(self.timeout);
        loop {
            let reply = self.call.again().send().await?;
            if let Some(watch) = &mut self.watch {
                watch(&reply.output);
            }
            match self.waiter.judge(&reply.output) {
                Verdict::Done => return Ok(reply),
                Verdict::Failed { code, message } => {
                    let error = Error::new(ErrorKind::Job, message)
                        .of(Q::operation())
                        .with_request_id(reply.request_id.clone())
                        .with_status(reply.status);
                    return Err(match code {
                        Some(code) => error.with_code(code),
                        None => error,
                    });
                }
                Verdict::Running(state) => {
                    if environment.monotonic() >= deadline {
                        return Err(Error::new(
                            ErrorKind::Timeout,
                            format!("still {state} after {} s", self.timeout.as_secs_f64()),
                        )
                        .of(Q::operation())
                        .advise("the job continues: wait again, or longer"));
                    }
                }
            }
            environment.sleep(self.interval).await;
        }
    }
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
