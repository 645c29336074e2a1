//! Lists of words in descriptions.

use std::collections::BTreeSet;

use super::clauses::{begins_with_condition, clauses};
use super::text::{NO_VALUES, behind, first_word, last_word};

/// What announces a list of words.
const LEADS: [&str; 73] = [
    "valid values: ",
    "valid values:",
    "valid values are ",
    "valid value: ",
    "enumerated values: ",
    "enumerated values:",
    "enumeration values: ",
    "enumerated value: ",
    "possible values: ",
    "possible values:",
    "possible values are ",
    "allowed values: ",
    "available values: ",
    "returned values: ",
    "returned values:",
    "supported values: ",
    "optional values: ",
    "values: ",
    "one of the following: ",
    "options: ",
    "value options: ",
    "value: ",
    "which can be either ",
    "which can be ",
    "can be either ",
    "can only be ",
    "either ",
    "one of ",
    "values include ",
    "valid values include ",
    "取值有:",
    "取值为:",
    "取值包括:",
    "取值为以下几种:",
    "取值如下:",
    "取值:",
    "可取值:",
    "枚举值:",
    "枚举值为",
    "可选值:",
    "可选值为",
    "可选值有",
    "可选值包括",
    "有效值:",
    "有效值为",
    "合法值:",
    "取值为",
    "取值范围:",
    "取值范围为",
    "取值 ",
    "值为",
    "可选:",
    "可为",
    "可选 ",
    "可选",
    "类型包括",
    "支持的取值:",
    "取值类型:",
    "包括:",
    "值包括",
    "包含:",
    "状态:",
    "状态,为",
    "的状态,为",
    "enum: ",
    "取值",
    "枚举:",
    "属性,",
    "其值为",
    "status: ",
    "状态: ",
    "支持:",
    "范围:",
];

/// The words that a description lists.
pub(super) fn words(text: &str, lower: &str) -> Vec<String> {
    if holds_several(lower) {
        return Vec::new();
    }
    let mut from = 0;
    for _ in 0..8 {
        let (Some(rest), Some(rest_lower)) = (text.get(from..), lower.get(from..)) else {
            break;
        };
        let Some(behind) = behind(rest, rest_lower, &LEADS) else {
            break;
        };
        from = text.len() - behind.len();
        // What holds in some cases only is no list of all.
        let before = text.get(..from).unwrap_or_default();
        let start = before.rfind(['\n', '。', ';']).map_or(0, |at| at + 1);
        if clauses(before.get(start..).unwrap_or_default())
            .last()
            .is_some_and(begins_with_condition)
        {
            continue;
        }
        let found = list(behind);
        if !found.is_empty() {
            return found;
        }
    }
    [lines, numbers, alternatives, enumeration]
        .iter()
        .map(|list| list(text))
        .find(|words| !words.is_empty())
        .unwrap_or_default()
}

/// Whether a text holds several words with commas between them, so that it is none of these itself.
fn holds_several(lower: &str) -> bool {
    [
        "separated by",
        "separate them",
        "separate multiple",
        "分割",
        "分隔",
        "逗号",
    ]
    .iter()
    .any(|mark| lower.contains(mark))
}

/// Two words of which one is taken: the whole of a text, or what a colon announces, such as
/// ``status: `On` or `Off` ``; or `JSON 或 XML，默认 XML`, whose default is one of them.
fn alternatives(text: &str) -> Vec<String> {
    let ors = [" or ", " 或者 ", "或者", " 或 ", "或"];
    for (at, or) in ors.iter().flat_map(|or| text.match_indices(or).take(4)) {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + or.len()..).unwrap_or_default().trim_start();
        let (shown, explained) = match before.trim_end().strip_suffix("(default)") {
            Some(rest) => (rest.trim_end(), true),
            None => (before.trim_end(), false),
        };
        let (Some(one), Some(other)) = (last_word(shown), first_word(after)) else {
            continue;
        };
        let quoted = |word: &str| format!("`{word}`");
        let in_quotes = shown.ends_with(&quoted(one)) && after.starts_with(&quoted(other));
        let head = shown.trim_end_matches('`');
        let head = head.strip_suffix(one).unwrap_or_default();
        let head = head.trim_end_matches('`').trim_end();
        let tail = after.trim_start_matches('`');
        let tail = tail.get(other.len()..).unwrap_or_default();
        let tail = tail.trim_start_matches('`').trim_start();
        let tail = tail.strip_prefix("(default)").unwrap_or(tail).trim_start();
        let begins = head.is_empty() || head.ends_with([':', ',', '。']);
        let ends = tail.is_empty() || tail.starts_with([',', '.', '。', ';', '\n']);
        let is_default = |word: &str| {
            [
                "默认为 ",
                "默认为",
                "默认 ",
                "默认",
                "default value: ",
                "defaults to ",
            ]
            .iter()
            .any(|lead| tail.contains(&format!("{lead}{word}")))
        };
        let sure =
            in_quotes && !head.ends_with(',') || explained || is_default(one) || is_default(other);
        if begins && ends && sure {
            return vec![one.to_owned(), other.to_owned()];
        }
    }
    Vec::new()
}

/// Three words or more behind a colon, to the end of the text: `封装格式：mp4，flv，ts`.
fn enumeration(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.trim_end_matches(['.', '。', ' ']).split_once(':') else {
        return Vec::new();
    };
    let lower = before.to_ascii_lowercase();
    let example = ["such as", "example", "e.g", "例", "如", "注", "note"]
        .iter()
        .any(|mark| lower.contains(mark));
    let parts: Vec<&str> = rest.split([',', '、']).map(str::trim).collect();
    let word = |part: &&str| {
        first_word(part).is_some_and(|word| {
            part.trim_matches('`') == word && word.starts_with(|c: char| c.is_ascii_alphabetic())
        })
    };
    if example || parts.len() < 3 || !parts.iter().all(word) {
        return Vec::new();
    }
    list(rest)
}

/// The words of a cell that holds nothing else: a list in a line, or a word at the start of each line.
pub(super) fn cell_words(cell: &str) -> Vec<String> {
    if holds_several(&cell.to_ascii_lowercase()) {
        return Vec::new();
    }
    let rows: Vec<&str> = cell
        .lines()
        .map(|line| numbered(bullet(line)).trim())
        .filter(|line| !line.is_empty())
        .collect();
    let all: Option<Vec<String>> = rows.iter().map(|line| begins(line)).collect();
    match all {
        Some(words) if words.len() > 1 => unique(words),
        _ => list(cell),
    }
}

/// The word that a line is, or that it explains.
fn begins(line: &str) -> Option<String> {
    let word = first_word(line)?;
    let rest = line.trim_start_matches('`').get(word.len()..)?;
    let rest = rest.trim_start_matches('`').trim_start();
    let alone = rest.is_empty() || rest.starts_with([':', '=', '(', ';', ',']);
    (alone && !is_label(word)).then(|| word.to_owned())
}

/// A line without the mark of an item.
fn bullet(line: &str) -> &str {
    line.trim().trim_start_matches(['-', '•', '·', '*', ' '])
}

fn unique(mut words: Vec<String>) -> Vec<String> {
    let mut known = BTreeSet::new();
    words.retain(|word| known.insert(word.clone()));
    words
}

/// The numbers that a text explains one after the other, from 0 or 1 on: `0: off; 1: on`.
pub(super) fn meanings(text: &str) -> Vec<String> {
    let mut found: Vec<u32> = Vec::new();
    let digit = |c: char| c.is_ascii_digit();
    for (at, _) in text.match_indices(digit).take(200) {
        let before = text.get(..at).unwrap_or_default();
        let starts = before
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '-' | ':' | '_'));
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.find(|c| !digit(c)).unwrap_or(rest.len());
        let number = rest.get(..end).and_then(|it| it.parse::<u32>().ok());
        let behind = rest
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches(['`', '*']);
        // What is in parentheses explains: `0 (default): off`.
        let behind = match behind.trim_start().strip_prefix('(') {
            Some(inner) => inner.split_once(')').map_or("", |(_, rest)| rest),
            None => behind,
        };
        let behind = behind.trim_start();
        let explained = behind
            .strip_prefix(':')
            .is_some_and(|it| !it.starts_with(digit))
            || ["表示", "代表", "means ", "indicates "]
                .iter()
                .any(|word| behind.starts_with(word));
        if let Some(number) = number.filter(|_| starts && explained) {
            let next = found.last().map_or(number < 2, |last| number == last + 1);
            if !next {
                return Vec::new();
            }
            found.push(number);
        }
    }
    if found.len() < 2 {
        return Vec::new();
    }
    found.iter().map(ToString::to_string).collect()
}

/// Three numbers or more behind a colon: `Priority: 0, 1, 2.`
fn numbers(text: &str) -> Vec<String> {
    text.match_indices(':')
        .take(8)
        .find_map(|(at, _)| {
            let rest: String = text.get(at + 1..)?.chars().take(200).collect();
            let words = list(&rest);
            (words.len() > 2 && words.iter().all(|word| word.parse::<i64>().is_ok()))
                .then_some(words)
        })
        .unwrap_or_default()
}

/// The words of a list: `A, B, C`, `A (…), B (…)`, `A or B`, `A: …; B: …`, `A/B`, `A、B 其中一个`.
pub(super) fn list(text: &str) -> Vec<String> {
    // A word in each of the next lines.
    if text.trim_start_matches([' ', ':']).starts_with('\n') {
        let rows = text.lines().skip(1).map(str::trim);
        let rows = rows.skip_while(|line| line.is_empty());
        let words: Vec<String> = rows
            .map_while(|line| begins(numbered(bullet(line))))
            .collect();
        if words.len() > 1 {
            return unique(words);
        }
    }
    let text = text.trim_start_matches([' ', ':', '\n', '{']);
    // Lines that begin with a word are a list of their own.
    let of_lines = lines(text);
    if !of_lines.is_empty() {
        return of_lines;
    }
    let end = sentence_end(text);
    let text = text.get(..end).unwrap_or(text);
    let mut words: Vec<String> = Vec::new();
    for part in parts(text) {
        let part = part.trim().trim_start_matches(['-', '•', '·', ' ']);
        let part = ["or ", "and ", "或者", "或", "和", "及", "以及"]
            .iter()
            .find_map(|word| part.strip_prefix(word))
            .unwrap_or(part)
            .trim();
        if part.is_empty() {
            continue;
        }
        let Some(word) = first_word(part) else {
            break;
        };
        let shown = part.trim_start_matches(['`', '"', '\'']);
        let behind = shown
            .get(word.len()..)
            .unwrap_or_default()
            .trim_start_matches(['`', '"', '\'']);
        let behind = behind.trim_start();
        // A word that a sentence goes on behind is none of the list, unless what follows explains.
        let explained = behind.is_empty()
            || behind.starts_with([':', '(', '=', '.', '-', '–'])
            || behind.starts_with(|c: char| !c.is_ascii());
        if !explained || NO_VALUES.contains(&word.to_ascii_lowercase().as_str()) {
            break;
        }
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    if words.len() < 2 { Vec::new() } else { words }
}

/// Where the sentence ends that a text begins with.
fn sentence_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '。' | '\n' | '}' if depth == 0 => return at,
            '.' if depth == 0 => {
                let rest = text.get(at + 1..).unwrap_or_default();
                if rest.is_empty() || rest.starts_with([' ', '\n']) {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// A list parted at commas and words that part lists, but not within parentheses.
fn parts(text: &str) -> Vec<&str> {
    let semicolons = text.contains(';');
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let mark = match c {
            '(' => {
                depth += 1;
                None
            }
            ')' => {
                depth = depth.saturating_sub(1);
                None
            }
            _ if depth > 0 => None,
            ';' | '\\' | '|' => Some(1),
            ',' if !semicolons => Some(1),
            '/' if !semicolons && plain_slash(text, at) => Some(1),
            ' ' => [" or ", " and ", " 或 ", " 和 "]
                .iter()
                .find(|it| rest.starts_with(**it))
                .map(|it| it.len()),
            '、' | '或' | '和' => Some(c.len_utf8()),
            _ => None,
        };
        if let Some(len) = mark {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + len;
            skip = start;
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Whether a slash parts two words, and is not in one: `true/false`, but not `cos/kms` or
/// `image/png`.
fn plain_slash(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(last_word).unwrap_or_default();
    let after = text.get(at + 1..).and_then(first_word).unwrap_or_default();
    let truth = |word: &str| {
        matches!(
            word.to_ascii_lowercase().as_str(),
            "true" | "false" | "on" | "off" | "yes" | "no"
        )
    };
    truth(before) && truth(after) || text.get(at + 1..).is_some_and(|rest| rest.starts_with(' '))
}

/// Words that lines begin with: `Word: what it means`.
fn lines(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = numbered(bullet(line));
        let Some(word) = first_word(line) else {
            continue;
        };
        let shown = line.trim_start_matches('`');
        let behind = shown
            .get(word.len()..)
            .unwrap_or_default()
            .trim_start_matches('`')
            .trim_start();
        let alone = behind.is_empty() && !words.is_empty();
        if (behind.starts_with(':') || behind.starts_with('=') || alone)
            && !is_label(word)
            && !words.iter().any(|known| known == word)
        {
            words.push(word.to_owned());
        }
    }
    if words.len() < 2 { Vec::new() } else { words }
}

/// Words before a colon that announce something and are no values.
fn is_label(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "note"
            | "notes"
            | "example"
            | "unit"
            | "default"
            | "values"
            | "value"
            | "http"
            | "https"
            | "type"
            | "format"
            | "range"
            | "e.g"
            | "e.g."
            | "i.e"
            | "tip"
            | "description"
            | "limit"
            | "limits"
            | "url"
    )
}

/// A line without the number of its item: `1. HLG`.
fn numbered(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest
        .strip_prefix(". ")
        .or_else(|| rest.strip_prefix(") "))
        .or_else(|| rest.strip_prefix('、'));
    rest.unwrap_or(line)
}
