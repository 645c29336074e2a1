//! Formats that are known by name alone, so that a refusal can say what the file is.

/// First bytes, and the name of what starts so.
const SIGNATURES: [(&[u8], &str); 12] = [
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"II\xbc", "JPEG XR"),
    (b"II\x2b\0", "BigTIFF"),
    (b"MM\0\x2b", "BigTIFF"),
    (b"TPG", "TPG"),
    (b"8BPS", "a Photoshop file"),
    (b"%PDF", "PDF"),
    (b"\0\0\x01\0", "an icon (ICO)"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
];

/// What `bytes` are, if not a format that is read.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    if bytes.get(4..12) == Some(b"ftypcrx ") {
        return Some("a Canon raw file (CR3)");
    }
    SIGNATURES
        .iter()
        .find(|(start, _)| bytes.starts_with(start))
        .map(|(_, name)| *name)
        .or_else(|| is_svg(bytes).then_some("SVG"))
}

fn is_svg(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 1024;
    let start = bytes.get(..LOOKED_AT).unwrap_or(bytes).trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.starts_with(b"<svg")
        || (start.starts_with(b"<?xml") && start.windows(4).any(|part| part == b"<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_cameras_and_clouds_send_have_names() {
        for (start, expected) in [
            (&b"TPG\0"[..], "TPG"),
            (
                b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
                "a Canon raw file (CR3)",
            ),
            (b"\xef\xbb\xbf<svg/>", "SVG"),
            (b"<?xml version='1.0'?>\n<svg/>", "SVG"),
        ] {
            assert_eq!(name(start), Some(expected));
        }
        assert_eq!(name(b"<?xml version='1.0'?><doc/>"), None);
        assert_eq!(name(b""), None);
    }
}
