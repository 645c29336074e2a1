//! Rows of objects that are CSV.

use super::failure::Failure;
use super::request::{CsvForm, Header};
use super::row::{Halt, Row, Sink};
use super::source::{Source, utf8};

/// Reads rows.
pub(super) struct Reader<'r, 'c> {
    source: &'r mut Source<'c>,
    form: &'r CsvForm,
}

impl<'r, 'c> Reader<'r, 'c> {
    pub(super) fn new(source: &'r mut Source<'c>, form: &'r CsvForm) -> Self {
        Self { source, form }
    }

    /// The names of the columns, if the first line has them. It is passed if it is no row.
    pub(super) fn header(&mut self) -> Result<Option<Vec<String>>, Failure> {
        let mut names = Vec::new();
        match self.form.header {
            Header::None => Ok(None),
            Header::Ignore => {
                self.record(&mut names)?;
                Ok(None)
            }
            Header::Use => Ok(self.record(&mut names)?.then_some(names)),
        }
    }

    /// Gives all rows to `sink`.
    pub(super) fn rows(&mut self, names: &[String], sink: &mut Sink<'_>) -> Result<(), Halt> {
        let mut columns = Vec::new();
        while self.record(&mut columns)? {
            sink(Row::Columns {
                names,
                columns: &columns,
            })?;
        }
        Ok(())
    }

    /// Reads the columns of the next row. Comments and empty lines are none.
    fn record(&mut self, columns: &mut Vec<String>) -> Result<bool, Failure> {
        loop {
            columns.clear();
            self.source.begin_record(true);
            let Some(first) = self.source.peek()? else {
                return Ok(false);
            };
            if self.form.comment == Some(first) {
                self.comment()?;
                continue;
            }
            if self.ends_record()? {
                continue;
            }
            loop {
                let (column, is_last) = self.column()?;
                columns.push(utf8(column)?);
                if is_last {
                    return Ok(true);
                }
            }
        }
    }

    /// Passes a line, however long.
    fn comment(&mut self) -> Result<(), Failure> {
        self.source.begin_record(false);
        while self.source.peek()?.is_some() && !self.ends_record()? {
            self.source.skip(1)?;
        }
        Ok(())
    }

    /// Passes the end of a row if it comes.
    fn ends_record(&mut self) -> Result<bool, Failure> {
        let length = self.delimiter()?;
        if let Some(length) = length {
            self.source.skip(length)?;
        }
        Ok(length.is_some())
    }

    /// The length of the end of a row if it comes. Where that is `\n`, a `\r` before it belongs to it: so
    /// files of other systems have it.
    fn delimiter(&mut self) -> Result<Option<usize>, Failure> {
        let delimiter = &self.form.record_delimiter;
        if self.source.comes(delimiter)? {
            return Ok(Some(delimiter.len()));
        }
        let is_line = delimiter == b"\n" && self.source.comes(b"\r\n")?;
        Ok(is_line.then_some(2))
    }

    /// Reads a column and what follows it. Returns whether it is the last one of its row.
    fn column(&mut self) -> Result<(Vec<u8>, bool), Failure> {
        let mut column = Vec::new();
        if self.source.peek()? == Some(self.form.quote) {
            self.source.skip(1)?;
            self.quoted(&mut column)?;
        }
        loop {
            if self.ends_record()? {
                return Ok((column, true));
            }
            match self.source.peek()? {
                None => return Ok((column, true)),
                Some(byte) => {
                    self.source.skip(1)?;
                    if byte == self.form.field_delimiter {
                        return Ok((column, false));
                    }
                    column.push(byte);
                }
            }
        }
    }

    /// Reads what is between quotes, and passes the last one.
    fn quoted(&mut self, column: &mut Vec<u8>) -> Result<(), Failure> {
        let CsvForm { quote, escape, .. } = *self.form;
        loop {
            if !self.form.quoted_delimiters && self.delimiter()?.is_some() {
                let message = "Encountered an error parsing the CSV file: there is a record delimiter between \
                               quotes, which AllowQuotedRecordDelimiter has to allow";
                return Err(Failure::new("CSVParsingError", message));
            }
            let Some(byte) = self.source.peek()? else {
                let message = "Please check the last record in the input: a quote in it has no end";
                return Err(Failure::new("LastRecordParseFail", message));
            };
            self.source.skip(1)?;
            let next = if byte == escape {
                self.source.peek()?
            } else {
                None
            };
            match next {
                // Where both are one character, it is only doubled.
                Some(next) if next == quote || (next == escape && escape != quote) => {
                    self.source.skip(1)?;
                    column.push(next);
                }
                _ if byte == quote => return Ok(()),
                _ => column.push(byte),
            }
        }
    }
}
