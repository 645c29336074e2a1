//! Answers as they are printed.

use clap::ValueEnum;
use quick_xml::events::Event;
use quick_xml::{Reader, Writer};
use tcloud_core::codec::{CodecError, xml};
use tcloud_core::node::{Node, Ref};

use super::view::{View, items, leaves};
use crate::error::Error;
use crate::table::table;

/// How a message is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A JSON object
    Json,
    /// An XML document
    Xml,
    /// A table: a line for each item of a list, or for each value
    Table,
}

/// `node` as indented JSON.
pub(super) fn json(node: &dyn Node) -> Result<String, Error> {
    serde_json::to_string_pretty(&View(node))
        .map_err(|error| Error::Failed(format!("the message cannot be shown: {error}")))
}

/// The body of `node` as an indented XML document with the root element `root`.
pub(super) fn xml(node: &dyn Node, root: &str) -> Result<String, Error> {
    let failed = |reason: String| Error::Failed(format!("the message cannot be shown: {reason}"));
    let compact = xml::encode(root, node).map_err(|error: CodecError| failed(error.to_string()))?;
    let mut reader = Reader::from_str(&compact);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => writer
                .write_event(event)
                .map_err(|error| failed(error.to_string()))?,
            Err(error) => return Err(failed(error.to_string())),
        }
    }
    String::from_utf8(writer.into_inner()).map_err(|error| failed(error.to_string()))
}

/// `node` as a table: its list, if it has one with items, else its values.
pub(super) fn as_table(node: &dyn Node) -> String {
    let rows = list_rows(node);
    if rows.is_empty() {
        let mut table = table(["Node", "Value"]);
        for (name, text) in leaves(node) {
            table.add_row([name, text]);
        }
        return table.to_string();
    }
    let mut columns: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let mut table = table(columns.iter().copied());
    for row in &rows {
        table.add_row(columns.iter().map(|column| {
            row.iter()
                .find(|(name, _)| name == column)
                .map_or("", |(_, text)| text.as_str())
        }));
    }
    table.to_string()
}

/// The items of the first list of structures in `node` or in a container of it.
fn list_rows(node: &dyn Node) -> Vec<Vec<(String, String)>> {
    let mut rows = Vec::new();
    node.refs(&mut |refs| {
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
    });
    rows
}

#[cfg(test)]
mod tests {
    use tcloud_core::codec::{Document, xml};

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
    fn a_list_becomes_lines() {
        let table = super::as_table(&buckets());
        let line = |text: &str| table.lines().filter(|line| line.contains(text)).count();
        assert_eq!(
            (line("a-1"), line("b-1"), line("BucketId")),
            (1, 1, 1),
            "{table}"
        );
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
