//! Whether a document came out of the codec as it went in.
//!
//! Nothing may be gone, added or changed, except for what is named here: a [`Normalisation`], or
//! the new shape of a node of which the decoder reported that it departs from its table. Such a
//! node may be spelled or arranged in another way, but its words, numbers and names must all be
//! there.

use std::collections::BTreeSet;
use std::fmt;

use tcloud_codegen::import::tc3::json::Json;
use tcloud_core::codec::{Drift, DriftKind};

/// A difference that the codec makes on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Normalisation {
    /// `null` and absence are the same.
    Null,
    /// `1.0` and `1` are the same number.
    NumberSpelling,
    /// An empty text for a container means that the container is empty.
    EmptyText,
    /// Of members of one name that no table knows, the last counts.
    Repeated,
    /// A text became the number or truth value that the table says it is; this one is also drift,
    /// unless the form of the message has only texts.
    Typed,
}

impl fmt::Display for Normalisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null is left out",
            Self::NumberSpelling => "a number is spelled otherwise",
            Self::EmptyText => "an empty text becomes an empty container",
            Self::Repeated => "of members that came twice, unknown to tables, the last is kept",
            Self::Typed => "a text of a query string gets the type of its table",
        })
    }
}

/// What comparing two documents found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comparison {
    /// Differences made on purpose, with the node's path.
    pub(super) normalisations: Vec<(Normalisation, String)>,
    /// Differences that nothing explains, each as a sentence that starts with the node's path.
    pub(super) losses: Vec<String>,
}

/// Compares the document `original` with what was decoded and encoded again. `root` is the path of
/// both, and `drift` what the decoder reported.
pub(super) fn compare(original: &Json, again: &Json, root: &str, drift: &[Drift]) -> Comparison {
    let mut comparer = Comparer::new(drift);
    comparer.value(root, original, again);
    comparer.found
}

struct Comparer {
    /// Nodes that no table knows.
    unknown: BTreeSet<String>,
    /// Whether it is inside of one.
    inside: bool,
    /// Where values of another type were reported.
    retyped: BTreeSet<String>,
    /// The members that such values, or items in them, belong to.
    reshaped: BTreeSet<String>,
    found: Comparison,
}

impl Comparer {
    fn new(drift: &[Drift]) -> Self {
        let paths = |wanted: fn(&DriftKind) -> bool| -> BTreeSet<String> {
            let wanted = drift.iter().filter(|it| wanted(&it.kind));
            wanted.map(|it| it.path.clone()).collect()
        };
        let retyped = paths(|kind| matches!(kind, DriftKind::Type { .. } | DriftKind::Repeated));
        let reshaped = retyped.iter().map(|path| member_of(path).to_owned());
        Self {
            unknown: paths(|kind| *kind == DriftKind::Unknown),
            inside: false,
            reshaped: reshaped.collect(),
            retyped,
            found: Comparison::default(),
        }
    }

    fn note(&mut self, normalisation: Normalisation, path: &str) {
        let note = (normalisation, path.to_owned());
        self.found.normalisations.push(note);
    }

    fn lose(&mut self, path: &str, how: impl fmt::Display) {
        self.found.losses.push(format!("{path}: {how}"));
    }

    fn value(&mut self, path: &str, original: &Json, again: &Json) {
        match (original, again) {
            (Json::Object(before), Json::Object(after)) => self.members(path, before, after),
            (Json::List(before), Json::List(after)) => self.items(path, before, after),
            (same, other) if same == other => {}
            (Json::Number(before), Json::Number(after)) if is_same_number(before, after) => {
                self.note(Normalisation::NumberSpelling, path);
            }
            (Json::Text(text), Json::Object(members))
                if text.is_empty() && members.is_empty() && self.retyped.contains(path) =>
            {
                self.note(Normalisation::EmptyText, path);
            }
            (before, after) if self.retyped.contains(path) && is_same_scalar(before, after) => {
                self.note(Normalisation::Typed, path);
            }
            (before, after) => self.lose(path, format_args!("{before} became {after}")),
        }
    }

    fn items(&mut self, path: &str, before: &[Json], after: &[Json]) {
        let mut before: Vec<&Json> = before.iter().collect();
        if before.len() != after.len() {
            let all = before.len();
            before.retain(|item| **item != Json::Null);
            for _ in before.len()..all {
                self.note(Normalisation::Null, path);
            }
        }
        if before.len() != after.len() {
            let (before, after) = (before.len(), after.len());
            self.lose(path, format_args!("{before} items became {after}"));
            return;
        }
        for (index, (before, after)) in before.into_iter().zip(after).enumerate() {
            self.value(&format!("{path}[{index}]"), before, after);
        }
    }

    fn members(&mut self, path: &str, before: &[(String, Json)], after: &[(String, Json)]) {
        for name in names(before) {
            self.member(
                &format!("{path}.{name}"),
                &of(before, name),
                &of(after, name),
            );
        }
        for name in names(after) {
            if of(before, name).is_empty() {
                self.lose(&format!("{path}.{name}"), "appeared from nowhere");
            }
        }
    }

    /// All members of one name: mostly one on either side.
    fn member(&mut self, path: &str, before: &[&Json], after: &[&Json]) {
        let around = self.inside;
        self.inside |= self.unknown.contains(path);
        self.same_name(path, before, after);
        self.inside = around;
    }

    fn same_name(&mut self, path: &str, before: &[&Json], after: &[&Json]) {
        let strict = match (before, after) {
            ([.., last], [after]) if self.inside && before.len() > 1 => {
                self.note(Normalisation::Repeated, path);
                self.tried(|it| it.value(path, last, after))
            }
            ([before], [after]) => self.tried(|it| it.value(path, before, after)),
            (before, []) => self.tried(|it| it.absent(path, before)),
            _ => Comparison {
                losses: vec![format!(
                    "{path}: {} members became {}",
                    before.len(),
                    after.len()
                )],
                ..Comparison::default()
            },
        };
        let arranged = !strict.losses.is_empty()
            && self.reshaped.contains(path)
            && leaves(before) == leaves(after);
        if !arranged {
            self.found.normalisations.extend(strict.normalisations);
            self.found.losses.extend(strict.losses);
        }
    }

    fn absent(&mut self, path: &str, before: &[&Json]) {
        for value in before {
            match value {
                Json::Null => self.note(Normalisation::Null, path),
                value => self.lose(path, format_args!("{value} is gone")),
            }
        }
    }

    /// What `compare` finds, kept apart.
    fn tried(&mut self, compare: impl FnOnce(&mut Self)) -> Comparison {
        let before = std::mem::take(&mut self.found);
        compare(self);
        std::mem::replace(&mut self.found, before)
    }
}

/// The path without the index at its end.
fn member_of(path: &str) -> &str {
    match path.rsplit_once('[') {
        Some((member, index)) if index.ends_with(']') && !index.contains('.') => member,
        _ => path,
    }
}

/// The names of members, each once, in their order.
fn names(members: &[(String, Json)]) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    members
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| seen.insert(*name))
        .collect()
}

fn of<'j>(members: &'j [(String, Json)], name: &str) -> Vec<&'j Json> {
    members
        .iter()
        .filter(|(own, _)| own == name)
        .map(|(_, value)| value)
        .collect()
}

fn is_same_number(one: &serde_json::Number, other: &serde_json::Number) -> bool {
    // A whole number keeps its digits; one that a float cannot hold is not the same number.
    let whole = |number: &serde_json::Number| number.as_i128().map(|it| it.to_string());
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => one == other,
        (Some(whole), None) => other.as_f64().is_some_and(|it| it.to_string() == whole),
        (None, Some(whole)) => one.as_f64().is_some_and(|it| it.to_string() == whole),
        (None, None) => one.as_f64() == other.as_f64(),
    }
}

fn is_same_scalar(one: &Json, other: &Json) -> bool {
    matches!((meaning(one), meaning(other)), (Some(one), Some(other)) if one == other)
}

/// A scalar without its type: what the text, number or truth value says.
fn meaning(scalar: &Json) -> Option<String> {
    Some(match scalar {
        Json::Boolean(truth) => i32::from(*truth).to_string(),
        Json::Number(number) => match number.as_i128() {
            Some(whole) => whole.to_string(),
            None => number.as_f64()?.to_string(),
        },
        Json::Text(text) => match text.trim() {
            "true" | "True" | "TRUE" => "1".to_owned(),
            "false" | "False" | "FALSE" => "0".to_owned(),
            trimmed => match (trimmed.parse::<i128>(), trimmed.parse::<f64>()) {
                (Ok(whole), _) => whole.to_string(),
                (Err(_), Ok(number)) if number.is_finite() => number.to_string(),
                (Err(_), _) => text.clone(),
            },
        },
        Json::Null | Json::List(_) | Json::Object(_) => return None,
    })
}

/// All scalars in `values`, each with the names that lead to it, in an order of their own.
fn leaves(values: &[&Json]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for value in values {
        add_leaves(String::new(), value, &mut found);
    }
    found.sort();
    found
}

fn add_leaves(names: String, value: &Json, found: &mut Vec<(String, String)>) {
    match value {
        Json::List(items) => {
            for item in items {
                add_leaves(names.clone(), item, found);
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                add_leaves(format!("{names}.{name}"), value, found);
            }
        }
        scalar => found.extend(meaning(scalar).map(|it| (names, it))),
    }
}

#[cfg(test)]
mod tests {
    use tcloud_core::codec::{Document, json};
    use tcloud_core::schema::{Field, Flags, Kind, Structure};

    use super::*;

    static BED: Structure = Structure::new(
        "Bed",
        &[
            Field::new("Name", Kind::Text),
            Field::new("Area", Kind::Float),
            Field::new("Open", Kind::Boolean),
            Field::new("Counts", Kind::Integer).with(Flags::LIST),
            Field::new("Beds", Kind::Structure(&BED)).with(Flags::LIST),
            Field::new("Around", Kind::Structure(&BED)),
        ],
    );

    /// Compares `text` with `again`, or with what the codec makes of it, by the codec's own drift.
    fn compared(text: &str, again: Option<&str>) -> Comparison {
        let mut document = Document::new(&BED);
        let drift = json::decode(text, "R", &mut document).unwrap();
        let encoded = json::encode(&document, json::Style::Typed).unwrap();
        let parse = |text: &str| -> Json { serde_json::from_str(text).unwrap() };
        compare(&parse(text), &parse(again.unwrap_or(&encoded)), "R", &drift)
    }

    fn losses(text: &str, again: &str) -> Vec<String> {
        compared(text, Some(again)).losses
    }

    #[test]
    fn the_codec_loses_nothing() {
        for text in [
            r#"{"Name":"a","Area":1.5,"Open":true,"Counts":[1,2],"Beds":[{"Beds":[{}]}]}"#,
            r#"{"Name":5,"Area":"1.50","Open":"true","Counts":"7","Beds":{"Name":"b"}}"#,
            r#"{"Counts":[1,"x",2,[3,4]],"Beds":["text",{"Name":"b"},7],"Around":[{},{"Name":"c"}]}"#,
            r#"{"Name":"a","Name":"b","Stranger":{"Deep":[null,{"x":1}]},"Around":"word"}"#,
            r#"{"Counts":[],"Beds":null,"Around":"","Area":3}"#,
        ] {
            assert_eq!(compared(text, None).losses, [""; 0], "{text}");
        }
    }

    #[test]
    fn differences_made_on_purpose_are_named() {
        let text = r#"{"Name":null,"Area":3,"Counts":[],"Around":"","S":{"T":1,"T":2}}"#;
        let found = compared(text, None).normalisations;
        let found: Vec<String> = found
            .iter()
            .map(|(it, path)| format!("{path} {it}"))
            .collect();
        assert_eq!(
            found,
            [
                "R.Name null is left out",
                "R.Area a number is spelled otherwise",
                "R.Around an empty text becomes an empty container",
                "R.S.T of members that came twice, unknown to tables, the last is kept",
            ]
        );
    }

    #[test]
    fn what_is_gone_new_or_changed_is_told() {
        assert_eq!(losses(r#"{"Name":"a"}"#, "{}"), [r#"R.Name: "a" is gone"#]);
        assert_eq!(
            losses("{}", r#"{"Name":"a"}"#),
            ["R.Name: appeared from nowhere"]
        );
        assert_eq!(
            losses(r#"{"Counts":[1,2]}"#, r#"{"Counts":[1]}"#),
            ["R.Counts: 2 items became 1"]
        );
        assert_eq!(
            losses(
                r#"{"Beds":[{},{"Name":"a"}]}"#,
                r#"{"Beds":[{},{"Name":"b"}]}"#
            ),
            [r#"R.Beds[1].Name: "a" became "b""#]
        );
        assert_eq!(
            losses(
                r#"{"Area":9007199254740993}"#,
                r#"{"Area":9007199254740992.0}"#
            ),
            ["R.Area: 9007199254740993 became 9007199254740992.0"]
        );
    }

    #[test]
    fn drift_excuses_its_own_node_and_no_loss() {
        // Reported as text instead of a number: the number must still be the same.
        assert_eq!(
            losses(r#"{"Area":"1.5"}"#, r#"{"Area":2.5}"#),
            [r#"R.Area: "1.5" became 2.5"#]
        );
        assert_eq!(
            losses(r#"{"Area":"1.5","Name":"a"}"#, r#"{"Area":1.5}"#),
            [r#"R.Name: "a" is gone"#]
        );
        assert_eq!(
            losses(r#"{"Counts":[1,"x"]}"#, r#"{"Counts":[1]}"#),
            ["R.Counts: 2 items became 1"]
        );
        // Not reported at all.
        assert_eq!(
            losses(r#"{"Name":"5"}"#, r#"{"Name":5}"#),
            [r#"R.Name: "5" became 5"#]
        );
    }
}
