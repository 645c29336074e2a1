//! The digest that `Content-MD5` carries.

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};

use super::content::Body;

impl Body {
    /// The MD5 digest of the body in Base64, as `Content-MD5` carries it.
    ///
    /// # Errors
    /// The body could not be read.
    pub(crate) async fn content_md5(mut self) -> io::Result<String> {
        let mut digest = Md5::new();
        while let Some(chunk) = self.chunk().await {
            digest.update(chunk?);
        }
        Ok(BASE64_STANDARD.encode(digest.finalize()))
    }
}
