//! Plain text as it is copied from a page: tables without bars, code without fences, headings
//! without marks, and the navigation around all of it.
//!
//! What is a head or a heading is recognized by the words of documents; a table whose cells are lines is
//! parted into rows by what its columns can hold.

mod stacked;

use std::cell::Cell;
use std::collections::HashSet;

use super::mend::{cells, is_delimiter};
use crate::import::doc::address;
use crate::import::doc::model::{Block, Content, Document, Line, Table};
use crate::import::doc::vocabulary::{self, Column};

/// Lines that a cell may have.
const TALL: usize = 60;

/// Reads a text.
pub(super) fn read(text: &str) -> Document {
    // A tab at the end of a line begins a cell that the next lines fill.
    let blank = |c: char| c.is_whitespace() && c != '\t';
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim_end_matches(blank))
        .collect();
    let mut reader = Reader {
        lines: &lines,
        whole: lines.iter().map(|line| line.trim()).collect(),
        document: Document::default(),
        ahead: Cell::new(lines.len() * 8 + 10_000),
    };
    let mut at = 0;
    while at < lines.len() {
        at += reader.next(at).max(1);
    }
    reader.document
}

struct Reader<'t> {
    lines: &'t [&'t str],
    /// The lines, to look up: a name in a cell of its own is one of them.
    whole: HashSet<&'t str>,
    document: Document,
    /// Lines that may still be looked at ahead, so that no text is slow.
    ahead: Cell<usize>,
}

impl<'t> Reader<'t> {
    fn line(&self, at: usize) -> Option<&'t str> {
        self.lines.get(at).copied()
    }

    /// Whether one more line may be looked at ahead.
    fn may_look(&self) -> bool {
        let left = self.ahead.get();
        self.ahead.set(left.saturating_sub(1));
        left > 0
    }

    fn trimmed(&self, at: usize) -> &'t str {
        self.line(at).unwrap_or_default().trim()
    }

    fn block(&mut self, at: usize, content: Content) {
        self.document.blocks.push(Block {
            line: at + 1,
            content,
        });
    }

    /// Reads what begins in the line `at`, and says how many lines it has.
    fn next(&mut self, at: usize) -> usize {
        let line = self.trimmed(at);
        if line.is_empty() {
            return 1;
        }
        let taken = self
            .http(at)
            .or_else(|| self.address(at))
            .or_else(|| self.element(at))
            .or_else(|| self.json(at));
        if let Some(taken) = taken {
            let code = self
                .lines
                .get(at..at + taken)
                .unwrap_or_default()
                .join("\n");
            self.block(at, Content::Code(code));
            return taken;
        }
        let table = self
            .bars(at)
            .or_else(|| self.tabs(at))
            .or_else(|| self.stacked(at));
        if let Some((table, taken)) = table {
            self.block(at, Content::Table(table));
            return taken;
        }
        let content = if vocabulary::section(line).is_some() && line.chars().count() < 60 {
            Content::Heading(line.to_owned())
        } else {
            Content::Paragraph(line.to_owned())
        };
        self.block(at, content);
        1
    }

    /// A request or a response with its headers and its body.
    fn http(&self, at: usize) -> Option<usize> {
        let line = self.trimmed(at);
        if !is_start_line(line) {
            return None;
        }
        let mut end = at + 1;
        while let Some(line) = self.line(end) {
            let line = line.trim();
            let name = line
                .split_once([':', '：'])
                .map_or("", |(name, _)| name.trim_end());
            let header = !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                && vocabulary::section(line).is_none()
                && !matches!(name.to_ascii_lowercase().as_str(), "note" | "notes");
            let placeholder = line.starts_with('<')
                && line.ends_with('>')
                && !line.contains("</")
                && self.element(end).is_none();
            if !(header || placeholder) {
                break;
            }
            end += 1;
        }
        let mut body = end;
        while body < end + 4 && self.line(body).is_some_and(|line| line.trim().is_empty()) {
            body += 1;
        }
        // `Pic-Operations:`, and what it is in the lines below.
        let body = if is_open_header(self.trimmed(body)) {
            body + 1
        } else {
            body
        };
        let found = self.element(body).or_else(|| self.json(body));
        if let Some(taken) = found {
            return Some(body + taken - at);
        }
        let line = self.trimmed(body);
        if (line.starts_with('[') && line.ends_with(']')) || line == "<body>" {
            return Some(body + 1 - at);
        }
        Some(end - at)
    }

    /// An address of an action, with its parameters in the next lines.
    fn address(&self, at: usize) -> Option<usize> {
        let first = self.trimmed(at);
        if !first.starts_with("http") || !address::is_first_line(first) {
            return None;
        }
        let more = (at + 1..).take_while(|at| self.trimmed(*at).starts_with('&'));
        Some(1 + more.count())
    }

    /// An element of XML, to the end of it.
    fn element(&self, at: usize) -> Option<usize> {
        let first = self.trimmed(at);
        let skipped = usize::from(first.starts_with("<?xml"));
        let line = match first.split_once("?>") {
            Some((_, rest)) if skipped == 1 && !rest.trim().is_empty() => rest.trim(),
            _ => self.trimmed(at + skipped),
        };
        let rest = line.strip_prefix('<')?;
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-' | '.')))
            .unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty())?;
        let close = format!("</{name}>");
        if line.ends_with("/>") && !line.contains("</") {
            return Some(1 + skipped);
        }
        let mut last = None;
        let start = at + skipped;
        for ahead in 0..4000 {
            let line = self.line(start + ahead).filter(|_| self.may_look());
            let Some(line) = line.map(str::trim) else {
                break;
            };
            if line.contains(&close) {
                return Some(ahead + 1 + skipped);
            }
            let inside = line.is_empty() || line.contains('<') || line.starts_with("...");
            if !inside && vocabulary::section(line).is_some()
                || is_start_line(line)
                || !inside && ahead > 0 && last == Some(ahead - 1) && !self.goes_on(start + ahead)
            {
                break;
            }
            if inside && !line.is_empty() {
                last = Some(ahead);
            }
        }
        // What is not ended is no document, unless it has several lines of elements.
        last.filter(|last| *last >= 2)
            .map(|last| last + 1 + skipped)
    }

    /// Whether one of the next lines is still of an element.
    fn goes_on(&self, at: usize) -> bool {
        (at..at + 4).any(|at| self.trimmed(at).starts_with("</"))
    }

    /// A document of JSON, to the end of it.
    fn json(&self, at: usize) -> Option<usize> {
        let first = self.trimmed(at);
        if !(first.starts_with('{') || first == "[" || first.starts_with("[{")) {
            return None;
        }
        let mut depth = 0_usize;
        for ahead in 0..20_000 {
            let line = self.line(at + ahead).filter(|_| self.may_look())?;
            let mut text = false;
            let mut escaped = false;
            for c in line.chars() {
                match c {
                    _ if escaped => escaped = false,
                    '\\' if text => escaped = true,
                    '"' => text = !text,
                    '{' | '[' if !text => depth += 1,
                    '}' | ']' if !text => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            if depth == 0 {
                return Some(ahead + 1);
            }
            let next = self.trimmed(at + ahead + 1);
            if vocabulary::section(next).is_some() || is_start_line(next) {
                return (ahead > 0).then_some(ahead + 1);
            }
        }
        None
    }

    /// A table whose cells are parted by bars.
    fn bars(&self, at: usize) -> Option<(Table, usize)> {
        if !self.line(at)?.contains('|') || !is_delimiter(self.line(at + 1)?) {
            return None;
        }
        let row = |line: &str| -> Vec<String> {
            let mut row: Vec<String> = cells(line).map(|cell| cell.trim().to_owned()).collect();
            // A bar at the end parts nothing.
            if row.len() > 1
                && line.trim_end().ends_with('|')
                && row.last().is_some_and(String::is_empty)
            {
                row.pop();
            }
            row
        };
        let header = row(self.line(at)?);
        let mut table = Table {
            header,
            rows: Vec::new(),
        };
        let mut taken = 2;
        while let Some(line) = self.line(at + taken).filter(|line| line.contains('|')) {
            // The head of the next table.
            if self.line(at + taken + 1).is_some_and(is_delimiter) {
                break;
            }
            let cells = row(line);
            table.rows.push(Line {
                line: at + taken + 1,
                broken: cells.len() > table.header.len(),
                cells,
            });
            taken += 1;
        }
        Some((table, taken))
    }

    /// A table whose cells are parted by tabs.
    fn tabs(&self, at: usize) -> Option<(Table, usize)> {
        let split = |line: &str| -> Vec<String> {
            line.split('\t')
                .map(|cell| cell.trim().to_owned())
                .collect()
        };
        let header = split(self.line(at)?);
        let known = header
            .iter()
            .filter(|cell| vocabulary::column(cell).is_some());
        if header.len() < 2 || known.count() < 2 {
            return None;
        }
        let mut table = Table {
            header,
            rows: Vec::new(),
        };
        let mut taken = 1;
        while let Some(line) = self.line(at + taken) {
            if line.contains('\t') {
                let mut cells = split(line);
                // A row that was broken in one of its cells goes on here.
                let open = table.rows.last_mut().filter(|row| {
                    row.cells.len() < table.header.len()
                        && row.cells.len() + cells.len() - 1 <= table.header.len()
                });
                if let Some(row) = open {
                    let first = cells.remove(0);
                    if let Some(cell) = row.cells.last_mut() {
                        cell.push('\n');
                        cell.push_str(&first);
                    }
                    row.cells.extend(cells);
                } else {
                    table.rows.push(Line {
                        line: at + taken + 1,
                        broken: cells.len() > table.header.len(),
                        cells,
                    });
                }
            } else if self.is_of_row(at + taken, &table) {
                let width = table.header.len();
                let last = table.header.last().and_then(|it| vocabulary::column(it));
                let free = last.is_some_and(is_free);
                if let Some(row) = table.rows.last_mut() {
                    // The tab before the last cell, which begins in a line of its own, may be lost.
                    if free && row.cells.len() + 1 == width && !row.cells.is_empty() {
                        row.cells.push(String::new());
                    }
                    if let Some(cell) = row.cells.last_mut().filter(|_| !line.trim().is_empty()) {
                        if !cell.is_empty() {
                            cell.push('\n');
                        }
                        cell.push_str(line.trim());
                    }
                }
            } else {
                break;
            }
            taken += 1;
        }
        (!table.rows.is_empty()).then_some((table, taken))
    }

    /// Whether the line at `at`, which has no tabs, is of the last row of `table`: a row of as many
    /// cells follows it, or the end of the table, not the head of another.
    fn is_of_row(&self, at: usize, table: &Table) -> bool {
        let width = table.header.len();
        let Some(row) = table.rows.last() else {
            return false;
        };
        let short = row.cells.len() < width;
        let empty = row.cells.last().is_none_or(String::is_empty);
        let mut apart = false;
        let mut gap = self.trimmed(at).is_empty() && !(short || empty);
        for ahead in at..at + TALL {
            let line = self.line(ahead).filter(|_| self.may_look());
            let line = line.unwrap_or_default();
            if line.contains('\t') {
                let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
                let heads = cells.iter().filter(|it| vocabulary::column(it).is_some());
                let name = cells
                    .first()
                    .is_some_and(|name| !name.is_empty() && !name.contains(' '));
                let row = name && (cells.len() == width || cells.len() + 1 == width);
                return heads.count() < 2 && (row || short && !apart && !gap);
            }
            if is_start_line(line.trim()) {
                break;
            }
            apart |= vocabulary::section(line.trim()).is_some();
            gap |= ahead > at && line.trim().is_empty();
        }
        // Nothing follows: the last row's text ends with its paragraph.
        let own = self.trimmed(at);
        !own.is_empty()
            && vocabulary::section(own).is_none()
            && !is_start_line(own)
            && (short || empty || !self.trimmed(at - 1).is_empty() && !apart)
    }
}

/// Whether a column can hold any text, of several lines.
fn is_free(column: Column) -> bool {
    matches!(
        column,
        Column::Description | Column::Limits | Column::Default | Column::Example
    )
}

/// Whether a line is the name of a header without anything behind it.
fn is_open_header(line: &str) -> bool {
    line.strip_suffix(':').is_some_and(|name| {
        name.contains('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

/// Whether a line begins a request or a response: `GET /jobs HTTP/1.1`, `HTTP/1.1 200 OK`.
pub(super) fn is_start_line(line: &str) -> bool {
    if line.starts_with("HTTP/1.") || line.starts_with("HTTP/2") {
        return true;
    }
    let method = [
        "GET ", "PUT ", "POST ", "DELETE ", "HEAD ", "OPTIONS ", "PATCH ",
    ];
    method.iter().any(|method| line.starts_with(method)) && {
        let mut words = line.split_whitespace().skip(1);
        let target = words.next().unwrap_or_default();
        let ends = line.contains(" HTTP/") || line.contains(" HTTP 1");
        (target.starts_with('/') || target.starts_with("http")) && (ends || words.next().is_none())
    }
}
