//! Points in time as the documents write them: `2007T`, `2010-10T`, `2010-01-01`,
//! `2017-01-02T03:04:05.006+07:08`. How exact one is belongs to it.

use std::fmt;

/// The parts of a point in time, from the longest to the shortest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Part {
    pub(crate) fn named(name: &str) -> Option<Self> {
        const PARTS: [(&str, Part); 6] = [
            ("year", Part::Year),
            ("month", Part::Month),
            ("day", Part::Day),
            ("hour", Part::Hour),
            ("minute", Part::Minute),
            ("second", Part::Second),
        ];
        let mut parts = PARTS.iter();
        parts
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, part)| *part)
    }
}

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;
/// Most digits behind the point of a second.
const FINEST: usize = 9;

/// A point in time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timestamp {
    pub(in crate::cos::select) year: i64,
    pub(in crate::cos::select) month: i64,
    pub(in crate::cos::select) day: i64,
    pub(in crate::cos::select) hour: i64,
    pub(in crate::cos::select) minute: i64,
    pub(in crate::cos::select) second: i64,
    pub(in crate::cos::select) nanos: i64,
    /// How many digits there are behind the point of the second.
    digits: usize,
    /// The shortest part that is known.
    precision: Part,
    /// Minutes east of UTC, if that is known.
    pub(in crate::cos::select) offset: Option<i64>,
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day at their end.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of [`days`].
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Reads digits from the beginning of a text.
struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn number(&mut self, digits: usize, from: i64, to: i64) -> Option<i64> {
        let text = self.0.get(..digits)?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = self.0.get(digits..)?;
        let number = text.parse().ok()?;
        (from..=to).contains(&number).then_some(number)
    }

    fn passes(&mut self, mark: char) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }
}

impl Timestamp {
    /// The time `millis` after 1970, in UTC.
    pub(crate) fn of_millis(millis: i64) -> Self {
        let nanos = i128::from(millis) * 1_000_000;
        Self::at(nanos, Some(0), Part::Second, 3)
    }

    /// Reads a text in full.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader(text);
        let mut time = Self {
            year: reader.number(4, 1, 9_999)?,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanos: 0,
            digits: 0,
            precision: Part::Year,
            offset: None,
        };
        if reader.passes('-') {
            time.month = reader.number(2, 1, 12)?;
            time.precision = Part::Month;
            if reader.passes('-') {
                time.day = reader.number(2, 1, days_of_month(time.year, time.month))?;
                time.precision = Part::Day;
            }
        }
        let has_mark = reader.passes('T');
        if reader.0.is_empty() {
            // Only a date may go without it.
            return (has_mark || time.precision == Part::Day).then_some(time);
        }
        if !has_mark || time.precision != Part::Day {
            return None;
        }
        time.hour = reader.number(2, 0, 23)?;
        if !reader.passes(':') {
            return None;
        }
        time.minute = reader.number(2, 0, 59)?;
        time.precision = Part::Minute;
        if reader.passes(':') {
            time.second = reader.number(2, 0, 59)?;
            time.precision = Part::Second;
            if reader.passes('.') {
                time.fraction(&mut reader)?;
            }
        }
        time.offset = offset(&mut reader)?;
        // The documents' own samples end some with it.
        let _ = reader.passes('T');
        reader.0.is_empty().then_some(time)
    }

    /// Reads what is behind the point of a second, and keeps as much of it as it has place for.
    fn fraction(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let count = reader.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = reader.0.split_at_checked(count)?;
        reader.0 = rest;
        let kept = digits.get(..count.min(FINEST))?;
        self.digits = kept.len();
        self.nanos = format!("{kept:0<FINEST$}").parse().ok()?;
        (count > 0).then_some(())
    }

    /// Nanoseconds since 1970. What has no offset counts as UTC.
    pub(crate) fn instant(self) -> i128 {
        i128::from(self.local()) * i128::from(SECOND) + i128::from(self.nanos)
            - i128::from(self.offset.unwrap_or(0)) * 60 * i128::from(SECOND)
    }

    /// Seconds since 1970 by the local clock.
    fn local(self) -> i64 {
        let days = days(self.year, self.month, self.day);
        ((days * 24 + self.hour) * 60 + self.minute) * 60 + self.second
    }

    /// The point in time of a local clock that shows `nanos` since 1970.
    fn at(nanos: i128, offset: Option<i64>, precision: Part, digits: usize) -> Self {
        let seconds = i64::try_from(nanos.div_euclid(i128::from(SECOND))).unwrap_or_default();
        let nanos = i64::try_from(nanos.rem_euclid(i128::from(SECOND))).unwrap_or_default();
        let (year, month, day) = date(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        Self {
            year,
            month,
            day,
            hour: of_day / 3_600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            nanos,
            digits,
            precision,
            offset,
        }
    }

    /// The time that is `count` of `part` later; none outside of the years 1 to 9999.
    pub(crate) fn plus(self, part: Part, count: i64) -> Option<Self> {
        let moved = match part {
            Part::Year | Part::Month => {
                let months = match part {
                    Part::Year => count.checked_mul(12)?,
                    _ => count,
                };
                let all = (self.year * 12 + self.month - 1).checked_add(months)?;
                let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
                let day = self.day.min(days_of_month(year, month));
                let precision = self.precision.max(part);
                Self {
                    year,
                    month,
                    day,
                    precision,
                    ..self
                }
            }
            _ => {
                let seconds = match part {
                    Part::Day => 86_400,
                    Part::Hour => 3_600,
                    Part::Minute => 60,
                    _ => 1,
                };
                let seconds = self.local().checked_add(count.checked_mul(seconds)?)?;
                let nanos = i128::from(seconds) * i128::from(SECOND) + i128::from(self.nanos);
                // Hours are never shown without minutes.
                let least = if part == Part::Hour {
                    Part::Minute
                } else {
                    part
                };
                Self::at(nanos, self.offset, self.precision.max(least), self.digits)
            }
        };
        (1..=9_999).contains(&moved.year).then_some(moved)
    }

    /// How many whole `part` there are from this time to `later`.
    pub(crate) fn until(self, later: Self, part: Part) -> i64 {
        let unit = match part {
            Part::Year | Part::Month => {
                let months = self.months_until(later);
                return if part == Part::Year {
                    months / 12
                } else {
                    months
                };
            }
            Part::Day => 86_400,
            Part::Hour => 3_600,
            Part::Minute => 60,
            Part::Second => 1,
        };
        let nanos = later.instant() - self.instant();
        i64::try_from(nanos / i128::from(SECOND) / unit).unwrap_or_default()
    }

    fn months_until(self, later: Self) -> i64 {
        // The calendar of the first one decides which day it is at the other.
        let offset = self.offset.unwrap_or(0);
        let nanos = later.instant() + i128::from(offset) * 60 * i128::from(SECOND);
        let later = Self::at(nanos, self.offset, Part::Second, 0);
        let of_month = |it: Self| (it.day, it.hour, it.minute, it.second, it.nanos);
        let months = (later.year - self.year) * 12 + later.month - self.month;
        if months > 0 && of_month(later) < of_month(self) {
            months - 1
        } else if months < 0 && of_month(later) > of_month(self) {
            months + 1
        } else {
            months
        }
    }
}

/// Reads how far a clock is from UTC. Without it that is unknown.
#[expect(
    clippy::option_option,
    reason = "it cannot be read, or it can, and may be unknown"
)]
fn offset(reader: &mut Reader<'_>) -> Option<Option<i64>> {
    if reader.passes('Z') {
        return Some(Some(0));
    }
    let is_west = reader.passes('-');
    if !is_west && !reader.passes('+') {
        return Some(None);
    }
    let hours = reader.number(2, 0, 23)?;
    if !reader.passes(':') {
        return None;
    }
    let minutes = hours * 60 + reader.number(2, 0, 59)?;
    // The samples have one with both.
    let _ = reader.passes('Z');
    Some(match (is_west, minutes) {
        (true, 0) => None,
        (true, minutes) => Some(-minutes),
        (false, minutes) => Some(minutes),
    })
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.precision >= Part::Month {
            write!(f, "-{:02}", self.month)?;
        }
        if self.precision < Part::Day {
            return f.write_str("T");
        }
        write!(f, "-{:02}", self.day)?;
        if self.precision == Part::Day {
            return Ok(());
        }
        write!(f, "T{:02}:{:02}", self.hour, self.minute)?;
        if self.precision == Part::Second {
            write!(f, ":{:02}", self.second)?;
            if self.digits > 0 {
                let nanos = format!("{:0>FINEST$}", self.nanos);
                write!(f, ".{}", nanos.get(..self.digits).unwrap_or_default())?;
            }
        }
        match self.offset {
            Some(0) => f.write_str("Z"),
            None => f.write_str("-00:00"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Part, Timestamp, date, days};

    fn time(text: &str) -> Timestamp {
        Timestamp::read(text).unwrap()
    }

    #[test]
    fn a_time_is_as_exact_as_it_is_written() {
        for text in [
            "2007T",
            "2010-10T",
            "2010-01-01",
            "2007-04-05T14:30Z",
            "2007-02-23T12:14:33.079-08:00",
            "2017-01-01T01:00-00:00",
            "2017-01-02T03:04:05+07:08",
        ] {
            assert_eq!(time(text).to_string(), text);
        }
        assert_eq!(time("2010-01-01T").to_string(), "2010-01-01");
        assert_eq!(
            Timestamp::of_millis(-1).to_string(),
            "1969-12-31T23:59:59.999Z"
        );
        for text in [
            "",
            "2007",
            "2007-13T",
            "2010-02-30",
            "2010-10",
            "0000T",
            "2010-01-01T1:00Z",
            "2007T12:00Z",
            "2010-01-01T24:00Z",
            "2010-01-01T00:00:00.Z",
            "2010-01-01T00:00+24:00",
            "2010-01-01x",
            "é010T",
        ] {
            assert!(Timestamp::read(text).is_none(), "{text}");
        }
    }

    /// Against the functions that the rest of the cloud tells the time by.
    #[test]
    fn days_are_those_of_the_calendar() {
        for day in (-700_000..2_900_000).step_by(997) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
            if (1970..9_999).contains(&year) {
                let text = tcloud_core::time::format_iso_utc(day * 86_400);
                assert!(
                    text.starts_with(&format!("{year:04}-{month:02}-{of_month:02}T")),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn ends_of_months_and_of_time_are_met() {
        let later = |text, part, count| time(text).plus(part, count).map(|it| it.to_string());
        assert_eq!(
            later("2020-01-31", Part::Month, 1).as_deref(),
            Some("2020-02-29")
        );
        assert_eq!(
            later("2020-02-29", Part::Year, 1).as_deref(),
            Some("2021-02-28")
        );
        assert_eq!(later("9999-12-31", Part::Day, 1), None);
        assert_eq!(later("2020T", Part::Second, i64::MAX), None);
        assert_eq!(later("2020T", Part::Month, i64::MIN), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics(text in "[0-9TZ:.+é-]{0,30}", count in any::<i64>()) {
            if let Some(time) = Timestamp::read(&text) {
                for part in [Part::Year, Part::Month, Part::Day, Part::Hour, Part::Second] {
                    let _ = time.plus(part, count).map(|it| time.until(it, part));
                }
            }
        }
    }
}
