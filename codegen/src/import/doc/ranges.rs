//! Ranges in descriptions.

use super::clauses::{clauses, is_conditional};
use super::lengths::LETTERS;
use super::numbers::{Range, interval, leading_number};
use super::text::behind;

/// The range that a description says. Of a number, and in a cell of what is allowed, it is also one if
/// no word announces it.
pub(super) fn range(text: &str, lower: &str, number: bool, cell: bool) -> Option<Range> {
    let leads = [
        "value range: ",
        "value range:",
        "value range is ",
        "value range",
        "valid range: ",
        "valid values: ",
        "range: ",
        "range:",
        "range is ",
        "range of ",
        "ranges from ",
        "range from ",
        "within the range of ",
        "in the range of ",
        "an integer from ",
        "integer between ",
        "between ",
        "值范围:",
        "取值范围",
        "取值区间",
        "区间为",
        "取值为",
        "取值:",
        "取值从",
        "范围为",
        "范围:",
        "范围是",
        "范围在",
        "介于",
    ];
    // What depends on something is no range of the row, nor is one of several.
    let mut found: Option<Range> = None;
    for clause in clauses(text) {
        if is_conditional(clause) {
            continue;
        }
        let lower = clause.to_ascii_lowercase();
        let own = behind(clause, &lower, &leads)
            .and_then(|rest| {
                let rest = rest.trim_start_matches([':', ' ', '为', '在', '是', '`']);
                value_interval(rest)
            })
            .or_else(|| (number || cell).then(|| bracketed(clause)).flatten())
            .or_else(|| cell.then(|| value_interval(clause)).flatten());
        match (own, found) {
            (Some(own), Some(found)) if own != found => return None,
            (Some(own), _) if !is_of_length(&lower) => found = Some(own),
            _ => {}
        }
    }
    if found.is_none() && several(text, lower) {
        return None;
    }
    found.or_else(|| bounds(text, number))
}

/// Whether conditions have ranges of their own.
fn several(text: &str, lower: &str) -> bool {
    let marks = ["值范围", "value range"];
    marks.iter().any(|mark| lower.contains(mark)) && clauses(text).any(is_conditional)
}

fn is_of_length(lower: &str) -> bool {
    lower.contains("length") || lower.contains("长度") || lower.contains("character")
}

/// An interval between brackets, wherever it is.
fn bracketed(clause: &str) -> Option<Range> {
    clause
        .char_indices()
        .filter(|(_, c)| matches!(c, '[' | '('))
        .take(8)
        .find_map(|(at, _)| {
            let (range, rest) = interval(clause.get(at..)?)?;
            let ends = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
            // `(1, 2)` is as likely a list.
            (ends && range.open != [true; 2]).then_some(range)
        })
}

/// An interval of values, not of lengths or of sizes.
fn value_interval(text: &str) -> Option<Range> {
    let (range, rest) = interval(text)?;
    let rest = rest.trim_start().to_ascii_lowercase();
    let counted = LETTERS.iter().any(|unit| rest.starts_with(unit));
    (!counted).then_some(range)
}

/// What stands before the greatest number.
const AT_MOST: [&str; 22] = [
    "maximum value is",
    "maximum value:",
    "max value is",
    "maximum value of",
    "maximum is",
    "maximum:",
    "less than or equal to",
    "小于等于",
    "小于或等于",
    "最大值为",
    "最大值是",
    "最大值:",
    "最大值",
    "不大于",
    "not greater than",
    "no greater than",
    "not be greater than",
    "最大为",
    "最大支持",
    "maximum value",
    "≤",
    "<=",
];

/// What stands before the least number.
const AT_LEAST: [&str; 17] = [
    "minimum value is",
    "minimum value:",
    "minimum is",
    "greater than or equal to",
    "大于等于",
    "大于或等于",
    "最小值为",
    "最小值是",
    "最小值:",
    "最小值",
    "不小于",
    "not less than",
    "no less than",
    "最小为",
    "minimum value",
    "≥",
    ">=",
];

/// What a number counts that is no bound of a value: things, sizes, products.
const COUNTED: [&str; 23] = [
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
    "个",
    "次",
    "张",
    "条",
    "tag",
    "object",
    "rule",
    "time",
    "万",
    "亿",
    "x",
    "*",
    "×",
];

/// `The maximum value is 100`, `greater than 0 and less than or equal to 100`. Of a number also `up
/// to 100`.
fn bounds(text: &str, number: bool) -> Option<Range> {
    let lower: String = clauses(text)
        .filter(|clause| !is_conditional(clause))
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("\n");
    let find = |leads: &[&str]| -> Option<i64> {
        leads.iter().find_map(|lead| {
            lower.match_indices(lead).take(4).find_map(|(at, _)| {
                let rest = lower
                    .get(at + lead.len()..)?
                    .trim_start_matches([' ', ':', '`', '为', '是']);
                let (number, len) = leading_number(rest)?;
                let behind = rest.get(len..)?.trim_start();
                let counted = COUNTED.iter().any(|unit| behind.starts_with(unit));
                (!counted).then_some(number)
            })
        })
    };
    let high = find(&AT_MOST).or_else(|| {
        let loose = [
            "up to",
            "at most",
            "no more than",
            "not exceed",
            "不超过",
            "不能超过",
            "不得超过",
            "最多",
            "上限为",
        ];
        number.then(|| find(&loose)).flatten()
    });
    let below = high
        .is_none()
        .then(|| find(&["less than ", "小于"]))
        .flatten();
    let low = find(&AT_LEAST).or_else(|| {
        let loose = ["at least"];
        number.then(|| find(&loose)).flatten()
    });
    let above = low
        .is_none()
        .then(|| find(&["greater than ", "大于"]))
        .flatten();
    let positive = ["non-negative integer", "nonnegative integer", "非负整数"]
        .iter()
        .find(|word| lower.contains(*word))
        .map(|_| 0)
        .or_else(|| {
            ["positive integer", "正整数"]
                .iter()
                .find(|word| lower.contains(*word))
                .map(|_| 1)
        });
    let (first, last) = (low.or(above), high.or(below));
    if first.is_none() && last.is_none() {
        return positive.map(|low| Range::closed([Some(low), None]));
    }
    if first.zip(last).is_some_and(|(low, high)| low > high) {
        return None;
    }
    if first.is_none()
        && let Some(low) = positive
    {
        return Some(Range::closed([Some(low), last]));
    }
    let range = Range {
        ends: [first, last],
        open: [
            low.is_none() && above.is_some(),
            high.is_none() && below.is_some(),
        ],
    };
    if lower.contains("integer") || lower.contains("整数") {
        return range.whole().map(Range::closed);
    }
    Some(range)
}
