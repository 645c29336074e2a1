//! Slips of Markdown that hide tables and headings from any parser, mended before it reads.
//!
//! - A heading without a space: `##Request`.
//! - A line under the head of a table that has fewer or more cells than it.
//! - A bar between backticks in a cell, which would end the cell.
//! - A row that goes on in the next line.
//! - Empty lines in a table of HTML, which would end it.
//! - Text right behind a table of HTML, which would be taken for HTML.
//! - A block of code that nothing ends.

/// A text in which the slips are mended.
pub(super) struct Mended {
    pub(super) text: String,
    /// The line of the document for each line of `text`.
    pub(super) lines: Vec<usize>,
    /// Lines of the document whose row has more cells than the table's head.
    pub(super) broken: Vec<usize>,
}

impl Mended {
    pub(super) fn of(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let mut mending = Mending::new(&lines, None);
        mending.run();
        // A fence that nothing ends hides the rest of the document.
        if let Some((open, _)) = mending.fence {
            mending = Mending::new(&lines, Some(open));
            mending.run();
        }
        Self {
            text: mending.text,
            lines: mending.numbers,
            broken: mending.broken,
        }
    }
}

struct Mending<'t> {
    lines: &'t [&'t str],
    /// A fence that nothing ends: the block ends before the next heading.
    unclosed: Option<usize>,
    text: String,
    numbers: Vec<usize>,
    broken: Vec<usize>,
    /// The fence that is open: its line, and its marks.
    fence: Option<(usize, &'t str)>,
    /// Tables of HTML that are open.
    tables: usize,
    /// Columns of the table that is open.
    columns: Option<usize>,
}

impl<'t> Mending<'t> {
    fn new(lines: &'t [&'t str], unclosed: Option<usize>) -> Self {
        Self {
            lines,
            unclosed,
            text: String::new(),
            numbers: Vec::new(),
            broken: Vec::new(),
            fence: None,
            tables: 0,
            columns: None,
        }
    }

    fn line(&self, at: usize) -> Option<&'t str> {
        self.lines.get(at).copied()
    }

    fn push(&mut self, at: usize, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.numbers.push(at + 1);
    }

    fn run(&mut self) {
        let mut at = 0;
        while let Some(line) = self.line(at) {
            at += self.one(at, line);
        }
    }

    /// Takes over the line `at`, and says how many lines were taken.
    fn one(&mut self, at: usize, line: &'t str) -> usize {
        let trimmed = line.trim_start();
        if let Some((open, marks)) = self.fence {
            if self.unclosed == Some(open) && is_heading(trimmed) {
                self.push(at, marks);
                self.fence = None;
            } else {
                let same = trimmed.starts_with(marks);
                if same && trimmed.trim_start_matches(['`', '~']).trim().is_empty() {
                    self.fence = None;
                }
                self.push(at, line);
                return 1;
            }
        } else if let Some(marks) = fence(trimmed) {
            self.fence = Some((at, marks));
            self.columns = None;
            self.push(at, line);
            return 1;
        }
        if self.tables > 0 || count(line, "<table") > 0 {
            return self.html(at, line);
        }
        if let Some(columns) = self.columns {
            let head = self.line(at + 1).is_some_and(is_delimiter);
            if line.contains('|') && !head {
                return self.row(at, line, columns);
            }
            self.columns = None;
        }
        if let (true, Some(next)) = (line.contains('|'), self.line(at + 1))
            && is_delimiter(next)
        {
            let columns = cells(line).count();
            self.columns = Some(columns);
            // A table begins where a paragraph has ended.
            self.push(at, "");
            self.push(at, line);
            self.push(at + 1, &delimiter(next, columns));
            return 2;
        }
        let marks = trimmed.len() - trimmed.trim_start_matches('#').len();
        match trimmed.get(marks..) {
            Some(rest) if is_heading(trimmed) && !rest.starts_with([' ', '\t']) => {
                self.push(at, &format!("{} {rest}", "#".repeat(marks)));
            }
            _ => self.push(at, line),
        }
        1
    }

    /// A line with HTML tables in it.
    fn html(&mut self, at: usize, line: &'t str) -> usize {
        if self.tables == 0 {
            self.push(at, "");
        }
        self.tables += count(line, "<table");
        self.tables = self.tables.saturating_sub(count(line, "</table"));
        // A line that is indented would be code, an empty one would end the HTML.
        let line = line.trim();
        if !line.is_empty() {
            self.push(at, line);
        }
        if self.tables == 0 {
            self.push(at, "");
        }
        1
    }

    /// A row of a table with bars, and the lines that it goes on in.
    fn row(&mut self, at: usize, line: &'t str, columns: usize) -> usize {
        let mut row = line.to_owned();
        let mut taken = 1;
        // What goes on ends with a bar.
        while line.trim_start().starts_with('|')
            && !row.trim_end().ends_with('|')
            && cells(&row).count() < columns
            && let Some(next) = self.line(at + taken)
            && !next.trim().is_empty()
            && !next.trim_start().starts_with(['|', '#'])
            && taken < 64
        {
            row.push_str("<br>");
            row.push_str(next.trim());
            taken += 1;
        }
        if bars(&row) + 1 > columns + edges(&row) {
            let mut cells: Vec<String> = cells(&row).map(escaped).collect();
            if cells.len() > columns {
                // A parser would drop them: they travel in the last cell.
                self.broken.push(at + 1);
                let rest = cells.split_off(columns.saturating_sub(1));
                cells.push(rest.join("\\|"));
            }
            row = format!("|{}|", cells.join("|"));
        }
        self.push(at, &row);
        taken
    }
}

fn count(line: &str, part: &str) -> usize {
    if line.contains('<') {
        line.to_ascii_lowercase().matches(part).count()
    } else {
        0
    }
}

/// The marks of a fence that a line begins.
fn fence(line: &str) -> Option<&str> {
    let marks = ["```", "~~~"].into_iter().find(|it| line.starts_with(it))?;
    let mark = marks.chars().next()?;
    let rest = line.trim_start_matches(mark);
    // ```` ```code``` ```` in one line is no block.
    if rest.contains(mark) {
        return None;
    }
    line.get(..line.len() - rest.len())
}

/// Whether a line begins like a heading.
fn is_heading(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    let marks = line.len() - rest.len();
    (1..=6).contains(&marks) && !rest.trim().is_empty() && !rest.starts_with('!')
}

/// Whether a line parts the head of a table from its rows.
pub(super) fn is_delimiter(line: &str) -> bool {
    let line = line.trim();
    line.contains('|')
        && line.contains('-')
        && line
            .chars()
            .all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// A delimiter of as many cells as the head has.
fn delimiter(line: &str, columns: usize) -> String {
    if cells(line).count() == columns {
        return line.trim().to_owned();
    }
    format!("|{}", "---|".repeat(columns))
}

/// Bars that are not escaped.
fn bars(row: &str) -> usize {
    let mut count = 0;
    let mut escaped = false;
    for c in row.chars() {
        count += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    count
}

/// Bars at the edges of a row.
fn edges(row: &str) -> usize {
    let row = row.trim();
    usize::from(row.starts_with('|')) + usize::from(row.ends_with('|') && row.len() > 1)
}

/// The cells of a row; bars between backticks part none.
pub(super) fn cells(row: &str) -> impl Iterator<Item = &str> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = match row.strip_suffix('|') {
        Some(rest) if !rest.ends_with('\\') => rest,
        _ => row,
    };
    let mut code = false;
    let mut escaped = false;
    let paired = row.matches('`').count().is_multiple_of(2);
    row.split(move |c: char| {
        let parts = c == '|' && !escaped && !code;
        escaped = c == '\\' && !escaped;
        code ^= c == '`' && paired;
        parts
    })
}

/// A cell whose bars part no cells.
fn escaped(cell: &str) -> String {
    cell.replace("\\|", "|").replace('|', "\\|")
}
