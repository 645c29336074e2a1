use std::fmt;

/// A spec that no Rust can be made of. The checks find all such places first and say more of them;
/// this is what remains when they were not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The spec file, relative to `api-spec`.
    pub file: String,
    /// What is wrong, and with which row.
    pub problem: String,
}

impl Error {
    pub(crate) fn new(file: &str, problem: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "api-spec/{}: {}; `cargo xtask lint` shows the place",
            self.file, self.problem
        )
    }
}

impl std::error::Error for Error {}
