//! The jobs of Cloud Infinite. What all kinds share is here: how a job is submitted, described,
//! listed, cancelled and called back. A kind has a file of its own and a line in [`kinds`].

mod envelope;
mod file_compress;
mod file_hash_code;
mod file_uncompress;
mod image_inspect;
pub(super) mod lookup;
mod submit;

use std::sync::Arc;

use http::StatusCode;
use tcloud_ci::types::{Job as Detail, JobOutput, ObjectInput};
use tcloud_core::call;
use tcloud_core::codec::{CodecError, xml};
use tcloud_core::node::Node;
use tcloud_core::server::Fault;

pub(super) use self::envelope::time;
pub(super) use self::file_compress::FileCompress;
pub(super) use self::file_hash_code::FileHashCode;
pub(super) use self::file_uncompress::FileUncompress;
pub(super) use self::image_inspect::ImageInspect;
pub(super) use self::submit::submit;
use super::fault;
use crate::jobs::{Finish, JobKind, Kind, failed, kind};
use crate::state::State;
use crate::store::{
    Bucket, Effect, Job, JobClass, NewCallback, ObjectName, Outcome, Processing, Service, Store,
    StoreError,
};

/// All kinds of jobs.
pub(crate) fn kinds(state: &Arc<State>) -> Vec<Arc<dyn Kind>> {
    vec![
        kind(Ci(FileCompress(Arc::clone(state)))),
        kind(Ci(FileHashCode(Arc::clone(state)))),
        kind(Ci(FileUncompress(Arc::clone(state)))),
        kind(Ci(ImageInspect(Arc::clone(state)))),
    ]
}

/// What is done for one tag.
pub(super) trait CiKind: Send + Sync + 'static {
    /// The tag.
    const TAG: &'static str;
    /// The class of the work.
    const CLASS: JobClass;
    /// What the bucket must have. Its queue is that of the jobs.
    const PROCESSING: Processing;
    /// The node of a job's `Operation` that tells what came of it.
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
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalError", message)
    }

    /// The failure as the answer to a call.
    pub(super) fn into_fault(self) -> Fault {
        let status = match self.code.as_str() {
            "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Fault::new(status, &self.code, self.message)
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
        self.fail(job, request, "InternalError", error.to_string())
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

/// The object a job reads.
fn object_of(job: &Job, input: Option<&ObjectInput>) -> Result<ObjectName, Failure> {
    let key = input.and_then(|input| input.object.clone());
    let (Some(bucket), Some(key)) = (job.bucket.clone(), key) else {
        return Err(Failure::internal("the job names no object"));
    };
    Ok(ObjectName::new(bucket, key))
}

/// The bucket a job writes to.
async fn output(store: &Store, output: Option<&JobOutput>) -> Result<Bucket, Failure> {
    let of = |text: fn(&JobOutput) -> &Option<String>| {
        let text = output.and_then(|output| text(output).clone());
        text.unwrap_or_default()
    };
    let (name, region) = (of(|it| &it.bucket), of(|it| &it.region));
    let bucket = store.bucket(&name).await?;
    if bucket.region == region {
        return Ok(bucket);
    }
    Err(Failure::new(
        "ResourceNotFound",
        format!("bucket {name} is in {}, not in {region}", bucket.region),
    ))
}

/// Refuses what `node`, a part of the operation, has beside the rows `built`.
fn only(node: &dyn Node, name: &str, built: &[&str]) -> Result<(), Fault> {
    let mut other = None;
    node.refs(&mut |refs| {
        let mut given = node.structure().fields().iter().zip(refs);
        other = given
            .find(|(field, value)| !value.is_absent() && !built.contains(&field.name))
            .map(|(field, _)| field.name);
    });
    match other {
        None => Ok(()),
        Some(other) => Err(fault::not_built(format!(
            "Request.Operation.{name}.{other} is not supported by the local cloud; leave it out"
        ))),
    }
}
