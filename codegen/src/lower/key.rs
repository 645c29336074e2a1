//! What a table is found by.

use std::fmt;

/// A side of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// What is sent.
    Request,
    /// What comes back.
    Response,
}

/// Key of a table: a structure or a message, or a container within one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    owner: Owner,
    /// Names of the containers, from the outside in.
    containers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Structure(String),
    Message { operation: String, side: Side },
}

impl Key {
    /// The structure called `name`.
    pub(crate) fn structure(name: &str) -> Self {
        Self {
            owner: Owner::Structure(name.to_owned()),
            containers: Vec::new(),
        }
    }

    /// A message of an operation.
    pub(crate) fn message(operation: &str, side: Side) -> Self {
        Self {
            owner: Owner::Message {
                operation: operation.to_owned(),
                side,
            },
            containers: Vec::new(),
        }
    }

    /// The container called `name` in this one.
    pub(crate) fn container(&self, name: &str) -> Self {
        let mut key = self.clone();
        key.containers.push(name.to_owned());
        key
    }

    /// The operation that the table, or the first of its equals, is written at.
    pub(crate) fn operation(&self) -> Option<&str> {
        match &self.owner {
            Owner::Message { operation, .. } => Some(operation),
            Owner::Structure(_) => None,
        }
    }

    /// Whether it is a container of a message.
    pub(crate) fn is_in_message(&self) -> bool {
        self.operation().is_some() && !self.containers.is_empty()
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "Request",
            Self::Response => "Response",
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Owner::Structure(name) => f.write_str(name)?,
            Owner::Message { operation, side } => write!(f, "{operation}/{side}")?,
        }
        self.containers
            .iter()
            .try_for_each(|name| write!(f, ".{name}"))
    }
}
