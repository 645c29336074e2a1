//! Places on the command line: `cos://BUCKET/KEY`, files and folders, URLs, and `-`.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::bucket;

/// A place that is read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// The standard input or output.
    Stream,
    /// A file or a folder.
    Local(PathBuf),
    /// A bucket, or objects in it.
    Remote(Remote),
    /// Something that another server has.
    Url(String),
}

/// A bucket, or objects in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remote {
    /// The bucket's full name.
    pub(crate) bucket: String,
    /// The key as it is written; empty for the bucket as a whole.
    pub(crate) key: String,
}

/// Why a text is no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LocationError {
    /// It is empty.
    Empty,
    /// There is no bucket behind `cos://`.
    NoBucket,
    /// The bucket has no APPID at its end.
    NoAccount(String),
    /// It is a URL of another kind.
    OtherScheme(String),
}

/// Reads a place of any kind.
pub(crate) fn parser() -> impl TypedValueParser<Value = Location> {
    OsStringValueParser::new().try_map(Location::parse)
}

impl Location {
    /// The place that `text` names.
    pub(crate) fn parse(text: OsString) -> Result<Self, LocationError> {
        let Some(plain) = text.to_str() else {
            return Ok(Self::Local(text.into()));
        };
        if plain.is_empty() {
            return Err(LocationError::Empty);
        }
        if plain == "-" {
            return Ok(Self::Stream);
        }
        let Some((scheme, rest)) = plain
            .split_once("://")
            .filter(|(scheme, _)| is_scheme(scheme))
        else {
            return Ok(Self::Local(text.into()));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "cos" => Remote::parse(rest).map(Self::Remote),
            "http" | "https" => Ok(Self::Url(plain.to_owned())),
            other => Err(LocationError::OtherScheme(other.to_owned())),
        }
    }
}

/// Whether `text` can be the scheme of a URL. One letter is a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it))
}

impl Remote {
    /// What follows `cos://`.
    fn parse(rest: &str) -> Result<Self, LocationError> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(LocationError::NoBucket);
        }
        if !bucket::is_full_name(bucket) {
            return Err(LocationError::NoAccount(bucket.to_owned()));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream => f.write_str("-"),
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::Remote(remote) => remote.fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cos://{}/{}", self.bucket, self.key)
    }
}

impl fmt::Display for LocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty; name a file, or write cos://BUCKET/KEY"),
            Self::NoBucket => f.write_str("it names no bucket; write cos://BUCKET/KEY"),
            Self::NoAccount(bucket) => f.write_str(&bucket::no_account(bucket)),
            Self::OtherScheme(scheme) => write!(
                f,
                "{scheme}:// is not supported; write cos://BUCKET/KEY, or put ./ before a file's name"
            ),
        }
    }
}

impl std::error::Error for LocationError {}

#[cfg(test)]
mod tests {
    use super::{Location, LocationError, Remote};

    fn parse(text: &str) -> Result<Location, LocationError> {
        Location::parse(text.into())
    }

    fn remote(bucket: &str, key: &str) -> Location {
        Location::Remote(Remote {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    #[test]
    fn places_are_read() {
        assert_eq!(parse("-"), Ok(Location::Stream));
        for path in ["a", "./-", "C:\\a", "c://a", "/a/b", "a:b", "..", "1x://a"] {
            assert_eq!(parse(path), Ok(Location::Local(path.into())), "{path}");
        }
        assert_eq!(parse("cos://b-1"), Ok(remote("b-1", "")));
        assert_eq!(parse("COS://b-1/"), Ok(remote("b-1", "")));
        assert_eq!(parse("cos://b-1/a/ü *"), Ok(remote("b-1", "a/ü *")));
        assert_eq!(parse("cos://b-1//a"), Ok(remote("b-1", "/a")));
        let url = "https://example.com/a.png";
        assert_eq!(parse(url), Ok(Location::Url(url.to_owned())));
        for text in ["-", "a/b", "cos://b-1/a", url] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_place_says_what_to_write() {
        for (text, error) in [
            ("", LocationError::Empty),
            ("cos://", LocationError::NoBucket),
            ("cos:///a", LocationError::NoBucket),
            ("cos://b/a", LocationError::NoAccount("b".to_owned())),
            ("s3://b-1/a", LocationError::OtherScheme("s3".to_owned())),
        ] {
            assert!(error.to_string().contains("write "), "{error}");
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
