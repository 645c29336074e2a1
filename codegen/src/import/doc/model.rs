//! A document, whatever form it was in: what the interpreter sees.

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Where it is published, if its form says so.
    pub address: Option<String>,
    /// Addresses that it leads to.
    pub links: Vec<String>,
    /// Its parts, in their order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line it begins in, counted from 1.
    pub line: usize,
    /// What it is.
    pub content: Content,
}

/// What a part of a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A heading; its text. Depths differ from document to document and say nothing.
    Heading(String),
    /// Text. Code in it is between backticks.
    Paragraph(String),
    /// A table.
    Table(Table),
    /// Lines that are to be taken as they are.
    Code(String),
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The cells of its first line.
    pub header: Vec<String>,
    /// The other lines.
    pub rows: Vec<Line>,
}

/// A line of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The line of the document, counted from 1.
    pub line: usize,
    /// Its cells; a break in one is a line break.
    pub cells: Vec<String>,
    /// It has more cells than the header, so that columns may have moved.
    pub broken: bool,
}
