//! Server-sent events out of bytes, as they come.

use std::collections::VecDeque;

use super::error::CodecError;

#[cfg(test)]
mod tests;

/// An event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// The kind of the event; empty if the server names none.
    pub(crate) name: String,
    /// The id of the last event that had one.
    pub(crate) id: String,
    /// The lines of its data, separated by line feeds.
    pub(crate) data: String,
}

/// Reads a stream of events. It is fed with chunks, which may end anywhere: within a line end, within
/// a character.
#[derive(Debug)]
pub(crate) struct Parser {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// The last line ended in a carriage return; a line feed at once behind it belongs to that.
    after_return: bool,
    /// A mark of the byte order is not part of the first line.
    first: bool,
    event: Event,
    has_data: bool,
    /// Events that are complete.
    ready: VecDeque<Event>,
    /// Most bytes of an event.
    limit: usize,
}

impl Parser {
    /// A parser at the start of a stream whose events have at most `limit` bytes each.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            line: Vec::new(),
            after_return: false,
            first: true,
            event: Event::default(),
            has_data: false,
            ready: VecDeque::new(),
            limit,
        }
    }

    /// The next event that is complete.
    pub(crate) fn next(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    /// Reads a chunk.
    ///
    /// # Errors
    /// An event is larger than the limit.
    pub(crate) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), CodecError> {
        if !chunk.is_empty() && std::mem::take(&mut self.after_return) {
            chunk = chunk.strip_prefix(b"\n").unwrap_or(chunk);
        }
        while let Some(end) = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, rest) = chunk.split_at_checked(end).unwrap_or((chunk, &[]));
            self.add(line)?;
            self.end_line();
            self.after_return = rest == b"\r";
            let rest = rest.strip_prefix(b"\r\n").or(rest.get(1..));
            chunk = rest.unwrap_or_default();
        }
        self.add(chunk)
    }

    /// Reads the end of the stream. An event that lacks nothing but the empty line behind it counts.
    pub(crate) fn finish(&mut self) {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.dispatch();
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        let size = self.line.len() + self.event.data.len() + bytes.len();
        if size > self.limit {
            let reason = format!("an event has more than {} bytes", self.limit);
            return Err(CodecError::new(String::new(), reason));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if std::mem::take(&mut self.first) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let line = String::from_utf8_lossy(line);
        // A comment is a field without a name; a line without a colon is a name without a value.
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.name),
            "id" if !value.contains('\0') => value.clone_into(&mut self.event.id),
            // How long to wait before the stream is asked for again, which API 3.0 does not know.
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let id = self.event.id.clone();
        let event = std::mem::replace(
            &mut self.event,
            Event {
                id,
                ..Event::default()
            },
        );
        if std::mem::take(&mut self.has_data) {
            self.ready.push_back(event);
        }
    }
}
