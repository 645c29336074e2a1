//! The SQL of a selection: `SELECT … FROM … WHERE … LIMIT`, as the service's document has it.
//!
//! Its tokens are those of `sqlparser`. Its grammar is here: what the service has is a fraction of
//! what `sqlparser` reads, with paths, times and precedences of its own; and a tree is as deep as a
//! chain of operators is long, so that a long expression, which may have 256 KiB, would overflow the
//! stack of whoever drops it. An expression becomes a flat [`program`](program::Program) at once.

mod expression;
mod function;
mod names;
pub(super) mod program;
mod statement;
mod tokens;
mod words;

pub(super) use names::{Columns, Scope};
pub(super) use program::{Item, Items, Query};
pub(super) use statement::query;
