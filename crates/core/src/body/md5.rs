//! The digest that `Content-MD5` carries.

use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};

use super::content::Body;

impl Body {
    /// The MD5 digest of the body in Base64, as `Content-MD5` carries it. What does not lie in
    /// memory is read for it. `None` for a bare stream, which would not be there any more.
    ///
    /// # Errors
    /// The body could not be read.
    pub(crate) async fn content_md5(&self) -> io::Result<Option<String>> {
        let Some(mut body) = self.try_clone() else {
            return Ok(None);
        };
        let mut digest = Md5::new();
        while let Some(chunk) = body.chunk().await {
            digest.update(chunk?);
        }
        Ok(Some(BASE64_STANDARD.encode(digest.finalize())))
    }
}
