//! What a transfer fails with.

use std::fmt;
use std::io;
use std::path::Path;

use tcloud_core::error::Error as CallError;

/// Why a transfer failed.
///
/// `Display` is one line that names what was transferred, the cause and the next step.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    subject: Option<String>,
    message: String,
    advice: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The families of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A call failed: [`Error::call`] has the service's answer.
    Call,
    /// A local file could not be read, written or listed.
    File,
    /// The reader, stream or writer of the caller failed.
    Stream,
    /// The source changed while it was transferred.
    Changed,
    /// What arrived is not what was sent: checksums differ.
    Integrity,
    /// The transfer was cancelled by its [`Control`](crate::Control).
    Cancelled,
    /// A key cannot become a file name within the target folder.
    Unsafe,
    /// What was asked for cannot be done.
    Refused,
    /// There is nothing of this name.
    NotFound,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            subject: None,
            message: message.into(),
            advice: None,
            source: None,
        }))
    }

    /// A local file that cannot be worked with; `verb` says what failed, as in `read`.
    pub(crate) fn file(verb: &str, path: &Path, error: io::Error) -> Self {
        let message = format!("cannot {verb} {}: {error}", path.display());
        Self::new(ErrorKind::File, message).caused_by(error)
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "the transfer was cancelled")
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    pub(crate) fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error, naming what was transferred unless it does already.
    pub(crate) fn about(mut self, subject: impl fmt::Display) -> Self {
        self.0.subject.get_or_insert_with(|| subject.to_string());
        self
    }

    /// The family of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was transferred, if it is known: `upload of cos://bucket/key`.
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// What is wrong, without subject and advice.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The error of the call that failed, with the service's code and status.
    pub fn call(&self) -> Option<&CallError> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// Whether the bucket, the object or the upload is not there, or no object is below a prefix.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound || self.call().is_some_and(CallError::is_not_found)
    }

    /// Whether the transfer was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.kind == ErrorKind::Cancelled
    }

    /// Whether the same transfer may succeed if it is tried again: the network or the service
    /// failed, or the source changed under way.
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Call => self.call().is_some_and(CallError::is_retryable),
            ErrorKind::Changed | ErrorKind::Integrity => true,
            _ => false,
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        use tcloud_core::error::ErrorKind as Call;
        let kind = match error.kind() {
            Call::Integrity => ErrorKind::Integrity,
            _ if error.status().is_some_and(|status| status.as_u16() == 412) => ErrorKind::Changed,
            _ => ErrorKind::Call,
        };
        Self::new(kind, error.to_string()).caused_by(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(subject) = &inner.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&inner.message)?;
        match &inner.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_ref()?;
        Some(source.as_ref())
    }
}
