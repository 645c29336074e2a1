//! Changes and what they mean.

use std::collections::BTreeMap;

/// All changes.
#[derive(Debug, Default)]
pub struct Evolution {
    /// The changes: service by service, first the operations in the order of the spec, then types.
    pub changes: Vec<Change>,
    /// How many items differ in their documentation only, by service.
    pub documentation: BTreeMap<String, usize>,
}

/// A change of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Short name of the service.
    pub service: String,
    /// The item's path in the generated crate; empty for the crate itself.
    pub item: String,
    /// What happened to it.
    pub what: What,
    /// Why that matters, or what the item is.
    pub why: String,
}

/// What happened to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It no longer exists.
    Removed,
    /// It cannot be used as before: how it is used now.
    Reshaped(String),
    /// It is used as before and does something else: what it does now.
    Behaves(String),
    /// The service wants it to be used no longer.
    Deprecated,
    /// It is new.
    Added,
}

/// What a change means for code that uses the item, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It no longer builds, or means something else.
    Breaking,
    /// It builds, and something differs at run time.
    Behaviour,
    /// It should be changed some day.
    Deprecated,
    /// It need not care.
    Added,
}

impl Level {
    /// All levels, the gravest first.
    pub const ALL: [Self; 4] = [
        Self::Breaking,
        Self::Behaviour,
        Self::Deprecated,
        Self::Added,
    ];
}

impl Change {
    /// What the change means for code that uses the item.
    pub const fn level(&self) -> Level {
        match self.what {
            What::Removed | What::Reshaped(_) => Level::Breaking,
            What::Behaves(_) => Level::Behaviour,
            What::Deprecated => Level::Deprecated,
            What::Added => Level::Added,
        }
    }
}
