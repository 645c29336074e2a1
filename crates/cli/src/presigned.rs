//! URLs that carry their signature, as they are printed.

use tcloud_core::call::PresignedRequest;

use crate::console;
use crate::error::Error;

/// Prints the URL alone, for other programs; what has to be sent with it is printed beside it.
pub(crate) fn print(signed: &PresignedRequest) -> Result<(), Error> {
    let method = signed.method();
    console::note(&format!(
        "whoever has this URL can send {method} with it until {}",
        tcloud_core::time::format_http_date(signed.expires())
    ));
    for (name, value) in signed.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        console::note(&format!("the request needs the header {name}: {value}"));
    }
    if !signed.body().is_empty() {
        let body = String::from_utf8_lossy(signed.body());
        console::note(&format!("the request needs the body {body}"));
    }
    console::print(signed.url())
}
