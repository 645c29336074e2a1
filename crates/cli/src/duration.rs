//! Times on the command line.

use std::time::Duration;

/// A time such as `90s`, `30m`, `12h` or `7d`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let refuse = || "write it as 90s, 30m, 12h or 7d".to_owned();
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let seconds = match text.strip_prefix(digits) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 3_600,
        Some("d") => 86_400,
        _ => return Err(refuse()),
    };
    let number: u32 = digits.parse().map_err(|_| refuse())?;
    match u64::from(number) * seconds {
        0 => Err(refuse()),
        seconds => Ok(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_are_read() {
        for (text, seconds) in [("90s", 90), ("2m", 120), ("1h", 3_600), ("7d", 604_800)] {
            assert_eq!(parse(text).unwrap().as_secs(), seconds, "{text}");
        }
        for text in [
            "",
            "s",
            "45",
            "0",
            "0h",
            "1w",
            "1hs",
            "-1h",
            "1.5h",
            "99999999999d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
