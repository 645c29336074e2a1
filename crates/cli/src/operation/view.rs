//! A node as the user sees it: every field, wherever in the message it is sent.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use tcloud_core::node::{Node, NodeList, NodeMap, Ref, RefVisitor};
use tcloud_core::schema::{Field, Kind};

/// Serialises a node by the names of its table, in the table's order, then what no table knows.
pub(super) struct View<'a>(pub(super) &'a dyn Node);

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let fields = self.0.structure().fields();
        let mut outcome = Ok(());
        self.0.refs(RefVisitor::new(&mut |refs| {
            outcome = fields
                .iter()
                .zip(refs)
                .filter(|(_, value)| !value.is_absent())
                .try_for_each(|(field, value)| {
                    map.serialize_entry(
                        field.name,
                        &Value {
                            field,
                            value: *value,
                        },
                    )
                });
        }));
        outcome?;
        for (name, value) in self.0.unknown().iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct Value<'a> {
    field: &'a Field,
    value: Ref<'a>,
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Ref::Fixed => match self.field.kind {
                Kind::Fixed(word) => serializer.serialize_str(word),
                _ => serializer.serialize_none(),
            },
            Ref::Text(text) => text.serialize(serializer),
            Ref::Integer(number) => number.serialize(serializer),
            Ref::Float(number) => number.serialize(serializer),
            Ref::Boolean(truth) => truth.serialize(serializer),
            Ref::Node(node) => node.map(View).serialize(serializer),
            Ref::Any(value) => value.serialize(serializer),
            Ref::Map(map) => map.serialize(serializer),
            Ref::Texts(list) => {
                let mut items = serializer.serialize_seq(Some(list.count()))?;
                for index in 0..list.count() {
                    items.serialize_element(list.item(index).unwrap_or_default())?;
                }
                items.end()
            }
            Ref::Integers(list) => list.serialize(serializer),
            Ref::Floats(list) => list.serialize(serializer),
            Ref::Booleans(list) => list.serialize(serializer),
            Ref::Nodes(list) => serializer.collect_seq(items(list).map(View)),
            Ref::NodeMap(map) => serializer.collect_map(
                entries(map)
                    .into_iter()
                    .map(|(name, node)| (name, View(node))),
            ),
            Ref::Anys(list) => list.serialize(serializer),
            _ => serializer.serialize_none(),
        }
    }
}

/// The entries of a map of structures.
pub(super) fn entries(map: &dyn NodeMap) -> Vec<(&str, &dyn Node)> {
    let mut found = Vec::new();
    map.each(&mut |name, node| found.push((name, node)));
    found
}

/// The items of a list of structures.
pub(super) fn items(list: &dyn NodeList) -> impl Iterator<Item = &dyn Node> {
    (0..list.count()).filter_map(|index| list.item(index))
}

/// Every scalar of `node` by its path, in the table's order: what a table shows.
pub(super) fn leaves(node: &dyn Node) -> Vec<(String, String)> {
    let mut found = Vec::new();
    flatten(node, "", &mut found);
    found
}

fn flatten(node: &dyn Node, prefix: &str, found: &mut Vec<(String, String)>) {
    let fields = node.structure().fields();
    node.refs(RefVisitor::new(&mut |refs| {
        for (field, value) in fields.iter().zip(refs) {
            if value.is_absent() {
                continue;
            }
            let path = format!("{prefix}{}", field.name);
            match value {
                Ref::Node(Some(child)) => flatten(*child, &format!("{path}."), found),
                Ref::Nodes(list) => {
                    for (index, child) in items(*list).enumerate() {
                        flatten(child, &format!("{path}[{index}]."), found);
                    }
                }
                Ref::NodeMap(map) => {
                    for (name, child) in entries(*map) {
                        flatten(child, &format!("{path}.{name}."), found);
                    }
                }
                value => {
                    let shown = serde_json::to_value(Value {
                        field,
                        value: *value,
                    });
                    found.push((path, shown.map_or_else(|_| String::new(), plain)));
                }
            }
        }
    }));
    for (name, value) in node.unknown().iter() {
        found.push((format!("{prefix}{name}"), plain(value.clone())));
    }
}

/// A value as a text without quotes; the items of a list with commas between them.
fn plain(value: serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        serde_json::Value::Array(items) => {
            items.into_iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
