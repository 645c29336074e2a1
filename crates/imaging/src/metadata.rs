//! What cameras and programs note in a picture, carried over from one file to another.

use image::metadata::Orientation;
use img_parts::{Bytes, DynImage, ImageEXIF};

use crate::{CodecWork, Error, Format, Result, codec};

/// Formats in which metadata is found and put.
const FORMATS: &str = "JPEG, PNG or WebP";

/// The file `result` with the Exif data of the file `source`, of which it was made. The orientation in
/// it becomes "upright", as a result is. Where `source` has none, `result` is as it was.
///
/// A preview that a camera has put into its Exif data stays the one of the source, and so do the
/// sides noted there.
///
/// # Errors
///
/// [`Error::UnsupportedFormat`] if one of the files is not JPEG, PNG or WebP, [`Error::Corrupt`] if
/// it cannot be followed.
pub fn keep_metadata(source: &[u8], result: Vec<u8>) -> Result<Vec<u8>> {
    let from = format(source, CodecWork::Reading)?;
    let to = format(&result, CodecWork::Writing)?;
    let noted = codec::guarded(from, || Ok(parts(from, source.to_vec())?.exif()))?;
    let Some(noted) = noted else {
        return Ok(result);
    };
    let mut noted = noted.to_vec();
    // What has none is upright.
    let _ = Orientation::remove_from_exif_chunk(&mut noted);
    codec::guarded(to, || {
        let mut parts = parts(to, result)?;
        parts.set_exif(Some(Bytes::from(noted)));
        Ok(parts.encoder().bytes().to_vec())
    })
}

/// The format of a file, if metadata is found in it.
fn format(bytes: &[u8], work: CodecWork) -> Result<Format> {
    match Format::sniff(bytes) {
        Some(format @ (Format::Jpeg | Format::Png | Format::WebP)) => Ok(format),
        other => Err(Error::UnsupportedFormat {
            found: match other {
                Some(format) => format!("{work} the metadata of {format}"),
                None => format!("{work} the metadata of a file that is no picture"),
            },
            is_known: other.is_some(),
            supported: FORMATS,
        }),
    }
}

fn parts(format: Format, bytes: Vec<u8>) -> Result<DynImage> {
    let corrupt = |detail: String| Error::Corrupt { format, detail };
    let parts = DynImage::from_bytes(bytes.into()).map_err(|error| corrupt(error.to_string()))?;
    parts.ok_or_else(|| corrupt("its parts cannot be followed".to_owned()))
}
