//! How the command ends.

use std::fmt;
use std::process::ExitCode;

use tcloud_core::error::ErrorKind;

use crate::signals::Signal;

/// A good end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything was done.
    Done,
    /// Everything was done, and a picture carries foreign data.
    Suspicious,
    /// Something is wrong with the state of a local cloud; it has been reported.
    Damaged,
    /// Some files could not be processed; each has been reported.
    Incomplete,
    /// What was named is not there; it has been reported.
    #[cfg_attr(
        not(feature = "storage"),
        allow(
            dead_code,
            reason = "only the commands of every day make the difference"
        )
    )]
    Absent,
    /// A command that was run ended with this code.
    Ended(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Incomplete => Self::FAILURE,
            Outcome::Suspicious | Outcome::Damaged => Self::from(3),
            Outcome::Absent => Self::from(4),
            Outcome::Ended(code) => Self::from(code),
        }
    }
}

/// A bad end: one line that names what was done, the cause and the next step.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line asks for something that cannot be.
    Usage(String),
    /// It could not be done.
    Failed(String),
    /// What was named is not there: a bucket, an object, a file.
    #[cfg_attr(
        not(feature = "storage"),
        allow(
            dead_code,
            reason = "only the commands of every day make the difference"
        )
    )]
    Missing(String),
    /// Whoever reads the output has left.
    ReaderGone,
    /// A signal ended it before it was done.
    Ended(Signal),
}

impl Error {
    /// The exit code.
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
            Self::Missing(_) => ExitCode::from(4),
            // What a shell reports of a program that a closed pipe ended.
            Self::ReaderGone => ExitCode::from(141),
            Self::Ended(signal) => ExitCode::from(signal.code()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) | Self::Missing(text) => f.write_str(text),
            Self::ReaderGone => f.write_str("the output was closed"),
            Self::Ended(signal) => f.write_str(signal.as_str()),
        }
    }
}

impl From<tcloud_core::error::Error> for Error {
    fn from(error: tcloud_core::error::Error) -> Self {
        match error.kind() {
            ErrorKind::Request | ErrorKind::Configuration => Self::Usage(error.to_string()),
            ErrorKind::Credentials => Self::Failed(format!(
                "{error}; without an account, run `tcloud local` and give its address by --endpoint"
            )),
            _ => Self::Failed(error.to_string()),
        }
    }
}
