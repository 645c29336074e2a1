//! Where a decoder is, what it has counted, and what drifted.

use std::borrow::Cow;
use std::fmt::Write;

use super::drift::{Drift, DriftKind};
use super::{CodecError, MAX_DEPTH, MAX_NODES};
use crate::node::Slot;
use crate::schema::{Place, Structure};

/// The running state of one decode.
#[derive(Default)]
pub(super) struct Context {
    path: Vec<(Cow<'static, str>, Option<usize>)>,
    nodes: usize,
    pub(super) drift: Vec<Drift>,
}

impl Context {
    /// Steps into a node, within the bounds.
    pub(super) fn enter(
        &mut self,
        name: Cow<'static, str>,
        index: Option<usize>,
    ) -> Result<(), CodecError> {
        self.path.push((name, index));
        if self.path.len() > MAX_DEPTH {
            return Err(self.error(format!("more than {MAX_DEPTH} containers deep")));
        }
        self.count()
    }

    /// Counts a node, within the bounds.
    pub(super) fn count(&mut self) -> Result<(), CodecError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.error(format!("more than {MAX_NODES} nodes")));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// Notes that the node it stands at departs from the table.
    pub(super) fn drifted(&mut self, kind: DriftKind) {
        let path = self.path(None);
        self.drift.push(Drift { path, kind });
    }

    /// Notes that required nodes of the container it stands at did not come.
    pub(super) fn note_missing(&mut self, structure: &Structure, slots: &[Slot<'_>]) {
        for (field, slot) in structure.fields().iter().zip(slots) {
            // A fixed text has no slot to look at; where it matters it selected the operation.
            if field.is_required()
                && field.place == Place::Body
                && slot.is_absent()
                && !matches!(slot, Slot::Fixed)
            {
                let path = self.path(Some(field.name));
                self.drift.push(Drift {
                    path,
                    kind: DriftKind::Missing,
                });
            }
        }
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> CodecError {
        CodecError::new(self.path(None), reason)
    }

    fn path(&self, child: Option<&str>) -> String {
        let mut out = String::new();
        for (name, index) in &self.path {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
            if let Some(index) = index {
                // Writing to a String cannot fail.
                let _ = write!(out, "[{index}]");
            }
        }
        if let Some(child) = child {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(child);
        }
        out
    }
}

/// Finds a field by name, looking first where the table's order expects it.
pub(super) fn find(structure: &Structure, name: &str, cursor: &mut usize) -> Option<usize> {
    let (before, after) = structure
        .fields()
        .split_at_checked(*cursor)
        .unwrap_or((structure.fields(), &[]));
    let found = after
        .iter()
        .position(|field| field.name == name)
        .map(|offset| before.len() + offset)
        .or_else(|| before.iter().position(|field| field.name == name))?;
    *cursor = found;
    Some(found)
}
