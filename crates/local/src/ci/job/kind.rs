//! What sets one kind of job apart, and what makes it one of the local cloud's jobs.

use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::Value;
use tcloud_ci::types::Job as Detail;
use tcloud_core::call;
use tcloud_core::codec::{self, CodecError, json, xml};
use tcloud_core::node::Node;
use tcloud_core::server::Fault;

use super::envelope;
use super::failure::Failure;
use crate::jobs::{Finish, JobKind, failed};
use crate::state::State;
use crate::store::{Effect, Job, JobClass, NewCallback, Outcome, Processing, Service, StoreError};

/// What is done for one tag.
pub(in crate::ci) trait CiKind: Send + Sync + 'static {
    /// The tag.
    const TAG: &'static str;
    /// The class of the work.
    const CLASS: JobClass;
    /// What the bucket must have. Its queue is that of the jobs.
    const PROCESSING: Processing;
    /// The node of a job's `Operation` that reports its result.
    const RESULT: &'static str;
    /// The request that submits a job.
    type Request: call::Request + Default;
    /// What came of a job.
    type Result: Node + Default;

    /// The answer to the request, when the job is `job`.
    fn answer(job: Detail) -> <Self::Request as call::Request>::Response;

    /// Checks what only this kind asks of a request.
    ///
    /// # Errors
    ///
    /// The request is refused.
    fn check(request: &Self::Request) -> Result<(), Fault> {
        let _ = request;
        Ok(())
    }

    /// The request to `bucket` with what descriptions of the job have besides.
    ///
    /// # Errors
    ///
    /// The request is refused.
    fn complete(
        state: &State,
        bucket: &str,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Request, Fault>> + Send {
        let _ = (state, bucket);
        async { Ok(request) }
    }

    /// Does the work of `job`; see [`JobKind::run`].
    fn run(
        state: &State,
        job: &Job,
        request: &Self::Request,
    ) -> impl Future<Output = Result<(Self::Result, Vec<Effect>), Failure>> + Send;

    /// What is reported of a job besides its failure.
    fn failed(job: &Job, request: &Self::Request, failure: &Failure) -> Option<Self::Result> {
        let _ = (job, request, failure);
        None
    }

    /// What is reported of a job whose effects met `error`. `None` if it failed.
    fn revised(result: Self::Result, error: &StoreError) -> Option<Self::Result> {
        let _ = (result, error);
        None
    }
}

/// A kind of Cloud Infinite as a kind of job.
pub(super) struct Ci<K> {
    state: Arc<State>,
    kind: PhantomData<K>,
}

impl<K: CiKind> JobKind for Ci<K> {
    const SERVICE: Service = Service::Ci;
    const TAG: &'static str = K::TAG;
    type Request = K::Request;

    fn decode(&self, request: &str) -> Result<K::Request, CodecError> {
        envelope::decoded(request, envelope::REQUEST_ROOT)
    }

    async fn run(&self, job: &Job, request: &K::Request) -> Finish {
        match K::run(&self.state, job, request).await {
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
        self.fail(job, request, "InternalError", error.to_string())
    }

    fn keep_result(&self, json: &str) -> Result<String, String> {
        let mut result = K::Result::default();
        let drift = json::decode(json, "", &mut result).map_err(|error| error.to_string())?;
        match drift.first() {
            Some(departure) => Err(departure.to_string()),
            None => xml::encode(K::RESULT, &result).map_err(|error| error.to_string()),
        }
    }

    fn show_result(&self, kept: &str) -> Option<Value> {
        let mut result: K::Result = envelope::decoded(kept, K::RESULT).ok()?;
        codec::redact(&mut result);
        json::to_value(&result, json::Style::Typed).ok()
    }

    fn callback(&self, job: &Job) -> Result<Option<NewCallback>, CodecError> {
        envelope::callback(job)
    }
}

impl<K: CiKind> Ci<K> {
    pub(super) fn new(state: Arc<State>) -> Self {
        Self {
            state,
            kind: PhantomData,
        }
    }

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
