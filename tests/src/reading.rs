//! Documents as trees, read by other hands than the codec's.

use std::collections::BTreeMap;

use serde_json::Value;
use tcloud_core::operation::BodyFormat;

use crate::Failure;

/// A document in which only what has a meaning is left: two of them are equal if the documents say
/// the same.
#[derive(Debug, PartialEq)]
pub enum Tree {
    /// An XML document: the name of its root and what is in it.
    Xml(String, Element),
    /// A JSON document. A member that is `null` says as much as one that is left out.
    Json(Value),
}

/// An XML element. Elements of different names have no order among each other: the tables do not
/// give one. White space between elements has no meaning, that inside of a text has.
#[derive(Debug, Default, PartialEq)]
pub struct Element {
    attributes: BTreeMap<String, String>,
    children: BTreeMap<String, Vec<Element>>,
    text: String,
}

/// Reads the body `text`.
///
/// # Errors
/// It is not well-formed, or `format` has no document.
pub fn read(format: BodyFormat, text: &str) -> Result<Tree, Failure> {
    match format {
        BodyFormat::Xml(_) => {
            let document = roxmltree::Document::parse(text)?;
            let root = document.root_element();
            Ok(Tree::Xml(name(root), element(root)))
        }
        BodyFormat::Json => {
            let mut value = serde_json::from_str(text)?;
            drop_nulls(&mut value);
            Ok(Tree::Json(value))
        }
        other => Err(format!("a body of {other:?} is no document").into()),
    }
}

/// The name of an element, with the namespace it belongs to and not the prefix it is written with.
fn name(node: roxmltree::Node<'_, '_>) -> String {
    let tag = node.tag_name();
    format!("{}{{{}}}", tag.name(), tag.namespace().unwrap_or_default())
}

fn element(node: roxmltree::Node<'_, '_>) -> Element {
    let mut element = Element::default();
    for attribute in node.attributes() {
        let namespace = attribute.namespace().unwrap_or_default();
        let name = format!("{}{{{namespace}}}", attribute.name());
        element
            .attributes
            .insert(name, attribute.value().to_owned());
    }
    for child in node.children() {
        if child.is_element() {
            let same = element.children.entry(name(child)).or_default();
            same.push(self::element(child));
        } else if let Some(text) = child.text().filter(|_| child.is_text()) {
            element.text.push_str(text);
        }
    }
    if !element.children.is_empty() && element.text.trim().is_empty() {
        element.text.clear();
    }
    // Some services write truth values in capitals, which says the same.
    for truth in ["true", "false"] {
        if element.text.eq_ignore_ascii_case(truth) {
            truth.clone_into(&mut element.text);
        }
    }
    element
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
