//! Versions of objects: whether a bucket keeps them, and which one is meant.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::words::words;

/// Whether a bucket keeps versions of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Versioning {
    /// It never did.
    #[default]
    Never,
    /// What is stored makes a version, and a deletion makes a delete marker.
    Enabled,
    /// Not any more: what is stored replaces the version `null`, and all others stay.
    Suspended,
}

words!(Versioning {
    Never => "",
    Enabled => "Enabled",
    Suspended => "Suspended",
});

/// The id of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum VersionId {
    /// That of what was stored while the bucket kept no versions.
    Null,
    /// That of the row with this number.
    Number(i64),
}

/// A text that is the id of no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoVersionId;

/// As the service writes it: a number that falls as time goes on, in Base64.
impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Number(number) => {
                let falling = u64::MAX.saturating_add_signed(*number).to_string();
                f.write_str(&STANDARD_NO_PAD.encode(falling))
            }
        }
    }
}

impl FromStr for VersionId {
    type Err = NoVersionId;

    fn from_str(text: &str) -> Result<Self, NoVersionId> {
        if text == "null" {
            return Ok(Self::Null);
        }
        let digits = STANDARD_NO_PAD.decode(text).map_err(|_| NoVersionId)?;
        let digits = String::from_utf8(digits).map_err(|_| NoVersionId)?;
        let falling: u64 = digits.parse().map_err(|_| NoVersionId)?;
        let number = i64::try_from(u64::MAX - falling).map_err(|_| NoVersionId)?;
        let id = Self::Number(-number);
        // One version has one id.
        (id.to_string() == text).then_some(id).ok_or(NoVersionId)
    }
}

/// The number of what is stored at `now` (in Unix milliseconds) beside versions of which `newest` is
/// the newest.
pub(super) fn next_number(now: i64, newest: Option<i64>) -> i64 {
    let by_time = now.saturating_mul(-1000);
    newest.map_or(by_time, |newest| by_time.min(newest.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::{NoVersionId, VersionId, next_number};

    /// Out of the documents: the id of an object that was last modified at 2020-04-10T09:36:35Z.
    const DOCUMENTED: &str = "MTg0NDUxNTc1NjIzMTQ1MDAwODg";

    #[test]
    fn an_id_is_written_as_the_service_writes_it() {
        let id: VersionId = DOCUMENTED.parse().unwrap();
        let VersionId::Number(number) = id else {
            panic!("{id:?}")
        };
        assert_eq!(-number / 1_000_000, 1_586_511_395);
        assert_eq!(id.to_string(), DOCUMENTED);
        assert_eq!("null".parse(), Ok(VersionId::Null));
        assert_eq!(VersionId::Null.to_string(), "null");
    }

    #[test]
    fn anything_else_is_no_id() {
        for text in [
            "",
            "Null",
            "1",
            "MTg0",
            "MTg0NDUxNTc1NjIzMTQ1MDAwODg=",
            "KzE4NDQ1MTU3NTYyMzE0NTAwMDg4",
            "中",
        ] {
            assert_eq!(text.parse::<VersionId>(), Err(NoVersionId), "{text}");
        }
    }

    #[test]
    fn a_newer_version_has_a_lesser_number_whatever_the_clock_says() {
        assert_eq!(next_number(5, None), -5000);
        assert_eq!(next_number(6, Some(-5000)), -6000);
        assert_eq!(next_number(5, Some(-5000)), -5001);
        assert_eq!(next_number(4, Some(-5001)), -5002);
    }
}
