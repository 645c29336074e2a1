//! A selection at work: rows in, messages out, one thread, and no more memory than a few records need.

use std::io::Read;

use bytes::Bytes;
use tcloud_core::call::Message;

use super::aggregate::Tally;
use super::contact::{Contact, Listener, add};
use super::failure::Failure;
use super::request::{Input, Output, Plan};
use super::row::{Halt, Row};
use super::source::Source;
use super::sql::{Item, Items, Query};
use super::value::Value;
use super::{csv, json};

/// Bytes of the result in a message, but for the end of its last row.
const MESSAGE: usize = 128 * 1024;

/// Selects from `content` what `plan` says, and tells `listener` all of it, up to the end.
///
/// # Errors
///
/// A row, or the object, cannot be worked on, or nobody listens any more. What came before it stands.
pub(super) fn run(plan: Plan, content: impl Read, listener: &dyn Listener) -> Result<(), Failure> {
    let Plan {
        mut query,
        packing,
        input,
        output,
        shows_progress,
    } = plan;
    let contact = Contact::new(listener, shows_progress);
    let mut source = Source::new(content, packing, &contact);
    let mut teller = Teller {
        contact: &contact,
        result: Vec::new(),
    };
    match rows(&mut query, &input, &output, &mut source, &mut teller) {
        Ok(()) | Err(Halt::Enough) => {}
        Err(Halt::Failed(failure)) => {
            // The rows before it are part of the answer.
            let _ = teller.tell();
            return Err(failure);
        }
    }
    teller.tell()?;
    contact.end()
}

/// Looks at all rows.
fn rows(
    query: &mut Query,
    input: &Input,
    output: &Output,
    source: &mut Source<'_>,
    teller: &mut Teller<'_>,
) -> Result<(), Halt> {
    source.pass_mark()?;
    match input {
        Input::Csv(form) => {
            let mut reader = csv::Reader::new(source, form);
            let header = reader.header()?;
            if let Some(header) = &header {
                query.bind(header, teller.contact)?;
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
struct Selection<'s, 't> {
    query: &'s Query,
    output: &'s Output,
    teller: &'s mut Teller<'t>,
    tallies: Vec<Tally>,
    /// How many rows there are in the result.
    count: u64,
}

impl<'s, 't> Selection<'s, 't> {
    fn new(query: &'s Query, output: &'s Output, teller: &'s mut Teller<'t>) -> Self {
        let aggregates = query.aggregates.iter();
        Self {
            query,
            output,
            teller,
            tallies: aggregates.cloned().map(Tally::new).collect(),
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
        if let Some(filter) = &self.query.filter
            && !filter.chooses(row, self.teller.contact)?
        {
            return Ok(());
        }
        if !self.tallies.is_empty() {
            for tally in &mut self.tallies {
                tally.see(row, self.teller.contact)?;
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
        let start = self.teller.result.len();
        if let Err(failure) = self.put(row, results) {
            // Nobody gets a part of a row.
            self.teller.result.truncate(start);
            return Err(failure.into());
        }
        self.count = self.count.saturating_add(1);
        if self.teller.result.len() >= MESSAGE {
            self.teller.tell()?;
        }
        Ok(())
    }

    /// Writes the items of a row, each as soon as it is computed: together they may be far more than a
    /// row can have.
    fn put(&mut self, row: &Row<'_>, results: &[Value]) -> Result<(), Failure> {
        let contact = self.teller.contact;
        let mut line = self.output.begin(&mut self.teller.result);
        match &self.query.items {
            Items::All => row.each(&mut |name, value| line.add(name, value))?,
            Items::These(items) => {
                for item in items {
                    match item {
                        Item::All => row.each(&mut |name, value| line.add(name, value))?,
                        Item::Value { name, program } => {
                            line.add(name, &*program.value(row, results, contact)?)?;
                        }
                    }
                }
            }
        }
        line.end()
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

/// Makes messages of rows.
struct Teller<'t> {
    contact: &'t Contact<'t>,
    /// Rows that no message has yet.
    result: Vec<u8>,
}

impl Teller<'_> {
    fn tell(&mut self) -> Result<(), Failure> {
        if self.result.is_empty() {
            return Ok(());
        }
        let result = Bytes::from(std::mem::take(&mut self.result));
        add(&self.contact.figures.returned, result.len());
        self.contact.tell(Message::Records(result))
    }
}
