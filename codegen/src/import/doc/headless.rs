//! Tables without a head: those that go on with the columns of the table before.

use std::borrow::Cow;

use super::model::{Content, Document, Line, Table};
use super::remark::{RemarkKind, Remarks};
use super::table;

/// Columns from which on a head is one that a table without a head may go on with.
const COLUMNS: usize = 3;

/// The document with a head for each table that has none and as many columns as the one before.
pub(super) fn headed<'d>(document: &'d Document, remarks: &mut Remarks) -> Cow<'d, Document> {
    let mut mended = Cow::Borrowed(document);
    let mut before: Option<&Vec<String>> = None;
    for (at, block) in document.blocks.iter().enumerate() {
        let Content::Table(table) = &block.content else {
            continue;
        };
        let known = table::columns(table).iter().flatten().count();
        if known >= COLUMNS {
            before = Some(&table.header);
            continue;
        }
        let Some(head) = before.filter(|head| known == 0 && head.len() == table.header.len())
        else {
            continue;
        };
        let blank = table.header.iter().all(|cell| cell.trim().is_empty());
        let first = (!blank).then(|| Line {
            line: block.line,
            cells: table.header.clone(),
            broken: false,
        });
        let table = Table {
            header: head.clone(),
            rows: first
                .into_iter()
                .chain(table.rows.iter().cloned())
                .collect(),
        };
        // Only what the columns can hold is read with them.
        if !table::fits(&table) {
            continue;
        }
        remarks.add(
            block.line,
            RemarkKind::Repaired,
            "",
            "a table has no head; that of the table before it was taken",
        );
        if let Some(block) = mended.to_mut().blocks.get_mut(at) {
            block.content = Content::Table(table);
        }
    }
    mended
}
