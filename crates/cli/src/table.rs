//! Tables as the terminal shows them.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Row, Table, presets};

use crate::console;

/// An empty table with `columns`.
pub(crate) fn table<T: Into<Cell>>(columns: impl IntoIterator<Item = T>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(Row::from(columns));
    if !console::is_coloured() {
        table.force_no_tty();
    }
    table
}

/// A cell with a text from elsewhere.
pub(crate) fn cell(text: &str) -> Cell {
    Cell::new(console::printable(text))
}

/// A cell with a number.
pub(crate) fn number(number: Option<i64>) -> Cell {
    match number {
        Some(number) => Cell::new(number).set_alignment(CellAlignment::Right),
        None => absent().set_alignment(CellAlignment::Right),
    }
}

/// A cell without a value.
pub(crate) fn absent() -> Cell {
    Cell::new("–")
}

/// A cell with a text, if there is one.
pub(crate) fn text(text: Option<&str>) -> Cell {
    match text {
        Some(text) if !text.is_empty() => cell(text),
        _ => absent(),
    }
}

/// A cell that says all is well.
pub(crate) fn good(text: &str) -> Cell {
    Cell::new(text).fg(Color::Green)
}

/// A cell that asks for attention.
pub(crate) fn alarming(text: &str) -> Cell {
    Cell::new(text).fg(Color::Red)
}
