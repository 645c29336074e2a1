//! What can be wrong with a pipeline.

use std::fmt;

/// Why a pipeline cannot be read or written.
///
/// `Display` is one line that names the place and what is expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) operation: &'static str,
    pub(crate) parameter: &'static str,
    pub(crate) offset: Option<usize>,
    pub(crate) problem: String,
}

/// The families of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not of the grammar.
    Syntax,
    /// A value cannot be written, because nobody could read it back: an empty text, `NaN`.
    Value,
    /// A value is out of the documented range, or what is required is missing.
    /// [`Pipeline::check_limits`](super::Pipeline::check_limits) lets it pass.
    Limit,
    /// The `Pic-Operations` header is no JSON of the documented shape.
    Header,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, problem: impl Into<String>) -> Self {
        Self {
            kind,
            operation: "",
            parameter: "",
            offset: None,
            problem: problem.into(),
        }
    }

    /// The same error, naming the operation and, unless empty, its parameter.
    pub(crate) fn of(mut self, operation: &'static str, parameter: &'static str) -> Self {
        self.operation = operation;
        self.parameter = parameter;
        self
    }

    /// The same error, `offset` bytes from the start of the text.
    pub(crate) fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The family.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Name of the operation's type, such as `ImageMogr2`, if one is concerned.
    pub fn operation(&self) -> Option<&str> {
        Some(self.operation).filter(|name| !name.is_empty())
    }

    /// Name of the parameter as it is sent, such as `quality`, if one is concerned.
    pub fn parameter(&self) -> Option<&str> {
        Some(self.parameter).filter(|name| !name.is_empty())
    }

    /// Where in the text that was read, in bytes from its start.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.operation.is_empty() {
            f.write_str(self.operation)?;
            if !self.parameter.is_empty() {
                write!(f, ".{}", self.parameter)?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.problem)?;
        if let Some(offset) = self.offset {
            write!(f, ", at byte {offset}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// A pipeline that cannot be written makes a request that cannot be sent.
impl From<Error> for crate::Error {
    fn from(error: Error) -> Self {
        Self::new(crate::ErrorKind::Request, error.to_string()).caused_by(error)
    }
}
