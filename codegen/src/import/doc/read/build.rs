//! Makes a document of elements that open and close, as HTML has them and Markdown can be read.
//!
//! Nothing has to be balanced: what a tag means is decided by what is open, in constant time, so
//! that no text is slow.

use std::mem;

use crate::import::doc::model::{Block, Content, Document, Line, Table};

/// Tables in cells of tables that are still distinguished.
const DEEP: usize = 8;

/// Links of a document that are kept.
const LINKS: usize = 1000;

/// Cells that one may span.
const WIDE: usize = 64;

/// A document while it is read.
#[derive(Default)]
pub(super) struct Builder {
    document: Document,
    /// Text of the paragraph or the heading that is open.
    text: String,
    /// The line it began in.
    line: usize,
    heading: bool,
    /// Text of the code that is open.
    code: Option<(usize, String)>,
    /// Element whose content is no text, while it is open.
    hidden: Option<String>,
    tables: Vec<Open>,
    /// Tables beyond that depth.
    beyond: usize,
    /// Tables that were in a cell: they follow the table around them.
    inner: Vec<Block>,
}

/// A table that is open.
#[derive(Default)]
struct Open {
    line: usize,
    table: Table,
    row: Option<Line>,
    cell: Option<Cell>,
    /// Whether all cells of the row so far are those of a header.
    heads: bool,
    /// Cells that reach down from rows before, by column: how many rows more, and the text.
    down: Vec<(usize, String)>,
}

#[derive(Default)]
struct Cell {
    text: String,
    across: usize,
    down: usize,
}

/// What an element is to a document.
enum Element {
    Hidden,
    Heading,
    Code,
    Table,
    Row,
    Cell,
    Break,
    Block,
    Inline,
}

fn element(name: &str) -> Element {
    match name {
        "script" | "style" | "svg" | "noscript" | "template" | "head" | "nav" | "select"
        | "button" | "title" => Element::Hidden,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Element::Heading,
        "pre" => Element::Code,
        "table" => Element::Table,
        "tr" => Element::Row,
        "td" | "th" => Element::Cell,
        "br" | "hr" => Element::Break,
        "p" | "div" | "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "section" | "article" | "main"
        | "body" | "html" | "blockquote" | "header" | "footer" | "aside" | "form" | "figure"
        | "caption" | "thead" | "tbody" | "tfoot" => Element::Block,
        _ => Element::Inline,
    }
}

/// Whether HTML has an element of this name: anything else between angle brackets is text.
pub(super) fn is_element(name: &str) -> bool {
    !matches!(element(name), Element::Inline)
        || matches!(
            name,
            "a" | "abbr"
                | "b"
                | "big"
                | "center"
                | "code"
                | "col"
                | "colgroup"
                | "del"
                | "dx-alert"
                | "dx-codeblock"
                | "dx-fold-block"
                | "dx-tabs"
                | "em"
                | "font"
                | "i"
                | "iframe"
                | "img"
                | "input"
                | "ins"
                | "kbd"
                | "label"
                | "link"
                | "mark"
                | "meta"
                | "s"
                | "small"
                | "span"
                | "strong"
                | "sub"
                | "summary"
                | "details"
                | "sup"
                | "tt"
                | "u"
                | "var"
                | "video"
        )
}

impl Builder {
    /// The document; whatever is still open ends.
    pub(super) fn finish(mut self) -> Document {
        self.end_code();
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.end_text();
        self.document
    }

    pub(super) fn address(&mut self, address: &str) {
        if self.document.address.is_none() {
            self.document.address = Some(address.to_owned());
        }
    }

    pub(super) fn link(&mut self, address: &str) {
        if self.document.links.len() < LINKS {
            self.document.links.push(address.to_owned());
        }
    }

    /// Whether text is taken as it is.
    pub(super) const fn in_code(&self) -> bool {
        self.code.is_some()
    }

    pub(super) fn open(&mut self, name: &str, line: usize, spans: [usize; 2]) {
        if self.hidden.is_some() {
            return;
        }
        match element(name) {
            Element::Hidden => self.hidden = Some(name.to_owned()),
            Element::Heading if self.tables.is_empty() => {
                self.end_text();
                self.heading = true;
                self.line = line;
            }
            Element::Code if self.tables.is_empty() => {
                self.end_text();
                self.code = Some((line, String::new()));
            }
            Element::Table => self.begin_table(line),
            Element::Row => self.begin_row(line),
            Element::Cell => self.begin_cell(name == "th", line, spans),
            Element::Break => self.push("\n", line),
            Element::Block | Element::Heading | Element::Code => self.between(line),
            Element::Inline if self.code.is_none() && matches!(name, "code" | "tt") => {
                self.push("`", line);
            }
            Element::Inline => {}
        }
    }

    pub(super) fn close(&mut self, name: &str, line: usize) {
        if let Some(hidden) = &self.hidden {
            if hidden == name {
                self.hidden = None;
            }
            return;
        }
        match element(name) {
            Element::Heading if self.tables.is_empty() => self.end_text(),
            Element::Code if self.tables.is_empty() => self.end_code(),
            Element::Table if self.beyond > 0 => self.beyond -= 1,
            Element::Table => self.end_table(),
            Element::Row => self.end_row(),
            Element::Cell => self.end_cell(),
            Element::Break => self.push("\n", line),
            Element::Block | Element::Heading | Element::Code => self.between(line),
            Element::Inline if self.code.is_none() && matches!(name, "code" | "tt") => {
                self.push("`", line);
            }
            Element::Hidden | Element::Inline => {}
        }
    }

    /// Adds text to what is open.
    pub(super) fn push(&mut self, text: &str, line: usize) {
        if self.hidden.is_some() {
            return;
        }
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
            return;
        }
        if let Some(open) = self.tables.last_mut() {
            if let Some(cell) = &mut open.cell {
                cell.text.push_str(text);
            }
            // Text between rows is the white space of the source.
            return;
        }
        if self.text.is_empty() {
            if text.trim().is_empty() {
                return;
            }
            if !self.heading {
                self.line = line;
            }
        }
        self.text.push_str(text);
    }

    /// A whole block of code.
    pub(super) fn code(&mut self, text: &str, line: usize) {
        if let Some(cell) = self.tables.last_mut().and_then(|open| open.cell.as_mut()) {
            cell.text.push_str(text);
            return;
        }
        self.end_text();
        self.block(line, Content::Code(text.to_owned()));
    }

    /// Says that the row which is open has more cells than the header.
    pub(super) fn broken(&mut self) {
        if let Some(row) = self.tables.last_mut().and_then(|open| open.row.as_mut()) {
            row.broken = true;
        }
    }

    /// Ends a paragraph, or a line of a cell.
    pub(super) fn between(&mut self, line: usize) {
        match self.tables.last_mut() {
            Some(open) => {
                if let Some(cell) = &mut open.cell
                    && !cell.text.trim_end_matches(' ').ends_with('\n')
                    && !cell.text.trim().is_empty()
                {
                    cell.text.push('\n');
                }
            }
            None if self.code.is_none() => self.end_text(),
            None => self.push("\n", line),
        }
    }

    fn block(&mut self, line: usize, content: Content) {
        self.document.blocks.push(Block { line, content });
    }

    fn end_text(&mut self) {
        let text = clean(&mem::take(&mut self.text));
        let heading = mem::take(&mut self.heading);
        if text.is_empty() {
            return;
        }
        let content = if heading {
            Content::Heading(text.replace('\n', " "))
        } else {
            Content::Paragraph(text)
        };
        self.block(self.line, content);
    }

    fn end_code(&mut self) {
        if let Some((line, text)) = self.code.take() {
            let first = text.len() - text.trim_start_matches('\n').len();
            self.block(line + first, Content::Code(text));
        }
    }

    fn begin_table(&mut self, line: usize) {
        if self.tables.len() >= DEEP {
            self.beyond += 1;
            return;
        }
        self.end_code();
        if self.tables.is_empty() {
            self.end_text();
        }
        self.tables.push(Open {
            line,
            ..Open::default()
        });
    }

    fn begin_row(&mut self, line: usize) {
        self.end_row();
        if let Some(open) = self.tables.last_mut() {
            open.row = Some(Line {
                line,
                ..Line::default()
            });
            open.heads = true;
        }
    }

    fn begin_cell(&mut self, head: bool, line: usize, [across, down]: [usize; 2]) {
        self.end_cell();
        if self.tables.last().is_some_and(|open| open.row.is_none()) {
            self.begin_row(line);
        }
        if let Some(open) = self.tables.last_mut() {
            open.heads &= head;
            open.cell = Some(Cell {
                text: String::new(),
                across: across.clamp(1, WIDE),
                down: down.max(1),
            });
        }
    }

    fn end_cell(&mut self) {
        let Some(open) = self.tables.last_mut() else {
            return;
        };
        let (Some(cell), Some(row)) = (open.cell.take(), open.row.as_mut()) else {
            return;
        };
        fill_down(row, &mut open.down);
        let text = clean(&cell.text);
        for _ in 0..cell.across {
            let column = row.cells.len();
            if column >= WIDE {
                break;
            }
            row.cells.push(text.clone());
            if cell.down > 1 {
                if open.down.len() <= column {
                    open.down.resize(column + 1, (0, String::new()));
                }
                if let Some(place) = open.down.get_mut(column) {
                    *place = (cell.down - 1, text.clone());
                }
            }
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let Some(open) = self.tables.last_mut() else {
            return;
        };
        let Some(mut row) = open.row.take() else {
            return;
        };
        fill_down(&mut row, &mut open.down);
        if row.broken
            && let Some(last) = row.cells.pop()
        {
            row.cells
                .extend(last.split('|').map(|cell| cell.trim().to_owned()));
        }
        if row.cells.iter().all(String::is_empty) {
            return;
        }
        if open.table.header.is_empty() && open.table.rows.is_empty() {
            open.table.header = row.cells;
        } else {
            open.table.rows.push(row);
        }
    }

    fn end_table(&mut self) {
        self.end_row();
        let Some(open) = self.tables.pop() else {
            return;
        };
        if open.table.header.is_empty() {
            return;
        }
        let block = Block {
            line: open.line,
            content: Content::Table(open.table),
        };
        if let Some(around) = self.tables.last_mut() {
            if let (Some(cell), Content::Table(table)) = (&mut around.cell, &block.content) {
                flatten(&mut cell.text, table);
            }
            self.inner.push(block);
        } else {
            self.document.blocks.push(block);
            self.document.blocks.append(&mut self.inner);
        }
    }
}

/// Puts the cells that reach down from rows before into the next columns of a row.
fn fill_down(row: &mut Line, down: &mut [(usize, String)]) {
    while let Some((rows, text)) = down.get_mut(row.cells.len()).filter(|(rows, _)| *rows > 0) {
        *rows -= 1;
        row.cells.push(text.clone());
    }
}

/// A table as the text of the cell around it.
fn flatten(text: &mut String, table: &Table) {
    for row in &table.rows {
        text.push('\n');
        text.push_str(&row.cells.join(": "));
    }
}

/// Text without white space that shows nothing: each line trimmed, and no empty ones.
pub(super) fn clean(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        if line.is_empty() {
            continue;
        }
        if !result.is_empty() {
            result.push('\n');
        }
        let mut space = false;
        for c in line.chars().filter(|c| !is_invisible(*c)) {
            if c.is_whitespace() {
                space = true;
                continue;
            }
            if mem::take(&mut space) {
                result.push(' ');
            }
            result.push(c);
        }
    }
    result
}

/// Characters without a width, which pages and editors leave behind.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}' | '\u{ad}'
    )
}
