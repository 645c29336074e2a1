//! Metadata as the tables of a spec: operations, structures and rows, nothing but facts.

use std::collections::{BTreeMap, BTreeSet};

use super::metadata::{Action, Member, Metadata, Object};
use crate::error::Error;
use crate::names::snake;
use crate::spec::Events;
use crate::words::{self, Type};

/// The tables of a service.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) service: String,
    pub(super) version: String,
    pub(super) operations: BTreeMap<String, Operation>,
    /// The rows of each structure.
    pub(super) structures: BTreeMap<String, Vec<Facts>>,
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) request: Vec<Facts>,
    pub(super) response: Vec<Facts>,
    /// The word of `status`, if the operation is on its way out.
    pub(super) status: Option<&'static str>,
    pub(super) unsigned: bool,
    pub(super) idempotent: bool,
    /// It answers with a stream of events, or can.
    pub(super) events: Option<Events>,
}

/// What the metadata says of a row.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark of its own in the metadata"
)]
pub(super) struct Facts {
    pub(super) name: String,
    /// As the type column has it.
    pub(super) kind: String,
    /// The structure it holds.
    pub(super) structure: Option<String>,
    pub(super) required: bool,
    pub(super) deprecated: bool,
    /// An answer may hold `null` for it.
    pub(super) nullable: bool,
    /// An answer may leave out what a request must have.
    pub(super) omittable: bool,
    /// The service knows a request again by it.
    pub(super) token: bool,
    /// Name of the field, where the one made of `name` is taken by a row before.
    pub(super) rename: Option<String>,
}

/// Verbs of operations that only look.
const LOOKING: [&str; 9] = [
    "Check", "Count", "Describe", "Download", "Get", "Inquiry", "List", "Query", "Search",
];

impl Tables {
    pub(super) fn of(metadata: &Metadata) -> Result<Self, Error> {
        let (service, version) = (metadata.service(), metadata.version());
        for name in [service, version] {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if name.is_empty() || !name.chars().all(plain) {
                let problem = format!("`{name}` cannot be the name or the version of a service");
                return Err(Error::new("api.json", problem));
            }
        }
        let mut messages = BTreeSet::new();
        let mut operations = BTreeMap::new();
        for (name, action) in &metadata.actions {
            check_name(service, name)?;
            messages.extend([action.input.as_str(), action.output.as_str()]);
            operations.insert(name.clone(), operation(metadata, name, action)?);
        }
        // A message that a member holds is a structure as well.
        let held: BTreeSet<&str> = metadata
            .objects
            .values()
            .flat_map(|object| &object.members)
            .map(|member| member.of.as_str())
            .collect();
        let mut structures = BTreeMap::new();
        for (name, object) in &metadata.objects {
            if !messages.contains(name.as_str()) || held.contains(name.as_str()) {
                check_name(service, name)?;
                structures.insert(structure_name(name), rows(metadata, name, object, true)?);
            }
        }
        Ok(Self {
            service: service.to_owned(),
            version: version.to_owned(),
            operations,
            structures,
        })
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        let messages = self.operations.values();
        messages
            .map(|it| it.request.len() + it.response.len())
            .chain(self.structures.values().map(Vec::len))
            .sum()
    }
}

fn operation(metadata: &Metadata, name: &str, action: &Action) -> Result<Operation, Error> {
    let message = |object: &str, required| match metadata.objects.get(object) {
        Some(found) => rows(metadata, object, found, required),
        None => Err(Error::new(
            metadata.service(),
            format!("the operation `{name}` refers to `{object}`, which is not described"),
        )),
    };
    let mut request = message(&action.input, true)?;
    if let Some(token) = token(metadata, action) {
        for row in &mut request {
            row.token = row.name == token.name;
        }
    }
    Ok(Operation {
        request,
        response: message(&action.output, false)?,
        status: match action.status.as_deref() {
            Some("deprecated") => Some("deprecated"),
            Some("offline") => Some("offline"),
            _ => None,
        },
        unsigned: action.skip_sign,
        events: events(metadata, action),
        idempotent: LOOKING.iter().any(|verb| {
            let rest = name.strip_prefix(verb);
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        }),
    })
}

/// The member by which the service knows a request again, if there is one: the first, since a call
/// sets one.
fn token<'m>(metadata: &'m Metadata, action: &Action) -> Option<&'m Member> {
    let input = metadata.objects.get(&action.input)?;
    input.members.iter().find(|it| it.is_idempotency_token())
}

/// How a stream of events is asked for and how it reports errors, if the operation has one.
fn events(metadata: &Metadata, action: &Action) -> Option<Events> {
    let members = |object: &str| {
        let found = metadata.objects.get(object).into_iter();
        found.flat_map(|object| &object.members)
    };
    let is_streamed = |object: &Object| object.is_streamed();
    if !metadata
        .objects
        .get(&action.output)
        .is_some_and(is_streamed)
    {
        return None;
    }
    let asks =
        |it: &&Member| it.shape == "bool" && matches!(it.name.as_str(), "Stream" | "Streaming");
    // A code and a message, and nothing besides.
    let is_error = |it: &&Member| {
        let names: Vec<_> = members(&it.of).map(|it| it.name.as_str()).collect();
        it.shape == "object"
            && names.len() == 2
            && names.contains(&"Code")
            && (names.contains(&"Message") || names.contains(&"Msg"))
    };
    let name = |it: &Member| it.name.clone();
    Some(Events {
        asked_by: members(&action.input).find(asks).map(name),
        error: members(&action.output).find(is_error).map(name),
        messages: false,
    })
}

fn rows(
    metadata: &Metadata,
    around: &str,
    object: &Object,
    required: bool,
) -> Result<Vec<Facts>, Error> {
    let mut fields = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut rows = Vec::new();
    for member in &object.members {
        let name = member.name.as_str();
        check_name(metadata.service(), name)?;
        // The same member twice says nothing more.
        if !names.insert(name) {
            continue;
        }
        let field = snake(name);
        let rename = (!fields.insert(field.clone())).then(|| free(&field, &fields));
        fields.extend(rename.clone());
        let (kind, structure) = kind(metadata, around, member)?;
        rows.push(Facts {
            name: name.to_owned(),
            kind,
            structure,
            required: required && member.required,
            deprecated: member.disabled,
            nullable: member.nullable,
            omittable: required && member.required && member.output_required == Some(false),
            token: false,
            rename,
        });
    }
    Ok(rows)
}

fn free(field: &str, taken: &BTreeSet<String>) -> String {
    let field = field.trim_end_matches('_');
    (2..=u32::MAX)
        .map(|count| format!("{field}_{count}"))
        .map(|name| snake(&name))
        .find(|name| !taken.contains(name))
        .unwrap_or_default()
}

/// What the type column says, and the structure it names.
fn kind(
    metadata: &Metadata,
    around: &str,
    member: &Member,
) -> Result<(String, Option<String>), Error> {
    let word = match member.of.as_str() {
        "string" => Some("String"),
        "int64" => Some("Int64"),
        "uint64" => Some("Uint64"),
        "float" => Some("Float"),
        "bool" => Some("Boolean"),
        "datetime" | "datetime_iso" => Some("Timestamp"),
        "date" => Some("Date"),
        "binary" => Some("Binary"),
        _ => None,
    };
    let list = match member.shape.as_str() {
        "list" => " array",
        _ => "",
    };
    match word {
        Some(word) => Ok((format!("{word}{list}"), None)),
        None if metadata.objects.contains_key(&member.of) => {
            let name = structure_name(&member.of);
            Ok((format!("{name}{list}"), Some(name)))
        }
        None => Err(Error::new(
            metadata.service(),
            format!(
                "`{around}.{}` is of the type `{}`, which is not described",
                member.name, member.of
            ),
        )),
    }
}

/// What the spec calls the structure of an object: `Container_`, where the object's own name is a
/// word of the type column. It is never sent.
fn structure_name(object: &str) -> String {
    match words::parse(object) {
        (Type::Named(_), false) => object.to_owned(),
        _ => format!("{object}_"),
    }
}

/// Names are used in file names, YAML and Rust.
fn check_name(service: &str, name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(plain) {
        Ok(())
    } else {
        Err(Error::new(
            service,
            format!("{name:?} cannot be the name of an operation, a structure or a row"),
        ))
    }
}
