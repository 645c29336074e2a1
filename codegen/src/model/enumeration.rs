//! Open enumerations.

/// An open enumeration.
#[derive(Debug)]
pub struct Enumeration {
    /// Name of the type.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// The known words.
    pub words: Vec<Word>,
}

/// A word of an enumeration.
#[derive(Debug)]
pub struct Word {
    /// The text.
    pub text: String,
    /// Name of the variant.
    pub variant: String,
    /// What it means.
    pub doc: String,
}
