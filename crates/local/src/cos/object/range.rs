//! The `Range` header.

use crate::store::ByteRange;

/// The part of the object a `Range` header asks for. Anything but one range of bytes is as if the
/// header was not there, as HTTP wants it.
pub(in crate::cos) fn parse(header: &str) -> Option<ByteRange> {
    let (unit, range) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", last) => Some(ByteRange::Last(number(last)?)),
        (first, "") => Some(ByteRange::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(ByteRange::Between(first, last))
        }
    }
}

/// A number of digits only; one that is too large is past the end of every object.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::store::ByteRange::{Between, From, Last};

    #[test]
    fn one_range_of_bytes() {
        assert_eq!(parse("bytes=0-9"), Some(Between(0, 9)));
        assert_eq!(parse("Bytes = 5 - 5"), Some(Between(5, 5)));
        assert_eq!(parse("bytes=7-"), Some(From(7)));
        assert_eq!(parse("bytes=-3"), Some(Last(3)));
        assert_eq!(
            parse("bytes=0-99999999999999999999"),
            Some(Between(0, u64::MAX))
        );
    }

    #[test]
    fn anything_else_is_ignored() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=a-b",
        ] {
            assert_eq!(parse(header), None, "{header}");
        }
    }
}
