//! Documents that travel compressed (gzip).

use std::io;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, HeaderValue};

/// The document in `bytes`, which came with `headers` and has at most `limit` bytes.
///
/// # Errors
/// It is compressed in another way, damaged, or too large.
pub(crate) fn decoded(headers: &HeaderMap, bytes: Bytes, limit: usize) -> io::Result<Bytes> {
    let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let encoding = String::from_utf8_lossy(encoding.unwrap_or_default());
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(bytes),
        // The answer to a HEAD request speaks of the object.
        _ if bytes.is_empty() => Ok(bytes),
        "gzip" | "x-gzip" => unpacked(&bytes, limit),
        other => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("it is compressed by {other:?}, and only gzip is read"),
        )),
    }
}

/// `document`, compressed.
///
/// # Errors
/// The feature `gzip` is off.
#[cfg(feature = "gzip")]
pub(crate) fn encoded(document: &[u8]) -> io::Result<Vec<u8>> {
    use std::io::Write as _;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(document)?;
    encoder.finish()
}

#[cfg(not(feature = "gzip"))]
pub(crate) fn encoded(_: &[u8]) -> io::Result<Vec<u8>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "build tcloud-core with its feature `gzip`",
    ))
}

#[cfg(feature = "gzip")]
fn unpacked(bytes: &[u8], limit: usize) -> io::Result<Bytes> {
    use std::io::Read as _;

    let mut all = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    flate2::read::MultiGzDecoder::new(bytes)
        .take(most)
        .read_to_end(&mut all)?;
    if all.len() > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("the body has more than {limit} bytes, once it is unpacked"),
        ));
    }
    Ok(all.into())
}

#[cfg(not(feature = "gzip"))]
fn unpacked(_: &[u8], _: usize) -> io::Result<Bytes> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "it is compressed by gzip; build tcloud-core with its feature `gzip`",
    ))
}

#[cfg(test)]
#[cfg(feature = "gzip")]
mod tests {
    use super::*;

    fn packed(bytes: &[u8]) -> Bytes {
        encoded(bytes).unwrap().into()
    }

    fn headers(encoding: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        headers
    }

    #[test]
    fn a_document_comes_out_as_it_went_in() {
        let text = Bytes::from("{}".repeat(1_000));
        for encoding in ["gzip", "x-gzip", " GZIP "] {
            let read = decoded(&headers(encoding), packed(&text), 2_000).unwrap();
            assert_eq!(read, text, "{encoding}");
        }
        for encoding in ["", "identity"] {
            let read = decoded(&headers(encoding), text.clone(), 2_000).unwrap();
            assert_eq!(read, text, "{encoding}");
        }
        assert_eq!(decoded(&headers("br"), Bytes::new(), 9).unwrap(), "");
    }

    #[test]
    fn a_bomb_ends_at_the_limit_and_what_is_damaged_is_told() {
        let bomb = packed(&vec![0; 1_000_000]);
        assert!(bomb.len() < 10_000);
        let error = decoded(&headers("gzip"), bomb, 2_000).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        let whole = packed(b"0123456789");
        for end in 1..whole.len() {
            assert!(
                decoded(&headers("gzip"), whole.slice(..end), 99).is_err(),
                "{end}"
            );
        }
        let error = decoded(&headers("br"), whole, 99).unwrap_err();
        assert!(error.to_string().contains("br"), "{error}");
    }
}
