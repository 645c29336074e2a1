//! Where a decoder is, what it has counted, and what drifted.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

use super::drift::{Drift, DriftKind};
use super::{CodecError, MAX_DEPTH, MAX_NODES};
use crate::node::Slot;
use crate::schema::{Field, Place, Structure};

/// The running state of one decode. Names are borrowed from the document and the tables; a path is
/// put together only when there is something to say of it.
#[derive(Default)]
pub(super) struct Context<'x> {
    path: Vec<Step<'x>>,
    nodes: usize,
    pub(super) drift: Vec<Drift>,
}

struct Step<'x> {
    name: Cow<'x, str>,
    index: Option<usize>,
}

/// Why a decoder cannot go on. The place is where the context stood then.
#[derive(Debug)]
pub(super) struct Stop(Box<str>);

impl Stop {
    #[cold]
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into().into())
    }

    #[cold]
    pub(super) fn too_deep() -> Self {
        Self::new(format!("more than {MAX_DEPTH} containers deep"))
    }

    #[cold]
    fn too_large() -> Self {
        Self::new(format!("more than {MAX_NODES} nodes"))
    }
}

impl<'x> Context<'x> {
    /// Steps into a node, within the bounds.
    #[inline]
    pub(super) fn enter(&mut self, name: Cow<'x, str>, index: Option<usize>) -> Result<(), Stop> {
        self.path.push(Step { name, index });
        if self.path.len() > MAX_DEPTH {
            return Err(Stop::too_deep());
        }
        self.count()
    }

    /// Steps from the list it stands at, or from an item of that, to the item at `index`.
    #[inline]
    pub(super) fn item(&mut self, index: usize) -> Result<(), Stop> {
        if let Some(step) = self.path.last_mut() {
            step.index = Some(index);
        }
        self.count()
    }

    /// Counts a node, within the bounds.
    #[inline]
    pub(super) fn count(&mut self) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Stop::too_large());
        }
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// Notes that the node it stands at departs from the table.
    #[cold]
    pub(super) fn drifted(&mut self, kind: DriftKind) {
        let path = self.path(None);
        self.drift.push(Drift { path, kind });
    }

    /// Notes that required nodes of the container it stands at did not come, in any form: one
    /// that has no place in its slot is among `strangers`, and was told already.
    pub(super) fn note_missing(
        &mut self,
        structure: &Structure,
        slots: &[Slot<'_>],
        strangers: &[(String, Value)],
    ) {
        for (field, slot) in structure.fields().iter().zip(slots) {
            // A fixed text has no slot to look at; where it matters it selected the operation.
            if field.is_required()
                && field.place == Place::Body
                && slot.is_absent()
                && !matches!(slot, Slot::Fixed)
                && !strangers.iter().any(|(name, _)| name == field.name)
            {
                let path = self.path(Some(field.name));
                self.drift.push(Drift {
                    path,
                    kind: DriftKind::Missing,
                });
            }
        }
    }

    /// What `stop` means to the caller of the decoder.
    pub(super) fn error(&self, stop: Stop) -> CodecError {
        CodecError::new(self.path(None), stop.0)
    }

    fn path(&self, child: Option<&str>) -> String {
        let mut out = String::new();
        for Step { name, index } in &self.path {
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

/// Finds a field by name, looking first from `next` on, where the table's order expects it.
#[inline]
pub(super) fn find(fields: &'static [Field], name: &str, next: usize) -> Option<usize> {
    let is_it = |field: &Field| field.name == name;
    let (before, after) = fields.split_at_checked(next).unwrap_or((fields, &[]));
    after
        .iter()
        .position(is_it)
        .map(|offset| before.len() + offset)
        .or_else(|| before.iter().position(is_it))
}
