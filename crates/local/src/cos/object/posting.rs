//! Objects: stored by the form of a browser.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode, Uri};
use tcloud_core::body::Body;
use tcloud_core::server::{Answer, Context, Fault, Incoming, Route};
use tcloud_core::sign::encode;
use tcloud_cos::operation::post_object::{PostObjectRequest, PostObjectResponse};
use tcloud_cos::operation::put_object::{self, PutObjectRequest};

use super::attributes::{given, quoted};
use super::storing;
use crate::cos::fault::invalid;
use crate::cos::{encryption, unsupported};
use crate::form::{Fields, Posted};
use crate::state::State;

/// The fields, besides those of the service's own, that say what is kept with the content.
const HEADERS: [&str; 8] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "pic-operations",
];
/// Fields of the service's own that are not about the object.
const TOKEN: &str = "x-cos-security-token";

/// Stores the content of a form. What its fields say of the object is what the headers of a
/// `PutObject` say.
pub(in crate::cos) async fn post(
    state: &State,
    mut context: Context,
    request: PostObjectRequest,
) -> Result<Answer<PostObjectResponse>, Fault> {
    let Some(posted) = context.extensions.remove::<Posted>() else {
        return Err(invalid("the request has no form"));
    };
    let Posted {
        fields,
        key,
        length,
    } = posted;
    let bucket = request.bucket.unwrap_or_default();
    let success = Success::read(&fields)?;
    let put = as_put(&fields, &bucket, &key)?;
    let object = storing::store(state, &mut context, put, length).await?;

    let etag = quoted(&object.etag);
    let (status, location) = match success {
        Success::Status(status) => {
            let path = encode::path(&format!("/{key}"));
            (status, format!("http://{}{path}", context.host))
        }
        Success::Redirect(target) => {
            let mark = if target.contains('?') { '&' } else { '?' };
            let query = [("bucket", &bucket), ("key", &key), ("etag", &etag)];
            let location = format!("{target}{mark}{}", encode::query(query));
            (StatusCode::SEE_OTHER, location)
        }
    };
    let mut response = PostObjectResponse::new().location(location).etag(etag);
    response.version_id = object.version_id().map(|id| id.to_string());
    encryption::show!(response, &object.attributes);
    Ok(Answer::new(response).status(status))
}

/// What is answered once the content is stored.
enum Success {
    Status(StatusCode),
    /// The browser is sent there.
    Redirect(String),
}

impl Success {
    fn read(fields: &Fields) -> Result<Self, Fault> {
        if let Some(target) = given(fields.get("success_action_redirect")) {
            let uri: Option<Uri> = target.parse().ok();
            let scheme = uri.as_ref().and_then(Uri::scheme_str);
            if !matches!(scheme, Some("http" | "https")) || target.contains('#') {
                return Err(invalid(
                    "success_action_redirect is no address to go to; write it as in \
                     https://example.com/done",
                ));
            }
            return Ok(Self::Redirect(target));
        }
        match fields.get("success_action_status").unwrap_or_default() {
            "" | "204" => Ok(Self::Status(StatusCode::NO_CONTENT)),
            "200" => Ok(Self::Status(StatusCode::OK)),
            "201" => Ok(Self::Status(StatusCode::CREATED)),
            _ => Err(invalid("success_action_status is none of 200, 201 and 204")),
        }
    }
}

/// The request that stores the same, decoded and checked as one.
fn as_put(fields: &Fields, bucket: &str, key: &str) -> Result<PutObjectRequest, Fault> {
    let headers = headers(fields)?;
    unsupported::require_built(&[], &headers)?;
    let route = Route {
        operation: &put_object::OPERATION,
        labels: vec![
            ("bucket".to_owned(), bucket.to_owned()),
            ("key".to_owned(), key.to_owned()),
        ],
    };
    let incoming = Incoming::new(route, Vec::new(), headers, Body::empty())?;
    Ok(incoming.decode()?.0)
}

/// The fields that say something of the object, as headers.
fn headers(fields: &Fields) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields.iter() {
        let name = name.to_ascii_lowercase();
        let name = match name.as_str() {
            "acl" => "x-cos-acl",
            TOKEN => continue,
            name if HEADERS.contains(&name) || name.starts_with("x-cos-") => name,
            _ => continue,
        };
        // An empty field of a page is one that nobody has filled in.
        let Some(value) = given(Some(value)) else {
            continue;
        };
        let pair = HeaderName::from_bytes(name.as_bytes())
            .ok()
            .zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let Some((name, value)) = pair else {
            let name = name.escape_debug();
            return Err(invalid(format!(
                "the field `{name}` cannot be kept as a header; leave control characters out"
            )));
        };
        if headers.insert(name, value).is_some() {
            return Err(invalid("the form has both acl and x-cos-acl; send one"));
        }
    }
    Ok(headers)
}
