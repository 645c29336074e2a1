//! Times of files and objects.
//!
//! A file that is downloaded gets the time of the object's last change, so that a later sync finds
//! it unchanged. Where times are kept, the time of the uploaded file travels as metadata, as rclone
//! writes it, and the downloaded file gets that.

use std::fs::File;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::service::ObjectInfo;

/// The name of the metadata, behind `x-cos-meta-`: seconds since 1970, with a fraction.
pub(crate) const MODIFIED: &str = "mtime";

/// The time that a file of the object gets.
pub(crate) fn of_file(info: &ObjectInfo, keeps_time: bool) -> Option<SystemTime> {
    let kept = keeps_time.then(|| info.metadata.get(MODIFIED)).flatten();
    let kept = kept.and_then(|text| parse(text));
    kept.or_else(|| info.modified.and_then(of_seconds))
}

/// Unix seconds as a time.
pub(crate) fn of_seconds(seconds: i64) -> Option<SystemTime> {
    let since = Duration::from_secs(u64::try_from(seconds).ok()?);
    UNIX_EPOCH.checked_add(since)
}

/// Whole seconds since 1970, as objects have them.
pub(crate) fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

pub(crate) fn set(file: &File, time: SystemTime) -> io::Result<()> {
    file.set_modified(time)
}

fn parse(text: &str) -> Option<SystemTime> {
    let (seconds, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let mut number = 0_u32;
    for digit in nanos {
        let digit = char::from(digit).to_digit(10)?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    UNIX_EPOCH.checked_add(Duration::new(seconds.parse().ok()?, number))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{MODIFIED, of_file, parse};
    use crate::service::ObjectInfo;

    #[test]
    fn times_are_read_as_rclone_writes_them() {
        let at = |seconds, nanos| Some(UNIX_EPOCH + Duration::new(seconds, nanos));
        assert_eq!(
            parse("1354040105.123456789"),
            at(1_354_040_105, 123_456_789)
        );
        assert_eq!(parse("1354040105.5"), at(1_354_040_105, 500_000_000));
        assert_eq!(parse("1354040105"), at(1_354_040_105, 0));
        for text in ["", "x", "-1", "1.x", "1e3", "99999999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
        let mut info = ObjectInfo {
            modified: Some(100),
            ..ObjectInfo::default()
        };
        assert_eq!(of_file(&info, true), at(100, 0));
        info.metadata
            .insert(MODIFIED.to_owned(), "50.25".to_owned());
        assert_eq!(of_file(&info, true), at(50, 250_000_000));
        assert_eq!(of_file(&info, false), at(100, 0));
    }
}
