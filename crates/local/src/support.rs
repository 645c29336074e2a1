//! What becomes of something that the service does.

/// What becomes of something that the service does: an operation, or a part of a picture's rule.
///
/// ```
/// use tcloud_local::{Support, support};
///
/// let operation = tcloud_ci::CATALOG.operation("DetectFace").unwrap();
/// let Some(Support::Refused(reason)) = support(operation) else {
///     panic!("faces are not detected");
/// };
/// assert!(reason.contains("faces"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// The local cloud does it, by this engine.
    By(&'static str),
    /// The local cloud checks, keeps and returns what it sets, and nothing acts on it, for this
    /// reason.
    Kept(&'static str),
    /// The local cloud refuses it by its name, for this reason.
    Refused(&'static str),
}

impl Support {
    /// By `engine` if it was built, else refused for want of it.
    pub(crate) const fn built(is_built: bool, engine: &'static str, missing: &'static str) -> Self {
        if is_built {
            Self::By(engine)
        } else {
            Self::Refused(missing)
        }
    }

    /// Why it is refused, if it is.
    pub(crate) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::By(_) | Self::Kept(_) => None,
            Self::Refused(reason) => Some(reason),
        }
    }
}

/// Reasons that say which feature is missing.
pub(crate) mod missing {
    pub(crate) const AVIF: &str = "this local cloud was built without the feature `avif`";
    pub(crate) const CODES: &str = "this local cloud was built without the feature `codes`";
    pub(crate) const NETWORKS: &str = "this local cloud was built without the feature `networks`";
    pub(crate) const PICTURES: &str = "this local cloud was built without the feature `pictures`";
    pub(crate) const SELECT: &str = "this local cloud was built without the feature `select`";
    pub(crate) const TEXT: &str = "this local cloud was built without the feature `text`";
}
