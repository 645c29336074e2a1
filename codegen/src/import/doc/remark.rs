//! What an import has to say about a document besides its rows.

use std::fmt;

/// Something that was not simply read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line of the document, counted from 1.
    pub line: usize,
    /// What kind of thing it is.
    pub kind: RemarkKind,
    /// What it is about: `request Request.Input.Object`.
    pub item: String,
    /// What was done, and why.
    pub text: String,
}

/// The kind of a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// It cannot be decided: a person has to.
    Refused,
    /// The document contradicts itself.
    Contradicted,
    /// The service's other tables say otherwise: a person should look.
    Doubted,
    /// A slip of the document that has one sensible reading.
    Repaired,
    /// It is not in a table; it follows from something else.
    Inferred,
    /// It was read out of a description.
    Read,
    /// No sample shows it.
    Unseen,
    /// Something that was left out, or that is good to know.
    Note,
}

impl fmt::Display for RemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refused => "refused",
            Self::Contradicted => "contradicted",
            Self::Doubted => "doubted",
            Self::Repaired => "repaired",
            Self::Inferred => "inferred",
            Self::Read => "read",
            Self::Unseen => "unseen",
            Self::Note => "note",
        })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>5}  {:<12} ", self.line, self.kind)?;
        if !self.item.is_empty() {
            write!(f, "{}: ", self.item)?;
        }
        f.write_str(&self.text)
    }
}

/// Remarks while they are made.
#[derive(Debug, Default)]
pub(super) struct Remarks(pub(super) Vec<Remark>);

impl Remarks {
    pub(super) fn add(
        &mut self,
        line: usize,
        kind: RemarkKind,
        item: impl Into<String>,
        text: impl Into<String>,
    ) {
        let remark = Remark {
            line,
            kind,
            item: item.into(),
            text: text.into(),
        };
        // Rows that a document has twice are reported once.
        if !self.0.iter().rev().take(16).any(|known| *known == remark) {
            self.0.push(remark);
        }
    }
}
