//! What a service does with the jobs of one tag.

use std::sync::Arc;

use serde_json::Value;
use tcloud_core::codec::CodecError;
use tcloud_core::future::BoxFuture;

use crate::store::{Effect, Job, NewCallback, Outcome, Service, StoreError};

/// The code of a job that failed only because the store could not be reached. It is not ended with
/// it: the same worker runs it again when the store is back.
pub(crate) const UNAVAILABLE: &str = "ServiceUnavailable";

/// How a job ends: its outcome and the changes that come with it.
pub(crate) type Finish = (Outcome, Vec<Effect>);

/// A kind of job: what is done for one tag of a service.
pub(crate) trait JobKind: Send + Sync + 'static {
    /// The service.
    const SERVICE: Service;
    /// The tag.
    const TAG: &'static str;
    /// What a client asked for, as it is kept with the job.
    type Request: Send + Sync;

    /// Reads what is kept. This happens once an attempt.
    ///
    /// # Errors
    ///
    /// It was written by another version.
    fn decode(&self, request: &str) -> Result<Self::Request, CodecError>;

    /// Does the work of `job`. It may be called again for the same job after a crash, so whatever
    /// others can see belongs into the effects.
    ///
    /// The future is dropped when the job's deadline passes, so long computations run on
    /// [`on_thread`](super::on_thread), which nobody has to wait for.
    fn run(&self, job: &Job, request: &Self::Request) -> impl Future<Output = Finish> + Send;

    /// Ends a job that could not be run.
    fn fail(&self, job: &Job, request: &Self::Request, code: &str, message: String) -> Finish {
        let _ = (job, request);
        (failed(code, message), Vec::new())
    }

    /// Ends a job that was to end with `outcome`, but one of whose effects met `error`.
    fn revise(
        &self,
        job: &Job,
        request: &Self::Request,
        outcome: Outcome,
        error: &StoreError,
    ) -> Finish {
        let _ = outcome;
        self.fail(job, request, "InternalError", error.to_string())
    }

    /// The result in `json`, in the form in which it is kept.
    ///
    /// # Errors
    ///
    /// It is none of such a job.
    fn keep_result(&self, json: &str) -> Result<String, String> {
        let _ = json;
        Err("such jobs have no result that can be given".to_owned())
    }

    /// The result that is kept as `kept` as JSON, without secrets.
    fn show_result(&self, kept: &str) -> Option<Value> {
        let _ = kept;
        None
    }

    /// What is sent when `job` has ended, if the client wants to know.
    ///
    /// # Errors
    ///
    /// The callback cannot be encoded.
    fn callback(&self, job: &Job) -> Result<Option<NewCallback>, CodecError> {
        let _ = job;
        Ok(None)
    }
}

/// A failure that has nothing but a code and a sentence.
pub(crate) fn failed(code: &str, message: String) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        message,
        result: None,
    }
}

/// `kind` as the workers hold it.
pub(crate) fn kind<K: JobKind>(kind: K) -> Arc<dyn Kind> {
    Arc::new(kind)
}

/// A [`JobKind`] whose request may be of any type.
pub(crate) trait Kind: Send + Sync {
    /// The service and the tag of its jobs.
    fn name(&self) -> (&'static str, &'static str);

    /// Whether `job` is of this kind.
    fn serves(&self, job: &Job) -> bool;

    /// See [`JobKind::keep_result`].
    fn keep_result(&self, json: &str) -> Result<String, String>;

    /// See [`JobKind::show_result`].
    fn show_result(&self, kept: &str) -> Option<Value>;

    /// Reads the request of `job`.
    ///
    /// # Errors
    ///
    /// As [`JobKind::decode`].
    fn begin<'a>(&'a self, job: &'a Job) -> Result<Box<dyn Work + 'a>, CodecError>;
}

/// A job in work. Each end comes with its callback.
pub(crate) trait Work: Send + Sync {
    /// See [`JobKind::run`].
    fn run(&self) -> BoxFuture<'_, Finish>;
    /// See [`JobKind::fail`].
    fn fail(&self, code: &str, message: String) -> Finish;
    /// See [`JobKind::revise`].
    fn revise(&self, outcome: Outcome, error: &StoreError) -> Finish;
    /// What to send when the job ends with `outcome` at the time `now`. A callback that cannot be
    /// encoded does not keep the job from ending.
    fn callback(&self, outcome: &Outcome, now: i64) -> Option<NewCallback>;
}

/// `finish` of `work`, with the callback that reports it at the time `now`.
pub(super) fn told(work: &dyn Work, (outcome, mut effects): Finish, now: i64) -> Finish {
    let callback = work.callback(&outcome, now);
    effects.extend(callback.map(Effect::Callback));
    (outcome, effects)
}

impl<K: JobKind> Kind for K {
    fn name(&self) -> (&'static str, &'static str) {
        (K::SERVICE.word(), K::TAG)
    }

    fn keep_result(&self, json: &str) -> Result<String, String> {
        JobKind::keep_result(self, json)
    }

    fn show_result(&self, kept: &str) -> Option<Value> {
        JobKind::show_result(self, kept)
    }

    fn serves(&self, job: &Job) -> bool {
        job.service == K::SERVICE && job.tag == K::TAG
    }

    fn begin<'a>(&'a self, job: &'a Job) -> Result<Box<dyn Work + 'a>, CodecError> {
        let request = self.decode(&job.request)?;
        Ok(Box::new(Begun {
            kind: self,
            job,
            request,
        }))
    }
}

struct Begun<'a, K: JobKind> {
    kind: &'a K,
    job: &'a Job,
    request: K::Request,
}

impl<K: JobKind> Work for Begun<'_, K> {
    fn run(&self) -> BoxFuture<'_, Finish> {
        Box::pin(self.kind.run(self.job, &self.request))
    }

    fn fail(&self, code: &str, message: String) -> Finish {
        self.kind.fail(self.job, &self.request, code, message)
    }

    fn revise(&self, outcome: Outcome, error: &StoreError) -> Finish {
        self.kind.revise(self.job, &self.request, outcome, error)
    }

    fn callback(&self, outcome: &Outcome, now: i64) -> Option<NewCallback> {
        let ended = self.job.ended(outcome, now);
        self.kind.callback(&ended).unwrap_or_else(|error| {
            tracing::error!(job = ended.id, %error, "cannot write the callback");
            None
        })
    }
}
