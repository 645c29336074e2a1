//! A selection at work: rows in, messages out, one thread, and no more memory than a few records need.

use std::borrow::Cow;
use std::io::Read;
use std::rc::Rc;

use bytes::Bytes;
use tcloud_core::call::{Message, Statistics};

use super::aggregate::Tally;
use super::evaluate::Stack;
use super::failure::Failure;
use super::request::{Input, Output, Plan};
use super::row::{Halt, Row};
use super::source::{Figures, Source, add};
use super::sql::{Item, Items, Query};
use super::value::Value;
use super::{csv, json};

/// Bytes of the result in a message, but for the end of its last row.
const MESSAGE: usize = 128 * 1024;
/// How many bytes are looked at between two messages of progress.
const PROGRESS: u64 = 1024 * 1024;
/// How many bytes are looked at without any message, at most.
const SILENCE: u64 = 4 * 1024 * 1024;

/// Nobody takes messages any more.
#[derive(Debug)]
pub(super) struct Gone;

/// What takes messages.
pub(super) type Listener<'l> = dyn FnMut(Message) -> Result<(), Gone> + 'l;

/// Selects from `content` what `plan` says, and tells `listener` all of it, up to the end.
///
/// # Errors
///
/// A row, or the object, cannot be worked on. What came before it stands.
pub(super) fn run(
    plan: Plan,
    content: impl Read,
    listener: &mut Listener<'_>,
) -> Result<(), Failure> {
    let Plan {
        mut query,
        packing,
        input,
        output,
        shows_progress,
    } = plan;
    let figures = Rc::new(Figures::default());
    let mut source = Source::new(content, packing, Rc::clone(&figures));
    let mut teller = Teller {
        listener,
        figures,
        result: Vec::new(),
        shows_progress,
        spoke: 0,
        progressed: 0,
    };
    match rows(&mut query, &input, &output, &mut source, &mut teller) {
        Ok(()) | Err(Halt::Enough) => {}
        Err(Halt::Failed(failure)) => {
            // The rows before it are part of the answer.
            let _ = teller.tell_result();
            return Err(failure);
        }
    }
    // Whoever left needs no end.
    let _ = teller.end();
    Ok(())
}

/// Looks at all rows.
fn rows(
    query: &mut Query,
    input: &Input,
    output: &Output,
    source: &mut Source<'_>,
    teller: &mut Teller<'_, '_>,
) -> Result<(), Halt> {
    match input {
        Input::Csv(form) => {
            let mut reader = csv::Reader::new(source, form);
            let header = reader.header()?;
            if let Some(header) = &header {
                query.bind(header)?;
            }
            let mut selection = Selection::new(query, output, teller);
            reader.rows(&header.unwrap_or_default(), &mut |row| selection.see(&row))?;
            selection.end()
        }
        Input::Json { has_lines } => {
            let mut selection = Selection::new(query, output, teller);
            let mut reader = json::Reader::new(source, *has_lines);
            reader.rows(&query.path, &mut |row| selection.see(&row))?;
            selection.end()
        }
    }
}

/// What becomes of rows.
struct Selection<'s, 't, 'l> {
    query: &'s Query,
    output: &'s Output,
    teller: &'s mut Teller<'t, 'l>,
    tallies: Vec<Tally>,
    stack: Stack,
    /// How many rows there are in the result.
    count: u64,
}

impl<'s, 't, 'l> Selection<'s, 't, 'l> {
    fn new(query: &'s Query, output: &'s Output, teller: &'s mut Teller<'t, 'l>) -> Self {
        let aggregates = query.aggregates.iter();
        Self {
            query,
            output,
            teller,
            tallies: aggregates.cloned().map(Tally::new).collect(),
            stack: Stack::default(),
            count: 0,
        }
    }

    /// Whether there are as many rows as are wanted.
    fn is_enough(&self) -> bool {
        self.query.limit.is_some_and(|limit| self.count >= limit)
    }

    fn see(&mut self, row: &Row<'_>) -> Result<(), Halt> {
        if self.is_enough() {
            return Err(Halt::Enough);
        }
        self.teller.keep_in_touch()?;
        if let Some(filter) = &self.query.filter
            && !filter.chooses(row, &mut self.stack)?
        {
            return Ok(());
        }
        if !self.tallies.is_empty() {
            for tally in &mut self.tallies {
                tally.see(row, &mut self.stack)?;
            }
            return Ok(());
        }
        self.write(row, &[])?;
        if self.is_enough() {
            return Err(Halt::Enough);
        }
        Ok(())
    }

    /// Adds a row to the result.
    fn write(&mut self, row: &Row<'_>, results: &[Value]) -> Result<(), Halt> {
        let mut fields: Vec<(Cow<'_, str>, Cow<'_, Value>)> = Vec::new();
        match &self.query.items {
            Items::All => fields = row.all(),
            Items::These(items) => {
                for item in items {
                    match item {
                        Item::All => fields.extend(row.all()),
                        Item::Value { name, program } => {
                            let value = program.value(row, results, &mut self.stack)?;
                            fields.push((Cow::Borrowed(name), Cow::Owned(value)));
                        }
                    }
                }
            }
        }
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()));
        self.output.write(fields, &mut self.teller.result)?;
        self.count = self.count.saturating_add(1);
        if self.teller.result.len() >= MESSAGE {
            self.teller.tell_result()?;
        }
        Ok(())
    }

    /// Writes the one row that functions of all rows make.
    fn end(mut self) -> Result<(), Halt> {
        if self.tallies.is_empty() || self.is_enough() {
            return Ok(());
        }
        let results = self.tallies.iter().map(Tally::result);
        let results = results.collect::<Result<Vec<_>, Failure>>()?;
        self.write(&Row::Document(&Value::Missing), &results)
    }
}

/// Makes messages.
struct Teller<'t, 'l> {
    listener: &'t mut Listener<'l>,
    figures: Rc<Figures>,
    /// Rows that no message has yet.
    result: Vec<u8>,
    shows_progress: bool,
    /// How much had been looked at when the last message, or the last progress, was told.
    spoke: u64,
    progressed: u64,
}

impl Teller<'_, '_> {
    fn tell(&mut self, message: Message) -> Result<(), Halt> {
        self.spoke = self.figures.processed.get();
        (self.listener)(message).map_err(|Gone| Halt::Enough)
    }

    fn tell_result(&mut self) -> Result<(), Halt> {
        if self.result.is_empty() {
            return Ok(());
        }
        let result = Bytes::from(std::mem::take(&mut self.result));
        add(&self.figures.returned, result.len());
        self.tell(Message::Records(result))
    }

    fn statistics(&self) -> Statistics {
        let mut statistics = Statistics::default();
        statistics.bytes_scanned = Some(self.figures.scanned.get());
        statistics.bytes_processed = Some(self.figures.processed.get());
        statistics.bytes_returned = Some(self.figures.returned.get());
        statistics
    }

    /// Says how far it has come, or at least that it is at work.
    fn keep_in_touch(&mut self) -> Result<(), Halt> {
        let now = self.figures.processed.get();
        if self.shows_progress && now.saturating_sub(self.progressed) >= PROGRESS {
            self.progressed = now;
            return self.tell(Message::Progress(self.statistics()));
        }
        if now.saturating_sub(self.spoke) >= SILENCE {
            return self.tell(Message::Continuation);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Halt> {
        self.tell_result()?;
        if self.shows_progress {
            self.tell(Message::Progress(self.statistics()))?;
        }
        self.tell(Message::Stats(self.statistics()))?;
        self.tell(Message::End)
    }
}
