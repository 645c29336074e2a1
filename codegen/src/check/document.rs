//! A sample's body as a tree, whatever its notation.

use serde_json::Value as Json;

/// A node of a sample.
pub(super) enum Value {
    /// `null` or an empty element.
    Empty,
    /// The text of an XML element.
    Bare(String),
    /// A JSON text.
    Text(String),
    /// A JSON number.
    Number(String),
    /// A JSON truth value.
    Boolean(bool),
    /// Named nodes, in their order; of an XML list each item is one.
    Fields(Vec<(String, Value)>),
    /// A JSON list.
    List(Vec<Value>),
}

impl Value {
    /// What a reader would call it.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Bare(_) | Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Boolean(_) => "a truth value",
            Self::Fields(_) => "a container",
            Self::List(_) => "a list",
        }
    }
}

/// Reads XML: name and content of the root element.
pub(super) fn xml(text: &str) -> Result<(String, Value), String> {
    let document = roxmltree::Document::parse(text.trim()).map_err(|error| error.to_string())?;
    let root = document.root_element();
    Ok((root.tag_name().name().to_owned(), element(root)))
}

fn element(node: roxmltree::Node<'_, '_>) -> Value {
    let attributes = node.attributes().map(|attribute| {
        (
            attribute.name().to_owned(),
            Value::Bare(attribute.value().to_owned()),
        )
    });
    let elements = node.children().filter(roxmltree::Node::is_element);
    let fields: Vec<_> = attributes
        .chain(elements.map(|child| (child.tag_name().name().to_owned(), element(child))))
        .collect();
    if !fields.is_empty() {
        return Value::Fields(fields);
    }
    match node.text().map(str::trim) {
        None | Some("") => Value::Empty,
        Some(text) => Value::Bare(text.to_owned()),
    }
}

/// Reads JSON.
pub(super) fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text)
        .map(node)
        .map_err(|error| error.to_string())
}

fn node(value: Json) -> Value {
    match value {
        Json::Null => Value::Empty,
        Json::Bool(truth) => Value::Boolean(truth),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(node).collect()),
        Json::Object(fields) => Value::Fields(
            fields
                .into_iter()
                .map(|(name, value)| (name, node(value)))
                .collect(),
        ),
    }
}
