//! Where a decoder is, what it has counted, and what drifted.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

use super::bounds::{MAX_DEPTH, MAX_NODES, MOST_MEMORY, SPARE_MEMORY};
use super::drift::{Drift, DriftKind, Report, cut};
use super::error::CodecError;
use super::scalar::Scalar;
use crate::node::{Node, Slot, Unknown};
use crate::schema::{Field, Flags, Place, Structure};

/// The running state of one decode. Names are borrowed from the document and the tables; a path is
/// put together only when there is something to say of it.
pub(super) struct Context<'x> {
    path: Vec<Step<'x>>,
    nodes: usize,
    /// Bytes of memory that what is still to come may take.
    room: usize,
    report: Report,
}

struct Step<'x> {
    name: Cow<'x, str>,
    index: Option<usize>,
}

/// What a structure has no place for, and what of it is not a departure.
#[derive(Default)]
pub(super) struct Rest {
    pub(super) unknown: Unknown,
    /// Rows for which the service says that it has no value.
    excused: Vec<&'static str>,
}

/// Why a decoder cannot continue. The place is where the context was then.
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

    #[cold]
    fn too_heavy() -> Self {
        Self::new(format!(
            "what comes up to here takes more than {MOST_MEMORY} times the document's size in memory"
        ))
    }
}

/// What a list takes for one more item besides the `before` it holds, in items: it has room for
/// four from the start, and then copies itself into twice the room.
const fn growth(before: usize) -> usize {
    match before {
        0 => 4,
        1..=3 => 0,
        4 => 5,
        _ => 3,
    }
}

/// What a tree takes for one more entry, in bytes besides the texts: its nodes have room for
/// eleven, and may be half empty.
const fn tree_growth(before: usize) -> usize {
    match before {
        0 => 700,
        1..=10 => 0,
        11 => 1_400,
        _ => 128,
    }
}

impl<'x> Context<'x> {
    /// The state at the start of a document of `length` bytes.
    pub(super) fn new(length: usize) -> Self {
        Self {
            path: Vec::new(),
            nodes: 0,
            room: length
                .saturating_mul(MOST_MEMORY)
                .saturating_add(SPARE_MEMORY),
            report: Report::default(),
        }
    }

    /// Steps into a node, within the bounds.
    #[inline]
    pub(super) fn enter(&mut self, name: Cow<'x, str>, index: Option<usize>) -> Result<(), Stop> {
        self.path.push(Step { name, index });
        if self.path.len() > MAX_DEPTH {
            return Err(Stop::too_deep());
        }
        self.count()
    }

    /// Steps from the list it is at, or from an item of that, to the item at `index`.
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

    /// Takes `bytes` of the memory that the document may take.
    #[inline]
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Stop> {
        match self.room.checked_sub(bytes) {
            Some(rest) => {
                self.room = rest;
                Ok(())
            }
            None => Err(Stop::too_heavy()),
        }
    }

    /// Charges for a structure, of which a list holds `before` others: an empty one may take a
    /// thousand times the bytes that it has in the document. A single one has its room in
    /// what is around it, or is boxed.
    #[inline]
    pub(super) fn charge_node(
        &mut self,
        node: &dyn Node,
        before: Option<usize>,
    ) -> Result<(), Stop> {
        let here = size_of_val(node);
        let elsewhere = node.footprint().saturating_sub(here);
        let copies = before.map_or(0, growth);
        self.charge(here.saturating_mul(copies).saturating_add(elsewhere))
    }

    /// Charges for the room of a structure in a map that holds `before` others.
    pub(super) fn charge_entry(&mut self, node: &dyn Node, before: usize) -> Result<(), Stop> {
        let copies = match before {
            0 => 11,
            1..=10 => 0,
            11 => 22,
            _ => 2,
        };
        self.charge(size_of_val(node).saturating_mul(copies))?;
        self.charge_text(before)
    }

    /// Charges for an entry of a map of texts that holds `before` others.
    pub(super) fn charge_text(&mut self, before: usize) -> Result<(), Stop> {
        self.charge(tree_growth(before))
    }

    /// Charges for a value that joins a list of `before` others.
    #[inline]
    pub(super) fn charge_value(&mut self, before: usize) -> Result<(), Stop> {
        self.charge(size_of::<Value>() * growth(before))
    }

    /// Charges for a scalar that is about to be put into `slot`.
    #[inline]
    pub(super) fn charge_scalar(
        &mut self,
        slot: &Slot<'_>,
        scalar: &Scalar<'_>,
    ) -> Result<(), Stop> {
        let item = match slot {
            Slot::Texts(_) | Slot::Words(_) | Slot::Anys(_) => size_of::<Value>(),
            Slot::Word(_) | Slot::Integers(_) | Slot::Floats(_) => size_of::<f64>(),
            _ => 0,
        };
        let text = match scalar {
            Scalar::Text(text) => text.len(),
            _ => 0,
        };
        self.charge(item * growth(slot.count()) + text)
    }

    /// Keeps a node for which there is no place.
    pub(super) fn keep(
        &mut self,
        unknown: &mut Unknown,
        name: String,
        value: Value,
    ) -> Result<(), Stop> {
        let growth = match unknown.get(&name) {
            None => tree_growth(unknown.len()),
            Some(Value::Array(list)) => size_of::<Value>() * growth(list.len()),
            Some(_) => size_of::<Value>() * growth(0),
        };
        self.charge(growth + name.len())?;
        unknown.insert(name, value);
        Ok(())
    }

    /// Notes that the node it is at departs from the table.
    #[cold]
    pub(super) fn drifted(&mut self, kind: DriftKind) {
        let path = &self.path;
        self.report.add(kind, || shown(path, None));
    }

    /// Notes that required nodes of the container it is at are missing, in any form: one
    /// that has no place in its slot is among the rest, and was reported already.
    pub(super) fn note_missing(&mut self, structure: &Structure, slots: &[Slot<'_>], rest: &Rest) {
        for (position, (field, slot)) in structure.fields().iter().zip(slots).enumerate() {
            // A fixed text has no slot to look at; where it matters it selected the operation.
            if field.is_required()
                && !field.flags.contains(Flags::OMITTABLE)
                && field.place == Place::Body
                && slot.is_absent()
                && !matches!(slot, Slot::Fixed)
                && !rest.has(position, field)
            {
                let path = &self.path;
                let at = || shown(path, Some(field.name));
                self.report.add(DriftKind::Missing, at);
            }
        }
    }

    /// What `stop` means to the caller of the decoder.
    pub(super) fn error(&self, stop: Stop) -> CodecError {
        CodecError::new(shown(&self.path, None), stop.0)
    }

    /// Where the document departs from its table.
    pub(super) fn into_drift(self) -> Vec<Drift> {
        self.report.into_drift()
    }
}

impl Rest {
    /// Takes note of a row that came as `null`.
    pub(super) fn excuse(&mut self, field: &'static Field) {
        let matters = field.is_required() && field.flags.contains(Flags::NULLABLE);
        if matters && !self.excused.contains(&field.name) {
            self.excused.push(field.name);
        }
    }

    fn has(&self, position: usize, field: &Field) -> bool {
        self.unknown.is_marked_empty(position)
            || self.unknown.get(field.name).is_some()
            || self.excused.contains(&field.name)
    }
}

/// The path of `steps`, in which names that are too long to read are cut.
fn shown(steps: &[Step<'_>], child: Option<&str>) -> String {
    let mut out = String::new();
    for Step { name, index } in steps {
        if !out.is_empty() {
            out.push('.');
        }
        out.push_str(&cut(name));
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
        .or_else(|| in_any_case(fields, name))
}

/// Finds a field that is spelled in upper and in lower case, however `name` spells it.
#[cold]
fn in_any_case(fields: &'static [Field], name: &str) -> Option<usize> {
    fields.iter().position(|field| {
        field.flags.contains(Flags::ANY_CASE) && field.name.eq_ignore_ascii_case(name)
    })
}
