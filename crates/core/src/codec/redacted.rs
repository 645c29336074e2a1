//! Documents as they may be shown: without their secrets.

use super::document::Document;
use super::{json, redact, xml};
use crate::operation::BodyFormat;
use crate::schema::Structure;

/// The document `text` of `table` without its secrets and without nodes that the table does not
/// know, which may be secrets. `None` if it is not a document, or cannot be read.
pub fn redacted(format: BodyFormat, table: &'static Structure, text: &str) -> Option<String> {
    let mut document = Document::new(table);
    match format {
        BodyFormat::Xml(root) => {
            xml::decode(text, root, &mut document).ok()?;
            redact(&mut document);
            xml::encode(root, &document).ok()
        }
        BodyFormat::Json => {
            json::decode(text, "", &mut document).ok()?;
            redact(&mut document);
            json::encode(&document, json::Style::Typed).ok()
        }
        BodyFormat::Raw | BodyFormat::Empty => None,
    }
}
