//! Lines of a text by their bytes.

/// Finds the line of one byte after the other, so that a text is gone through once.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    /// The line of the document for each line of the text, if lines were added or left out.
    original: Option<&'t [usize]>,
}

impl<'t> Lines<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
            original: None,
        }
    }

    /// Lines of a text that was made of a document's: `original` has the line of each.
    pub(super) const fn of(text: &'t str, original: &'t [usize]) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
            original: Some(original),
        }
    }

    /// The line of the document that has the byte `at`, counted from 1.
    pub(super) fn at(&mut self, at: usize) -> usize {
        let at = at.min(self.text.len());
        while self.at < at {
            self.line += usize::from(self.text.get(self.at) == Some(&b'\n'));
            self.at += 1;
        }
        match self.original {
            Some(original) => original.get(self.line - 1).copied().unwrap_or(self.line),
            None => self.line,
        }
    }
}
