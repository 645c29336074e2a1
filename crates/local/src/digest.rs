//! The digest of `Content-MD5`, by which a client lets its body be checked.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{HeaderMap, StatusCode};
use md5::{Digest as _, Md5};
use tcloud_core::server::Fault;

/// Reads the value of a header.
pub(crate) fn read(header: &str) -> Result<[u8; 16], Fault> {
    let digest = BASE64_STANDARD.decode(header.trim()).ok();
    digest
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| {
            let message = "Content-MD5 is not the Base64 form of 16 bytes";
            Fault::new(StatusCode::BAD_REQUEST, "InvalidDigest", message)
        })
}

/// What a client is answered whose body has another digest.
pub(crate) fn wrong() -> Fault {
    let message = "the content does not match Content-MD5; send it again";
    Fault::new(StatusCode::BAD_REQUEST, "BadDigest", message)
}

/// Checks a document by the header, if there is one.
pub(crate) fn check(headers: &HeaderMap, document: &[u8]) -> Result<(), Fault> {
    let Some(header) = headers.get("content-md5") else {
        return Ok(());
    };
    let expected = read(header.to_str().unwrap_or_default())?;
    if expected == *Md5::digest(document) {
        Ok(())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn digests_have_sixteen_bytes() {
        // Of the empty content.
        let digest = read("1B2M2Y8AsgTpgAmY7PhCfg==").unwrap();
        assert_eq!(digest.first(), Some(&0xd4));
        for bad in [
            "",
            "x",
            "1B2M2Y8AsgTpgAmY7PhC",
            "d41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert_eq!(read(bad).unwrap_err().code, "InvalidDigest", "{bad}");
        }
    }
}
