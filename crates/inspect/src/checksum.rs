//! The checksum of MPEG program tables.

/// CRC-32/MPEG-2: polynomial `0x04C1_1DB7`, most significant bit first, no final inversion. Over
/// a section that ends in its own checksum the result is 0.
pub(crate) fn crc32_mpeg2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        let [high, ..] = crc.to_be_bytes();
        let step = TABLE.get(usize::from(high ^ byte));
        (crc << 8) ^ step.copied().unwrap_or(0)
    })
}

/// What each byte does to the checksum.
static TABLE: [u32; 256] = table();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler; the index ends with the table"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0u32;
    while byte < 256 {
        let mut crc = byte << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc << 1) ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_the_published_check_value() {
        assert_eq!(super::crc32_mpeg2(b"123456789"), 0x0376_E6E7);
    }
}
