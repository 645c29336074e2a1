//! What the words of documents mean: headings, columns, and the content of cells.

use super::terms::{COLUMNS, SECTIONS};
pub(super) use super::terms::{Column, Section};

/// A text as the tables of words have it: half width, lower case, no marks, no white space that
/// shows nothing.
pub(super) fn plain(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        let c = half(c);
        match c {
            '*' | '`' | '#' | '_' => {}
            c if c.is_whitespace() => {
                if !result.ends_with(' ') {
                    result.push(' ');
                }
            }
            '(' if !result.ends_with(' ') => result.push_str(" ("),
            c => result.extend(c.to_lowercase()),
        }
    }
    result
        .trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, ':' | '.' | '。' | ',' | ';' | '-')
        })
        .to_owned()
}

/// The half-width form of a character, where documents use the full-width one.
pub(super) fn half(c: char) -> char {
    match c {
        '（' => '(',
        '）' => ')',
        '：' => ':',
        '，' => ',',
        '；' => ';',
        '？' => '?',
        '！' => '!',
        '［' | '【' => '[',
        '］' | '】' => ']',
        '．' => '.',
        '～' => '~',
        '\u{3000}' | '\u{a0}' => ' ',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        c => c,
    }
}

/// The column that a head announces.
pub(super) fn column(head: &str) -> Option<Column> {
    let head = plain(head);
    let find = |text: &str| {
        let known = COLUMNS.iter().find(|(_, words)| words.contains(&text));
        known.map(|(column, _)| *column)
    };
    // What is in parentheses or behind a slash explains.
    find(&head).or_else(|| {
        let before = head
            .split([' ', '/'])
            .next()
            .filter(|_| head.contains(['(', '/']));
        find(head.split(" (").next().unwrap_or_default().trim()).or_else(|| find(before?))
    })
}

/// What a heading announces.
pub(super) fn section(heading: &str) -> Option<Section> {
    let text = unnumbered(&plain(heading)).to_owned();
    let find = |text: &str| {
        let known = SECTIONS.iter().find(|(_, words)| words.contains(&text));
        known.map(|(section, _)| *section)
    };
    if let Some(found) = find(&text) {
        return Some(found);
    }
    if let Some(found) = find(text.split([':', '(']).next().unwrap_or_default().trim()) {
        return Some(found);
    }
    // `Case 1: …`, `Example 2`, `示例一`, `案例2`.
    let numbered = [
        "case ",
        "example ",
        "sample ",
        "use case ",
        "示例",
        "案例",
        "实际案例",
        "场景",
    ];
    let is_number = |rest: &str| {
        let first = rest.trim_start().chars().next();
        first.is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(c))
    };
    if numbered
        .iter()
        .any(|word| text.strip_prefix(word).is_some_and(is_number))
    {
        return Some(Section::Cases);
    }
    None
}

/// A heading without its number: `1. Request`, `（1）请求`, `一、请求`.
fn unnumbered(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| {
        c.is_ascii_digit() || "().、 一二三四五六七八九十".contains(c)
    });
    if rest.is_empty() { text } else { rest }
}

/// Whether a cell says that there is nothing.
pub(super) fn is_none(cell: &str) -> bool {
    matches!(
        plain(cell).as_str(),
        "" | "none"
            | "no"
            | "null"
            | "n/a"
            | "na"
            | "nil"
            | "/"
            | "\\"
            | "--"
            | "—"
            | "——"
            | "无"
            | "暂无"
            | "没有"
            | "空"
            | "root"
            | "not applicable"
            | "nothing"
            | "no parent"
            | "无默认值"
            | "no default value"
            | "none (root)"
            | "根节点"
            | "无父节点"
            | "undefined"
    )
}

/// What a cell says of being required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Required {
    Yes,
    No,
    /// It depends on something.
    Depends,
}

/// Reads a cell of the column that says what is required.
pub(super) fn required(cell: &str) -> Option<Required> {
    let text = plain(cell);
    let yes = [
        "yes",
        "y",
        "true",
        "required",
        "是",
        "必选",
        "必填",
        "必须",
        "mandatory",
        "必传",
        "√",
        "✓",
        "必需",
        "1",
        "must",
    ];
    let no = [
        "no",
        "n",
        "false",
        "optional",
        "否",
        "可选",
        "选填",
        "非必选",
        "非必填",
        "not required",
        "不必选",
        "非必须",
        "×",
        "0",
        "不是",
        "no (optional)",
        "非必传",
        "可选填",
        "none",
        "无",
    ];
    if yes.contains(&text.as_str()) {
        return Some(Required::Yes);
    }
    if no.contains(&text.as_str()) {
        return Some(Required::No);
    }
    let depends = [
        "conditional",
        "conditionally",
        "depends",
        "视情况",
        "条件",
        "特定",
        "有条件",
        "yes/no",
        "是/否",
        "either",
        "二选一",
        "其中",
    ];
    if depends.iter().any(|word| text.starts_with(word)) {
        return Some(Required::Depends);
    }
    // `当…时，必选`, `required if …`.
    let condition = ["当", "若", "如", "if ", "when ", "only ", "仅"]
        .iter()
        .any(|word| text.starts_with(word));
    let asks = [
        "必选",
        "必填",
        "必传",
        "必须",
        "required",
        "mandatory",
        "yes",
        "是",
    ]
    .iter()
    .any(|word| text.contains(word));
    if condition && asks {
        return Some(Required::Depends);
    }
    // `Yes if …`, `否（…）`, `是，当…`.
    let first = text
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ',' | ';' | ':' | '/' | '.'))
        .next()
        .unwrap_or_default();
    if yes.contains(&first) && first != "1" || text.starts_with('是') {
        return Some(Required::Depends);
    }
    if no.contains(&first) && first != "0" && first != "none" || text.starts_with('否') {
        return Some(Required::No);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_both_languages() {
        assert_eq!(column("节点名称（关键字）"), Some(Column::Name));
        assert_eq!(column("**Node Name (Keyword)**"), Some(Column::Name));
        assert_eq!(column("是否必选"), Some(Column::Required));
        assert_eq!(column("Required (Yes/No)"), Some(Column::Required));
        assert_eq!(column("HTTP 状态码"), Some(Column::Status));
        assert_eq!(column("11025"), None);
    }

    #[test]
    fn sections_with_and_without_numbers() {
        assert_eq!(section("2. Request Headers"), Some(Section::Headers));
        assert_eq!(section("一、请求"), Some(Section::Request));
        assert_eq!(section("Case 1: two of them"), Some(Section::Cases));
        assert_eq!(section("示例一：简单"), Some(Section::Cases));
        assert_eq!(section("Request:"), Some(Section::Request));
        assert_eq!(section("Something"), None);
    }

    #[test]
    fn what_is_required() {
        assert_eq!(required("是"), Some(Required::Yes));
        assert_eq!(required("Optional"), Some(Required::No));
        assert_eq!(required("Yes (if Type is Url)"), Some(Required::Depends));
        assert_eq!(required("否（二选一）"), Some(Required::No));
        assert_eq!(
            required("当 Type 指定为 Group 时，必选"),
            Some(Required::Depends)
        );
        assert_eq!(required("blue"), None);
    }
}
