//! What the documents say of the pictures that services read.

/// The largest file.
pub(crate) const BYTES: u64 = 32 * 1024 * 1024;
/// The most pixels on a side.
pub(crate) const SIDE: u32 = 30_000;
/// The most pixels in all, every frame counted.
pub(crate) const PIXELS: u64 = 250_000_000;
