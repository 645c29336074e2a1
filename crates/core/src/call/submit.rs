//! Jobs that operations start: their ids, and waiting for them in one go.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use super::reply::Reply;
use super::request::Request;
use super::typed::Call;
use super::wait::Wait;
use crate::error::{Error, ErrorKind};
use crate::future::BoxFuture;
use crate::waiter::Waiter;

/// A response that names the one job which its operation started.
pub trait Submitted {
    /// The job's id, as the operation that describes the job takes it. `None` if the service left
    /// it out.
    fn job_id(&self) -> Option<&str>;
}

/// A request that starts a job which can be waited for.
pub trait Submit: Request<Response: Submitted> {
    /// The request of the operation that describes the job.
    type Describe: Request + Default;

    /// Fills `describe` with what the operation needs to describe the job `id`.
    fn describe(&self, describe: &mut Self::Describe, id: String);

    /// How to see that the job has ended.
    fn waiter() -> &'static Waiter;
}

impl<T: Submitted> Reply<T> {
    /// The id of the job that the operation started. `None` if the service left it out.
    pub fn job_id(&self) -> Option<&str> {
        self.output.job_id()
    }
}

impl<Q: Submit> Call<Q> {
    /// The call, and then a wait for the job that it starts.
    pub fn submit_and_wait(self) -> SubmitAndWait<Q> {
        let wait = self.to_describe::<Q::Describe>().wait(Q::waiter());
        SubmitAndWait {
            submission: self,
            on_submitted: None,
            wait,
        }
    }
}

/// A call that starts a job, and a wait for the job's end. Await it for what the describing
/// operation answers at the end.
///
/// # Errors
///
/// Those of the call. Once the job is there, an error carries its
/// [`job_id`](Error::job_id): of the kind [`Job`](ErrorKind::Job) if it failed,
/// [`Timeout`](ErrorKind::Timeout) if it had not ended in time and continues, and those of the
/// describing call.
#[must_use = "nothing is sent before it is awaited"]
pub struct SubmitAndWait<Q: Submit> {
    submission: Call<Q>,
    on_submitted: Option<OnSubmitted<Q>>,
    wait: Wait<Q::Describe>,
}

type OnSubmitted<Q> = Box<dyn FnOnce(&Reply<<Q as Request>::Response>) + Send>;

impl<Q: Submit> SubmitAndWait<Q> {
    /// Shows the reply of the call to `see` before the wait begins, so that the job's id can be kept
    /// where it outlives this program.
    pub fn on_submitted(mut self, see: impl FnOnce(&Reply<Q::Response>) + Send + 'static) -> Self {
        self.on_submitted = Some(Box::new(see));
        self
    }

    /// The pause between two looks.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.wait = self.wait.interval(interval);
        self
    }

    /// How long the job is waited for, from its submission on.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait = self.wait.timeout(timeout);
        self
    }

    /// Shows each answer on the way to `watch`, the last included.
    pub fn watch(
        mut self,
        watch: impl FnMut(&<Q::Describe as Request>::Response) + Send + 'static,
    ) -> Self {
        self.wait = self.wait.watch(watch);
        self
    }

    async fn run(self) -> Result<Reply<<Q::Describe as Request>::Response>, Error> {
        let Self {
            submission,
            on_submitted,
            mut wait,
        } = self;
        let request = submission.request().clone();
        let submitted = submission.send().await?;
        let Some(id) = submitted.job_id().filter(|id| !id.is_empty()) else {
            return Err(
                Error::new(ErrorKind::Response, "the answer has no id of a job")
                    .of(Q::operation())
                    .with_status(submitted.status)
                    .with_request_id(submitted.request_id.clone())
                    .advise("what it has instead is in the reply of `send`"),
            );
        };
        if let Some(see) = on_submitted {
            see(&submitted);
        }
        request.describe(wait.request_mut(), id.to_owned());
        wait.await.map_err(|error| error.of_job(id))
    }
}

impl<Q: Submit> IntoFuture for SubmitAndWait<Q> {
    type Output = Result<Reply<<Q::Describe as Request>::Response>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<Q: Submit> fmt::Debug for SubmitAndWait<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitAndWait")
            .field("submission", &self.submission)
            .finish_non_exhaustive()
    }
}
