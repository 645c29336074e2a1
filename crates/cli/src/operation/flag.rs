//! The flags of an operation: one for each node of its request's table.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use heck::ToKebabCase;
use serde_json::Value;
use tcloud_core::operation::Operation;
use tcloud_core::schema::{Field, Kind, Place, Structure};

/// Structures inside of structures are flags down to this depth; below, and where a structure
/// holds itself, the value of a flag is JSON.
const DEPTH: usize = 8;
/// Items of a list can be spoken of one by one up to this index.
const LAST_INDEX: usize = 999;

/// Flags that every operation has: a node of this name is called `request.NAME`.
pub(super) const RESERVED: [&str; 22] = [
    "all",
    "anonymous",
    "attempt-timeout",
    "backup-hosts",
    "body",
    "connect-timeout",
    "dry-run",
    "endpoint",
    "help",
    "host",
    "international",
    "output",
    "presign",
    "profile",
    "query",
    "region",
    "request",
    "skeleton",
    "stall-timeout",
    "timeout",
    "to",
    "version",
];

/// A step from a structure to a value in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// To the node of this name.
    Node(&'static str),
    /// To this item of a list.
    Item(usize),
}

/// A path in the words of the table: `Operation.ImageInspect`.
pub(super) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Node(name) if text.is_empty() => text.push_str(name),
            Step::Node(name) => text.extend([".", name]),
            Step::Item(index) => text.extend(["[", &index.to_string(), "]"]),
        }
    }
    text
}

/// A flag for a node.
#[derive(Debug, Clone)]
pub(super) struct Flag {
    /// The name, without its hyphens: `parts.0.object`.
    pub(super) name: String,
    /// The way from the request to the node.
    pub(super) path: Vec<Step>,
    /// The structure that holds the node.
    pub(super) parent: &'static Structure,
    /// The node's position in it.
    pub(super) position: usize,
    /// The node.
    pub(super) field: &'static Field,
}

impl Flag {
    /// The identifier of the flag within its command. No other identifier has a colon.
    pub(super) fn id(&self) -> String {
        format!("node:{}", self.name)
    }

    /// Whether the flag names the bucket whose host the request goes to.
    pub(super) fn is_bucket(&self) -> bool {
        self.field.place == Place::Host && self.field.name == "bucket"
    }

    /// Whether the flag speaks of an item that only the command line makes known.
    pub(super) fn is_further_item(&self) -> bool {
        self.path
            .iter()
            .any(|step| matches!(step, Step::Item(index) if *index > 0))
    }
}

/// The flags of `operation`, in the order of its table, those of a container behind it. Of a list
/// of structures the first item has flags, and each other one that `arguments` speak of.
pub(super) fn flags(operation: &Operation, arguments: &[OsString]) -> Vec<Flag> {
    let arguments = arguments.iter().filter_map(|text| text.to_str()).collect();
    walk(operation, arguments, DEPTH)
}

fn walk(operation: &Operation, arguments: Vec<&str>, depth: usize) -> Vec<Flag> {
    let mut walk = Walk {
        depth,
        arguments,
        taken: RESERVED.iter().map(|name| (*name).to_owned()).collect(),
        above: Vec::new(),
        flags: Vec::new(),
    };
    walk.structure(operation.request, "", &[]);
    walk.flags
}

struct Walk<'a> {
    depth: usize,
    arguments: Vec<&'a str>,
    taken: BTreeSet<String>,
    above: Vec<&'static Structure>,
    flags: Vec<Flag>,
}

impl Walk<'_> {
    fn structure(&mut self, structure: &'static Structure, prefix: &str, path: &[Step]) {
        if self.above.len() >= self.depth || self.above.contains(&structure) {
            return;
        }
        self.above.push(structure);
        for (position, field) in structure.fields().iter().enumerate() {
            let Some(name) = self.name(prefix, field.name) else {
                continue;
            };
            let path = [path, &[Step::Node(field.name)]].concat();
            self.flags.push(Flag {
                name: name.clone(),
                path: path.clone(),
                parent: structure,
                position,
                field,
            });
            match field.kind {
                Kind::Structure(inner) if field.is_list() => {
                    for index in self.items(&name) {
                        let path = [path.as_slice(), &[Step::Item(index)]].concat();
                        self.structure(inner, &format!("{name}.{index}."), &path);
                    }
                }
                Kind::Structure(inner) => self.structure(inner, &format!("{name}."), &path),
                _ => {}
            }
        }
        self.above.pop();
    }

    /// A name that no other flag has: the usual one, else one that says it is the request's, else
    /// the node's own spelling.
    fn name(&mut self, prefix: &str, field: &str) -> Option<String> {
        // One word, as in the names of the generated crates.
        let words = field.replace("CallBack", "Callback");
        let usual = format!("{prefix}{}", words.to_kebab_case());
        let candidates = [
            usual.clone(),
            format!("request.{usual}"),
            format!("{prefix}{field}"),
        ];
        candidates
            .into_iter()
            .find(|name| self.taken.insert(name.clone()))
    }

    /// The items of the list `name` that flags are needed for.
    fn items(&self, name: &str) -> BTreeSet<usize> {
        let named = self.arguments.iter().filter_map(|argument| {
            let rest = argument.strip_prefix("--")?.strip_prefix(name)?;
            let (index, _) = rest.strip_prefix('.')?.split_once('.')?;
            index.parse().ok().filter(|index| *index <= LAST_INDEX)
        });
        named.chain([0]).collect()
    }
}

/// Reads the value of a node from the command line.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeValue(pub(super) &'static Field);

impl NodeValue {
    fn read(self, text: &str) -> Result<Value, String> {
        let field = self.0;
        match field.kind {
            Kind::Integer => text
                .parse::<i64>()
                .map(Value::from)
                .map_err(|_| "it is not a whole number".to_owned()),
            Kind::Float => text
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Value::from)
                .ok_or_else(|| "it is not a number".to_owned()),
            Kind::Boolean => text
                .parse::<bool>()
                .map(Value::from)
                .map_err(|_| "write true or false".to_owned()),
            Kind::Fixed(word) if text != word => Err(format!("it is always {word}")),
            Kind::Map => match text.split_once('=') {
                Some((name, value)) if !name.is_empty() => {
                    Ok(Value::from(vec![name.to_owned(), value.to_owned()]))
                }
                _ => Err("write it as NAME=VALUE".to_owned()),
            },
            Kind::Structure(_) | Kind::MapOf(_) => {
                let value: Value = serde_json::from_str(text)
                    .map_err(|error| format!("it is not JSON: {error}"))?;
                if value.is_object() {
                    Ok(value)
                } else {
                    Err("write it as a JSON object".to_owned())
                }
            }
            Kind::Any => {
                serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))
            }
            _ => Ok(Value::from(text)),
        }
    }
}

impl TypedValueParser for NodeValue {
    type Value = Value;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Value, clap::Error> {
        let text = value
            .to_str()
            .ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(command))?;
        self.read(text).map_err(|reason| {
            let flag = argument.map(ToString::to_string).unwrap_or_default();
            clap::Error::raw(
                ErrorKind::ValueValidation,
                format!("invalid value '{text}' for '{flag}': {reason}\n"),
            )
            .with_cmd(command)
        })
    }

    /// What a shell may complete to. Other words are taken too: the service may know more.
    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match self.0.kind {
            Kind::Enumeration(words) => Some(Box::new(words.iter().map(PossibleValue::new))),
            Kind::Boolean => Some(Box::new(
                ["true", "false"].map(PossibleValue::new).into_iter(),
            )),
            Kind::Fixed(word) => Some(Box::new(std::iter::once(PossibleValue::new(word)))),
            _ => None,
        }
    }
}
