//! Why a pipeline is not done.

use tcloud_imaging::Error;

/// Why a pipeline is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecipeError {
    /// It is wrong in itself.
    #[error("{0}")]
    Invalid(String),
    /// The service does it, this cloud does not: the part of the grammar.
    #[error("{0}")]
    NotBuilt(String),
}

impl From<Error> for RecipeError {
    fn from(error: Error) -> Self {
        Self::Invalid(error.to_string())
    }
}
