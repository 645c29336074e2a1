//! Headers that are computed from the body.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::body::Body;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::schema::{Field, Flags, Place};

/// Sets the headers that the table of `operation` has computed from `body`, unless the caller has
/// set them. An optional one is left out where it would say nothing, or where the body would be
/// gone after it was read.
pub(super) async fn fill(
    operation: &Operation,
    headers: &mut HeaderMap,
    body: &Body,
) -> Result<(), Error> {
    let fields = operation.request.fields().iter();
    for field in fields
        .filter(|field| field.place == Place::Header && field.flags.contains(Flags::MD5))
        .filter(|field| field.is_required() || body.length() != Some(0))
    {
        let Ok(name) = HeaderName::from_bytes(field.name.as_bytes()) else {
            continue;
        };
        if headers.contains_key(&name) {
            continue;
        }
        if let Some(value) = digest(field, body.try_clone()).await? {
            headers.insert(name, value);
        }
    }
    Ok(())
}

async fn digest(field: &Field, again: Option<Body>) -> Result<Option<HeaderValue>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::Body, format!("the body broke off: {error}")).caused_by(error)
    };
    match again {
        // Base64 has no character that a header could not hold.
        Some(body) => {
            let digest = body.content_md5().await.map_err(unreadable)?;
            Ok(HeaderValue::try_from(digest).ok())
        }
        None if field.is_required() => Err(Error::new(
            ErrorKind::Request,
            format!(
                "`{}` is required, and a stream that is read for it cannot be sent any more",
                field.name
            ),
        )
        .advise("give bytes, a file or a factory as the body, or set the header")),
        None => Ok(None),
    }
}
