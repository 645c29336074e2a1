//! The words of columns and headings, in both languages.

mod columns;
mod sections;

pub(super) use self::columns::{COLUMNS, Column};
pub(super) use self::sections::{SECTIONS, Section};
