//! Bodies as documents print them, read with all their slips and mended so that they can be tests.

use serde_json::Value as Json;

use super::remark::{RemarkKind, Remarks};
use super::tags::{Tag, tag};

/// Elements within elements that are distinguished.
const DEEP: usize = 64;

/// What a node holds besides other nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Scalar {
    /// A text; of XML anything.
    #[default]
    Text,
    Number,
    Truth,
    Null,
}

/// A node of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: String,
    /// Line of the document.
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) scalar: Scalar,
    /// It is an item of a JSON list.
    pub(super) item: bool,
    /// Names of its attributes.
    pub(super) attributes: Vec<String>,
    pub(super) children: Vec<Node>,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    /// Its text, mended where it was not well-formed.
    pub(super) text: String,
    pub(super) root: Node,
    pub(super) json: bool,
    /// Lines of the document where something was mended, and what.
    pub(super) mended: Vec<(usize, String)>,
}

impl Body {
    /// Reads a body; `None` for what is none.
    pub(super) fn read(text: &str, line: usize) -> Option<Self> {
        let blank = text.len() - text.trim_start().len();
        let line = line + text.get(..blank)?.matches('\n').count();
        let text = text.trim();
        match text.chars().next()? {
            '<' => xml(text, line),
            '{' | '[' => json(text, line),
            _ => None,
        }
    }

    /// Says what was mended in it, which is a sample of `side`.
    pub(super) fn tell(&self, side: &str, remarks: &mut Remarks) {
        for (line, what) in &self.mended {
            let item = format!("{side} sample");
            remarks.add(*line, RemarkKind::Repaired, item, what.clone());
        }
    }
}

struct Xml {
    out: String,
    stack: Vec<Node>,
    root: Option<Node>,
    mended: Vec<(usize, String)>,
    beyond: usize,
}

fn xml(text: &str, line: usize) -> Option<Body> {
    let mut xml = Xml {
        out: String::with_capacity(text.len()),
        stack: Vec::new(),
        root: None,
        mended: Vec::new(),
        beyond: 0,
    };
    let mut rest = text;
    let mut line = line;
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        xml.text(before);
        line += before.matches('\n').count();
        let Some((tag, len)) = tag(from) else {
            // A lone bracket.
            xml.raw_text("&lt;");
            rest = from.get(1..)?;
            continue;
        };
        let source = from.get(..len)?;
        xml.tag(&tag, source, line);
        line += source.matches('\n').count();
        rest = from.get(len..)?;
        // The name of the root once more, and nothing behind it, is meant to close it.
        if rest.trim().is_empty() && xml.reopened() {
            xml.mended.push((
                line,
                format!("`{source}` at the end was read as its closing tag"),
            ));
        }
        if xml.root.is_some() && xml.stack.is_empty() {
            break;
        }
    }
    while let Some(node) = xml.stack.last() {
        let name = node.name.clone();
        xml.mended
            .push((line, format!("the closing tag `</{name}>` was added")));
        xml.write_close(&name);
        xml.end();
    }
    let root = xml.root?;
    if !root
        .name
        .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    {
        return None;
    }
    Some(Body {
        text: xml.out,
        root,
        json: false,
        mended: xml.mended,
    })
}

impl Xml {
    fn text(&mut self, text: &str) {
        let mut at = 0;
        for (amp, _) in text.match_indices('&') {
            self.raw_text(text.get(at..amp).unwrap_or_default());
            let rest = text.get(amp..).unwrap_or_default();
            let end = rest.bytes().take(10).position(|byte| byte == b';');
            let entity = end.and_then(|end| rest.get(1..end)).unwrap_or_default();
            let known = matches!(entity, "amp" | "lt" | "gt" | "quot" | "apos")
                || entity.strip_prefix('#').is_some_and(|it| !it.is_empty());
            self.raw_text(if known { "&" } else { "&amp;" });
            at = amp + 1;
        }
        self.raw_text(text.get(at..).unwrap_or_default());
    }

    fn raw_text(&mut self, text: &str) {
        if self.stack.is_empty() {
            return;
        }
        self.out.push_str(text);
        if let Some(node) = self.stack.last_mut() {
            node.text.push_str(text);
        }
    }

    fn tag(&mut self, tag: &Tag<'_>, source: &str, line: usize) {
        match *tag {
            Tag::Other => {
                if !source.starts_with("<?") || self.out.is_empty() && source.starts_with("<?xml") {
                    self.out.push_str(source);
                    if self.stack.is_empty() {
                        self.out.push('\n');
                    }
                }
            }
            Tag::Open { name, rest, empty } => self.open(name, rest, empty, source, line),
            Tag::Close(name) => self.close(name, line),
        }
    }

    fn open(&mut self, name: &str, rest: &str, empty: bool, source: &str, line: usize) {
        // With nothing or a text before it: nothing is within another of its name.
        let repeated = self.stack.last().is_some_and(|top| {
            let leaf =
                top.children.is_empty() && (top.text.is_empty() || !top.text.trim().is_empty());
            top.name == name && leaf
        });
        // With a text before it, `<Tag/>` is meant so as well.
        let written = self
            .stack
            .last()
            .is_some_and(|top| !top.text.trim().is_empty());
        if repeated && (!empty || written) {
            // `<Tag>word<Tag>`: the second is meant to close.
            self.mended.push((
                line,
                format!("the second `{source}` was read as `</{name}>`"),
            ));
            self.write_close(name);
            self.end();
            return;
        }
        if self.stack.len() >= DEEP {
            self.beyond += usize::from(!empty);
            return;
        }
        self.out.push_str(source);
        let attributes = rest
            .split_whitespace()
            .filter_map(|part| part.split_once('='))
            .map(|(name, _)| name.to_owned())
            .filter(|name| !name.starts_with("xmlns"))
            .collect();
        self.stack.push(Node {
            name: name.to_owned(),
            line,
            attributes,
            ..Node::default()
        });
        if empty {
            self.end();
        }
    }

    fn close(&mut self, name: &str, line: usize) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let Some(top) = self.stack.last() else {
            return;
        };
        let own = top.name.clone();
        if own == name {
            self.write_close(name);
            return self.end();
        }
        let place = self.stack.iter().rposition(|node| node.name == name);
        let leaf = top.children.is_empty();
        // A slip in the name of a leaf, or of a container that nothing else can be meant by.
        if own.eq_ignore_ascii_case(name) || place.is_none() && (leaf || near(&own, name)) {
            self.mended
                .push((line, format!("`</{name}>` was read as `</{own}>`")));
            self.write_close(&own);
            return self.end();
        }
        let Some(place) = place else {
            self.mended
                .push((line, format!("`</{name}>` closes nothing and was left out")));
            return;
        };
        while self.stack.len() > place + 1 {
            let missing = self
                .stack
                .last()
                .map(|node| node.name.clone())
                .unwrap_or_default();
            self.mended
                .push((line, format!("the closing tag `</{missing}>` was added")));
            self.write_close(&missing);
            self.end();
        }
        self.write_close(name);
        self.end();
    }

    /// Takes the node that was opened last back, if it is called like the root and is right in it.
    fn reopened(&mut self) -> bool {
        let again = match self.stack.as_slice() {
            [root, last] => root.name == last.name && last.children.is_empty(),
            _ => false,
        };
        let Some(start) = again.then(|| self.out.rfind('<')).flatten() else {
            return false;
        };
        self.out.truncate(start);
        self.stack.pop();
        if let Some(root) = self.stack.last() {
            let name = root.name.clone();
            self.write_close(&name);
            self.end();
        }
        true
    }

    fn write_close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn end(&mut self) {
        let Some(mut node) = self.stack.pop() else {
            return;
        };
        let text = node.text.trim().to_owned();
        node.text = text;
        match self.stack.last_mut() {
            Some(around) => around.children.push(node),
            None if self.root.is_none() => self.root = Some(node),
            None => {}
        }
    }
}

/// Whether two names differ by no more than a slip.
fn near(one: &str, other: &str) -> bool {
    (5..=64).contains(&one.len())
        && other.len() <= 64
        && strsim::damerau_levenshtein(one, other) <= 2
}

fn json(text: &str, line: usize) -> Option<Body> {
    let mut mended = Vec::new();
    let (text, value) = if let Some(value) = first_value(text) {
        (text.to_owned(), value)
    } else {
        let without = without_commas(text);
        let value = first_value(&without)?;
        mended.push((
            line,
            "commas and comments that JSON does not know were left out".to_owned(),
        ));
        (without, value)
    };
    let mut root = Node {
        line,
        ..Node::default()
    };
    fill(&mut root, &value, line);
    Some(Body {
        text,
        root,
        json: true,
        mended,
    })
}

/// The value that a text is.
fn first_value(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

/// JSON without commas behind the last item, and without comments.
fn without_commas(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    let mut escaped = false;
    // A comma and the white space behind it, until it is known what it parts.
    let mut comma = String::new();
    while let Some(c) = chars.next() {
        if !quoted && c == '/' && chars.peek() == Some(&'/') {
            while chars.peek().is_some_and(|c| *c != '\n') {
                chars.next();
            }
            continue;
        }
        if !quoted && c == '/' && chars.peek() == Some(&'*') {
            let mut before = ' ';
            chars.next();
            for c in chars.by_ref() {
                if (before, c) == ('*', '/') {
                    break;
                }
                before = c;
            }
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        if !comma.is_empty() {
            if c.is_whitespace() {
                comma.push(c);
                continue;
            }
            let spare = usize::from(matches!(c, '}' | ']'));
            result.push_str(comma.get(spare..).unwrap_or_default());
            comma.clear();
        }
        if c == ',' && !quoted {
            comma.push(c);
        } else {
            result.push(c);
        }
    }
    result + &comma
}

fn fill(node: &mut Node, value: &Json, line: usize) {
    match value {
        Json::Null => node.scalar = Scalar::Null,
        Json::Bool(truth) => {
            node.scalar = Scalar::Truth;
            node.text = truth.to_string();
        }
        Json::Number(number) => {
            node.scalar = Scalar::Number;
            node.text = number.to_string();
        }
        Json::String(text) => text.clone_into(&mut node.text),
        Json::Array(items) => {
            node.item = true;
            if let Some(first) = items.first() {
                fill(node, first, line);
                node.item = true;
            }
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                let items: Vec<&Json> = match value {
                    Json::Array(items) if !items.is_empty() => items.iter().collect(),
                    other => vec![other],
                };
                for item in items {
                    let mut child = Node {
                        name: name.clone(),
                        line,
                        ..Node::default()
                    };
                    fill(&mut child, item, line);
                    child.item |= value.is_array();
                    node.children.push(child);
                }
            }
        }
    }
}

/// Whether a text is XML that any parser takes.
pub(super) fn well_formed(text: &str) -> bool {
    roxmltree::Document::parse(text.trim()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(node: &Node) -> Vec<&str> {
        node.children
            .iter()
            .map(|child| child.name.as_str())
            .collect()
    }

    #[test]
    fn slips_of_tags_are_mended() {
        let text = "<A>\n<B>x<B/>\n<C>y</c>\n<D>z</Q>\n<E><F>1</F>\n</A>";
        let body = Body::read(text, 5).unwrap();
        assert_eq!(names(&body.root), ["B", "C", "D", "E"]);
        assert_eq!(
            body.text,
            "<A>\n<B>x</B>\n<C>y</C>\n<D>z</D>\n<E><F>1</F>\n</E></A>"
        );
        let lines: Vec<usize> = body.mended.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [6, 7, 8, 10]);
    }

    #[test]
    fn a_root_may_be_closed_by_its_name_alone() {
        let body = Body::read("<A>\n<B>1</B>\n<A>\n", 1).unwrap();
        assert_eq!(names(&body.root), ["B"]);
        assert_eq!(body.text, "<A>\n<B>1</B>\n</A>");
        assert_eq!(body.mended.len(), 1);
    }

    #[test]
    fn what_is_well_formed_stays() {
        let text = "<A>\n\t<B x:y=\"1\">a &amp; b</B>\n\t<C/>\n</A>";
        let body = Body::read(text, 1).unwrap();
        assert_eq!(body.text, text);
        assert!(body.mended.is_empty());
        assert_eq!(body.root.children.first().unwrap().attributes, ["x:y"]);
    }

    #[test]
    fn json_is_read_without_stray_commas() {
        let body = Body::read("{\"A\": [{\"B\": 1,}, {\"B\": 2}], /* a */ // note\n}", 1).unwrap();
        assert_eq!(names(&body.root), ["A", "A"]);
        assert_eq!(body.mended.len(), 1);
    }
}
