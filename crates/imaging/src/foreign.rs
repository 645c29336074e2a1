//! Formats that are known by name alone, so that a refusal can say what the file is.

/// First bytes, and the name of what starts so.
const SIGNATURES: [(&[u8], &str); 14] = [
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
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

/// Brands of the box `ftyp`, and the names of their formats.
const BRANDS: [(&[u8], &str); 14] = [
    (b"avif", "AVIF"),
    (b"avis", "AVIF"),
    (b"heic", "HEIC"),
    (b"heix", "HEIC"),
    (b"heim", "HEIC"),
    (b"heis", "HEIC"),
    (b"hevc", "HEIC"),
    (b"hevx", "HEIC"),
    (b"hevm", "HEIC"),
    (b"hevs", "HEIC"),
    (b"crx ", "a Canon raw file (CR3)"),
    (b"mif1", "HEIF"),
    (b"mif2", "HEIF"),
    (b"msf1", "HEIF"),
];

/// What `bytes` are, if not a format that is read.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    brand(bytes)
        .or_else(|| {
            let found = SIGNATURES
                .iter()
                .find(|(start, _)| bytes.starts_with(start));
            found.map(|(_, name)| *name)
        })
        .or_else(|| is_svg(bytes).then_some("SVG"))
}

/// The major brand decides; the compatible ones where it says no more than "a picture".
fn brand(bytes: &[u8]) -> Option<&'static str> {
    let length = u32::from_be_bytes(*bytes.first_chunk()?);
    let brands = bytes.get(4..usize::try_from(length).ok()?.min(bytes.len()))?;
    let named = |brand: &[u8]| {
        let found = BRANDS.iter().find(|(known, _)| *known == brand);
        found.map(|(_, name)| *name)
    };
    let brands = brands.strip_prefix(b"ftyp")?;
    let major = named(brands.get(..4)?);
    let compatible = || {
        let list = brands.get(8..).unwrap_or_default().as_chunks::<4>().0;
        let mut named = list.iter().filter_map(|brand| named(brand));
        named.find(|name| *name != "HEIF")
    };
    match major {
        Some("HEIF") | None => compatible().or(major),
        name => name,
    }
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

    fn boxed(brands: &str) -> Vec<u8> {
        let length = u32::try_from(brands.len() + 8).unwrap_or(0).to_be_bytes();
        [&length, b"ftyp", brands.as_bytes()].concat()
    }

    #[test]
    fn formats_that_phones_and_clouds_send_have_names() {
        for (brands, name) in [
            ("heic\0\0\0\0mif1heic", "HEIC"),
            ("mif1\0\0\0\0mif1heic", "HEIC"),
            ("mif1\0\0\0\0mif1avif", "AVIF"),
            ("avif\0\0\0\0mif1miaf", "AVIF"),
            ("mif1\0\0\0\0", "HEIF"),
        ] {
            assert_eq!(super::name(&boxed(brands)), Some(name), "{brands}");
        }
        assert_eq!(name(&boxed("isom\0\0\0\0mp41")), None);
        for (start, expected) in [
            (&b"\xff\x0a\0\0"[..], "JPEG XL"),
            (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
            (b"TPG\0", "TPG"),
            (b"\xef\xbb\xbf<svg/>", "SVG"),
            (b"<?xml version='1.0'?>\n<svg/>", "SVG"),
        ] {
            assert_eq!(name(start), Some(expected));
        }
        assert_eq!(name(b"<?xml version='1.0'?><doc/>"), None);
        assert_eq!(name(b""), None);
    }
}
