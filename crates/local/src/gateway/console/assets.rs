//! The page, its scripts and its style: files of this program.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use tcloud_core::body::Body;

/// A file of the console.
#[derive(Debug)]
pub(super) struct Asset {
    /// Its name; that of the page is empty.
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
}

/// Which scripts, styles and pictures the page may use: its own. Scripts cannot make elements of
/// texts, and no other page can have it in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

macro_rules! assets {
    ($($name:literal: $media_type:expr, $file:literal;)*) => {
        &[$(Asset {
            name: $name,
            media_type: $media_type,
            content: include_str!(concat!("../../../console/", $file)),
        }),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// All of them.
static ASSETS: &[Asset] = assets! {
    "": HTML, "index.html";
    "console.css": "text/css; charset=utf-8", "console.css";
    "icon.svg": "image/svg+xml", "icon.svg";
    "app.js": SCRIPT, "app.js";
    "dom.js": SCRIPT, "dom.js";
    "api.js": SCRIPT, "api.js";
    "buckets.js": SCRIPT, "buckets.js";
    "editor.js": SCRIPT, "editor.js";
    "faults.js": SCRIPT, "faults.js";
    "jobs.js": SCRIPT, "jobs.js";
    "object.js": SCRIPT, "object.js";
    "state.js": SCRIPT, "state.js";
    "strip.js": SCRIPT, "strip.js";
    "upload.js": SCRIPT, "upload.js";
    "requests.js": SCRIPT, "requests.js";
    "request.js": SCRIPT, "request.js";
    "texts.js": SCRIPT, "texts.js";
};

/// The file called `name`.
pub(super) fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The answer that is `asset`.
pub(super) fn answer(asset: &Asset) -> Response<Body> {
    let mut response = Response::new(Body::from(asset.content));
    protect(response.headers_mut());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    // A newer program has newer files at the same address.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}
