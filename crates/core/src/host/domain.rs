//! Domains that belong to a bucket's owner.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// A domain of a bucket's owner, bound to the bucket in its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    name: String,
    cname: bool,
}

impl Domain {
    /// A domain such as `img.example.com`, whose CNAME record leads to the bucket: requests connect
    /// to it.
    ///
    /// # Errors
    /// The text is no name of a host.
    pub fn parse(name: &str) -> Result<Self, Error> {
        let labels = || name.split('.');
        let is_label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if labels().count() < 2 || name.len() > 253 || !labels().all(is_label) {
            return Err(Error::new(
                ErrorKind::Configuration,
                format!("{name:?} is not a domain"),
            )
            .advise("write it as `img.example.com`, without a scheme, a port and a path"));
        }
        Ok(Self {
            name: name.to_ascii_lowercase(),
            cname: true,
        })
    }

    /// The same domain without such a record, or before it is known everywhere: requests connect to
    /// the bucket's own host and ask for the domain there.
    pub fn without_cname(mut self) -> Self {
        self.cname = false;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether requests connect to it.
    pub fn has_cname(&self) -> bool {
        self.cname
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
