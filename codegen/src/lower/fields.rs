//! Rows into fields.

use std::collections::BTreeSet;

use tcloud_core::schema::Place;

use super::documentation;
use super::key::Key;
use super::naming::{Names, is_enumeration};
use super::recursion::{Reach, Sizes, is_wide};
use super::tables::{Placed, Role, Table};
use crate::error::Error;
use crate::model::{Field, Kind, Limits};
use crate::names::{header, snake, unique};
use crate::spec::Computed;
use crate::text::{markdown, sentence};
use crate::words::Type;

/// Methods of a request's builder that no setter may hide.
const BUILDER_METHODS: [&str; 11] = [
    "body",
    "items",
    "listen",
    "on_progress",
    "options",
    "pages",
    "presign",
    "send",
    "sign",
    "submit_and_wait",
    "wait",
];

/// The fields of `table`, one for each row, in its order.
pub(super) fn of(
    table: &Table<'_>,
    key: &Key,
    names: &Names,
    reach: &Reach<'_>,
    sizes: &Sizes<'_>,
) -> Result<Vec<Field>, Error> {
    // Every structure keeps the nodes it does not know.
    let mut taken = BTreeSet::from(["unknown".to_owned()]);
    table
        .rows
        .iter()
        .enumerate()
        .map(|(position, placed)| {
            let name = field_name(placed, &taken);
            taken.insert(name.clone());
            let field = field(placed, name, table, key, names, reach, sizes)?;
            Ok(Field { position, ..field })
        })
        .collect()
}

/// Name of a setter that hides no method of a builder.
pub(super) fn builder_setter(name: &str) -> String {
    if BUILDER_METHODS.contains(&name) {
        format!("{name}_")
    } else {
        setter(name)
    }
}

fn setter(name: &str) -> String {
    // The constructors of every structure.
    if matches!(name, "new" | "default") {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

fn field_name(placed: &Placed<'_>, taken: &BTreeSet<String>) -> String {
    let row = placed.row;
    let own = match (&row.rename, placed.place) {
        (Some(rename), _) => snake(rename),
        (None, Place::Header) => snake(header(&row.name)),
        (None, _) => snake(&row.name),
    };
    let candidates = match placed.place {
        Place::Body => vec![own.clone(), format!("{own}_")],
        place => vec![
            own.clone(),
            format!("{}_{own}", snake(&format!("{place:?}"))),
        ],
    };
    unique(&candidates, |name| taken.contains(name))
}

fn field(
    placed: &Placed<'_>,
    name: String,
    table: &Table<'_>,
    key: &Key,
    names: &Names,
    reach: &Reach<'_>,
    sizes: &Sizes<'_>,
) -> Result<Field, Error> {
    let row = placed.row;
    let (word, list) = row.typed();
    let target = placed.target.as_ref();
    let kind = match (&row.fixed, word) {
        (Some(text), _) => Kind::Fixed(text.clone()),
        (None, Type::Text) if is_enumeration(row) => names
            .enumeration(key, row)
            .map_or(Kind::Text, Kind::Enumeration),
        (None, Type::Text) => Kind::Text,
        (None, Type::Integer) => Kind::Integer,
        (None, Type::Float) => Kind::Float,
        (None, Type::Boolean) => Kind::Boolean,
        (None, Type::Timestamp) => Kind::Timestamp,
        (None, Type::Map) => Kind::Map,
        (None, Type::Any) => Kind::Any,
        (None, Type::Container | Type::Named(_) | Type::MapOf(_)) => {
            let found = target.and_then(|key| names.structure(key));
            let (path, table) = found.ok_or_else(|| {
                let problem = format!("row `{}` has the unknown type `{}`", row.name, row.kind);
                Error::new(table.source, problem)
            })?;
            match word {
                Type::MapOf(_) => Kind::MapOf { path, table },
                _ => Kind::Structure { path, table },
            }
        }
    };
    let [minimum, maximum] = row.range.unwrap_or_default();
    let limits = Limits {
        minimum,
        maximum,
        max_length: row.max_length,
        unset: row.unset.clone(),
        default: row.default.clone(),
    };
    Ok(Field {
        wire: row.name.clone(),
        setter: if table.role == Role::Request {
            builder_setter(&name)
        } else {
            setter(&name)
        },
        place: placed.place,
        position: 0,
        required: placed.required,
        nullable: row.nullable,
        omittable: row.omittable,
        list,
        sensitive: row.sensitive,
        attribute: row.attribute,
        content: row.content,
        quoted: placed.quoted,
        md5: row.computed == Some(Computed::Md5),
        token: row.idempotency_token,
        url_encoded: row.url_encoded,
        any_case: row.any_case,
        deprecated: row.deprecated,
        boxed: !list
            && matches!(kind, Kind::Structure { .. })
            && (is_wide(table)
                || target.is_some_and(|to| reach.is_circular(key, to) || sizes.is_large(to))),
        doc: documentation::field(row, placed.place, placed.required, &kind, &limits),
        help: documentation::field_help(row, &limits),
        name,
        kind,
        limits,
    })
}

/// Documentation of the type of `table`, called `name`.
pub(super) fn structure_doc(table: &Table<'_>, name: &str) -> String {
    let doc = markdown(&sentence(table.doc));
    match table.role {
        Role::Request => format!("What `{}` takes.", table.doc),
        Role::Response => format!("What `{}` answers.", table.doc),
        Role::Named | Role::Inline if doc.is_empty() => format!("A `{name}`."),
        Role::Named | Role::Inline => doc,
    }
}
