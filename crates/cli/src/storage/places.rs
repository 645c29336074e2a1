//! The places that the commands of every day take: no URLs, and keys with wildcards.
//!
//! In a key, `*` and `?` are wildcards that stop at `/`, and `**` is any number of parts; behind a
//! backslash they mean themselves. Of files, wildcards are the shell's.

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};
use tcloud_transfer::{Object, Prefix};

use crate::error::Error;
use crate::location::{Location, LocationError, Remote};

/// Reads a place that can be read or written.
pub(super) fn any() -> impl TypedValueParser<Value = Location> {
    OsStringValueParser::new().try_map(|text: OsString| match Location::parse(text)? {
        Location::Url(url) => Err(LocationError::OtherScheme(
            url.split(':').next().unwrap_or_default().to_owned(),
        )),
        place => Ok(place),
    })
}

/// Reads a place in a bucket.
pub(super) fn remote() -> impl TypedValueParser<Value = Remote> {
    OsStringValueParser::new().try_map(|text: OsString| match Location::parse(text)? {
        Location::Remote(remote) => Ok(remote),
        Location::Url(url) => Err(LocationError::OtherScheme(
            url.split(':').next().unwrap_or_default().to_owned(),
        )),
        Location::Local(_) | Location::Stream => Err(LocationError::NoBucket),
    })
}

/// What a key with wildcards means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The key up to the last `/` before the first wildcard.
    pub(super) folder: String,
    /// What is behind it, as `Filter::only` takes it.
    pub(super) rest: String,
}

impl Remote {
    /// Whether it is a bucket, or is written as a folder.
    pub(super) fn is_folder(&self) -> bool {
        self.key.is_empty() || self.key.ends_with('/')
    }

    /// The wildcards of the key, if it has any.
    pub(super) fn pattern(&self) -> Option<Pattern> {
        let mut folder = 0;
        let mut letters = self.key.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '*' | '?' => {
                    let (folder, rest) = self.key.split_at(folder);
                    return Some(Pattern {
                        folder: plain(folder),
                        rest: rest.to_owned(),
                    });
                }
                '/' => folder = at.saturating_add(1),
                '\\' => {
                    letters.next_if(|(_, next)| matches!(next, '*' | '?'));
                }
                _ => {}
            }
        }
        None
    }

    /// The key without its backslashes.
    pub(super) fn plain_key(&self) -> String {
        plain(&self.key)
    }

    /// The object of this key.
    pub(super) fn object(&self, region: Option<&str>) -> Object {
        in_region(Object::new(&self.bucket, self.plain_key()), region)
    }

    /// What is below this key, taken for a folder.
    pub(super) fn folder(&self, region: Option<&str>) -> Prefix {
        let mut key = self.plain_key();
        if !key.is_empty() && !key.ends_with('/') {
            key.push('/');
        }
        self.prefix(&key, region)
    }

    /// The keys of the same bucket that begin with `prefix`.
    pub(super) fn prefix(&self, prefix: &str, region: Option<&str>) -> Prefix {
        let prefix = Prefix::new(&self.bucket, prefix);
        match region {
            Some(region) => prefix.region(region),
            None => prefix,
        }
    }

    /// The last part of the key, as the name of a file or of a copy.
    pub(super) fn name(&self) -> Result<String, Error> {
        let key = self.plain_key();
        let name = key.rsplit('/').next().unwrap_or_default();
        tcloud_transfer::relative_path(name)?;
        Ok(name.to_owned())
    }

    /// Refuses a bucket as a whole, where an object is needed.
    pub(super) fn require_key(&self) -> Result<(), Error> {
        if self.key.is_empty() {
            return Err(Error::Usage(format!(
                "{self} is a bucket; name an object, such as cos://{}/KEY",
                self.bucket
            )));
        }
        Ok(())
    }

    /// Refuses a key, where a bucket is needed.
    pub(super) fn require_bucket(&self) -> Result<(), Error> {
        if self.key.is_empty() {
            return Ok(());
        }
        Err(Error::Usage(format!(
            "{self} is an object; name the bucket alone: cos://{}",
            self.bucket
        )))
    }
}

/// `object` in `region`, if there is one.
fn in_region(object: Object, region: Option<&str>) -> Object {
    match region {
        Some(region) => object.region(region),
        None => object,
    }
}

/// `text` with `\*` and `\?` as the characters that they mean.
fn plain(text: &str) -> String {
    text.replace("\\*", "*").replace("\\?", "?")
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Remote};

    fn remote(key: &str) -> Remote {
        Remote {
            bucket: "b-1".to_owned(),
            key: key.to_owned(),
        }
    }

    #[test]
    fn wildcards_are_found_and_escaped() {
        let pattern = |folder: &str, rest: &str| {
            Some(Pattern {
                folder: folder.to_owned(),
                rest: rest.to_owned(),
            })
        };
        assert_eq!(remote("*.jpg").pattern(), pattern("", "*.jpg"));
        assert_eq!(remote("a/b?/c/*").pattern(), pattern("a/", "b?/c/*"));
        assert_eq!(remote("a\\*/b/**").pattern(), pattern("a*/b/", "**"));
        for key in ["", "a/b", "report [1] {2}.pdf", "a\\*", "\\?"] {
            assert_eq!(remote(key).pattern(), None, "{key}");
        }
        assert_eq!(remote("a\\*\\?\\b").plain_key(), "a*?\\b");
    }

    #[test]
    fn a_name_is_the_last_part_and_no_way_out() {
        assert_eq!(remote("a/b.txt").name().unwrap(), "b.txt");
        for key in ["a/..", "a/", "a/b\n", ".", "a/C:"] {
            assert!(remote(key).name().is_err(), "{key}");
        }
    }

    #[test]
    fn folders_end_with_a_slash() {
        assert!(remote("").is_folder() && remote("a/").is_folder() && !remote("a").is_folder());
        assert_eq!(remote("a").folder(None).prefix, "a/");
        assert_eq!(remote("").folder(None).prefix, "");
        assert!(remote("").require_key().is_err() && remote("a").require_key().is_ok());
        assert!(remote("a").require_bucket().is_err() && remote("").require_bucket().is_ok());
    }
}
