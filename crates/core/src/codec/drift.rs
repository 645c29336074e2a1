//! Where a message departs from its table.

use std::fmt;

/// One departure of a message from its table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// The node: `Response.JobsDetail[0].Input`.
    pub path: String,
    /// What departs.
    pub kind: DriftKind,
}

/// How a node departs from its table. Nothing of it is lost: what does not fit its place is kept
/// among the unknown nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriftKind {
    /// The table has no such node.
    Unknown,
    /// The node holds something else than the table says.
    Type {
        /// What the table says.
        expected: &'static str,
        /// What came.
        found: &'static str,
    },
    /// A word outside the documented ones, or a time that cannot be read.
    Value {
        /// The word.
        found: String,
    },
    /// A node that the table shows once came again.
    Repeated,
    /// The table requires the node, and it is not there.
    Missing,
    /// The document's root element has another name.
    Root {
        /// Its name.
        found: String,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.kind {
            DriftKind::Unknown => f.write_str("not in the table"),
            DriftKind::Type { expected, found } => write!(f, "expected {expected}, got {found}"),
            DriftKind::Value { found } => write!(f, "undocumented value {found:?}"),
            DriftKind::Repeated => f.write_str("came more than once"),
            DriftKind::Missing => f.write_str("required, but missing"),
            DriftKind::Root { found } => write!(f, "the root element is <{found}>"),
        }
    }
}
