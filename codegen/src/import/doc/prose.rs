//! What descriptions say of values: words, ranges, lengths, defaults. What is not said plainly is
//! not read.

use super::clauses::{begins_with_condition, clauses};
use super::lengths::max_length;
use super::lists::{cell_words, meanings, words};
use super::numbers::{Range, leading_number};
use super::ranges::range;
use super::text::{NO_VALUES, behind, first_word, is_word, last_word, plain};
use super::vocabulary::is_none;

/// What a description says of a row's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) default: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) range: Option<Range>,
    /// Its numbers may have decimals.
    pub(super) real: bool,
    pub(super) max_length: Option<u32>,
}

/// Reads the description of a row and the cell that says what is allowed; of a number more is
/// plain than of a text.
pub(super) fn read(description: &str, limits: &str, number: bool) -> Told {
    let texts = [description, limits].map(plain);
    let mut told = Told::default();
    for (index, text) in texts.iter().enumerate() {
        let lower = text.to_ascii_lowercase();
        told.real |= ["float", "decimal", "浮点", "小数"]
            .iter()
            .any(|word| lower.contains(word));
        told.default = told.default.or_else(|| default(text, &lower));
        told.max_length = told
            .max_length
            .or_else(|| (!number).then(|| max_length(&lower)).flatten());
        if told.values.is_empty() {
            told.values = words(text, &lower);
        }
        if told.range.is_none() && told.max_length.is_none() {
            // A cell of its own needs no words around an interval, or around a list.
            told.range = range(text, &lower, number, index == 1);
        }
    }
    if let [description, limits] = &texts
        && told.range.is_none()
    {
        // A list of lines in a cell of its own is the whole one.
        let own = cell_words(limits);
        if told.values.len() < own.len() {
            told.values = own;
        }
        if told.values.is_empty() && number {
            told.values = meanings(description);
        }
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
    // What holds in some cases only is not taken if nothing is said.
    if clauses(text).any(begins_with_condition) {
        let plain: Vec<&str> = clauses(text)
            .filter(|clause| !begins_with_condition(clause))
            .collect();
        let text = plain.join("\n");
        return default_of(&text, &text.to_ascii_lowercase());
    }
    default_of(text, lower)
}

fn default_of(text: &str, lower: &str) -> Option<String> {
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
    // `1,000` is one number; of two that a comma parts the second has not three digits.
    if word.bytes().all(|byte| byte.is_ascii_digit())
        && let Some((number, _)) = leading_number(rest.trim_start_matches([' ', ':', '=', '`']))
    {
        return Some(number.to_string());
    }
    (!NO_VALUES.contains(&word.to_ascii_lowercase().as_str())).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Told {
        read(text, "", false)
    }

    fn whole(text: &str, number: bool) -> Option<[Option<i64>; 2]> {
        read(text, "", number).range.and_then(Range::whole)
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
    fn ranges() {
        for (text, range) in [
            ("值范围：[8，1000]", Some([Some(8), Some(1000)])),
            ("值范围：(0，60]", Some([Some(1), Some(60)])),
            ("值范围：[0 100]，单位%", Some([Some(0), Some(100)])),
            (
                "取值范围为[0-100]。值越高概率越大。",
                Some([Some(0), Some(100)]),
            ),
            (
                "取值范围是 -10 到 10，不填代表 0。",
                Some([Some(-10), Some(10)]),
            ),
            ("The maximum value is 100.", Some([None, Some(100)])),
            (
                "an integer greater than 0 and less than or equal to 100",
                Some([Some(1), Some(100)]),
            ),
            ("Value range: 0–100.", Some([Some(0), Some(100)])),
            ("Value range: 1ms - 300ms", Some([Some(1), Some(300)])),
            ("This should be a positive integer.", Some([Some(1), None])),
            (
                "a non-negative integer. The maximum value is 3650 (days).",
                Some([Some(0), Some(3650)]),
            ),
            ("≥ 1", Some([Some(1), None])),
            ("Range: 0, 1, 2.", None),
            // Lengths are no values.
            ("Length range: 1-64.", None),
            // What depends on something is no range of the row.
            ("When `Mode` is `Fixed`, value range: [128, 4096].", None),
            (
                "当 Mode 为 Percent，值范围：[0 100]\n当 Mode 为 Fixed，值范围：[128，4096]",
                None,
            ),
        ] {
            assert_eq!(whole(text, false), range, "{text}");
        }
        // Without a word that announces it, an interval is only one of a number.
        for (text, range) in [
            (
                "Width and height in [1, 4096] pixels.",
                [Some(1), Some(4096)],
            ),
            ("单页数量，不超过 1000", [None, Some(1000)]),
            ("Days, up to 3650.", [None, Some(3650)]),
        ] {
            assert_eq!(whole(text, true), Some(range), "{text}");
            assert_eq!(whole(text, false), None, "{text}");
        }
        // Numbers of things, sizes and products are no bounds of the number.
        for text in [
            "Up to 100 rules",
            "最多100条",
            "不超过 5MB",
            "宽高乘积 ≤ 1024x1024 像素",
        ] {
            assert_eq!(whole(text, true), None, "{text}");
        }
        let open = told("值范围：(0，60]").range.unwrap();
        assert!(open.is_open());
        assert_eq!(open.ends, [Some(0), Some(60)]);
    }

    #[test]
    fn ranges_in_cells_of_their_own() {
        for (cell, range) in [
            ("[3600,43200]", [Some(3600), Some(43200)]),
            ("(0 3600]\n单位为秒", [Some(1), Some(3600)]),
            ("1-10", [Some(1), Some(10)]),
        ] {
            let own = read("Seconds.", cell, false).range;
            assert_eq!(own.and_then(Range::whole), Some(range), "{cell}");
        }
        assert!(read("", "(0 3600]\n支持 float 格式", false).real);
    }

    #[test]
    fn lengths() {
        for (text, length) in [
            ("printable, length up to 1024.", Some(1024)),
            ("codes of up to 1,024 in length", Some(1024)),
            ("长度不超过 128 个字符", Some(128)),
            ("名称，长度不能超过64个字符，仅支持中文", Some(64)),
            ("最长 50 个字符，不带则不去重", Some(50)),
            ("with a length of 1–64 bytes", Some(64)),
            ("长度限制128字符", Some(128)),
            ("within a day; it can contain up to 128 bytes", Some(128)),
            ("up to 128 characters", Some(128)),
            ("Up to three of them", None),
            ("Up to 5 MB", None),
            ("Up to 10 tags", None),
        ] {
            assert_eq!(told(text).max_length, length, "{text}");
        }
    }

    #[test]
    fn meanings_of_numbers() {
        for (text, numbers) in [
            (
                "Channels. 1: mono; 2: dual (for one engine only).",
                &["1", "2"][..],
            ),
            (
                "0 (default value): does not; 1: does; 2: replaces.",
                &["0", "1", "2"],
            ),
            ("结果。\n0： 正常\n1：违规", &["0", "1"]),
            (
                "Region. `1`: here `2`: there `3`: elsewhere",
                &["1", "2", "3"],
            ),
            ("Seen at 10:30, 11:30", &[]),
            ("识别结果。0表示未识别到，1表示识别到", &["0", "1"]),
        ] {
            assert_eq!(read(text, "", true).values, numbers, "{text}");
        }
    }

    #[test]
    fn words_without_a_word_that_announces_them() {
        for (text, words) in [
            ("`Desc` (default) or `Asc`", &["Desc", "Asc"][..]),
            ("Switch status: `On` or `Off`", &["On", "Off"]),
            ("Desc 或者 Asc。默认为 Desc", &["Desc", "Asc"]),
            (
                "任务回调格式，JSON 或 XML，默认 XML，优先级高",
                &["JSON", "XML"],
            ),
            (
                "封装格式：mp4，flv，hls，ts, mp3",
                &["mp4", "flv", "hls", "ts", "mp3"],
            ),
            (
                "是否开启，枚举值：Suspended\\Enabled",
                &["Suspended", "Enabled"],
            ),
            // Texts that hold several of the words.
            (
                "以`,`分割，支持多状态：All、Submitted、Running。默认为 All",
                &[],
            ),
            ("`Name` or `Id` of the thing must be there", &[]),
            ("支持的格式，例如：mp4，flv，hls", &[]),
        ] {
            assert_eq!(told(text).values, words, "{text}");
        }
        for (cell, words) in [
            ("1. HLG\n2. HDR10", &["HLG", "HDR10"][..]),
            (
                "pdf\ndocx\nhtml: texts only\npng",
                &["pdf", "docx", "html", "png"],
            ),
        ] {
            assert_eq!(read("Kind", cell, false).values, words, "{cell}");
        }
    }

    #[test]
    fn what_depends_on_another_node_is_no_default() {
        assert_eq!(told("当 Bitrate 为空时，默认为25").default, None);
        let plain = told("If this parameter is not specified, the default value is 10.");
        assert_eq!(plain.default.as_deref(), Some("10"));
    }
}
