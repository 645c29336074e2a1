//! What is wrong with a spec, where it is and what to write instead.

use std::fmt;
use std::ops::Range;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceOffset, SourceSpan, SpanContents,
};
use serde_saphyr::{Location, Spanned};

use crate::source::SourceFile;

/// A finding in a spec file.
///
/// `Display` is the message alone; [`Diagnostic::render`] shows place, row and help as well.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// How grave it is. [`Severity::Advice`] lets a check pass.
    pub severity: Severity,
    /// Short name of the rule: `tcloud::orphan_parent`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// The file, relative to `api-spec`.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    label: LabeledSpan,
    source: Source,
}

/// The text around a finding. Its row is context enough: the rows beside it are as long and say
/// nothing about it.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    text: String,
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without context the reader of the span asks where exactly it begins.
        let span = if (lines_before, lines_after) == (0, 0) {
            *span
        } else {
            self.lines(span)
        };
        let part = self.text.read_span(&span, 0, 0)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            part.data(),
            *part.span(),
            part.line(),
            part.column(),
            part.line_count(),
        )))
    }
}

impl Source {
    /// All of the lines that `span` touches.
    fn lines(&self, span: &SourceSpan) -> SourceSpan {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let before = self.text.get(..start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let after = self.text.get(end..).unwrap_or_default();
        let end = end + after.find('\n').unwrap_or(after.len());
        (start, end - start).into()
    }
}

impl Diagnostic {
    /// A finding about the bytes `range` of `file`. A range outside the file points at its end.
    pub fn error(
        file: &SourceFile,
        range: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let start = file.text.floor_char_boundary(range.start);
        let before = file.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = range.end.min(file.text.len()).max(start);
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            help: help.into(),
            file: file.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            label: LabeledSpan::new_with_span(None, (SourceOffset::from(start), end - start)),
            source: Source {
                name: file.path.clone(),
                text: file.text.clone(),
            },
        }
    }

    /// Turns the finding into advice, which lets a check pass.
    #[must_use]
    pub fn advice(mut self) -> Self {
        self.severity = Severity::Advice;
        self
    }

    /// Whether the finding fails a check.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Rule, place, row and help as plain text.
    pub fn render(&self) -> String {
        self.draw(GraphicalTheme::unicode_nocolor())
    }

    /// The same in colours, for a terminal.
    pub fn render_colored(&self) -> String {
        self.draw(GraphicalTheme::unicode())
    }

    fn draw(&self, theme: GraphicalTheme) -> String {
        let mut text = String::new();
        let drawn = GraphicalReportHandler::new_themed(theme)
            .with_context_lines(1)
            .with_links(false)
            .with_width(110)
            .render_report(&mut text, self);
        match drawn {
            Ok(()) => text,
            Err(fmt::Error) => format!("{}:{}: {}", self.file, self.line, self.message),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

/// The bytes of the line on which `location` lies, from there on.
pub(crate) fn rest_of_line(text: &str, location: Location) -> Range<usize> {
    let start = text.floor_char_boundary(offset(text, location));
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    start..start + line.trim_end().len()
}

/// Where `location` is, by bytes. Errors of YAML itself know only line and column.
fn offset(text: &str, location: Location) -> usize {
    if let Some(offset) = location.span().byte_offset() {
        return usize::try_from(offset).unwrap_or(usize::MAX);
    }
    let line = usize::try_from(location.line())
        .unwrap_or_default()
        .saturating_sub(1);
    let column = usize::try_from(location.column())
        .unwrap_or_default()
        .saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(before..).unwrap_or_default();
    before + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

/// The bytes of the value of `key` in the mapping that `node` is, or of the mapping's first line.
///
/// The reader keeps the place of a node but not of the keys in it. Since a row is one line of flow
/// style, a look along the line finds them.
pub(crate) fn value_of<T>(text: &str, node: &Spanned<T>, key: &str) -> Range<usize> {
    let line = rest_of_line(text, node.defined);
    let row = text.get(line.clone()).unwrap_or_default();
    let mut quote = None;
    let mut depth = 0_usize;
    let mut key_at = None;
    let mut part = 0;
    for (at, c) in row.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') if row.get(..at).is_some_and(opens_value) => quote = Some(c),
            (None, '{' | '[') => {
                depth += 1;
                part = at + 1;
            }
            (None, ',' | '}') if depth == 1 => {
                if let Some(start) = key_at {
                    let value = row.get(start..at).unwrap_or_default();
                    let start = line.start + start;
                    return start..start + value.trim_end().len();
                }
                part = at + 1;
            }
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            (None, ':') if depth == 1 && key_at.is_none() => {
                let found = row.get(part..at).is_some_and(|name| name.trim() == key);
                key_at = found.then(|| {
                    let value = row.get(at + 1..).unwrap_or_default();
                    at + 1 + (value.len() - value.trim_start().len())
                });
            }
            _ => {}
        }
    }
    line
}

/// Whether a quote after `before` opens a text: elsewhere it is an apostrophe.
fn opens_value(before: &str) -> bool {
    before.trim_end().ends_with([':', ',', '{', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_among_quotes_and_brackets() {
        let text = "- { name: A, doc: \"it's {x}, type: y\", values: {B: type}, type: Int }";
        let rows: Vec<Spanned<serde_json::Value>> = serde_saphyr::from_str(text).unwrap();
        let found = |key| &text[value_of(text, &rows[0], key)];
        assert_eq!(found("type"), "Int");
        assert_eq!(found("name"), "A");
        assert_eq!(found("values"), "{B: type}");
        assert!(found("parent").starts_with("{ name"));
    }
}
