//! Tokens by which a service knows a request again (`ClientToken`): what was done once is not done
//! twice.

use crate::codec::{self, Bound};
use crate::environment::Environment;
use crate::node::Node;
use crate::operation::Operation;
use crate::schema::{Field, Flags, Place};

/// A token that a call gives to its request. All attempts have the same.
pub(super) struct Token {
    field: &'static Field,
    text: String,
}

impl Token {
    /// A new one, if the table of `operation` has one and `request` has none.
    pub(super) fn missing(
        operation: &Operation,
        request: &dyn Node,
        environment: &dyn Environment,
    ) -> Option<Self> {
        let field = field(operation)?;
        if codec::text_at(request, field.name).is_some() {
            return None;
        }
        // Services take 64 characters.
        let text = format!("{:016x}{:016x}", environment.random(), environment.random());
        Some(Self { field, text })
    }

    /// Sets it among what is outside the body, if it belongs there.
    pub(super) fn bind(&self, bound: &mut Bound) {
        let pair = || (self.field.name.to_owned(), self.text.clone());
        match self.field.place {
            Place::Query => bound.query.push(pair()),
            Place::Header => bound.headers.push(pair()),
            Place::Body | Place::Host | Place::Path => {}
        }
    }

    /// Sets it in `document`, whose outermost nodes are members of a JSON object or elements in an
    /// XML root, if it belongs there.
    pub(super) fn write(&self, document: &mut String) {
        if self.field.place != Place::Body {
            return;
        }
        let (name, text) = (self.field.name, &self.text);
        if let Some(rest) = document.strip_prefix('{') {
            let comma = if rest.starts_with('}') { "" } else { "," };
            *document = format!("{{\"{name}\":\"{text}\"{comma}{rest}");
        } else if let Some((root, rest)) = document.split_once('>') {
            // What an attribute holds has no bare `>`.
            *document = format!("{root}><{name}>{text}</{name}>{rest}");
        }
    }
}

/// The row of the table of `operation` that holds a token, if it has one.
pub(super) fn field(operation: &Operation) -> Option<&'static Field> {
    let mut fields = operation.request.fields().iter();
    fields.find(|field| field.flags.contains(Flags::IDEMPOTENCY_TOKEN))
}
