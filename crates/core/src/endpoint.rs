//! Where a request is sent to, instead of the service's own address.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Which of the two sites an account belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Site {
    /// The site of mainland China.
    #[default]
    China,
    /// The international site: API 3.0 hosts have an `intl` label.
    International,
}

/// An address to send to instead of the service's own. The `Host` header stays the service's, so
/// that the other side can recognise bucket, service and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: String,
    authority: String,
}

impl Endpoint {
    /// An endpoint from `http://host:port` or `https://host:port`; a bare `host:port` means
    /// `https`.
    ///
    /// # Errors
    /// The text is no such address, or has a path.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |why: &str| {
            Error::new(
                ErrorKind::Configuration,
                format!("the endpoint {text:?} {why}"),
            )
            .advise("write it as `http://host:port`")
        };
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        if !matches!(scheme, "http" | "https") {
            return Err(refuse("has a scheme other than http and https"));
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(refuse("has more than a host and a port"));
        }
        authority
            .parse::<http::uri::Authority>()
            .map_err(|_| refuse("names no host"))?;
        Ok(Self {
            scheme: scheme.to_owned(),
            authority: authority.to_owned(),
        })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

/// Splits `a{label}b` at its first label.
pub(crate) fn next_label(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (label, after) = rest.split_once('}')?;
    Some((before, label, after))
}

/// Whether `text` may be one of the labels of a host's name.
pub(crate) fn is_host_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
