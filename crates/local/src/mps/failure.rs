//! Why a task ended badly.

use tcloud_imaging::Error;

use crate::jobs::UNAVAILABLE;
use crate::pictures::PictureError;
use crate::store::StoreError;

/// Why a task ended badly. The picture's faults show here, not in the answer to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) cause: Cause,
    /// The reason as a sentence.
    pub(super) message: String,
}

/// What a failure is due to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The picture is not there or cannot be read.
    SourceFile,
    /// What was asked for cannot be done with this picture.
    Input,
    /// The local cloud itself.
    Internal,
    /// The store cannot be reached now. No task ends with it.
    Unavailable,
}

impl Cause {
    const ALL: [Self; 4] = [
        Self::SourceFile,
        Self::Input,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The code that `ErrMsg` shows.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::SourceFile => "SourceFileError",
            Self::Input => "InvalidInput",
            Self::Internal => "InternalError",
            Self::Unavailable => UNAVAILABLE,
        }
    }

    /// The number that `ErrCode` shows. The documents print one, 40000 for a bad parameter; the
    /// others follow the numbers of the service's video tasks.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Input => 40_000,
            Self::SourceFile => 60_000,
            Self::Internal | Self::Unavailable => 70_000,
        }
    }

    /// The cause with this code; a foreign code is an internal one.
    pub(super) fn from_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|cause| cause.code() == code)
            .unwrap_or(Self::Internal)
    }
}

impl Failure {
    pub(super) fn source_file(message: impl Into<String>) -> Self {
        Self::new(Cause::SourceFile, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(Cause::Internal, message)
    }

    pub(super) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self {
            cause,
            message: message.into(),
        }
    }
}

/// A failure of the steps after the header was found to be good.
impl From<PictureError> for Failure {
    fn from(error: PictureError) -> Self {
        let cause = match &error {
            PictureError::Refused(Error::Corrupt { .. } | Error::UnsupportedFeature { .. }) => {
                Cause::SourceFile
            }
            PictureError::Refused(Error::Encode { .. } | Error::Codec { .. })
            | PictureError::Broken(_) => Cause::Internal,
            PictureError::Refused(_) => Cause::Input,
        };
        Self::new(cause, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let cause = if error.is_outage() {
            Cause::Unavailable
        } else {
            Cause::Internal
        };
        Self::new(cause, error.to_string())
    }
}
