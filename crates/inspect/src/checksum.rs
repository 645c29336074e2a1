//! The checksum of MPEG program tables.

/// CRC-32/MPEG-2: polynomial `0x04C1_1DB7`, most significant bit first, no final inversion. Over
/// a section that ends in its own checksum the result is 0.
pub(crate) fn crc32_mpeg2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 24), |crc, _| {
            (crc << 1) ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_the_published_check_value() {
        assert_eq!(super::crc32_mpeg2(b"123456789"), 0x0376_E6E7);
    }
}
