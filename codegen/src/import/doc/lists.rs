//! Lists of words in descriptions.

use super::text::{NO_VALUES, behind, first_word, last_word};

/// The words that a description lists.
pub(super) fn words(text: &str, lower: &str) -> Vec<String> {
    let leads = [
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
    let mut from = 0;
    for _ in 0..4 {
        let (Some(rest), Some(rest_lower)) = (text.get(from..), lower.get(from..)) else {
            break;
        };
        let Some(behind) = behind(rest, rest_lower, &leads) else {
            break;
        };
        let found = list(behind);
        if !found.is_empty() {
            return found;
        }
        from = text.len() - behind.len();
    }
    let of_lines = lines(text);
    if of_lines.is_empty() {
        numbers(text)
    } else {
        of_lines
    }
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
    let text = text.trim_start_matches([' ', ':', '\n']);
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
            '。' | '\n' if depth == 0 => return at,
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
            ';' => Some(1),
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
        let line = line.trim().trim_start_matches(['-', '•', '·', '*', ' ']);
        let line = numbered(line);
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
