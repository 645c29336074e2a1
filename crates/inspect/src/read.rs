//! Numbers at byte positions. Every reader returns `None` behind the end of the bytes.

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(crate) fn u8(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(array(bytes, at)?)))
}

pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(array(bytes, at)?)))
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(array(bytes, at)?)).ok()
}

pub(crate) fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(array(bytes, at)?)).ok()
}

pub(crate) fn be64(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_be_bytes(array(bytes, at)?)).ok()
}

pub(crate) fn le64(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(array(bytes, at)?)).ok()
}

pub(crate) fn le24(bytes: &[u8], at: usize) -> Option<usize> {
    let [a, b, c] = array(bytes, at)?;
    usize::try_from(u32::from_le_bytes([a, b, c, 0])).ok()
}

pub(crate) fn be24(bytes: &[u8], at: usize) -> Option<usize> {
    let [a, b, c] = array(bytes, at)?;
    usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()
}

/// A four-character code.
pub(crate) fn code(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    array(bytes, at)
}

/// Whether `expected` is at `at`.
pub(crate) fn is_at(bytes: &[u8], at: usize, expected: &[u8]) -> bool {
    bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(expected))
}

/// Width and height, if both fit a picture's 32 bits.
pub(crate) fn dimensions(width: usize, height: usize) -> Option<(u32, u32)> {
    Some((u32::try_from(width).ok()?, u32::try_from(height).ok()?))
}
