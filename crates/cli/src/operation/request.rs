//! A request made of flags and of a file.

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::Value;
use tcloud_core::codec::{self, Document, xml};
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::schema::{Field, Kind};

use super::flag::{Flag, Step, path_text};
use super::skeleton::{Skeleton, strip};
use super::view::View;
use crate::bucket::require_full_name;
use crate::console;
use crate::error::Error;

/// The request that the flags in `matches` and the text of the file `body` make. Flags go before
/// the file.
pub(super) fn read(
    operation: &'static Operation,
    flags: &[Flag],
    matches: &ArgMatches,
    body: Option<&str>,
) -> Result<Document, Error> {
    let mut value = match body {
        Some(text) => read_body(operation, text)?,
        None => Value::Object(serde_json::Map::new()),
    };
    for flag in flags {
        let Some(values) = matches.get_many::<Value>(&flag.id()) else {
            continue;
        };
        let given = given(flag.field, values.cloned());
        if flag.is_bucket() {
            // An empty variable counts as unset.
            let variable = matches.value_source(&flag.id()) == Some(ValueSource::EnvVariable);
            let name = given.as_str().unwrap_or_default();
            if variable && name.is_empty() {
                continue;
            }
            require_full_name(name)?;
        }
        insert(&mut value, &flag.path, given);
    }
    let (document, drift) = codec::request(operation.request, &value.to_string())
        .map_err(|error| Error::Usage(error.to_string()))?;
    for departure in drift {
        console::note(&format!(
            "sent as it is, but not as documented: {departure}"
        ));
    }
    refuse_missing(&document, flags)?;
    for violation in codec::violations(&document, "") {
        console::note(&format!(
            "sent as it is, but not as documented: {violation}"
        ));
    }
    Ok(document)
}

/// The value of a flag that was given once or more.
fn given(field: &Field, values: impl Iterator<Item = Value>) -> Value {
    if matches!(field.kind, Kind::Map) {
        let pairs = values
            .filter_map(|pair| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.clone())));
        Value::Object(pairs.collect())
    } else if field.is_list() {
        Value::Array(values.collect())
    } else {
        values.last().unwrap_or_default()
    }
}

/// Puts `new` at `path`, and makes the containers on the way.
fn insert(value: &mut Value, path: &[Step], new: Value) {
    match path.split_first() {
        None => *value = new,
        Some((Step::Node(name), rest)) => {
            if !value.is_object() {
                *value = Value::Object(serde_json::Map::new());
            }
            if let Value::Object(map) = value {
                insert(map.entry(*name).or_insert(Value::Null), rest, new);
            }
        }
        Some((Step::Item(index), rest)) => {
            if !value.is_array() {
                *value = Value::Array(Vec::new());
            }
            if let Value::Array(list) = value {
                while list.len() <= *index {
                    list.push(Value::Object(serde_json::Map::new()));
                }
                if let Some(item) = list.get_mut(*index) {
                    insert(item, rest, new);
                }
            }
        }
    }
}

/// The request in the file: JSON with all nodes, or the XML document of the body.
fn read_body(operation: &'static Operation, text: &str) -> Result<Value, Error> {
    let refuse = |reason: String| {
        Error::Usage(format!(
            "the body cannot be read: {reason}; --skeleton prints a form to fill in"
        ))
    };
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let value = match operation.request_body {
        BodyFormat::Xml(root) if text.starts_with('<') => {
            let mut document = Document::new(operation.request);
            let drift = xml::decode(text, root, &mut document)
                .map_err(|error| refuse(error.to_string()))?;
            // Hints of a form are in the places of numbers; they are dropped with the others.
            drop(drift);
            serde_json::to_value(View(&document)).map_err(|error| refuse(error.to_string()))?
        }
        _ => serde_json::from_str(text).map_err(|error| refuse(error.to_string()))?,
    };
    if !value.is_object() {
        return Err(refuse("it is not a JSON object".to_owned()));
    }
    let form = serde_json::to_value(View(&Skeleton::new(operation.request)))
        .map_err(|error| refuse(error.to_string()))?;
    Ok(strip(value, &form).unwrap_or_else(|| Value::Object(serde_json::Map::new())))
}

/// Names the flags of all required nodes that are absent.
fn refuse_missing(document: &Document, flags: &[Flag]) -> Result<(), Error> {
    let missing = codec::check(document, "", false).missing;
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing
        .into_iter()
        .map(|path| {
            flags
                .iter()
                .find(|flag| path_text(&flag.path) == path)
                .map_or(path, |flag| format!("--{}", flag.name))
        })
        .collect();
    Err(Error::Usage(format!(
        "required, but not given: {}; see --help",
        names.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::flag::Step;
    use super::{codec, insert};

    #[test]
    fn containers_are_made_on_the_way() {
        let mut value = json!({"a": {"kept": 1}});
        insert(&mut value, &[Step::Node("a"), Step::Node("b")], json!("x"));
        insert(
            &mut value,
            &[Step::Node("l"), Step::Item(1), Step::Node("c")],
            json!(2),
        );
        assert_eq!(
            value,
            json!({"a": {"kept": 1, "b": "x"}, "l": [{}, {"c": 2}]})
        );
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let operation = tcloud_mps::CATALOG.operation("ProcessImage").unwrap();
        let value = json!({"OutputStorage": {"Type": "AWS-S3", "S3OutputStorage": {
            "S3Bucket": "b", "S3Region": "r", "S3SecretId": "id", "S3SecretKey": "hunter2"}}});
        let (mut document, drift) = codec::request(operation.request, &value.to_string()).unwrap();
        assert!(drift.is_empty(), "{drift:?}");
        codec::redact(&mut document);
        let shown = serde_json::to_value(super::View(&document)).unwrap();
        let storage = &shown["OutputStorage"]["S3OutputStorage"];
        assert_eq!(storage["S3SecretKey"], Value::from("(secret)"));
        assert_eq!(storage["S3Bucket"], Value::from("b"));
        assert!(!shown.to_string().contains("hunter2"));
    }
}
