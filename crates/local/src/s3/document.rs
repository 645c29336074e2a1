//! XML documents as trees, so that elements can be renamed, left out and added.

use std::fmt::Write as _;

use http::StatusCode;
use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};
use tcloud_core::server::Fault;

/// How deep elements may lie in one another.
const DEPTH: usize = 16;

/// An element with its text or its children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    /// As they are written, without declarations of the document's own namespace.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Reads a document; `None` if it is empty.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(super) fn read(document: &[u8]) -> Result<Option<Self>, Fault> {
        let text = std::str::from_utf8(document).map_err(|_| malformed("it is not UTF-8"))?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            let event = reader.read_event();
            let event = event.map_err(|error| malformed(&error.to_string()))?;
            let closed = match event {
                Event::Start(start) => {
                    if open.len() >= DEPTH || root.is_some() {
                        return Err(malformed("its elements are not those of a document"));
                    }
                    open.push(Self::begun(&start)?);
                    None
                }
                Event::Empty(start) => Some(Self::begun(&start)?),
                Event::End(_) => open.pop(),
                Event::Text(text) => {
                    push(&mut open, &text)?;
                    None
                }
                Event::CData(text) => {
                    push(&mut open, &text)?;
                    None
                }
                Event::GeneralRef(name) => {
                    let entity = format!("&{};", &*name);
                    let text = unescape(&entity);
                    push(
                        &mut open,
                        &text.map_err(|error| malformed(&error.to_string()))?,
                    )?;
                    None
                }
                Event::DocType(_) => return Err(malformed("it has a document type")),
                Event::Eof => break,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => None,
            };
            match (closed, open.last_mut()) {
                (Some(mut element), Some(parent)) => {
                    element.tidy();
                    parent.children.push(element);
                }
                (Some(mut element), None) => {
                    element.tidy();
                    root = Some(element);
                }
                (None, _) => {}
            }
        }
        match root {
            Some(root) if open.is_empty() => Ok(Some(root)),
            _ => Err(malformed("it ends within an element")),
        }
    }

    fn begun(start: &BytesStart<'_>) -> Result<Self, Fault> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| malformed(&error.to_string()))?;
            let name = attribute.key.into_inner();
            if name != "xmlns" {
                let value = unescape(&attribute.value);
                let value = value.map_err(|error| malformed(&error.to_string()))?;
                attributes.push((name.to_owned(), value.into_owned()));
            }
        }
        Ok(Self {
            name: start.local_name().as_ref().to_owned(),
            attributes,
            ..Self::default()
        })
    }

    /// White space between elements is no text.
    fn tidy(&mut self) {
        if !self.children.is_empty() {
            self.text.clear();
        }
    }

    /// An element with a text.
    pub(super) fn with_text(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// An element with children.
    pub(super) fn with_children(name: &str, children: Vec<Self>) -> Self {
        Self {
            name: name.to_owned(),
            children,
            ..Self::default()
        }
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of a name.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// Takes all children of a name away, and returns the first one.
    pub(super) fn take(&mut self, name: &str) -> Option<Self> {
        let first = self.child(name).cloned();
        self.children.retain(|child| child.name != name);
        first
    }

    /// Calls `change` with it and all that is in it.
    pub(super) fn each<E>(
        &mut self,
        change: &mut impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        change(self)?;
        self.children
            .iter_mut()
            .try_for_each(|child| child.each(change))
    }

    /// The document with this root.
    pub(super) fn written(&self) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        let Self { name, .. } = self;
        // Writing to a String cannot fail.
        let _ = write!(out, "<{name}");
        for (attribute, value) in &self.attributes {
            let _ = write!(out, " {attribute}=\"{}\"", escape(value.as_str()));
        }
        out.push('>');
        // A carriage return would be read as a line feed.
        out.push_str(&escape(self.text.as_str()).replace('\r', "&#13;"));
        for child in &self.children {
            child.write(out);
        }
        let _ = write!(out, "</{name}>");
    }
}

/// Adds text to the element that is open.
fn push(open: &mut [Element], text: &str) -> Result<(), Fault> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(malformed("there is text outside of its root element")),
    }
    Ok(())
}

/// The refusal of a document that cannot be read.
pub(super) fn malformed(why: &str) -> Fault {
    let message = format!("The XML you provided was not well-formed: {why}");
    Fault::new(StatusCode::BAD_REQUEST, "MalformedXML", message)
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn documents_are_written_as_they_were() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <a><b x:y=\"&lt;1&gt;\">1 &amp; &#13;\n2</b><c></c><b>3</b></a>";
        let read = Element::read(text.as_bytes()).unwrap().unwrap();
        assert_eq!(read.written(), text);
        assert_eq!(read.text_of("b"), Some("1 & \r\n2"));
    }

    #[test]
    fn spaces_and_namespaces_are_nothing() {
        let text =
            "<a xmlns=\"http://x\">\n  <n:b xmlns:n=\"http://y\"><![CDATA[<]]>&#x41;</n:b>\n</a>";
        let read = Element::read(text.as_bytes()).unwrap().unwrap();
        assert_eq!(read.text, "");
        assert_eq!(read.text_of("b"), Some("<A"));
        assert_eq!(Element::read(b" \n").unwrap(), None);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = "<a>".repeat(100);
        for text in [
            "a",
            "<a>",
            "<a></b>",
            "<a/><b></b>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&b;</a>",
            "<a b=c/>",
            deep.as_str(),
        ] {
            let refused = Element::read(text.as_bytes()).unwrap_err();
            assert_eq!(refused.code, "MalformedXML", "{text:.20}");
        }
        assert!(Element::read(&[b'<', 0xff, b'>']).is_err());
    }
}
