//! Addresses with a host of their own.

use std::fmt;

use crate::endpoint::{Endpoint, next_label};
use crate::error::{Error, ErrorKind};

/// An address whose host is what is asked for, with labels that are filled in for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostUrl {
    pub(super) scheme: String,
    /// Host and port, with `{bucket}` and the like.
    pub(super) authority: String,
}

impl HostUrl {
    /// An address such as `https://{bucket}.storage.example.com:8443`. In its host stand
    /// `{bucket}`, `{appid}`, `{region}` and `{service}` for what the request, the configuration and
    /// the operation say; an address without `{bucket}` serves one bucket, which the other side
    /// knows.
    ///
    /// # Errors
    /// The text is no such address, has a path, or has a label of another name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut sample = String::new();
        let mut rest = text;
        while let Some((before, label, after)) = next_label(rest) {
            if !matches!(label, "bucket" | "appid" | "region" | "service") {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    format!("the address {text:?} has a label {{{label}}}, which nothing fills in"),
                )
                .advise("use {bucket}, {appid}, {region} and {service}"));
            }
            sample.push_str(before);
            sample.push_str(label);
            rest = after;
        }
        sample.push_str(rest);
        let endpoint = Endpoint::parse(&sample)?;
        let scheme = endpoint.scheme().to_owned();
        let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
        Ok(Self {
            scheme,
            authority: authority.strip_suffix('/').unwrap_or(authority).to_owned(),
        })
    }
}

impl fmt::Display for HostUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}
