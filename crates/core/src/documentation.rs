//! What a spec says about its rows, for those who show it at run time.

use crate::schema::Structure;

/// The descriptions of a structure's rows.
#[derive(Debug)]
#[non_exhaustive]
pub struct StructureDocumentation {
    /// The structure.
    pub structure: &'static Structure,
    /// What it is.
    pub doc: &'static str,
    /// What each field is, in the order of the table.
    pub fields: &'static [&'static str],
}

impl StructureDocumentation {
    /// The descriptions of `structure` and its fields.
    pub const fn new(
        structure: &'static Structure,
        doc: &'static str,
        fields: &'static [&'static str],
    ) -> Self {
        Self {
            structure,
            doc,
            fields,
        }
    }
}
