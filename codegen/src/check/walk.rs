//! Goes through a sample's body and its table side by side.

use super::document::{self, Value};
use super::service::{Container, Names, Node, Table};
use super::values::fits;
use crate::rows::join;
use crate::spec::Body;
use crate::words::Type;

/// Something in a sample that its table does not say.
pub(super) struct Difference {
    /// Path below the root, without the numbers of items.
    pub(super) path: String,
    pub(super) problem: String,
    pub(super) help: &'static str,
}

/// All differences between a body and its table.
pub(super) fn differences<'s, 'a>(
    known: &Names<'s, 'a>,
    table: &'s Table<'a>,
    text: &str,
    wrapper: Option<&str>,
) -> Vec<Difference> {
    let mut walk = Walk {
        known,
        json: table.format != Body::Xml,
        found: Vec::new(),
    };
    match body(table, text, wrapper) {
        Ok(value) => walk.container(table.top(), &value, ""),
        Err((problem, help)) => walk.tell("", problem, help),
    }
    walk.found
}

/// The content of the root, or of the wrapper that the protocol puts around the body.
fn body(
    table: &Table<'_>,
    text: &str,
    wrapper: Option<&str>,
) -> Result<Value, (String, &'static str)> {
    let unreadable = |error| (format!("it cannot be read: {error}"), "mend the sample");
    if table.format == Body::Xml {
        let (root, value) = document::xml(text).map_err(unreadable)?;
        if root == table.root {
            return Ok(value);
        }
        let problem = format!("its root is `{root}`, that of the table `{}`", table.root);
        return Err((
            problem,
            "write the sample's root into `root` and into the `parent` of the rows",
        ));
    }
    let value = document::json(text).map_err(unreadable)?;
    let Some(wrapper) = wrapper else {
        return Ok(value);
    };
    match value {
        Value::Fields(fields) => fields.into_iter().find(|(name, _)| name == wrapper),
        _ => None,
    }
    .map(|(_, value)| value)
    .ok_or_else(|| {
        (
            format!("the wrapper `{wrapper}` is missing"),
            "samples of API 3.0 are whole bodies",
        )
    })
}

struct Walk<'w, 's, 'a> {
    known: &'w Names<'s, 'a>,
    json: bool,
    found: Vec<Difference>,
}

impl<'s, 'a> Walk<'_, 's, 'a> {
    fn tell(&mut self, path: &str, problem: String, help: &'static str) {
        self.found.push(Difference {
            path: path.to_owned(),
            problem,
            help,
        });
    }

    fn container(&mut self, around: Container<'s, 'a>, value: &Value, path: &str) {
        let content = around.nodes().find(|node| node.site.row().content);
        let fields = match value {
            Value::Bare(_) if let Some(node) = content => {
                return self.item(around.table, node, value, path);
            }
            Value::Empty => return,
            Value::Fields(fields) => fields,
            _ => {
                let problem = format!(
                    "`{path}` is {}, in the table it is a container",
                    value.what()
                );
                return self.tell(path, problem, "mend the row's `type`");
            }
        };
        let has =
            |count: usize, name: &str| fields.iter().take(count).any(|(field, _)| field == name);
        for (index, (name, value)) in fields.iter().enumerate() {
            let path = join(path, name);
            let Some(node) = around.nodes().find(|node| local(node) == name) else {
                self.tell(&path, format!("no row describes `{path}`"), "add the row");
                continue;
            };
            if !node.list && has(index, name) {
                let problem = format!("`{path}` comes more than once");
                self.tell(&path, problem, "make the row's type `… array`");
                continue;
            }
            self.node(around.table, node, value, &path);
        }
        for node in around.nodes() {
            let row = node.site.row();
            if !row.required || row.omittable {
                continue;
            }
            if !has(fields.len(), local(node)) {
                let path = join(path, local(node));
                let problem = format!("`{path}` is required and missing");
                self.tell(&path, problem, "remove `required: true` from the row");
            }
        }
    }

    fn node(&mut self, table: &'s Table<'a>, node: &'s Node<'a>, value: &Value, path: &str) {
        match value {
            Value::Empty => {}
            Value::List(items) if node.list => {
                for item in items {
                    self.item(table, node, item, path);
                }
            }
            value if self.json && node.list => {
                let problem = format!("`{path}` is {}, in the table it is a list", value.what());
                self.tell(path, problem, "remove ` array` from the row's type");
            }
            value => self.item(table, node, value, path),
        }
    }

    fn item(&mut self, table: &'s Table<'a>, node: &'s Node<'a>, value: &Value, path: &str) {
        if let (Type::MapOf(name), Value::Fields(fields)) = (node.kind, value) {
            if let Some(inside) = self.known.get(name) {
                for (own, value) in fields {
                    self.container(inside, value, &join(path, own));
                }
            }
            return;
        }
        if let Some(inside) = self.known.inside(table, node) {
            return self.container(inside, value, path);
        }
        let row = node.site.row();
        let (travels, _) = row.kind.read();
        let (text, fits_notation) = match value {
            // Some services write them in capitals, and the codec reads them.
            Value::Bare(text) if row.typed().0 == Type::Boolean => {
                (truth(text).unwrap_or(text), true)
            }
            Value::Bare(text) => (text.as_str(), true),
            Value::Text(text) => (
                text.as_str(),
                matches!(travels, Type::Text | Type::Timestamp),
            ),
            Value::Number(text) => (
                text.as_str(),
                matches!(travels, Type::Integer | Type::Float | Type::Timestamp),
            ),
            Value::Boolean(truth) => (
                if *truth { "true" } else { "false" },
                travels == Type::Boolean,
            ),
            Value::Fields(_) => ("", travels == Type::Map),
            Value::List(_) => ("", false),
            Value::Empty => return,
        };
        // An unknown type is reported at its row.
        if matches!(travels, Type::Any | Type::Named(_) | Type::MapOf(_)) {
            return;
        }
        if !fits_notation {
            let problem = format!(
                "`{path}` is {}, in the table it is `{}`",
                value.what(),
                row.kind
            );
            return self.tell(path, problem, "mend the row's `type`");
        }
        // The services write an empty text where they have nothing to say.
        if text.is_empty() {
            return;
        }
        if let Err(refusal) = fits(row, text) {
            self.tell(
                path,
                format!("`{path}`: {}", refusal.reason),
                "mend the row",
            );
        }
        if let Some(fixed) = row.fixed.as_deref().filter(|fixed| *fixed != text) {
            let problem = format!("`{path}` is `{text}`, in the table always `{fixed}`");
            self.tell(path, problem, "mend `fixed`");
        }
    }
}

/// The name of a node without the prefix of an XML namespace.
fn local<'n>(node: &'n Node<'_>) -> &'n str {
    let name = node.site.row().name.as_str();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// A truth value as the tables write it.
fn truth(text: &str) -> Option<&'static str> {
    ["true", "false"]
        .into_iter()
        .find(|truth| truth.eq_ignore_ascii_case(text))
}
