//! The jobs of Cloud Infinite. What all kinds share is here: how a job is submitted, described,
//! listed, cancelled and called back. A kind has a file of its own and a line in [`kinds`].

mod envelope;
mod image_inspect;
pub(super) mod lookup;
mod submit;

use std::sync::Arc;

use tcloud_ci::types::Job as Detail;
use tcloud_core::call;
use tcloud_core::codec::{CodecError, xml};
use tcloud_core::node::Node;

pub(super) use self::envelope::time;
pub(super) use self::image_inspect::ImageInspect;
pub(super) use self::submit::submit;
use crate::jobs::{Finish, JobKind, Kind, failed, kind};
use crate::state::State;
use crate::store::{Effect, Job, JobClass, NewCallback, Outcome, Service, StoreError};

/// All kinds of jobs.
pub(crate) fn kinds(state: &Arc<State>) -> Vec<Arc<dyn Kind>> {
    vec![kind(Ci(ImageInspect::new(Arc::clone(state))))]
}

/// What is done for one tag.
pub(super) trait CiKind: Send + Sync + 'static {
    /// The tag.
    const TAG: &'static str;
    /// The class of the work.
    const CLASS: JobClass;
    /// The node of a job's `Operation` that tells what came of it.
    const RESULT: &'static str;
    /// The request that submits a job.
    type Request: call::Request + Default;
    /// What came of a job.
    type Result: Node + Default;

    /// The answer to the request, when the job is `job`.
    fn answer(job: Detail) -> <Self::Request as call::Request>::Response;

    /// Does the work of `job`; see [`JobKind::run`].
    fn run(
        &self,
        job: &Job,
        request: &Self::Request,
    ) -> impl Future<Output = Result<(Self::Result, Vec<Effect>), Failure>> + Send;

    /// What there is to tell of a job beside its failure.
    fn failed(job: &Job, request: &Self::Request, failure: &Failure) -> Option<Self::Result> {
        let _ = (job, request, failure);
        None
    }

    /// What is told of a job whose effects met `error`. `None` if it failed then.
    fn revised(result: Self::Result, error: &StoreError) -> Option<Self::Result> {
        let _ = (result, error);
        None
    }
}

/// Why a job failed, as a code and a sentence.
#[derive(Debug)]
pub(super) struct Failure {
    code: String,
    message: String,
}

impl Failure {
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }

    fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalError", message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::NoSuchBucket(_) | StoreError::NoSuchObject(_) => "ResourceNotFound",
            _ => "InternalError",
        };
        Self::new(code, error.to_string())
    }
}

/// A kind of Cloud Infinite as a kind of job.
struct Ci<K>(K);

impl<K: CiKind> JobKind for Ci<K> {
    const SERVICE: Service = Service::Ci;
    const TAG: &'static str = K::TAG;
    type Request = K::Request;

    fn decode(&self, request: &str) -> Result<K::Request, CodecError> {
        envelope::decoded(request, envelope::REQUEST_ROOT)
    }

    async fn run(&self, job: &Job, request: &K::Request) -> Finish {
        match self.0.run(job, request).await {
            Ok((result, effects)) => self.succeed(job, request, &result, effects),
            Err(Failure { code, message }) => self.fail(job, request, &code, message),
        }
    }

    fn fail(&self, job: &Job, request: &K::Request, code: &str, message: String) -> Finish {
        let failure = Failure::new(code, message);
        let Some(result) = K::failed(job, request, &failure) else {
            return (failed(&failure.code, failure.message), Vec::new());
        };
        let outcome = Outcome::Failed {
            code: failure.code,
            message: failure.message,
            // A text that XML cannot carry is the only obstacle; the job has it all the same.
            result: xml::encode(K::RESULT, &result).ok(),
        };
        (outcome, Vec::new())
    }

    fn revise(
        &self,
        job: &Job,
        request: &K::Request,
        outcome: Outcome,
        error: &StoreError,
    ) -> Finish {
        let result = match &outcome {
            Outcome::Success { result } => envelope::decoded(result, K::RESULT).ok(),
            Outcome::Failed { .. } => None,
        };
        if let Some(result) = result.and_then(|result| K::revised(result, error)) {
            return self.succeed(job, request, &result, Vec::new());
        }
        let Failure { code, message } = Failure::internal(error.to_string());
        self.fail(job, request, &code, message)
    }

    fn callback(&self, job: &Job) -> Result<Option<NewCallback>, CodecError> {
        envelope::callback(job)
    }
}

impl<K: CiKind> Ci<K> {
    fn succeed(
        &self,
        job: &Job,
        request: &K::Request,
        result: &K::Result,
        effects: Vec<Effect>,
    ) -> Finish {
        match xml::encode(K::RESULT, result) {
            Ok(result) => (Outcome::Success { result }, effects),
            Err(error) => self.fail(job, request, "InternalError", error.to_string()),
        }
    }
}
