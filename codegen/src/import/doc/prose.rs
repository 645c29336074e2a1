//! What descriptions say of values: words, ranges, lengths, defaults. What is not said plainly is
//! not read.

use super::lists::{list, words};
use super::ranges::{max_length, range};
use super::text::{NO_VALUES, behind, first_word, is_word, last_word, plain};
use super::vocabulary::is_none;

/// What a description says of a row's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) default: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) range: Option<[Option<i64>; 2]>,
    pub(super) max_length: Option<u32>,
}

/// Reads the description of a row and the cell that says what is allowed.
pub(super) fn read(description: &str, limits: &str) -> Told {
    let texts = [description, limits].map(plain);
    let mut told = Told::default();
    for text in &texts {
        let lower = text.to_ascii_lowercase();
        told.default = told.default.or_else(|| default(text, &lower));
        told.max_length = told.max_length.or_else(|| max_length(&lower));
        if told.values.is_empty() {
            told.values = words(text, &lower);
        }
        if told.range.is_none() && told.max_length.is_none() {
            told.range = range(text, &lower);
        }
    }
    if let [_, limits] = &texts
        && told.values.is_empty()
        && told.range.is_none()
    {
        // A cell of its own needs no words around the list.
        told.values = list(limits);
    }
    told
}

/// A cell of the column of defaults.
pub(super) fn default_cell(cell: &str) -> Option<String> {
    if is_none(cell) {
        return None;
    }
    let text = plain(cell);
    let text = text.trim().trim_end_matches(['.', '。']);
    let word = text.trim_matches(['`', '"', '\'', ' ']);
    is_word(word).then(|| word.to_owned())
}

fn default(text: &str, lower: &str) -> Option<String> {
    let leads = [
        "default value is ",
        "default value: ",
        "default value:",
        "default value `",
        "default values: ",
        "defaults to ",
        "default is ",
        "default: ",
        "default:",
        "默认值为",
        "默认值是",
        "默认值:",
        "默认值 ",
        "默认为",
        "默认是",
        "默认:",
        "default value of ",
        "默认值",
        "缺省值为",
        "缺省为",
        "默认",
    ];
    let marks = [
        " (default value)",
        "(default value)",
        " (default)",
        "(default)",
        " (by default)",
        " (默认)",
        "(默认)",
        "(默认值)",
        " (默认值)",
        " as the default",
        ", default)",
        "(缺省)",
        " is the default",
    ];
    for mark in marks {
        if let Some(at) = lower.find(mark)
            && let Some(word) = text.get(..at).and_then(last_word)
            && !NO_VALUES.contains(&word.to_ascii_lowercase().as_str())
        {
            return Some(word.to_owned());
        }
    }
    let rest = behind(text, lower, &leads)?;
    let rest = if lower.contains("default value `") && !rest.starts_with('`') && rest.contains('`')
    {
        rest.split('`').next()?
    } else {
        rest
    };
    let word = first_word(rest)?;
    (!NO_VALUES.contains(&word.to_ascii_lowercase().as_str())).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Told {
        read(text, "")
    }

    #[test]
    fn words_of_lists() {
        for (text, words) in [
            ("Colour. Valid values: `Red`, `Blue`.", &["Red", "Blue"][..]),
            (
                "Either Red or Blue, with Red as the default.",
                &["Red", "Blue"],
            ),
            (
                "颜色，取值为 Red、Blue、Green 其中一个",
                &["Red", "Blue", "Green"],
            ),
            (
                "Colour\nRed: like fire\nBlue: like the sea",
                &["Red", "Blue"],
            ),
            (
                "Colour. Valid values: Red (default), Blue",
                &["Red", "Blue"],
            ),
            ("Which can be `Red` (default) or `Blue`.", &["Red", "Blue"]),
            ("Values: true/false. Default is false.", &["true", "false"]),
            ("0: off; 1: on", &[]),
            ("The colour of the house, e.g. Red, Blue.", &[]),
        ] {
            assert_eq!(told(text).values, words, "{text}");
        }
    }

    #[test]
    fn defaults() {
        for (text, word) in [
            ("Page. Default value: `1`.", Some("1")),
            ("`Desc` (default) or `Asc`", Some("Desc")),
            ("默认值为10", Some("10")),
            ("Either Url or Tdmq, with Url as the default.", Some("Url")),
            ("The default is the colour of the wall.", None),
            ("Defaults to 25.", Some("25")),
        ] {
            assert_eq!(told(text).default.as_deref(), word, "{text}");
        }
    }

    #[test]
    fn ranges_and_lengths() {
        for (text, range) in [
            ("值范围：[8，1000]", Some([Some(8), Some(1000)])),
            ("值范围：(0，60]", Some([Some(1), Some(60)])),
            ("The maximum value is 100.", Some([None, Some(100)])),
            (
                "an integer greater than 0 and less than or equal to 100",
                Some([Some(1), Some(100)]),
            ),
            ("Value range: 0–100.", Some([Some(0), Some(100)])),
            ("Range: 0, 1, 2.", None),
        ] {
            assert_eq!(told(text).range, range, "{text}");
        }
        assert_eq!(told("printable, length up to 1024.").max_length, Some(1024));
        assert_eq!(
            told("codes of up to 1,024 in length").max_length,
            Some(1024)
        );
        assert_eq!(told("长度不超过 128 个字符").max_length, Some(128));
        assert_eq!(told("Up to three of them").max_length, None);
        assert_eq!(told("Up to 5 MB").max_length, None);
    }
}
