//! What an expression is made into: a list of steps that work on a stack of values.

use super::tokens::Name;
use crate::cos::select::contact::Contact;
use crate::cos::select::failure::{Failure, shortened};
use crate::cos::select::value::cast::Type;
use crate::cos::select::value::timestamp::Part;
use crate::cos::select::value::{Sum, Value};

/// A step of a path into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cos::select) enum Step {
    Name(Name),
    Index(usize),
    /// Each element of a list.
    Elements,
    /// Each value of a structure.
    Fields,
}

/// What of a row is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cos::select) enum Reference {
    /// A column by its place, from 0.
    Column(usize),
    /// A column by its name in the first line, until that is read.
    Header(Name),
    /// A part of a document; all of it without steps.
    Path(Vec<Step>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos::select) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Where characters are trimmed off a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos::select) enum Side {
    Leading,
    Trailing,
    Both,
}

/// What of a point in time is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos::select) enum Field {
    Part(Part),
    TimezoneHour,
    TimezoneMinute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos::select) enum Function {
    CharLength,
    DateAdd(Part),
    DateDiff(Part),
    Extract(Field),
    Lower,
    NullIf,
    Substring,
    ToString,
    ToTimestamp,
    Trim(Side),
    Upper,
}

/// A step of a program. Operands are taken off the stack, and the result is put on it.
#[derive(Debug, Clone)]
pub(in crate::cos::select) enum Op {
    Push(Value),
    Column(Reference),
    /// The result of an aggregate function, by its place in the query.
    Aggregate(usize),
    /// A list of the last values.
    List(usize),
    Negate,
    Not,
    Sum(Sum),
    Compare(Comparison),
    Between {
        negated: bool,
    },
    In {
        count: usize,
        negated: bool,
    },
    Like {
        negated: bool,
        has_escape: bool,
    },
    IsNull {
        negated: bool,
    },
    IsMissing {
        negated: bool,
    },
    Cast(Type),
    /// A function of the last values.
    Call(Function, usize),
    And,
    Or,
    Duplicate,
    Pop,
    Jump(usize),
    /// Takes a condition, and goes on elsewhere unless it is true.
    JumpUnless(usize),
    /// Goes on elsewhere if the last value is this one, and keeps it.
    JumpOn(bool, usize),
    /// Goes on elsewhere if the last value says something, or else takes it away.
    JumpIfKnown(usize),
}

/// Steps, one after the other but for those that jump, which they only do forward.
#[derive(Debug, Clone, Default)]
pub(in crate::cos::select) struct Program(pub(in crate::cos::select) Vec<Op>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cos::select) enum Kind {
    Average,
    Count,
    Maximum,
    Minimum,
    Sum,
}

/// An aggregate function, and what of each row it takes: the row itself without a program.
#[derive(Debug, Clone)]
pub(in crate::cos::select) struct Aggregate {
    pub(in crate::cos::select) kind: Kind,
    pub(in crate::cos::select) argument: Option<Program>,
}

/// What is selected of each row.
#[derive(Debug)]
pub(in crate::cos::select) enum Items {
    /// Everything: `*`.
    All,
    These(Vec<Item>),
}

#[derive(Debug)]
pub(in crate::cos::select) enum Item {
    /// Everything, among other things: `s.*`.
    All,
    Value {
        name: String,
        program: Program,
    },
}

/// A selection.
#[derive(Debug)]
pub(in crate::cos::select) struct Query {
    /// What of a document is a row.
    pub(in crate::cos::select) path: Vec<Step>,
    pub(in crate::cos::select) items: Items,
    pub(in crate::cos::select) filter: Option<Program>,
    pub(in crate::cos::select) limit: Option<u64>,
    /// The aggregate functions; with one, there is one row.
    pub(in crate::cos::select) aggregates: Vec<Aggregate>,
}

impl Query {
    /// Finds columns by the names that the first line has.
    ///
    /// # Errors
    ///
    /// It has not one of them, or has it twice. Or nobody in `contact` waits for it.
    pub(in crate::cos::select) fn bind(
        &mut self,
        header: &[String],
        contact: &Contact<'_>,
    ) -> Result<(), Failure> {
        let items = match &mut self.items {
            Items::All => &mut [][..],
            Items::These(items) => items,
        };
        let items = items.iter_mut().filter_map(|item| match item {
            Item::All => None,
            Item::Value { program, .. } => Some(program),
        });
        let arguments = self.aggregates.iter_mut();
        let arguments = arguments.filter_map(|it| it.argument.as_mut());
        for program in items.chain(arguments).chain(&mut self.filter) {
            for op in &mut program.0 {
                if let Op::Column(reference) = op
                    && let Reference::Header(name) = reference
                {
                    contact.count(header.len())?;
                    *reference = Reference::Column(place(name, header)?);
                }
            }
        }
        Ok(())
    }
}

/// Where the column `name` is.
fn place(name: &Name, header: &[String]) -> Result<usize, Failure> {
    let mut fitting = header.iter().enumerate().filter(|(_, own)| name.fits(own));
    match (fitting.next(), fitting.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => Err(ambiguous(&name.text)),
        (None, _) => {
            let message = format!(
                "the first line of the file has no column {}",
                shortened(&name.text)
            );
            Err(Failure::new("MissingHeaderName", message))
        }
    }
}

/// A name that fits two things.
pub(in crate::cos::select) fn ambiguous(name: &str) -> Failure {
    let message = format!(
        "Field name matches to multiple fields in the file: {}; put it in double quotes to tell its case",
        shortened(name)
    );
    Failure::new("AmbiguousFieldName", message)
}
