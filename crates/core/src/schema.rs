//! What a document's node table says, as data.
//!
//! A generated structure has one `static` [`Structure`]. The codec walks it beside the values that
//! [`Node`](crate::node::Node) shows, so nothing about encoding is generated per type.

use std::sync::OnceLock;

/// One table: the nodes of a container, in the document's order.
#[derive(Debug)]
#[non_exhaustive]
pub struct Structure {
    /// The container's type name, as the generated Rust type is called.
    pub name: &'static str,
    rows: Rows,
}

/// Where the rows come from.
#[derive(Debug)]
enum Rows {
    /// The compiler has laid them out.
    Known(&'static [Field]),
    /// They are found out at run time, after the structures they refer to.
    /// Behind a reference, so that tables are plain data: what has a cell inside is checked for
    /// it wherever it is made, table by table.
    Later(&'static OnceLock<&'static [Field]>),
}

impl Structure {
    /// A structure of `fields`.
    pub const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            rows: Rows::Known(fields),
        }
    }

    /// A structure that is to be [completed](Self::complete): tables read at run time may refer to
    /// each other, and to themselves. It keeps a few bytes of memory until the program ends.
    pub fn open(name: &'static str) -> Self {
        Self {
            name,
            rows: Rows::Later(Box::leak(Box::default())),
        }
    }

    /// Gives an open structure its rows.
    ///
    /// # Errors
    /// The structure has its rows already; `fields` come back.
    pub fn complete(&self, fields: &'static [Field]) -> Result<(), &'static [Field]> {
        match &self.rows {
            Rows::Known(_) => Err(fields),
            Rows::Later(rows) => rows.set(fields),
        }
    }

    /// The rows of the table; none while it is open.
    pub fn fields(&self) -> &'static [Field] {
        match &self.rows {
            Rows::Known(fields) => fields,
            Rows::Later(rows) => rows.get().copied().unwrap_or_default(),
        }
    }

    /// The position of the field called `name` on the wire.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields().iter().position(|field| field.name == name)
    }
}

/// Two tables are one table if they are the same `static`.
impl PartialEq for Structure {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// One row of a table.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// The node's name on the wire.
    pub name: &'static str,
    /// What the node holds.
    pub kind: Kind,
    /// Which part of the message carries it.
    pub place: Place,
    /// What else the table says of it.
    pub flags: Flags,
    /// The bounds the table states, if any.
    pub limits: Option<&'static Limits>,
}

impl Field {
    /// A field in the message's body, without flags or limits.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            place: Place::Body,
            flags: Flags::NONE,
            limits: None,
        }
    }

    /// The same field in another part of the message.
    pub const fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same field with `flags` added.
    pub const fn with(mut self, flags: Flags) -> Self {
        self.flags = Flags(self.flags.0 | flags.0);
        self
    }

    /// The same field with its bounds.
    pub const fn limited(mut self, limits: &'static Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Whether the table requires the node.
    pub const fn is_required(&self) -> bool {
        self.flags.contains(Flags::REQUIRED)
    }

    /// Whether whoever sends the message computes the value, unless it is set.
    pub const fn is_computed(&self) -> bool {
        self.flags.contains(Flags::MD5)
    }

    /// Whether the node may repeat.
    pub const fn is_list(&self) -> bool {
        self.flags.contains(Flags::LIST)
    }

    /// Whether the node holds as many values as come: it may be there and hold none.
    pub const fn is_many(&self) -> bool {
        self.is_list() || matches!(self.kind, Kind::Map | Kind::MapOf(_))
    }
}

/// What a node holds.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// Text: `Option<String>`.
    Text,
    /// A whole number: `Option<i64>`.
    Integer,
    /// A number with a fraction: `Option<f64>`.
    Float,
    /// `true` or `false`: `Option<bool>`.
    Boolean,
    /// A time as the service writes it: `Option<Timestamp>`.
    Timestamp,
    /// One of a documented, open set of words: an enum that also keeps a word it does not know.
    Enumeration(&'static [&'static str]),
    /// A node that always has this text, such as the `Tag` that selects an operation. The
    /// structure has no field for it.
    Fixed(&'static str),
    /// A container with a table of its own.
    Structure(&'static Structure),
    /// Containers of one table, each under a name that no table lists, such as the nodes of a
    /// workflow: `BTreeMap<String, _>`.
    MapOf(&'static Structure),
    /// Names and texts that no table lists: user metadata. In [`Place::Header`] the field's name
    /// is the prefix of the headers.
    Map,
    /// Anything: kept as JSON.
    Any,
}

/// Which part of a message carries a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The XML or JSON body.
    Body,
    /// A label of the host name (`{bucket}`).
    Host,
    /// A segment of the path (`{jobId}`, or `{key+}` for one that may hold slashes).
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
}

/// What a table says of a field beyond its kind: a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// The node must be present.
    pub const REQUIRED: Self = Self(1);
    /// The node repeats.
    pub const LIST: Self = Self(2);
    /// The value is a secret: never shown.
    pub const SENSITIVE: Self = Self(4);
    /// The value is an attribute of the XML element, not a child.
    pub const ATTRIBUTE: Self = Self(8);
    /// The service has deprecated the node.
    pub const DEPRECATED: Self = Self(16);
    /// The value is the text of the XML element itself, not a child.
    pub const CONTENT: Self = Self(32);
    /// The number or truth value is in quotes, in JSON too.
    pub const QUOTED: Self = Self(64);
    /// The service may answer `null`, which is not a departure: it has no value to give.
    pub const NULLABLE: Self = Self(128);
    /// The value is the MD5 digest of the body in Base64; who sends the request need not set it.
    pub const MD5: Self = Self(256);
    /// The service may leave the node out of an answer, though a request must have it.
    pub const OMITTABLE: Self = Self(512);
    /// The service does what it has done for the same value only once; the call sets one, if none is
    /// set, and can be tried again.
    pub const IDEMPOTENCY_TOKEN: Self = Self(1024);

    /// The text is URL-encoded if the answer [says so](crate::operation::Encoding).
    pub const URL_ENCODED: Self = Self(2048);

    /// The name of the node in a body, and its words, come in upper and in lower case.
    pub const ANY_CASE: Self = Self(4096);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The bounds a table states for a value. The client sends what it is given; the server side
/// checks them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Limits {
    /// Smallest number.
    pub minimum: Option<i64>,
    /// Largest number.
    pub maximum: Option<i64>,
    /// Most characters of a text.
    pub max_length: Option<u32>,
    /// The text that documents write for "no value"; no bound and no word binds it.
    pub unset: Option<&'static str>,
    /// What the service assumes when the node is absent.
    pub default: Option<&'static str>,
}

impl Limits {
    /// No bounds.
    pub const fn new() -> Self {
        Self {
            minimum: None,
            maximum: None,
            max_length: None,
            unset: None,
            default: None,
        }
    }

    /// Numbers from `minimum` to `maximum`, both included.
    pub const fn range(mut self, minimum: i64, maximum: i64) -> Self {
        self.minimum = Some(minimum);
        self.maximum = Some(maximum);
        self
    }

    /// At least `minimum`.
    pub const fn at_least(mut self, minimum: i64) -> Self {
        self.minimum = Some(minimum);
        self
    }

    /// At most `maximum`.
    pub const fn at_most(mut self, maximum: i64) -> Self {
        self.maximum = Some(maximum);
        self
    }

    /// At most `characters` characters.
    pub const fn max_length(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Also `text`, which means "no value".
    pub const fn unset(mut self, text: &'static str) -> Self {
        self.unset = Some(text);
        self
    }

    /// The value assumed when the node is absent.
    pub const fn default_value(mut self, value: &'static str) -> Self {
        self.default = Some(value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Document, json};

    #[test]
    fn a_structure_made_at_run_time_may_hold_its_own_kind() {
        let tree: &'static Structure = Box::leak(Box::new(Structure::open("Tree")));
        assert!(tree.fields().is_empty());
        let fields = vec![
            Field::new("Name", Kind::Text),
            Field::new("Branches", Kind::Structure(tree)).with(Flags::LIST),
        ];
        tree.complete(fields.leak()).unwrap();

        let text = r#"{"Name":"a","Branches":[{"Name":"b","Branches":[{"Name":"c"}]}]}"#;
        let mut document = Document::new(tree);
        assert_eq!(json::decode(text, "", &mut document), Ok(vec![]));
        assert_eq!(
            json::encode(&document, json::Style::Typed).as_deref(),
            Ok(text)
        );
    }

    #[test]
    fn a_structure_is_completed_once() {
        static ROWS: [Field; 1] = [Field::new("Name", Kind::Text)];
        assert!(Structure::new("Known", &[]).complete(&ROWS).is_err());

        let open = Structure::open("Open");
        assert!(open.complete(&ROWS).is_ok());
        assert!(open.complete(&[]).is_err());
        assert_eq!(open.position("Name"), Some(0));
    }
}
