//! Answers as they are printed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap::ValueEnum;
use quick_xml::events::Event;
use quick_xml::{Reader, Writer};
use serde_json::Value;
use tcloud_core::codec::{CodecError, xml};
use tcloud_core::node::{Node, Ref, RefVisitor};

use super::view::{View, items, leaves};
use crate::console;
use crate::error::Error;
use crate::table::{cell, table};

/// How a message is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A JSON object
    Json,
    /// An XML document
    Xml,
    /// A table: a line for each item of a list, or for each value
    Table,
    /// Values alone, for scripts: a line for each item of a list, tabs between values
    Text,
}

/// `node` as indented JSON.
pub(super) fn json(node: &dyn Node) -> Result<String, Error> {
    serde_json::to_string_pretty(&View(node))
        .map(|text| console::printable_json(&text).into_owned())
        .map_err(|error| Error::Failed(format!("the message cannot be shown: {error}")))
}

/// The body of `node` as an XML document with the root element `root`, indented where elements hold
/// nothing but elements: elsewhere a line break would be content.
pub(super) fn xml(node: &dyn Node, root: &str) -> Result<String, Error> {
    let failed = |reason: String| Error::Failed(format!("the message cannot be shown: {reason}"));
    let compact = xml::encode(root, node).map_err(|error: CodecError| failed(error.to_string()))?;
    let mut reader = Reader::from_str(&compact);
    let mut events = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => events.push(event),
            Err(error) => return Err(failed(error.to_string())),
        }
    }
    let text = indented(&events).map_err(|error| failed(error.to_string()))?;
    Ok(visible(&text))
}

/// The events of a document, each element that is among elements alone on a line of its own.
fn indented(events: &[Event<'_>]) -> std::io::Result<String> {
    let holds_text = holding_text(events);
    let mut writer = Writer::new(Vec::new());
    // Whether each open element holds text.
    let mut open: Vec<bool> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let (depth, breaks) = match event {
            Event::End(_) => {
                let text = open.pop().unwrap_or_default();
                let empty = matches!(
                    index.checked_sub(1).and_then(|at| events.get(at)),
                    Some(Event::Start(_))
                );
                (open.len(), !text && !empty)
            }
            _ => (open.len(), !open.contains(&true) && index > 0),
        };
        if breaks && !open.contains(&true) {
            writer
                .get_mut()
                .extend(format!("\n{:1$}", "", 2 * depth).bytes());
        }
        if matches!(event, Event::Start(_)) {
            open.push(holds_text.contains(&index));
        }
        writer.write_event(event.borrow())?;
    }
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned())
}

/// The starts of elements that hold text.
fn holding_text(events: &[Event<'_>]) -> BTreeSet<usize> {
    let mut holding = BTreeSet::new();
    let mut open = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(_) => open.push(index),
            Event::End(_) => drop(open.pop()),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                holding.extend(open.last().copied());
            }
            _ => {}
        }
    }
    holding
}

/// What a terminal would obey, written as the reference that means the same.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if console::is_hostile(c) {
            // Writing to a `String` cannot fail.
            let _ = write!(shown, "&#x{:X};", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// `node` as a table: its list, if it has one with items, else its values.
pub(super) fn as_table(node: &dyn Node) -> String {
    let rows = list_rows(node);
    if rows.is_empty() {
        let mut table = table(["Node", "Value"]);
        for (name, text) in leaves(node) {
            table.add_row([cell(&name), cell(&text)]);
        }
        return table.to_string();
    }
    let mut columns: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let mut table = table(columns.iter().map(|column| cell(column)));
    for row in &rows {
        table.add_row(columns.iter().map(|column| {
            let found = row.iter().find(|(name, _)| name == column);
            cell(found.map_or("", |(_, text)| text.as_str()))
        }));
    }
    table.to_string()
}

/// `node` as a value.
pub(super) fn plain(node: &dyn Node) -> Result<Value, Error> {
    serde_json::to_value(View(node))
        .map_err(|error| Error::Failed(format!("the message cannot be shown: {error}")))
}

/// What a query has taken.
pub(super) fn value(value: &Value, format: Format) -> Result<String, Error> {
    match format {
        Format::Table => Ok(value_table(value)),
        Format::Text => Ok(text(value)),
        Format::Json | Format::Xml => serde_json::to_string_pretty(value)
            .map(|text| console::printable_json(&text).into_owned())
            .map_err(|error| Error::Failed(format!("the result cannot be shown: {error}"))),
    }
}

/// A value as a table: a list of objects has a column for each name.
fn value_table(value: &Value) -> String {
    let lone = std::slice::from_ref(value);
    let rows = value.as_array().map_or(lone, Vec::as_slice);
    let mut columns: Vec<&str> = Vec::new();
    for name in rows
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|row| row.keys())
    {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let is_plain = columns.is_empty();
    let mut table = table(if is_plain {
        vec!["Value"]
    } else {
        columns.clone()
    });
    for row in rows {
        if is_plain {
            table.add_row([cell(&line(row))]);
        } else {
            table.add_row(
                columns
                    .iter()
                    .map(|column| cell(&row.get(column).map(line).unwrap_or_default())),
            );
        }
    }
    table.to_string()
}

/// A value for scripts.
pub(super) fn text(value: &Value) -> String {
    let text = match value {
        Value::Array(items) => items.iter().map(line).collect::<Vec<_>>().join("\n"),
        value => line(value),
    };
    console::printable(&text).into_owned()
}

/// A value in one line.
fn line(value: &Value) -> String {
    let joined =
        |values: &mut dyn Iterator<Item = &Value>| values.map(line).collect::<Vec<_>>().join("\t");
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(&mut items.iter()),
        Value::Object(map) => joined(&mut map.values()),
        other => other.to_string(),
    }
}

/// The items of the first list of structures in `node` or in a container of it.
fn list_rows(node: &dyn Node) -> Vec<Vec<(String, String)>> {
    let mut rows = Vec::new();
    node.refs(RefVisitor::new(&mut |refs| {
        for value in refs {
            if !rows.is_empty() {
                return;
            }
            match value {
                Ref::Nodes(list) => rows = items(*list).map(leaves).collect(),
                Ref::Node(Some(inner)) => rows = list_rows(*inner),
                _ => {}
            }
        }
    }));
    rows
}

#[cfg(test)]
mod tests {
    use tcloud_core::codec::{Document, xml};

    use super::Format;

    fn buckets() -> Document {
        let operation = tcloud_ci::CATALOG.operation("DescribePicBuckets").unwrap();
        let mut document = Document::new(operation.response);
        let text = "<Response><TotalCount>2</TotalCount>\
                    <PicBucketList><BucketId>a-1</BucketId><Region>r</Region></PicBucketList>\
                    <PicBucketList><BucketId>b-1</BucketId></PicBucketList></Response>";
        xml::decode(text, "Response", &mut document).unwrap();
        document
    }

    #[test]
    fn what_a_query_takes_is_json_a_table_or_lines() {
        let rows = serde_json::json!([{"a": "x", "b": 1}, {"a": "y\u{1b}", "c": [true, null]}]);
        let table = super::value(&rows, Format::Table).unwrap();
        assert!(table.contains("│ a"), "{table}");
        let rules = table.lines().filter(|line| line.starts_with('│')).count();
        assert_eq!(rules, 3, "{table}");
        let text = super::value(&rows, Format::Text).unwrap();
        assert_eq!(text, "x\t1\ny\\u{1b}\ttrue\t");
        let word = serde_json::json!("word");
        assert_eq!(super::value(&word, Format::Text).unwrap(), "word");
        assert_eq!(super::value(&word, Format::Json).unwrap(), "\"word\"");
        assert!(super::value(&word, Format::Table).unwrap().contains("word"));
        assert_eq!(
            super::value(&serde_json::Value::Null, Format::Json).unwrap(),
            "null"
        );
    }

    #[test]
    fn a_list_becomes_lines() {
        let table = super::as_table(&buckets());
        let line = |text: &str| table.lines().filter(|line| line.contains(text)).count();
        assert_eq!(
            (line("a-1"), line("b-1"), line("BucketId")),
            (1, 1, 1),
            "{table}"
        );
    }

    /// The indentation is between elements; a text keeps every character, also of what a table does
    /// not know.
    #[test]
    fn indented_xml_holds_the_same_texts() {
        let operation = tcloud_ci::CATALOG.operation("DescribePicBuckets").unwrap();
        let source = "<Response><RequestId> a &amp; b &lt;c&gt;\n d </RequestId>\
                      <Own kind=\"x\"><Empty/><Text>\u{9b}1 &amp; 2</Text></Own>\
                      <PicBucketList><BucketId>a</BucketId></PicBucketList></Response>";
        let mut document = Document::new(operation.response);
        xml::decode(source, "Response", &mut document).unwrap();

        let shown = super::xml(&document, "Response").unwrap();
        let mut again = Document::new(operation.response);
        xml::decode(&shown, "Response", &mut again).unwrap();
        assert_eq!(
            xml::encode("Response", &again).unwrap(),
            xml::encode("Response", &document).unwrap(),
            "{shown}"
        );
        assert!(shown.lines().count() > 5, "{shown}");
        assert!(!shown.contains('\u{9b}'), "{shown}");
    }

    #[test]
    fn xml_is_indented_and_json_is_in_the_tables_order() {
        let xml = super::xml(&buckets(), "Response").unwrap();
        assert!(xml.contains("\n  <TotalCount>2</TotalCount>\n"), "{xml}");
        let json = super::json(&buckets()).unwrap();
        let (total, list) = (json.find("TotalCount"), json.find("PicBucketList"));
        assert!(total < list, "{json}");
    }
}
