//! Edits of YAML text that leave every other byte as it is.

use std::ops::Range;

use serde_saphyr::Spanned;

use crate::diagnostic::{rest_of_line, value_of};

/// Edits of one text, made from its end so that the places before stay true.
#[derive(Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(super) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        self.0.push((range, with.into()));
    }

    pub(super) fn insert(&mut self, at: usize, new: impl Into<String>) {
        self.replace(at..at, new);
    }

    /// The text with all edits made. Of two at one place the first comes first.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let mut result = String::with_capacity(text.len());
        let mut done = 0;
        for (range, new) in self.0 {
            result.push_str(text.get(done..range.start).unwrap_or_default());
            result.push_str(&new);
            done = done.max(range.end);
        }
        result.push_str(text.get(done..).unwrap_or_default());
        result
    }
}

/// An item of a list in block style.
pub(super) struct Item {
    /// Its lines, with the last line's end.
    pub(super) lines: Range<usize>,
    /// Columns before its dash.
    pub(super) indent: usize,
    /// Where its content starts.
    start: usize,
}

impl Item {
    /// The item that `node` is; `None` if the list is not one item a line.
    pub(super) fn of<T>(text: &str, node: &Spanned<T>) -> Option<Self> {
        let start = rest_of_line(text, node.defined).start;
        let before = text.get(..start)?;
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = before.get(first..)?.strip_suffix("- ")?;
        if !indent.chars().all(|c| c == ' ') {
            return None;
        }
        let mut end = first;
        for line in text.get(first..)?.split_inclusive('\n') {
            let deeper = line.len() - line.trim_start_matches(' ').len() > indent.len();
            if end > first && !deeper && !line.trim().is_empty() {
                break;
            }
            end += line.len();
        }
        // Blank lines belong to what follows.
        let content = text.get(first..end)?.trim_end().len();
        let rest = text.get(first + content..end)?;
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        Some(Self {
            lines: first..first + content + line_end,
            indent: indent.len(),
            start,
        })
    }

    /// The bytes of the value of `key`.
    pub(super) fn value<T>(
        &self,
        text: &str,
        node: &Spanned<T>,
        key: &str,
    ) -> Option<Range<usize>> {
        if text.get(self.start..)?.starts_with('{') {
            let found = value_of(text, node, key);
            return (found != rest_of_line(text, node.defined)).then_some(found);
        }
        let mut at = self.start;
        for line in text.get(self.start..self.lines.end)?.split_inclusive('\n') {
            let own = at == self.start || line.starts_with(&" ".repeat(self.indent + 2));
            let content = if at == self.start {
                line
            } else {
                line.get(self.indent + 2..).unwrap_or_default()
            };
            if let (true, Some(value)) = (own, content.strip_prefix(key))
                && let Some(value) = value.strip_prefix(": ")
            {
                let value_at = at + line.len() - value.len();
                let value = value.split(" #").next().unwrap_or(value);
                return Some(value_at..value_at + value.trim_end().len());
            }
            at += line.len();
        }
        None
    }

    /// Text that puts `key` behind another key, whose value ends at `after`.
    pub(super) fn key(&self, text: &str, key: &str, value: &str) -> String {
        if text.get(self.start..).unwrap_or_default().starts_with('{') {
            format!(", {key}: {value}")
        } else {
            format!("\n{}{key}: {value}", " ".repeat(self.indent + 2))
        }
    }

    /// The bytes of `key` with its value and what parts it from the key before.
    pub(super) fn whole<T>(
        &self,
        text: &str,
        node: &Spanned<T>,
        key: &str,
    ) -> Option<Range<usize>> {
        let value = self.value(text, node, key)?;
        let before = text.get(..value.start)?;
        let name = before.rfind(key)?;
        let start = before.get(..name)?.trim_end().trim_end_matches(',').len();
        Some(start..value.end)
    }
}

/// The line of `key` at the top of a file, with its end.
pub(super) fn top_line(text: &str, key: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix(key);
        if rest.is_some_and(|rest| rest.starts_with(':')) {
            return Some(at..at + line.len());
        }
        at += line.len();
    }
    None
}

/// Adds `entry` to the end of the list `structures`; `head` starts one that is not there.
pub(super) fn add_structure(mut text: String, head: &str, entry: &str) -> String {
    let Some(line) = top_line(&text, "structures") else {
        text.push_str(head);
        text.push_str(entry);
        return text;
    };
    let mut end = line.end;
    for line in text
        .get(line.end..)
        .unwrap_or_default()
        .split_inclusive('\n')
    {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            break;
        }
        end += line.len();
    }
    text.insert_str(end, entry);
    text
}
