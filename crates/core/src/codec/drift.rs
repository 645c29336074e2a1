//! Where a message departs from its table.

use std::borrow::Cow;
use std::fmt;

/// One departure of a message from its table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drift {
    /// The node: `Response.JobsDetail[0].Input`. Long names in it are cut.
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
        /// The word, cut if it is long.
        found: String,
    },
    /// Another text than the only one that the table allows.
    Fixed {
        /// The text of the table.
        expected: &'static str,
        /// What came, cut if it is long.
        found: String,
    },
    /// A node that the table shows once came again.
    Repeated,
    /// The table requires the node, and it is not there.
    Missing,
    /// The document's root element has another name.
    Root {
        /// Its name, cut if it is long.
        found: String,
    },
    /// The end of a report that would have been too long to be of use.
    LeftOut {
        /// How many more departures there are.
        count: usize,
    },
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind } = self;
        match kind {
            DriftKind::Unknown => write!(f, "{path}: not in the table"),
            DriftKind::Type { expected, found } => {
                write!(f, "{path}: expected {expected}, got {found}")
            }
            DriftKind::Value { found } => write!(f, "{path}: undocumented value {found:?}"),
            DriftKind::Fixed { expected, found } => {
                write!(f, "{path}: must be {expected:?}, got {found:?}")
            }
            DriftKind::Repeated => write!(f, "{path}: came more than once"),
            DriftKind::Missing => write!(f, "{path}: required, but missing"),
            DriftKind::Root { found } => write!(f, "{path}: the root element is <{found}>"),
            DriftKind::LeftOut { count } => write!(f, "{count} more departures are left out"),
        }
    }
}

/// The departures of one document, as many as a reader can use: a hostile server has millions.
#[derive(Default)]
pub(super) struct Report {
    drift: Vec<Drift>,
    bytes: usize,
    left_out: usize,
}

/// Most departures that a report lists.
const MOST: usize = 1_000;

/// Most bytes of paths and values in it.
const MOST_BYTES: usize = 64 * 1024;

/// Longer names and values are cut where they are reported, in characters.
const LONGEST: usize = 64;

impl Report {
    /// Adds a departure at the path that `path` makes, if there is room.
    #[cold]
    pub(super) fn add(&mut self, mut kind: DriftKind, path: impl FnOnce() -> String) {
        if self.drift.len() >= MOST || self.bytes >= MOST_BYTES {
            self.left_out += 1;
            return;
        }
        let path = path();
        self.bytes += path.len();
        if let DriftKind::Value { found }
        | DriftKind::Fixed { found, .. }
        | DriftKind::Root { found } = &mut kind
        {
            if let Cow::Owned(short) = cut(found) {
                *found = short;
            }
            self.bytes += found.len();
        }
        self.drift.push(Drift { path, kind });
    }

    /// The departures; the last entry says how many there was no room for.
    pub(super) fn into_drift(mut self) -> Vec<Drift> {
        if self.left_out > 0 {
            self.drift.push(Drift {
                path: String::new(),
                kind: DriftKind::LeftOut {
                    count: self.left_out,
                },
            });
        }
        self.drift
    }
}

/// The beginning of a text that a server may have made as long as it likes.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_an_end_and_says_what_it_leaves_out() {
        let mut report = Report::default();
        for index in 0..MOST + 7 {
            report.add(DriftKind::Unknown, || format!("a[{index}]"));
        }
        let drift = report.into_drift();
        assert_eq!(drift.len(), MOST + 1);
        assert_eq!(
            drift.last().map(ToString::to_string).as_deref(),
            Some("7 more departures are left out")
        );
    }

    #[test]
    fn a_report_has_as_many_bytes_as_a_reader_can_use() {
        let mut report = Report::default();
        for _ in 0..100 {
            report.add(DriftKind::Missing, || "x".repeat(10_000));
        }
        assert_eq!(report.into_drift().len(), 8);
    }

    #[test]
    fn what_a_server_wrote_is_cut_between_characters() {
        let long = "\u{56fe}".repeat(LONGEST + 1);
        assert_eq!(cut(&long), format!("{}…", "\u{56fe}".repeat(LONGEST)));
        assert_eq!(cut("short"), "short");
        let mut report = Report::default();
        report.add(DriftKind::Value { found: long }, String::new);
        let drift = report.into_drift();
        let [
            Drift {
                kind: DriftKind::Value { found },
                ..
            },
        ] = &drift[..]
        else {
            panic!("{drift:?}");
        };
        assert_eq!(found.chars().count(), LONGEST + 1);
    }
}
