//! `TO_STRING`: points in time by a pattern of letters.

use super::timestamp::Timestamp;
use crate::cos::select::failure::{Failure, shortened};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `time` as `pattern` says. Letters stand for its parts, what is between quotes for itself, and a quote
/// in it is doubled.
///
/// # Errors
///
/// The pattern has letters that stand for nothing, or a quote that does not end.
pub(crate) fn formatted(time: Timestamp, pattern: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let mut rest = pattern.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter == '\'' {
            quoted(&mut rest, &mut text).ok_or_else(|| {
                let message = format!(
                    "the pattern {} has a quote without an end",
                    shortened(pattern)
                );
                Failure::new("EvaluatorUnterminatedTimestampFormatPatternToken", message)
            })?;
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            text.push(letter);
            continue;
        }
        let mut count = 1_usize;
        while rest.next_if_eq(&letter).is_some() {
            count += 1;
        }
        let part = part(time, letter, count).ok_or_else(|| {
            let message = format!(
                "the pattern {} has {}, which stands for nothing",
                shortened(pattern),
                shortened(&letter.to_string().repeat(count.min(60)))
            );
            Failure::new("EvaluatorInvalidTimestampFormatPattern", message)
        })?;
        text.push_str(&part);
    }
    Ok(text)
}

/// Takes what is between quotes.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, text: &mut String) -> Option<()> {
    if rest.next_if_eq(&'\'').is_some() {
        text.push('\'');
        return Some(());
    }
    loop {
        match rest.next()? {
            '\'' if rest.next_if_eq(&'\'').is_none() => return Some(()),
            letter => text.push(letter),
        }
    }
}

/// What `count` times `letter` stand for.
fn part(time: Timestamp, letter: char, count: usize) -> Option<String> {
    let padded = |number: i64| match count {
        1 => Some(number.to_string()),
        2 => Some(format!("{number:02}")),
        _ => None,
    };
    let month = || MONTHS.get(usize::try_from(time.month).ok()?.checked_sub(1)?);
    match (letter, count) {
        ('y', 1) => Some(time.year.to_string()),
        ('y', 2) => Some(format!("{:02}", time.year % 100)),
        ('y', 4) => Some(format!("{:04}", time.year)),
        ('M', 3) => month()?.get(..3).map(str::to_owned),
        ('M', 4) => month().map(|name| (*name).to_owned()),
        ('M', 5) => month()?.get(..1).map(str::to_owned),
        ('M', _) => padded(time.month),
        ('d', _) => padded(time.day),
        ('a', 1) => Some(if time.hour < 12 { "AM" } else { "PM" }.to_owned()),
        ('h', _) => padded((time.hour + 11) % 12 + 1),
        ('H', _) => padded(time.hour),
        ('m', _) => padded(time.minute),
        ('s', _) => padded(time.second),
        ('S', 1..=9) => format!("{:09}", time.nanos).get(..count).map(str::to_owned),
        ('n', 1) => Some(time.nanos.to_string()),
        ('X', _) if time.offset.unwrap_or(0) == 0 && count <= 5 => Some("Z".to_owned()),
        ('X' | 'x', _) => offset(time.offset.unwrap_or(0), count),
        _ => None,
    }
}

/// How far a clock is from UTC, in one of the ways to write it.
fn offset(minutes: i64, count: usize) -> Option<String> {
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    match count {
        1 if minutes == 0 => Some(format!("{sign}{hours:02}")),
        1 | 2 | 4 => Some(format!("{sign}{hours:02}{minutes:02}")),
        3 | 5 => Some(format!("{sign}{hours:02}:{minutes:02}")),
        _ => None,
    }
}
