//! The headers of a request, as both sides of a signature need them.

use http::HeaderMap;
use http::header::{HOST, HeaderName, HeaderValue};

use super::error::SignError;

/// Requires that a header is set.
pub(super) fn require(headers: &HeaderMap, name: &'static str) -> Result<(), SignError> {
    if headers.contains_key(name) {
        Ok(())
    } else {
        Err(SignError::MissingHeader(name))
    }
}

/// Sets a header and keeps its value out of logs.
pub(super) fn insert(
    headers: &mut HeaderMap,
    name: &'static str,
    value: &str,
) -> Result<(), SignError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| SignError::InvalidHeader(name))?;
    value.set_sensitive(true);
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// The hosts a client may have signed: the header as sent, then without its port, since some
/// SDKs sign the bare name.
pub(super) fn host_candidates(headers: &HeaderMap) -> Vec<&[u8]> {
    let Some(host) = headers.get(HOST).map(|value| value.as_bytes().trim_ascii()) else {
        return vec![b""];
    };
    let portless = host
        .iter()
        .rposition(|byte| *byte == b':')
        .and_then(|colon| host.split_at_checked(colon))
        .filter(|(_, port)| port.iter().skip(1).all(u8::is_ascii_digit));
    std::iter::once(host)
        .chain(portless.map(|(name, _)| name))
        .collect()
}
