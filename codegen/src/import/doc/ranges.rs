//! Ranges and lengths in descriptions.

use super::text::behind;

pub(super) fn max_length(lower: &str) -> Option<u32> {
    let units = [
        "character",
        "byte",
        "in length",
        "个字符",
        "字符",
        "字节",
        "个字节",
        "long",
        "letters",
        "长度",
    ];
    let leads = [
        "length up to ",
        "up to ",
        "maximum length is ",
        "maximum length: ",
        "maximum length of ",
        "length limit: ",
        "length of up to ",
        "cannot exceed ",
        "no more than ",
        "within ",
        "not exceed ",
        "at most ",
        "长度不超过",
        "长度限制为",
        "长度限制",
        "最大长度为",
        "最大长度",
        "不超过",
        "最长",
        "最多",
        "限制长度为",
        "长度为",
        "limited to ",
        "length: ",
        "上限为",
        "长度限制在",
        "长度最大为",
    ];
    for lead in leads {
        let Some(at) = lower.find(lead) else { continue };
        let rest = lower
            .get(at + lead.len()..)?
            .trim_start_matches([' ', ':', '为']);
        let (number, len) = leading_number(rest)?;
        let after: String = rest.get(len..)?.chars().take(24).collect();
        let about = lead.contains("length") || lead.contains("长");
        let unit = after.trim_start();
        let follows = units.iter().any(|it| unit.starts_with(it));
        let near = lower.get(..at).unwrap_or_default().trim_end();
        let named = near.ends_with("length") || near.ends_with("长度");
        // `up to 1024 bytes` may be the size of a file: only lengths of texts are meant.
        let sizes = [
            "kb",
            "mb",
            "gb",
            "k ",
            "m ",
            "g ",
            "days",
            "天",
            "个对象",
            "objects",
        ];
        if sizes.iter().any(|it| unit.starts_with(it)) {
            return None;
        }
        if about || follows || named {
            return u32::try_from(number).ok().filter(|it| *it > 0);
        }
    }
    None
}

/// The whole number that a text begins with, and its length.
fn leading_number(text: &str) -> Option<(i64, usize)> {
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

pub(super) fn range(text: &str, lower: &str) -> Option<[Option<i64>; 2]> {
    let leads = [
        "value range: ",
        "value range:",
        "value range is ",
        "range: ",
        "range:",
        "值范围:",
        "取值范围:",
        "取值范围为",
        "取值范围是",
        "取值范围",
        "取值为",
        "范围为",
        "范围:",
        "范围是",
        "valid range: ",
        "ranges from ",
        "range from ",
        "value range",
        "range is ",
        "within the range of ",
        "in the range of ",
        "取值区间",
        "区间为",
        "range of ",
        "取值:",
    ];
    if let Some(rest) = behind(text, lower, &leads) {
        let rest = rest.trim_start_matches([':', ' ', '为', '在', '是', '`']);
        if let Some(found) = interval(rest) {
            return Some(found);
        }
    }
    bounds(lower)
}

/// `[1, 100]`, `(0, 60]`, `1-100`, `1 to 100`.
fn interval(text: &str) -> Option<[Option<i64>; 2]> {
    let open = text.chars().next().filter(|c| matches!(c, '[' | '('));
    let rest = text.strip_prefix(['[', '(']).unwrap_or(text).trim_start();
    // Between brackets a comma parts the ends, and no thousands.
    let first = if open.is_some() {
        rest.split(',').next()?
    } else {
        rest
    };
    let (low, len) = leading_number(first)?;
    let rest = rest.get(len..)?.trim_start();
    let part = ["–", "—", "−", "-", "~", "to ", "至", "到", ",", "and "]
        .into_iter()
        .find(|part| rest.starts_with(part))?;
    // `0, 1, 2` is a list.
    if part == "," && open.is_none() {
        return None;
    }
    let rest = rest.get(part.len()..)?.trim_start();
    let (high, len) = leading_number(rest)?;
    let close = rest
        .get(len..)?
        .trim_start()
        .chars()
        .next()
        .filter(|c| matches!(c, ']' | ')'));
    if open.is_some() != close.is_some() && open.is_some() {
        return None;
    }
    // What is left of the number is a unit or the end, not more of a text such as `16k`.
    let behind = rest.get(len..)?;
    let more = behind.starts_with(|c: char| c.is_ascii_alphanumeric())
        || behind
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if open.is_none() && more {
        return None;
    }
    let low = if open == Some('(') {
        low.checked_add(1)?
    } else {
        low
    };
    let high = if close == Some(')') && open.is_some() {
        high.checked_sub(1)?
    } else {
        high
    };
    (low <= high).then_some([Some(low), Some(high)])
}

/// `The maximum value is 100`, `greater than 0 and less than or equal to 100`.
fn bounds(lower: &str) -> Option<[Option<i64>; 2]> {
    let number = |leads: &[&str]| -> Option<i64> {
        leads.iter().find_map(|lead| {
            let at = lower.find(lead)?;
            let rest = lower
                .get(at + lead.len()..)?
                .trim_start_matches([' ', ':', '`', '为', '是']);
            let (number, len) = leading_number(rest)?;
            let behind = rest.get(len..)?.trim_start();
            let counted = [
                "character",
                "byte",
                "kb",
                "mb",
                "gb",
                "字",
                "k",
                "m",
                "g",
                "%",
            ];
            (!counted.iter().any(|unit| behind.starts_with(unit))).then_some(number)
        })
    };
    let high = number(&[
        "maximum value is",
        "maximum value:",
        "max value is",
        "maximum value of",
        "maximum is",
        "maximum:",
        "less than or equal to",
        "小于等于",
        "最大值为",
        "最大值:",
        "最大值",
        "不大于",
        "not greater than",
        "no greater than",
        "最大为",
        "maximum value",
    ])
    .or_else(|| number(&["less than ", "小于"]).and_then(|it| it.checked_sub(1)));
    let low = number(&[
        "minimum value is",
        "minimum value:",
        "minimum is",
        "greater than or equal to",
        "大于等于",
        "最小值为",
        "最小值:",
        "最小值",
        "不小于",
        "not less than",
        "no less than",
        "最小为",
        "minimum value",
    ])
    .or_else(|| number(&["greater than ", "大于"]).and_then(|it| it.checked_add(1)));
    match (low, high) {
        (None, None) => None,
        (Some(low), Some(high)) if low > high => None,
        found => Some(found.into()),
    }
}
