//! What an import found.

use std::fmt;

/// The differences between what is imported and the spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Short name of the service.
    pub service: String,
    /// Its version, or what else its import is of.
    pub version: String,
    /// The differences, in the order they were found.
    pub changes: Vec<Change>,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The service has it, the spec had not: now it has.
    Added(String),
    /// Both have it, and the spec was brought in line.
    Changed {
        /// What: `ProcessImage request Quality`.
        item: String,
        /// How: ``type `String` is now `Int64` ``.
        how: String,
    },
    /// The spec has it, what is imported has not. It stays: a person removes it.
    Removed(String),
    /// The row has a `fix`, and stays as it is.
    Kept {
        /// What.
        item: String,
        /// The reason it gives.
        reason: String,
    },
    /// Something that a person decides about; nothing was changed.
    Noted {
        /// What.
        item: String,
        /// What is to be said.
        text: String,
    },
    /// The row has a `fix` that no longer changes anything.
    UselessFix(String),
}

impl Report {
    pub(super) fn new(service: &str, version: &str) -> Self {
        Self {
            service: service.to_owned(),
            version: version.to_owned(),
            changes: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// How many differences were written to files.
    pub fn written(&self) -> usize {
        let written =
            |change: &&Change| matches!(change, Change::Added(_) | Change::Changed { .. });
        self.changes.iter().filter(written).count()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(item) => write!(f, "added    {item}"),
            Self::Changed { item, how } => write!(f, "changed  {item}: {how}"),
            Self::Noted { item, text } => write!(f, "note     {item}: {text}"),
            Self::Removed(item) => write!(f, "removed  {item}: kept; remove it by hand"),
            Self::Kept { item, reason } => write!(f, "kept     {item}: {reason}"),
            Self::UselessFix(item) => write!(
                f,
                "useless  {item}: its `fix` no longer changes anything; remove it"
            ),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |test: fn(&Change) -> bool| self.changes.iter().filter(|it| test(it)).count();
        writeln!(
            f,
            "{} {}: {} added, {} changed, {} removed",
            self.service,
            self.version,
            count(|it| matches!(it, Change::Added(_))),
            count(|it| matches!(it, Change::Changed { .. })),
            count(|it| matches!(it, Change::Removed(_))),
        )?;
        self.changes
            .iter()
            .try_for_each(|change| writeln!(f, "  {change}"))
    }
}
