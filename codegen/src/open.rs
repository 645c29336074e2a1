//! The mark of what an import could not decide.

/// How the text of a key begins that a person has to complete. The linter refuses it.
pub(crate) const OPEN: &str = "to be completed";
