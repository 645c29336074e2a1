//! Tables whose cells are lines of their own, one below the other.

use super::{Reader, TALL, is_free, is_start_line};
use crate::import::doc::kinds;
use crate::import::doc::model::{Line, Table};
use crate::import::doc::vocabulary::{self, Column};

/// Lines that a path may be broken into.
const PARTS: usize = 5;

impl Reader<'_> {
    /// A table whose cells are lines of their own, one below the other.
    pub(super) fn stacked(&self, at: usize) -> Option<(Table, usize)> {
        let mut columns = Vec::new();
        let mut header = Vec::new();
        let mut heads = Vec::new();
        let mut next = at;
        while let Some(line) = self.line(next).map(str::trim) {
            if line.is_empty() && !columns.is_empty() && next - at < 24 {
                next += 1;
                continue;
            }
            let Some(column) = vocabulary::column(line).filter(|it| !columns.contains(it)) else {
                break;
            };
            columns.push(column);
            header.push(line.to_owned());
            heads.push(next);
            next += 1;
        }
        let mut start = next;
        let first = *columns.first()?;
        if columns.len() < 2 || !matches!(first, Column::Name | Column::Code) {
            return None;
        }
        let mut table = Table {
            header,
            rows: Vec::new(),
        };
        while columns.len() >= 2 {
            let mut end = start;
            // A head whose words have lines between them has cells that have, too.
            let apart = heads
                .first()
                .zip(heads.get(1))
                .is_some_and(|(one, two)| two - one > 1);
            let spaced = |at| {
                apart
                    .then(|| self.spaced(&columns, at))
                    .flatten()
                    .or_else(|| self.row(&columns, at))
            };
            while let Some((row, behind)) = spaced(end) {
                table.rows.push(row);
                end = behind;
            }
            if !table.rows.is_empty() {
                return Some((table, end - at));
            }
            // The last word of the head may be the name of the first row.
            columns.pop();
            table.header.pop();
            start = heads.pop()?;
        }
        None
    }

    /// The row that begins in the line `at` or behind empty ones, if there is an empty line behind
    /// each of its cells.
    fn spaced(&self, columns: &[Column], at: usize) -> Option<(Line, usize)> {
        let mut next = self.filled(at)?;
        let mut row = Line {
            line: next + 1,
            ..Line::default()
        };
        for column in columns {
            let start = self.filled(next)?;
            let end = (start..start + TALL).find(|at| self.trimmed(*at).is_empty())?;
            let lines: Vec<&str> = (start..end).map(|at| self.trimmed(at)).collect();
            if is_free(*column) {
                row.cells.push(lines.join("\n"));
            } else {
                let (text, behind) = self.fixed(*column, start)?;
                if behind != end {
                    return None;
                }
                row.cells.push(text);
            }
            next = end;
        }
        Some((row, next))
    }

    /// The row that begins in the line `at` or behind empty ones, and where it ends.
    fn row(&self, columns: &[Column], at: usize) -> Option<(Line, usize)> {
        let start = self.filled(at)?;
        let mut row = Line {
            line: start + 1,
            ..Line::default()
        };
        let mut next = start;
        let mut index = 0;
        while let Some(column) = columns.get(index) {
            if !is_free(*column) {
                let (text, behind) = self.fixed(*column, self.filled(next)?)?;
                row.cells.push(text);
                next = behind;
                index += 1;
                continue;
            }
            let rest = columns.get(index..).unwrap_or_default();
            let group = rest.iter().take_while(|it| is_free(**it)).count();
            let behind = rest.get(group..).unwrap_or_default();
            let end = self.free(group, behind, columns, next)?;
            let lines: Vec<&str> = (next..end)
                .map(|at| self.trimmed(at))
                .filter(|line| !line.is_empty())
                .collect();
            share(
                &mut row.cells,
                rest.get(..group).unwrap_or_default(),
                &lines,
            );
            next = end;
            index += group;
        }
        Some((row, next))
    }

    /// Where `group` cells of any text end that begin at `at`: before the cells that follow them in
    /// the row, or before the next row.
    fn free(
        &self,
        group: usize,
        behind: &[Column],
        columns: &[Column],
        at: usize,
    ) -> Option<usize> {
        let fixed = behind.iter().take_while(|it| !is_free(**it)).count();
        let fixed = behind.get(..fixed).unwrap_or_default();
        for end in at..at + TALL {
            if self.line(end).is_none() {
                return (behind.is_empty() && end > at).then_some(end);
            }
            if self.trimmed(end).is_empty() {
                // An empty line ends the last cell of a table, and is one of the others.
                if behind.is_empty() && end > at {
                    return Some(end);
                }
                continue;
            }
            if end > at && self.is_apart(end) {
                return behind.is_empty().then_some(end);
            }
            let fits = if fixed.is_empty() {
                // Two words, one below the other, are as likely the cells themselves.
                end > at
                    && self.begins(columns, end)
                    && (end - at >= group || self.says_where(columns, end))
            } else {
                self.fits(fixed, end) && !self.repeats(fixed, behind, columns, end)
            };
            if fits {
                return Some(end);
            }
        }
        None
    }

    /// Whether a line is none of a table: a heading, a request, the head of another table.
    fn is_apart(&self, at: usize) -> bool {
        let line = self.trimmed(at);
        let heading = self.trimmed(at - 1).is_empty() && vocabulary::section(line).is_some();
        let head = vocabulary::column(line) == Some(Column::Name)
            && self
                .filled(at + 1)
                .and_then(|next| vocabulary::column(self.trimmed(next)))
                .is_some();
        heading || head || is_start_line(line)
    }

    /// Whether the lines from `at` hold what the columns can hold.
    fn fits(&self, fixed: &[Column], at: usize) -> bool {
        let mut next = at;
        fixed.iter().enumerate().all(|(index, column)| {
            let Some(place) = self.filled(next) else {
                return false;
            };
            let line = self.trimmed(place);
            // Behind a description only the words for types are types, not the names of structures.
            if *column == Column::Type && index == 0 {
                next = place + 1;
                return line.chars().count() < 40 && kinds::kind(line).is_some();
            }
            self.fixed(*column, place).is_some_and(|(_, behind)| {
                next = behind;
                true
            })
        })
    }

    /// The cell of a column that cannot hold any text, and where it ends. A path may be broken at a
    /// dot, or within a name.
    fn fixed(&self, column: Column, at: usize) -> Option<(String, usize)> {
        let mut text = self.trimmed(at).to_owned();
        let mut next = at + 1;
        if column == Column::Parent && !vocabulary::is_none(&text) {
            while next < at + PARTS {
                let more = self.trimmed(next);
                let last = text.rsplit('.').next().unwrap_or_default();
                let dot = text.ends_with('.') || more.starts_with('.');
                let name = || {
                    !self.whole.contains(last)
                        && self.whole.contains(format!("{last}{more}").as_str())
                };
                let or = text.ends_with(" or") || more.starts_with("or ");
                if more.is_empty() || !(dot || or || is_name(more) && name()) {
                    break;
                }
                if or {
                    text.push(' ');
                }
                text.push_str(more);
                next += 1;
            }
        }
        holds(column, &text).then_some((text, next))
    }

    /// Whether the cells fit one line further down as well: then the first of the lines is the end
    /// of a description that looks like a type.
    fn repeats(&self, fixed: &[Column], behind: &[Column], columns: &[Column], at: usize) -> bool {
        behind.len() == fixed.len()
            && !self.trimmed(at + 1).is_empty()
            && self.fits(fixed, at + 1)
            && !self.begins(columns, at + fixed.len())
    }

    /// Whether the row that may begin in the line `at` says beyond doubt what it is in.
    fn says_where(&self, columns: &[Column], at: usize) -> bool {
        let parent = columns.get(1) == Some(&Column::Parent);
        parent
            && self.filled(at + 1).is_some_and(|at| {
                let line = self.trimmed(at);
                line.contains('.') || vocabulary::is_none(line)
            })
    }

    /// Whether a row begins in the line `at`.
    fn begins(&self, columns: &[Column], at: usize) -> bool {
        let fixed: Vec<Column> = columns
            .iter()
            .copied()
            .take_while(|it| !is_free(*it))
            .collect();
        self.fits(&fixed, at)
    }

    /// The next line that is not empty, if it is near.
    fn filled(&self, at: usize) -> Option<usize> {
        (at..at + 4).find(|at| !self.trimmed(*at).is_empty())
    }
}

/// Whether a column can hold a line.
fn holds(column: Column, line: &str) -> bool {
    match column {
        Column::Name => is_name(line),
        Column::Code => is_name(line) && line.starts_with(|c: char| c.is_ascii_uppercase()),
        Column::Parent => is_path(line),
        Column::Type => line.chars().count() < 40 && kinds::structure(line).is_some(),
        Column::Required => vocabulary::required(line).is_some(),
        Column::Status => line.chars().any(|c| c.is_ascii_digit()) && line.len() < 40,
        Column::Description | Column::Limits | Column::Default | Column::Example => true,
    }
}

/// Shares lines among neighbouring cells of any text: a description has what the others, of one
/// line each, leave.
fn share(cells: &mut Vec<String>, columns: &[Column], lines: &[&str]) {
    let tall = columns
        .iter()
        .position(|column| *column == Column::Description)
        .unwrap_or(columns.len().saturating_sub(1));
    let spare = lines.len().saturating_sub(columns.len());
    let mut lines = lines.iter();
    for index in 0..columns.len() {
        let count = if index == tall { spare + 1 } else { 1 };
        let own: Vec<&str> = lines.by_ref().take(count).copied().collect();
        cells.push(own.join("\n"));
    }
}

fn is_name(line: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-.:*[]<>".contains(c);
    line.len() < 120
        && line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && line.chars().all(word)
        && !line.ends_with([':', '.'])
}

fn is_path(line: &str) -> bool {
    if vocabulary::is_none(line) {
        return true;
    }
    let spaced = line.split(" or ").count() <= 3;
    let word = |c: char| c.is_ascii_alphanumeric() || "_.*\\-: ".contains(c);
    let words = line.replace(" or ", ".");
    line.len() < 200
        && !line.ends_with(':')
        && spaced
        && line.starts_with(|c: char| c.is_ascii_alphabetic())
        && words.chars().all(word)
        && !words.trim().contains(' ')
}
