//! Numbers in descriptions, and two of them as the ends of a range.

/// A range as a document writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) ends: [Option<i64>; 2],
    /// Whether an end is not part of the range: `(0, 60]`.
    pub(super) open: [bool; 2],
}

impl Range {
    /// A range with its ends.
    pub(super) fn closed(ends: [Option<i64>; 2]) -> Self {
        Self {
            ends,
            open: [false; 2],
        }
    }

    /// Whether 0 is the end below and no part of the range, as is written of numbers that need not be
    /// whole: `(0, 60]`.
    pub(super) fn is_open(self) -> bool {
        self.open[0] && self.ends[0] == Some(0)
    }

    /// The least and the greatest whole number; `None` if there is none between the ends.
    pub(super) fn whole(self) -> Option<[Option<i64>; 2]> {
        let [low, high] = self.ends;
        let [above, below] = self.open.map(i64::from);
        let ends = [
            low.and_then(|low| low.checked_add(above)),
            high.and_then(|high| high.checked_sub(below)),
        ];
        match ends {
            [Some(low), Some(high)] if low > high => None,
            ends => Some(ends),
        }
    }
}

/// The whole number that a text begins with, and its length.
pub(super) fn leading_number(text: &str) -> Option<(i64, usize)> {
    let sign = usize::from(text.starts_with('-'));
    let digits = text.get(sign..)?;
    let end = digits
        .char_indices()
        .find(|(at, c)| {
            let comma = *c == ','
                && digits
                    .get(at + 1..at + 4)
                    .is_some_and(|group| group.bytes().all(|byte| byte.is_ascii_digit()))
                && !digits
                    .get(at + 4..)
                    .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
            !(c.is_ascii_digit() || comma)
        })
        .map_or(digits.len(), |(at, _)| at);
    let number: String = digits
        .get(..end)?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let number: i64 = number.parse().ok()?;
    // `1.5` is no whole number.
    let rest = digits.get(end..)?;
    if rest
        .strip_prefix('.')
        .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
    {
        return None;
    }
    Some((if sign == 1 { -number } else { number }, sign + end))
}

/// `[1, 100]`, `(0, 60]`, `[0 100]`, `1-100`, `1 to 100`, and what is behind it.
pub(super) fn interval(text: &str) -> Option<(Range, &str)> {
    let open = text.chars().next().filter(|c| matches!(c, '[' | '('));
    let rest = text.strip_prefix(['[', '(']).unwrap_or(text).trim_start();
    // Between brackets a comma parts the ends, and no thousands.
    let first = if open.is_some() {
        rest.split(',').next()?
    } else {
        rest
    };
    let (low, len) = leading_number(first)?;
    let rest = unit_off(rest.get(len..)?);
    let parted = rest.trim_start();
    let part = [
        "–", "—", "−", "-", "~", "to ", "至", "到", "、", ",", "and ",
    ]
    .into_iter()
    .find(|part| parted.starts_with(part));
    let rest = match part {
        // `0, 1, 2` is a list.
        Some("," | "、") if open.is_none() => return None,
        Some(part) => parted.get(part.len()..)?.trim_start(),
        // Between brackets a space is enough.
        None if open.is_some() && parted.len() < rest.len() => parted,
        None => return None,
    };
    let (high, len) = leading_number(rest)?;
    let rest = unit_off(rest.get(len..)?);
    let close = rest
        .trim_start()
        .chars()
        .next()
        .filter(|c| matches!(c, ']' | ')'));
    if open.is_some() && close.is_none() {
        return None;
    }
    let rest = if open.is_some() {
        rest.trim_start().get(1..)?
    } else {
        rest
    };
    // What is left of the number is a unit or the end, not more of a text such as `16k`.
    let more = rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        || rest
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if open.is_none() && more || low > high {
        return None;
    }
    let range = Range {
        ends: [Some(low), Some(high)],
        open: [open == Some('('), open.is_some() && close == Some(')')],
    };
    Some((range, rest))
}

/// A text without the unit that it begins with: `1px`, `300s`.
fn unit_off(text: &str) -> &str {
    ["ms", "px", "kbps", "fps", "hz", "s", "%"]
        .iter()
        .find_map(|unit| {
            let start = text.get(..unit.len())?;
            let rest = text.get(unit.len()..)?;
            (start.eq_ignore_ascii_case(unit)
                && !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
            .then_some(rest)
        })
        .unwrap_or(text)
}
