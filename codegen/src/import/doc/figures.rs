//! Texts that are something else wherever bodies and requests show them: times, numbers.

use super::body::Scalar;
use super::facts::Row;
use super::remark::{RemarkKind, Remarks};

/// A text of a node or of a parameter, and its line.
pub(super) type Shown = (usize, String, Scalar);

/// Names of texts that number or name something and count nothing, by their ends.
const SIGNS: [&str; 14] = [
    "id", "code", "time", "date", "appid", "uin", "phone", "version", "token", "name", "key",
    "prefix", "label", "uid",
];

/// Names of numbers that need not be whole, by their ends: seconds, and what there is of something in one.
const MEASURES: [&str; 5] = ["start", "end", "duration", "interval", "fps"];

/// Texts that are times: that is what they are.
pub(super) fn times(row: &mut Row, texts: &[&Shown], item: &str, remarks: &mut Remarks) {
    if row.kind.word != "String" || row.kind.really == Some("Timestamp") {
        return;
    }
    let shown = texts.iter().filter(|(_, text, _)| text != "-");
    let mut times = shown
        .map(|(line, text, _)| (line, is_time(text)))
        .peekable();
    let Some((line, _)) = times.peek().copied() else {
        if let (Some((line, _, _)), true) = (texts.first(), row.name.ends_with("Time")) {
            row.kind.really = Some("Timestamp");
            row.values.clear();
            row.default = None;
            remarks.add(
                row.line,
                RemarkKind::Inferred,
                item,
                format!(
                    "line {line} shows `-`, as for a time that has not come: the text is a time"
                ),
            );
        }
        return;
    };
    if times.all(|(_, time)| time) {
        row.kind.really = Some("Timestamp");
        row.values.clear();
        row.max_length = None;
        row.default = None;
        remarks.add(
            row.line,
            RemarkKind::Inferred,
            item,
            format!("line {line} shows a time: that is what the text is"),
        );
    }
}

/// Texts that are numbers: that is what they are, unless the name or the description speaks of
/// something else.
pub(super) fn numbers(row: &mut Row, texts: &[&Shown], item: &str, remarks: &mut Remarks) {
    let free = row.kind.word == "String"
        && !row.kind.list
        && row.kind.really.is_none()
        && row.values.is_empty()
        && row.fixed.is_none()
        && row.max_length.is_none();
    let Some((line, text, _)) = texts.first().filter(|_| free && !is_sign(&row.name)) else {
        return;
    };
    let default = row.default.iter().map(String::as_str);
    let mut all = texts
        .iter()
        .map(|(_, text, _)| text.as_str())
        .chain(default);
    if !all.clone().all(is_decimal) {
        return;
    }
    let whole = all.all(is_whole);
    let lower = row.description.to_ascii_lowercase();
    let real = ["float", "decimal", "浮点", "小数"]
        .iter()
        .any(|word| lower.contains(word));
    row.kind.really = Some(if whole && !real && !is_measure(&row.name) {
        "Int"
    } else {
        "Float"
    });
    remarks.add(
        row.line,
        RemarkKind::Inferred,
        item,
        format!("line {line} shows the number {text}: that is what the text is"),
    );
}

/// A text whose default is a number: that is what it is.
pub(super) fn default(row: &mut Row, item: &str, remarks: &mut Remarks) {
    if let Some(default) = row.default.clone() {
        let shown = (row.line, default, Scalar::Text);
        numbers(row, &[&shown], item, remarks);
    }
}

/// A type that shown texts refute: a number with decimals, or a text.
pub(super) fn refuted(row: &mut Row, texts: &[&Shown], item: &str, remarks: &mut Remarks) {
    let Some((line, text, _)) = texts.iter().find(|(_, text, _)| !agrees(row, text)) else {
        return;
    };
    let told = row.kind.text();
    let whole = row.kind.really.unwrap_or(row.kind.word.as_str()) == "Int";
    let what = if whole && texts.iter().all(|(_, text, _)| is_decimal(text)) {
        if row.kind.really.is_some() {
            row.kind.really = Some("Float");
        } else {
            "Float".clone_into(&mut row.kind.word);
        }
        "it is a number with decimals"
    } else {
        "String".clone_into(&mut row.kind.word);
        row.kind.really = None;
        row.range = None;
        row.default = None;
        "it is a text"
    };
    row.explain(&format!(
        "The document says {told}, and prints `{text}` (line {line})."
    ));
    remarks.add(
        row.line,
        RemarkKind::Contradicted,
        item,
        format!("the type is {told}, and line {line} prints `{text}`: {what}"),
    );
}

/// Whether a text is one that the row's type can be printed as.
fn agrees(row: &Row, text: &str) -> bool {
    match row.kind.really.unwrap_or(row.kind.word.as_str()) {
        "Int" => text.parse::<i128>().is_ok(),
        "Float" => text.parse::<f64>().is_ok(),
        "Boolean" => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        _ => true,
    }
}

/// Whether a node that shows these texts holds numbers that count something, by its name, too.
pub(super) fn counts(name: &str, texts: &[Shown]) -> bool {
    !is_sign(name) && texts.iter().all(|(_, text, _)| is_whole(text))
}

fn is_sign(name: &str) -> bool {
    ends_with_any(name, &SIGNS)
}

fn is_measure(name: &str) -> bool {
    ends_with_any(name, &MEASURES)
}

fn ends_with_any(name: &str, ends: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    ends.iter().any(|end| name.ends_with(end))
}

/// Whether a text is a whole number as one writes it, and not a long sign of digits.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..10).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'))
}

/// Whether a text is a number as one writes it, with or without decimals.
fn is_decimal(text: &str) -> bool {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    is_whole(whole)
        && (1..10).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a time as the services write it; a stray mark behind it is a slip.
pub(super) fn is_time(text: &str) -> bool {
    let text = text.trim_end_matches('>');
    let form = "0000-00-00T00:00:00";
    let dated = text.len() >= form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'T' => byte == b'T' || byte == b' ',
                form => byte == form,
            });
    let rest = text.get(form.len()..).unwrap_or_default();
    dated
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || "+-:.Z ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::doc::kinds::Kind;

    fn really(name: &str, texts: &[&str]) -> Option<&'static str> {
        let shown: Vec<Shown> = texts
            .iter()
            .map(|text| (1, (*text).to_owned(), Scalar::Text))
            .collect();
        let kind = Kind {
            word: "String".to_owned(),
            list: false,
            really: None,
        };
        let mut row = Row::new(1, "", name, kind);
        let texts: Vec<&Shown> = shown.iter().collect();
        numbers(&mut row, &texts, name, &mut Remarks::default());
        row.kind.really
    }

    #[test]
    fn texts_that_count_are_numbers() {
        for (name, texts, kind) in [
            ("MaxLamps", &["1000"][..], Some("Int")),
            ("Watts", &["40", "60.5"], Some("Float")),
            ("Duration", &["60"], Some("Float")),
            ("LampId", &["7"], None),
            ("NextToken", &["19193"], None),
            ("Digits", &["007"], None),
            ("Serial", &["1251668577123"], None),
            ("Socket", &["1", "left"], None),
            ("Empty", &[], None),
        ] {
            assert_eq!(really(name, texts), kind, "{name}");
        }
    }
}
