//! Lengths of texts in descriptions.

use super::numbers::{interval, leading_number};

/// Units of texts.
pub(super) const LETTERS: [&str; 12] = [
    "character",
    "byte",
    "letter",
    "in length",
    "chinese character",
    "个字符",
    "字符",
    "字节",
    "个字节",
    "个汉字",
    "位字符",
    "long",
];

/// The greatest length of a text that a description says.
pub(super) fn max_length(lower: &str) -> Option<u32> {
    let leads = [
        "length up to ",
        "up to ",
        "maximum length is ",
        "maximum length: ",
        "maximum length of ",
        "max length: ",
        "maximum of ",
        "length limit: ",
        "length of up to ",
        "length of ",
        "length is ",
        "length: ",
        "length range: ",
        "cannot exceed ",
        "must not exceed ",
        "not exceed ",
        "no more than ",
        "no longer than ",
        "not longer than ",
        "fewer than or equal to ",
        "within ",
        "at most ",
        "limited to ",
        "contain ",
        "长度不超过",
        "长度不能超过",
        "长度不得超过",
        "长度限制为",
        "长度限制在",
        "长度限制",
        "最大长度为",
        "最大长度",
        "长度最大为",
        "长度上限为",
        "长度上限",
        "长度范围为",
        "长度范围",
        "长度为",
        "长度",
        "限制长度为",
        "不超过",
        "不能超过",
        "不得超过",
        "最长",
        "最多",
        "上限为",
    ];
    let mut found: Vec<(usize, &str)> = leads
        .iter()
        .flat_map(|lead| lower.match_indices(lead).take(8))
        .collect();
    // The first, and of those that begin there the longest.
    found.sort_by_key(|(at, lead)| (*at, usize::MAX - lead.len()));
    found.into_iter().find_map(|(at, lead)| {
        let rest = lower.get(at + lead.len()..)?;
        let rest = rest.trim_start_matches([' ', ':', '为', '在', '是', '至']);
        // `1-64 characters` has its end behind it.
        let (number, after) = if let Some((range, after)) = interval(rest) {
            (range.ends[1]?, after)
        } else {
            let (number, len) = leading_number(rest)?;
            (number, rest.get(len..)?)
        };
        let unit = after.trim_start_matches([' ', '-', '个']);
        let counts =
            LETTERS.iter().any(|it| unit.starts_with(it)) || after.trim_start().starts_with("个字");
        let near = lower.get(..at)?.trim_end_matches([' ', ':', ',']);
        let about = lead.contains("length")
            || lead.contains("长度")
            || near.ends_with("length")
            || near.ends_with("长度");
        // What has another unit is no length of a text.
        let ends = unit.is_empty() || unit.starts_with(|c: char| !c.is_alphanumeric());
        if counts || about && ends {
            u32::try_from(number).ok().filter(|it| *it > 0)
        } else {
            None
        }
    })
}
