//! Tables of nodes, parameters and headers, as the document has them: nothing is decided here.

use super::kinds;
use super::model::{Line, Table};
use super::remark::{RemarkKind, Remarks};
use super::vocabulary::{self, Column};

/// A row as a table has it.
#[derive(Debug, Clone, Default)]
pub(super) struct RawRow {
    pub(super) line: usize,
    pub(super) name: String,
    /// `None` if the table has no such column.
    pub(super) parent: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) required: Option<String>,
    pub(super) default: Option<String>,
    pub(super) limits: Option<String>,
    pub(super) description: String,
}

/// The columns of a table by their place; `None` for those that say nothing here.
pub(super) fn columns(table: &Table) -> Vec<Option<Column>> {
    let mut known = Vec::new();
    let mut columns: Vec<Option<Column>> = Vec::new();
    for head in &table.header {
        let column = vocabulary::column(head).filter(|column| !known.contains(column));
        known.extend(column);
        columns.push(column);
    }
    // `Parameter | Parameter description | …` names one thing twice; a second name explains.
    columns
}

/// Whether a table describes nodes, parameters or headers.
pub(super) fn is_of_nodes(columns: &[Option<Column>]) -> bool {
    let has = |column| columns.contains(&Some(column));
    has(Column::Name)
        && (has(Column::Type)
            || has(Column::Required)
            || has(Column::Parent)
            || has(Column::Description))
}

/// Whether a table lists error codes.
pub(super) fn is_of_errors(columns: &[Option<Column>]) -> bool {
    columns.contains(&Some(Column::Code)) && !columns.contains(&Some(Column::Type))
}

/// The rows of a table of nodes.
pub(super) fn rows(table: &Table, remarks: &mut Remarks) -> Vec<RawRow> {
    let columns = columns(table);
    let mut rows: Vec<RawRow> = Vec::new();
    for line in &table.rows {
        if is_one_cell(line) {
            remarks.add(
                line.line,
                RemarkKind::Note,
                "",
                "a line of the table that is one merged cell describes no node, and was left out",
            );
            continue;
        }
        let aligned = align(line, &columns, remarks);
        let around = rows.last().and_then(|row| row.parent.as_deref());
        let aligned = without_parent(aligned, &columns, around, line.line, remarks);
        let cell = |column: Column| -> Option<String> {
            let at = columns.iter().position(|it| *it == Some(column))?;
            Some(aligned.get(at).cloned().unwrap_or_default())
        };
        let name = cell(Column::Name).unwrap_or_default();
        let description = cell(Column::Description).unwrap_or_default();
        // A head that is repeated within the table.
        if vocabulary::column(&name) == Some(Column::Name)
            && vocabulary::column(&description) == Some(Column::Description)
        {
            continue;
        }
        if name.trim().is_empty() {
            // A merged cell: the line goes on with the row before.
            if let Some(row) = rows.last_mut() {
                row.description.push('\n');
                row.description.push_str(&description);
                remarks.add(
                    line.line,
                    RemarkKind::Repaired,
                    row.name.clone(),
                    "a line of the table without a name was read with the row before it",
                );
            }
            continue;
        }
        rows.push(RawRow {
            line: line.line,
            name,
            parent: cell(Column::Parent),
            kind: cell(Column::Type),
            required: cell(Column::Required),
            default: cell(Column::Default),
            limits: cell(Column::Limits),
            description,
        });
    }
    rows
}

/// Whether a line is one cell over all columns: readers repeat what is merged.
fn is_one_cell(line: &Line) -> bool {
    let mut cells = line.cells.iter().map(|cell| cell.trim());
    let first = cells.next().unwrap_or_default();
    line.cells.len() > 2 && !first.is_empty() && cells.all(|cell| cell == first)
}

/// Whether the cells of types and of what is required hold such in every line.
pub(super) fn fits(table: &Table) -> bool {
    let columns = columns(table);
    table.rows.iter().all(|line| {
        line.cells
            .iter()
            .zip(&columns)
            .all(|(cell, column)| match column {
                Some(Column::Type) => kinds::structure(cell).is_some(),
                Some(Column::Required) => vocabulary::required(cell).is_some(),
                _ => true,
            })
    })
}

/// The cells of a line by the columns of the head. Of a line with more cells than the head has, the
/// ones in the middle are taken for the description.
fn align(line: &Line, columns: &[Option<Column>], remarks: &mut Remarks) -> Vec<String> {
    let surplus = line.cells.len().saturating_sub(columns.len());
    let place = columns
        .iter()
        .position(|it| *it == Some(Column::Description));
    let (Some(place), true) = (place, surplus > 0) else {
        if line.broken {
            let name = line.cells.first().cloned().unwrap_or_default();
            remarks.add(
                line.line,
                RemarkKind::Repaired,
                name,
                "the line has more cells than the table's head; those at its end were left out",
            );
        }
        return line.cells.clone();
    };
    let mut cells: Vec<String> = line.cells.iter().take(place).cloned().collect();
    let middle: Vec<String> = line
        .cells
        .iter()
        .skip(place)
        .take(surplus + 1)
        .cloned()
        .collect();
    cells.push(middle.join("|"));
    cells.extend(line.cells.iter().skip(place + surplus + 1).cloned());
    let name = cells.first().cloned().unwrap_or_default();
    remarks.add(
        line.line,
        RemarkKind::Repaired,
        name,
        "the line has more cells than the table's head; the surplus was read as description",
    );
    cells
}

/// The cells of a line that lacks the one of the parent, so that those behind it have moved: what
/// stands for the type is none, and the cell before it is one. The parent is that of the line before.
fn without_parent(
    cells: Vec<String>,
    columns: &[Option<Column>],
    around: Option<&str>,
    line: usize,
    remarks: &mut Remarks,
) -> Vec<String> {
    let place = |column| columns.iter().position(|it| *it == Some(column));
    let (Some(parent), Some(kind), Some(around)) =
        (place(Column::Parent), place(Column::Type), around)
    else {
        return cells;
    };
    let is_kind = |at: usize| cells.get(at).is_some_and(|it| kinds::kind(it).is_some());
    let text = cells.get(parent).map_or("", String::as_str).trim();
    let full = cells.len() >= columns.len() && cells.last().is_some_and(|it| !it.trim().is_empty());
    let lacks = parent < kind
        && !is_kind(kind)
        && is_kind(kind - 1)
        && !full
        && (text.contains(' ') || !text.is_ascii());
    if !lacks {
        return cells;
    }
    let mut cells = cells;
    cells.insert(parent, around.to_owned());
    cells.truncate(columns.len());
    let name = cells.first().cloned().unwrap_or_default();
    remarks.add(
        line,
        RemarkKind::Repaired,
        name,
        format!(
            "the line lacks its cell of the parent; `{around}` was taken, as in the line before"
        ),
    );
    cells
}

/// The codes of a table of errors.
pub(super) fn codes(table: &Table) -> Vec<String> {
    let columns = columns(table);
    let place = columns.iter().position(|it| *it == Some(Column::Code));
    let mut codes = Vec::new();
    for line in &table.rows {
        let cell = place.and_then(|place| line.cells.get(place));
        let code = cell.map_or("", |cell| cell.trim().trim_matches('`'));
        let is_code = code.starts_with(|c: char| c.is_ascii_uppercase())
            && code
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if is_code && !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    codes
}
