//! What the name of a file says about its content.

use std::path::Path;

/// The media type that the extension of `name` suggests, such as `image/png`. `None` if it has
/// none, or one that says nothing.
///
/// ```
/// use tcloud_core::body::media_type;
///
/// assert_eq!(media_type("album/sea.JPG"), Some("image/jpeg"));
/// assert_eq!(media_type("Makefile"), None);
/// ```
pub fn media_type(name: impl AsRef<Path>) -> Option<&'static str> {
    mime_guess::from_path(name).first_raw()
}
