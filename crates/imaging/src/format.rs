//! Picture formats and how they are recognised.

use std::fmt;

/// A picture file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JPEG, read and written.
    Jpeg,
    /// PNG and APNG; the first frame is read, one frame is written.
    Png,
    /// WebP with all its frames, lossy or lossless when read, lossy when written.
    WebP,
    /// Windows bitmap, read and written.
    Bmp,
    /// GIF, read and written, with all its frames.
    Gif,
    /// TIFF, read only: the first page.
    Tiff,
    /// AVIF, a still picture: read by an [`ExternalCodec`](crate::ExternalCodec), written with the
    /// feature `avif`.
    Avif,
    /// HEIF with HEVC, as phones write it (`.heic`): read and written by an
    /// [`ExternalCodec`](crate::ExternalCodec).
    Heif,
    /// JPEG XL, read only, with the feature `jxl`: the first frame.
    JpegXl,
}

/// Brands of the box `ftyp` that say what a picture is coded with.
const BRANDS: [(&[u8; 4], Format); 10] = [
    (b"avif", Format::Avif),
    (b"avis", Format::Avif),
    (b"heic", Format::Heif),
    (b"heix", Format::Heif),
    (b"heim", Format::Heif),
    (b"heis", Format::Heif),
    (b"hevc", Format::Heif),
    (b"hevx", Format::Heif),
    (b"hevm", Format::Heif),
    (b"hevs", Format::Heif),
];

/// Brands that say no more than "a picture".
const PLAIN_BRANDS: [&[u8; 4]; 3] = [b"mif1", b"mif2", b"msf1"];

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Bmp,
        Self::Gif,
        Self::Tiff,
        Self::Avif,
        Self::Heif,
        Self::JpegXl,
    ];

    /// Recognises a file by its first bytes; names and extensions play no part.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            // Two letters alone would claim many a text file: the reserved words must be zero.
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Self::Bmp),
            [0xff, 0x0a, ..]
            | [
                0,
                0,
                0,
                12,
                b'J',
                b'X',
                b'L',
                b' ',
                b'\r',
                b'\n',
                0x87,
                b'\n',
                ..,
            ] => Some(Self::JpegXl),
            _ => Self::of_brands(bytes),
        }
    }

    /// The major brand decides; the compatible ones where it says no more than "a picture".
    fn of_brands(bytes: &[u8]) -> Option<Self> {
        let length = u32::from_be_bytes(*bytes.first_chunk()?);
        let brands = bytes.get(4..usize::try_from(length).ok()?.min(bytes.len()))?;
        let brands = brands.strip_prefix(b"ftyp")?;
        let (major, rest) = brands.split_first_chunk::<4>()?;
        let named = |brand: &[u8; 4]| {
            let found = BRANDS.iter().find(|(known, _)| *known == brand);
            found.map(|(_, format)| *format)
        };
        if let Some(format) = named(major) {
            return Some(format);
        }
        if !PLAIN_BRANDS.contains(&major) {
            return None;
        }
        let compatible = rest.get(4..).unwrap_or_default().as_chunks::<4>().0;
        // Where nothing else is said, HEIF is coded with HEVC.
        Some(compatible.iter().find_map(named).unwrap_or(Self::Heif))
    }

    /// Finds a format by name or extension, in any case: `"JPEG"`, `"jpg"`, `"WebP"`, `"tif"`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "jpeg" | "jpg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            "webp" => Some(Self::WebP),
            "bmp" => Some(Self::Bmp),
            "gif" => Some(Self::Gif),
            "tiff" | "tif" => Some(Self::Tiff),
            "avif" => Some(Self::Avif),
            "heif" | "heic" => Some(Self::Heif),
            "jxl" | "jpeg xl" => Some(Self::JpegXl),
            _ => None,
        }
    }

    /// The usual file name extension, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
            Self::Avif => "avif",
            Self::Heif => "heic",
            Self::JpegXl => "jxl",
        }
    }

    /// The media type, as in a `Content-Type` header.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Avif => "image/avif",
            Self::Heif => "image/heic",
            Self::JpegXl => "image/jxl",
        }
    }

    /// Whether the format holds an animation that is read and written whole.
    pub(crate) const fn moves(self) -> bool {
        matches!(self, Self::Gif | Self::WebP)
    }

    /// Whether the format is written, by this crate or by an
    /// [`ExternalCodec`](crate::ExternalCodec).
    pub const fn is_writable(self) -> bool {
        !matches!(self, Self::Tiff | Self::JpegXl)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heif => "HEIF",
            Self::JpegXl => "JPEG XL",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        for name in ["jpeg", "jpg", "JPG", "Jpeg"] {
            assert_eq!(Format::from_name(name), Some(Format::Jpeg));
        }
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.extension()), Some(format));
            assert_eq!(Format::from_name(&format.to_string()), Some(format));
        }
        assert_eq!(Format::from_name("HEIC"), Some(Format::Heif));
        assert_eq!(Format::from_name("tpg"), None);
    }

    fn boxed(brands: &str) -> Vec<u8> {
        let length = u32::try_from(brands.len() + 8).unwrap_or(0).to_be_bytes();
        [&length, b"ftyp", brands.as_bytes()].concat()
    }

    #[test]
    fn brands_say_what_a_picture_is_coded_with() {
        for (brands, format) in [
            ("heic\0\0\0\0mif1heic", Some(Format::Heif)),
            ("mif1\0\0\0\0mif1heic", Some(Format::Heif)),
            ("mif1\0\0\0\0mif1avif", Some(Format::Avif)),
            ("avif\0\0\0\0mif1miaf", Some(Format::Avif)),
            ("mif1\0\0\0\0", Some(Format::Heif)),
            ("isom\0\0\0\0mp41avif", None),
            ("crx \0\0\0\0", None),
        ] {
            assert_eq!(Format::sniff(&boxed(brands)), format, "{brands}");
        }
    }

    #[test]
    fn only_signatures_count() {
        assert_eq!(Format::sniff(b"BMW is no bitmap"), None);
        assert_eq!(Format::sniff(b"RIFF\0\0\0\0WAVEfmt "), None);
        assert_eq!(Format::sniff(b""), None);
    }
}
