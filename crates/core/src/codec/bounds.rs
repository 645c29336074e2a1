//! How large and how deep a document may be.

/// Containers may be nested this deep.
pub const MAX_DEPTH: usize = 64;

/// A document may hold this many nodes.
pub const MAX_NODES: usize = 1_000_000;

/// What is read of a document may take this many times its size in memory, and
/// [`SPARE_MEMORY`] besides. A structure of two hundred fields is two bytes in JSON (`{}`), so that
/// a document of a megabyte could ask for gigabytes.
pub const MOST_MEMORY: usize = 16;

/// Bytes that any document may take, so that a small one with wide structures is read.
pub const SPARE_MEMORY: usize = 4 * 1024 * 1024;
