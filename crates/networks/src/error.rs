//! What can go wrong.

/// Why a network was not read or not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is no ONNX file, or a damaged one.
    #[error("reading the network: {0}; export it again as ONNX with its weights in the file")]
    Unreadable(String),
    /// It is a network of another shape.
    #[error(
        "reading the network: {0}; only chains of 3 x 3 convolutions over 32 channels with PReLU, \
         added to their input and shuffled by 2 (ECBSR), are run"
    )]
    UnknownShape(String),
    /// Running it was given up.
    #[error("running the network was cancelled")]
    Cancelled,
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn unreadable(what: impl Into<String>) -> Self {
        Self::Unreadable(what.into())
    }

    pub(crate) fn unknown(what: impl Into<String>) -> Self {
        Self::UnknownShape(what.into())
    }
}
