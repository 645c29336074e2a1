//! Civil dates and times as the services write them, without a calendar dependency.
//!
//! Every conversion works on seconds since 1970-01-01T00:00:00Z in the proleptic Gregorian
//! calendar. Leap seconds do not exist in that count.

use std::fmt;

const DAY: i64 = 86_400;
/// Cloud Infinite writes every time in China Standard Time.
const CHINA_OFFSET: i64 = 8 * 3_600;
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A time as a service sent it.
///
/// The text is kept as it came, since the services use several notations and a value that is
/// read and written back must not change. An unset time is `-` or empty.
///
/// ```
/// use tcloud_core::time::Timestamp;
///
/// let created = Timestamp::from_text("2022-06-27T15:23:10+0800".to_owned());
/// assert_eq!(created.unix_seconds(), Some(1_656_314_590));
/// assert_eq!(Timestamp::from_text("-".to_owned()).unix_seconds(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    /// Keeps `text`, whatever it is.
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The text as the service sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Seconds since the Unix epoch, a fraction of a second dropped.
    ///
    /// Understands `2022-06-27T15:23:10` followed by `+0800`, `+08:00` or `Z`, with a space
    /// instead of the `T` and with a fraction of a second. `None` for an unset time, for one that
    /// does not name its zone and for text in any other form.
    pub fn unix_seconds(&self) -> Option<i64> {
        parse(&self.0)
    }

    /// Whether the text is a time this type understands, a day or a time of day without a zone
    /// (`2022-06-27`, `2022-06-27 15:23:10`), or one of the two ways to leave a time unset.
    pub fn is_well_formed(&self) -> bool {
        let text = self.0.as_str();
        matches!(text, "" | "-")
            || self.unix_seconds().is_some()
            || parse(&format!("{text}Z")).is_some()
            || parse(&format!("{text}T00:00:00Z")).is_some()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

/// The notation of Cloud Infinite, always in China Standard Time: `2022-06-27T15:23:10+0800`.
pub fn format_ci(unix_seconds: i64) -> String {
    let civil = Civil::at(unix_seconds.saturating_add(CHINA_OFFSET));
    format!("{}T{}+0800", civil.date(), civil.clock())
}

/// ISO 8601 in UTC: `2022-06-27T07:23:10Z`.
pub fn format_iso_utc(unix_seconds: i64) -> String {
    let civil = Civil::at(unix_seconds);
    format!("{}T{}Z", civil.date(), civil.clock())
}

/// The calendar date in UTC: `2023-11-14`.
pub fn utc_date(unix_seconds: i64) -> String {
    Civil::at(unix_seconds).date()
}

/// The date notation of HTTP (IMF-fixdate): `Tue, 14 Nov 2023 22:13:20 GMT`.
pub fn format_http_date(unix_seconds: i64) -> String {
    let civil = Civil::at(unix_seconds);
    let weekday = name(&WEEKDAYS, civil.weekday);
    let month = name(&MONTHS, civil.month - 1);
    let (day, year, clock) = (civil.day, civil.year, civil.clock());
    format!("{weekday}, {day:02} {month} {year:04} {clock} GMT")
}

/// Reads the date notation of HTTP, as in a `Date` header.
///
/// `None` for anything but IMF-fixdate and for a date that does not exist. The weekday must be
/// a weekday's name, but is not compared with the date.
pub fn parse_http_date(text: &str) -> Option<i64> {
    let (weekday, rest) = text.trim().split_once(", ")?;
    if !WEEKDAYS.contains(&weekday) {
        return None;
    }
    let rest = rest.strip_suffix(" GMT")?;
    let mut parts = rest.split(' ');
    let day = number(parts.next()?, 2)?;
    let month_name = parts.next()?;
    let month = MONTHS
        .iter()
        .zip(1..)
        .find(|(name, _)| **name == month_name)?
        .1;
    let year = number(parts.next()?, 4)?;
    let clock = clock(parts.next()?)?;
    if parts.next().is_some() {
        return None;
    }
    Some(days(year, month, day)? * DAY + clock)
}

/// A moment broken into the fields of a calendar and a clock.
struct Civil {
    year: i64,
    /// 1 to 12.
    month: i64,
    /// 1 to 31.
    day: i64,
    /// 0 is Sunday.
    weekday: i64,
    second_of_day: i64,
}

impl Civil {
    const fn at(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY);
        // Years are counted from March, so that the leap day is the last of its year, in eras of
        // 400 years from 0000-03-01, which lies 719,468 days before the epoch.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        Self {
            year: era * 400 + year_of_era + (month <= 2) as i64,
            month,
            day: day_of_year - (153 * march_month + 2) / 5 + 1,
            weekday: (days + 4).rem_euclid(7),
            second_of_day: seconds.rem_euclid(DAY),
        }
    }

    fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn clock(&self) -> String {
        let (minutes, second) = (self.second_of_day / 60, self.second_of_day % 60);
        format!("{:02}:{:02}:{second:02}", minutes / 60, minutes % 60)
    }
}

/// Days from the epoch to a date; `None` if the calendar has no such date.
const fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if year < 0
        || year > 9_999
        || month < 1
        || month > 12
        || day < 1
        || day > month_length(year, month)
    {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

const fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.get(10..11)?, "T" | "t" | " ") {
        return None;
    }
    let mut parts = date.splitn(3, '-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    let days = days(year, month, day)?;
    let clock = clock(rest.get(..8)?)?;
    let zone = without_fraction(rest.get(8..)?)?;
    Some(days * DAY + clock - zone_offset(zone)?)
}

/// What follows an optional fraction of a second; `None` for a dot without digits.
fn without_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else {
        return Some(text);
    };
    let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (zone.len() < fraction.len()).then_some(zone)
}

/// Seconds east of UTC.
fn zone_offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours = number(hours, 2)?;
    let minutes = number(minutes.strip_prefix(':').unwrap_or(minutes), 2)?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Seconds since midnight of `15:23:10`. A leap second counts as the first of the next minute.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let second = number(parts.next()?, 2)?;
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// A number of exactly `width` digits, without a sign.
fn number(text: &str, width: usize) -> Option<i64> {
    let digits = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn name(names: &'static [&'static str], index: i64) -> &'static str {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.get(index))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
