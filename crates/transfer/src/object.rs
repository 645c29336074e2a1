//! What is named on the side of the service.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// An object, by bucket and key.
///
/// ```
/// use tcloud_transfer::Object;
///
/// let object: Object = "cos://photos-1250000000/2024/sea.jpg".parse()?;
/// assert_eq!(object, Object::new("photos-1250000000", "2024/sea.jpg"));
/// assert_eq!(object.to_string(), "cos://photos-1250000000/2024/sea.jpg");
/// # Ok::<(), tcloud_transfer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Object {
    /// Full name of the bucket with the APPID at its end.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The bucket's region, if it is not that of the client.
    pub region: Option<String>,
    /// A version of the object; the latest unless set.
    pub version: Option<String>,
}

impl Object {
    /// The latest version of an object in the client's region.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
            region: None,
            version: None,
        }
    }

    /// The same object, in a bucket of another region than the client's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// A version of the object.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The bucket and the keys that begin with this one's key.
    pub(crate) fn sibling(&self, key: impl Into<String>) -> Self {
        Self {
            bucket: self.bucket.clone(),
            key: key.into(),
            region: self.region.clone(),
            version: None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cos://{}/{}", self.bucket, self.key)
    }
}

impl<B: Into<String>, K: Into<String>> From<(B, K)> for Object {
    fn from((bucket, key): (B, K)) -> Self {
        Self::new(bucket, key)
    }
}

impl From<&Self> for Object {
    fn from(object: &Self) -> Self {
        object.clone()
    }
}

impl FromStr for Object {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (bucket, key) = split(text)?;
        if key.is_empty() {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{text:?} names a bucket and no object"),
            )
            .advise("write cos://BUCKET/KEY"));
        }
        Ok(Self::new(bucket, key))
    }
}

/// The objects of a bucket whose keys begin with a prefix: a folder, if the prefix is empty or ends
/// with `/`.
///
/// ```
/// use tcloud_transfer::Prefix;
///
/// let photos: Prefix = "cos://photos-1250000000/2024/".parse()?;
/// assert_eq!(photos, Prefix::new("photos-1250000000", "2024/"));
/// let whole_bucket: Prefix = "cos://photos-1250000000".parse()?;
/// assert_eq!(whole_bucket.prefix, "");
/// # Ok::<(), tcloud_transfer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Prefix {
    /// Full name of the bucket with the APPID at its end.
    pub bucket: String,
    /// What the keys begin with.
    pub prefix: String,
    /// The bucket's region, if it is not that of the client.
    pub region: Option<String>,
}

impl Prefix {
    /// The keys of a bucket in the client's region that begin with `prefix`.
    pub fn new(bucket: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            prefix: prefix.into(),
            region: None,
        }
    }

    /// The same keys, in a bucket of another region than the client's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The object whose key is the prefix and `relative`.
    pub(crate) fn object(&self, relative: &str) -> Object {
        Object {
            bucket: self.bucket.clone(),
            key: format!("{}{relative}", self.prefix),
            region: self.region.clone(),
            version: None,
        }
    }

    /// The same prefix as a folder: with `/` at its end.
    pub(crate) fn as_folder(&self) -> Self {
        let mut folder = self.clone();
        if !folder.prefix.is_empty() && !folder.prefix.ends_with('/') {
            folder.prefix.push('/');
        }
        folder
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cos://{}/{}", self.bucket, self.prefix)
    }
}

impl<B: Into<String>, K: Into<String>> From<(B, K)> for Prefix {
    fn from((bucket, prefix): (B, K)) -> Self {
        Self::new(bucket, prefix)
    }
}

impl From<&Self> for Prefix {
    fn from(prefix: &Self) -> Self {
        prefix.clone()
    }
}

impl FromStr for Prefix {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (bucket, prefix) = split(text)?;
        Ok(Self::new(bucket, prefix))
    }
}

/// Bucket and key of `cos://bucket/key`.
fn split(text: &str) -> Result<(&str, &str), Error> {
    let rest = text.strip_prefix("cos://").map(|rest| {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        (bucket, key)
    });
    rest.filter(|(bucket, _)| !bucket.is_empty())
        .ok_or_else(|| {
            Error::new(ErrorKind::Refused, format!("{text:?} names no bucket"))
                .advise("write cos://BUCKET/KEY")
        })
}

#[cfg(test)]
mod tests {
    use super::{Object, Prefix};

    #[test]
    fn names_are_read_and_written() {
        let folder: Prefix = "cos://b-1/a/b".parse().unwrap();
        assert_eq!(folder.as_folder().to_string(), "cos://b-1/a/b/");
        assert_eq!(folder.object("/c").to_string(), "cos://b-1/a/b/c");
        let slash: Object = "cos://b-1//c".parse().unwrap();
        assert_eq!(slash.key, "/c");
    }

    #[test]
    fn what_is_no_name_says_how_to_write_one() {
        for text in [
            "",
            "a/b",
            "cos://",
            "cos:///a",
            "s3://b/a",
            "cos://b-1",
            "cos://b-1/",
        ] {
            let error = text.parse::<Object>().unwrap_err().to_string();
            assert!(error.ends_with("; write cos://BUCKET/KEY"), "{error}");
        }
        assert!("cos://b-1".parse::<Prefix>().is_ok());
    }
}
