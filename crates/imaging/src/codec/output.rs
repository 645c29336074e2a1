//! A file that is being written.

use std::io::{self, Write};

use crate::{Error, Result};

/// Grows as it is written, up to a limit.
#[derive(Debug)]
pub(super) struct Output {
    bytes: Vec<u8>,
    limit: u64,
    is_full: bool,
}

impl Output {
    /// Memory for the largest file is set aside at once: what is not written costs nothing, and a
    /// list that grows is copied.
    pub(super) fn new(limit: u64) -> Self {
        let mut bytes = Vec::new();
        // Where that fails, the list grows as far as it can.
        let _ = usize::try_from(limit).map(|limit| bytes.try_reserve_exact(limit));
        Self {
            bytes,
            limit,
            is_full: false,
        }
    }

    /// Adds to the file.
    ///
    /// # Errors
    ///
    /// It would be too large.
    pub(super) fn append(&mut self, data: &[u8]) -> Result<()> {
        self.write_all(data).map_err(|_| self.too_large())
    }

    /// The whole file, or why there is none.
    pub(super) fn finish(self, written: Result<()>) -> Result<Vec<u8>> {
        if self.is_full {
            return Err(self.too_large());
        }
        written.map(|()| self.bytes)
    }

    /// Why the file was not written, where an encoder says `error`.
    pub(super) fn reason(&self, error: Error) -> Error {
        if self.is_full {
            self.too_large()
        } else {
            error
        }
    }

    const fn too_large(&self) -> Error {
        Error::OutputTooLarge {
            bytes: None,
            limit: self.limit,
        }
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let length = self.bytes.len().saturating_add(data.len());
        if u64::try_from(length).is_ok_and(|length| length <= self.limit) {
            self.bytes.extend_from_slice(data);
            return Ok(data.len());
        }
        self.is_full = true;
        Err(io::ErrorKind::FileTooLarge.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
