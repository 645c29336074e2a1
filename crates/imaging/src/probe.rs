//! Reading what a header says.

use crate::{Error, Format, Info, Limits, Result, codec, foreign};

/// Reads the header and compares it with `limits`; no pixel is decoded.
///
/// # Errors
///
/// [`Error::TooLarge`], [`Error::SideTooLong`],
/// [`Error::TooManyPixels`] or
/// [`Error::TooManyFrames`] for a picture above a limit,
/// [`Error::UnsupportedFormat`] for bytes of another kind, [`Error::MissingCodec`] for JPEG XL
/// without the feature `jxl`,
/// [`Error::UnsupportedFeature`] and
/// [`Error::Corrupt`] for a header that cannot be followed.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Info> {
    limits.check_bytes(bytes.len())?;
    let format = sniff(bytes)?;
    codec::guarded(format, || {
        let header = codec::header(format, bytes)?;
        // Sides first: counting frames walks the file, which a refused one does not deserve.
        limits.check_input(header.width, header.height, 1)?;
        let frames = codec::frames::count(format, bytes, limits.max_frames)?;
        limits.check_input(header.width, header.height, frames)?;
        let turned = header.orientation.to_exif() >= 5;
        let (width, height) = if turned {
            (header.height, header.width)
        } else {
            (header.width, header.height)
        };
        Ok(Info {
            format,
            width,
            height,
            frames,
            has_alpha: header.has_alpha,
            orientation: header.orientation.to_exif(),
            depth: header.depth,
            cost: header.cost,
        })
    })
}

/// The format of a file, by its first bytes.
fn sniff(bytes: &[u8]) -> Result<Format> {
    Format::sniff(bytes).ok_or_else(|| {
        let name = foreign::name(bytes);
        Error::UnsupportedFormat {
            found: match (name, bytes.first_chunk::<4>()) {
                (Some(name), _) => format!("reading {name}"),
                (None, Some([a, b, c, d])) => {
                    format!("a file starting with the bytes {a:02x} {b:02x} {c:02x} {d:02x}")
                }
                (None, None) => format!("a file of {} byte(s)", bytes.len()),
            },
            is_known: name.is_some(),
            supported: "JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF, HEIF or JPEG XL",
        }
    })
}

#[cfg(test)]
mod tests {
    use super::sniff;

    #[test]
    fn an_unknown_file_is_described_by_its_first_bytes() {
        let error = sniff(b"<doc/>").unwrap_err().to_string();
        assert!(
            error.contains("3c 64 6f 63") && error.contains("JPEG"),
            "{error}"
        );
    }
}
