//! Sizes in bytes, as they are written and read.

use bytesize::ByteSize;

/// A size such as `4194304`, `512K`, `8MiB` or `1G`. A letter alone is a power of 1024, as in the
/// other commands for object storage.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let refuse = || "write it as 4194304, 512K, 8M or 1G".to_owned();
    let short = text.ends_with(['k', 'K', 'm', 'M', 'g', 'G', 't', 'T']);
    let text = if short {
        format!("{text}iB")
    } else {
        text.to_owned()
    };
    let size = text.parse::<ByteSize>().map_err(|_| refuse())?.as_u64();
    if size == 0 { Err(refuse()) } else { Ok(size) }
}

/// `bytes` for people: `1.5 MiB`.
pub(super) fn words(bytes: u64) -> String {
    ByteSize::b(bytes).display().iec().to_string()
}

#[cfg(test)]
mod tests {
    use super::{parse, words};

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("1", 1),
            ("4194304", 4_194_304),
            ("512K", 524_288),
            ("8m", 8_388_608),
            ("8MiB", 8_388_608),
            ("8MB", 8_000_000),
            ("1.5G", 1_610_612_736),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "-1", "M", "8X", "1 2"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(words(0), "0 B");
        assert_eq!(words(1_572_864), "1.5 MiB");
    }
}
