//! Rust as its users read it: types, signatures and paths without the crate's name.

use crate::model::{Field, Kind, Path, Structure};

/// A name with the modules it is in.
pub(super) fn path(path: &Path) -> String {
    let mut text = path.module.join("::");
    if !text.is_empty() {
        text.push_str("::");
    }
    text.push_str(&path.name);
    text
}

/// The type of one value.
pub(super) fn item(kind: &Kind) -> String {
    let name = match kind {
        Kind::Text | Kind::Fixed(_) => "String",
        Kind::Integer => "i64",
        Kind::Float => "f64",
        Kind::Boolean => "bool",
        Kind::Timestamp => "Timestamp",
        Kind::Enumeration(name) | Kind::Structure { path: name, .. } => return path(name),
        Kind::MapOf { path: name, .. } => return format!("BTreeMap<String, {}>", path(name)),
        Kind::Map => "BTreeMap<String, String>",
        Kind::Any => "Value",
    };
    name.to_owned()
}

/// The type of a field.
pub(super) fn field(field: &Field) -> String {
    let item = item(&field.kind);
    match field {
        _ if field.kind.is_map() => item,
        Field { list: true, .. } => format!("Vec<{item}>"),
        Field { boxed: true, .. } => format!("Option<Box<{item}>>"),
        _ => format!("Option<{item}>"),
    }
}

/// The arguments that a constructor asks for, and one more if there is a body to send.
pub(super) fn signature(structure: &Structure, body: bool) -> String {
    let arguments: Vec<_> = structure
        .required_fields()
        .map(|field| {
            let item = item(&field.kind);
            if field.list && !field.kind.is_map() {
                format!("{}: [{item}]", field.name)
            } else {
                format!("{}: {item}", field.name)
            }
        })
        .chain(body.then(|| "body: Body".to_owned()))
        .collect();
    format!("({})", arguments.join(", "))
}
