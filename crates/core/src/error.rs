//! The one error type.

mod meaning;

use std::fmt;
use std::time::Duration;

use http::StatusCode;

pub(crate) use meaning::Meaning;

use crate::operation::Operation;

/// What can go wrong with a call.
///
/// `Display` is one line that names the operation, the cause and the next step.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    message: String,
    code: Option<String>,
    request_id: Option<String>,
    job_id: Option<String>,
    status: Option<StatusCode>,
    advice: Option<String>,
    sent: bool,
    retryable: bool,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The families of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration lacks something or holds something impossible.
    Configuration,
    /// The request lacks a required node or cannot be written; nothing was sent.
    Request,
    /// No credentials could be had, or the request could not be signed: that attempt was not sent.
    Credentials,
    /// The service could not be reached, or the connection broke.
    Transport,
    /// No connection was made in time: that attempt was not sent.
    ConnectTimeout,
    /// The request was sent, and no answer began in time.
    AttemptTimeout,
    /// A body stopped on its way up or down.
    Stalled,
    /// The time for the whole call, or for a wait, was over.
    Timeout,
    /// The service refused.
    Service,
    /// The service's answer could not be read.
    Response,
    /// The body of the request could not be read: a file is not there or has changed, or a stream
    /// of the caller's failed.
    Body,
    /// What arrived is not what was sent: the checksums of a body differ.
    Integrity,
    /// The job that was waited for failed.
    Job,
}

impl Error {
    /// An error of `kind`, with a message that says what is wrong.
    #[doc(hidden)]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            message: message.into(),
            code: None,
            request_id: None,
            job_id: None,
            status: None,
            advice: None,
            sent: false,
            retryable: false,
            retry_after: None,
            source: None,
        }))
    }

    /// The same error, naming the operation.
    pub(crate) fn of(mut self, operation: &Operation) -> Self {
        self.0.operation.get_or_insert(operation.name);
        self
    }

    /// The same error, saying what to do next.
    #[doc(hidden)]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// The same error with its cause.
    #[doc(hidden)]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// The same error, about the job `id`.
    pub(crate) fn of_job(mut self, id: impl Into<String>) -> Self {
        self.0.job_id = Some(id.into());
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self.0.sent = true;
        self
    }

    /// The same error with what `other` says of the service's answer.
    pub(crate) fn with_answer_of(mut self, other: &Self) -> Self {
        self.0.code.clone_from(&other.0.code);
        self.0.request_id.clone_from(&other.0.request_id);
        self.0.status = other.0.status;
        self
    }

    pub(crate) fn was_sent(mut self, sent: bool) -> Self {
        self.0.sent = sent;
        self
    }

    pub(crate) fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    pub(crate) fn after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The error behind one that reading a body has given: a stalled, broken or late answer holds
    /// what else is known of it.
    ///
    /// ```
    /// # async fn read(mut body: tcloud_core::body::Body) -> Result<(), tcloud_core::error::Error> {
    /// use tcloud_core::error::Error;
    ///
    /// while let Some(chunk) = body.chunk().await {
    ///     let chunk = chunk.map_err(Error::of_body)?;
    ///     // …
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_body(error: std::io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| {
            Self::new(
                ErrorKind::Response,
                format!("the answer could not be read: {error}"),
            )
            .caused_by(error)
        })
    }

    /// The family of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that was called, if one was.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// What is wrong: the service's own words if it answered.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's error code, if its last answer had one, such as `NoSuchBucket` or
    /// `AuthFailure.SecretIdNotFound`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The request's id at the service: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The job that was submitted before the wait for it failed: it can still be looked up, and
    /// waited for.
    pub fn job_id(&self) -> Option<&str> {
        self.0.job_id.as_deref()
    }

    /// The HTTP status. API 3.0 reports its errors with status 200.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Whether sending the same request again may help. The call has already tried as often as
    /// its policy allows.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether a clock of [`Timeouts`](crate::timeouts::Timeouts) has run out, a stall included.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::ConnectTimeout
                | ErrorKind::AttemptTimeout
                | ErrorKind::Stalled
                | ErrorKind::Timeout
        )
    }

    /// Whether a body stopped on its way, up or down.
    pub fn is_stalled(&self) -> bool {
        self.0.kind == ErrorKind::Stalled
    }

    /// Whether what the request names is not there: a bucket, an object, a job, a template.
    ///
    /// This and its three siblings judge the service's answer by status and code, whichever service
    /// it is of: COS answers 404 `NoSuchKey`, Cloud Infinite 400 `ResourceNotFound`, API 3.0 200
    /// `ResourceNotFound.…`. At most one of the four holds. None holds for a job that failed.
    ///
    /// ```
    /// # use tcloud_core::error::Error;
    /// /// `None` if it is not there.
    /// fn found<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    ///     match outcome {
    ///         Err(error) if error.is_not_found() => Ok(None),
    ///         outcome => outcome.map(Some),
    ///     }
    /// }
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.means(Meaning::NotFound)
    }

    /// Whether the service does not let the caller do this: its key, token or signature is not
    /// accepted, or it lacks the permission.
    pub fn is_access_denied(&self) -> bool {
        self.means(Meaning::AccessDenied)
    }

    /// Whether the service refused since there are too many requests. A quota that is used up is
    /// something else.
    pub fn is_throttled(&self) -> bool {
        self.means(Meaning::Throttled)
    }

    /// Whether the request conflicts with what is there: the name is taken, the thing is in use, or
    /// the bucket is not empty. A condition that does not hold is something else:
    /// [`status`](Self::status) 412.
    pub fn is_conflict(&self) -> bool {
        self.means(Meaning::Conflict)
    }

    /// Whether the service's answer means this. A job's failure is not an answer to the request.
    fn means(&self, meaning: Meaning) -> bool {
        self.0.kind != ErrorKind::Job
            && Meaning::of(self.0.status, self.0.code.as_deref()) == Some(meaning)
    }

    /// Whether the request may have reached the service, in any of its attempts. `false` is a promise
    /// that it has not.
    pub fn was_ever_sent(&self) -> bool {
        self.0.sent
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(code) = &inner.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(inner.message.trim_end_matches('.'))?;
        let mut before = " (";
        let status = inner
            .status
            .map(|status| format!("HTTP {}", status.as_u16()));
        let request = inner.request_id.as_ref().map(|id| format!("request {id}"));
        let job = inner.job_id.as_ref().map(|id| format!("job {id}"));
        for detail in [job, status, request].into_iter().flatten() {
            write!(f, "{before}{detail}")?;
            before = ", ";
        }
        if before != " (" {
            f.write_str(")")?;
        }
        if let Some(advice) = &inner.advice {
            write!(f, "; {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("sent", &self.0.sent)
            .field("retryable", &self.0.retryable)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}
