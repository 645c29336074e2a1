//! A file of `api-spec` as text.

/// A file of `api-spec`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to `api-spec`, with `/` between its parts.
    pub path: String,
    /// The YAML.
    pub text: String,
}
