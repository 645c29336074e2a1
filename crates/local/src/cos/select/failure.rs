//! What goes wrong with a selection, with the codes of the service's document, and those of S3 where
//! it has none.

use http::StatusCode;
use tcloud_core::server::Fault;

/// Why there are no more rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The expression cannot be read, or asks for what is not there.
    pub(super) fn sql(message: impl Into<String>) -> Self {
        Self::new("SQLParsingError", message)
    }

    /// A value cannot become one of another type.
    pub(super) fn cast(what: impl std::fmt::Display, kind: &str) -> Self {
        let message = format!("{what} cannot be converted to {kind}");
        Self::new("CastFailed", message)
    }

    /// An operator or a function got something that it cannot work on.
    pub(super) fn operand(what: &str, got: &str) -> Self {
        Self::new("InvalidDataType", format!("{what} got {got}"))
    }

    pub(super) fn overflow() -> Self {
        let message = "a number has become too large for its type";
        Self::new("IntegerOverflow", message)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::new(StatusCode::BAD_REQUEST, failure.code, failure.message)
    }
}

/// As much of `text` as a message repeats of it.
pub(super) fn shortened(text: &str) -> String {
    let mut start: String = text.chars().take(60).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("`{}`", start.escape_debug())
}
