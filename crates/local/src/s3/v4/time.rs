//! Times as signatures write them.

use tcloud_core::time::{Timestamp, format_iso_utc};

/// `20130524T000000Z` in Unix seconds.
pub(super) fn read_time(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || time.len() != 6 || !is_number(date) || !is_number(time) {
        return None;
    }
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    let (year, month, day) = (part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
    let (hour, minute, second) = (part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
    Timestamp::from_text(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).unix_seconds()
}

/// A time as signatures have it.
pub(super) fn basic(unix_seconds: i64) -> String {
    format_iso_utc(unix_seconds).replace(['-', ':'], "")
}
