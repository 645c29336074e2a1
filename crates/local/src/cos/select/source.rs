//! The content of an object, unpacked, as bytes that can be looked at before they are taken.

use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use super::contact::{Contact, Figures, add};
use super::failure::Failure;

/// Most bytes of a record, in the object and in the result.
pub(super) const LONGEST_RECORD: u64 = 1024 * 1024;
/// Bytes that are read at a time.
const STEP: usize = 64 * 1024;

/// How an object is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Bzip2,
}

/// Counts what is read of the object.
struct Scanned<'c, R> {
    content: R,
    figures: &'c Figures,
}

impl<R: Read> Read for Scanned<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(into)?;
        add(&self.figures.scanned, count);
        Ok(count)
    }
}

/// Unpacked bytes.
pub(super) struct Source<'c> {
    content: Box<dyn Read + 'c>,
    packing: Packing,
    contact: &'c Contact<'c>,
    buffer: Vec<u8>,
    /// What of the buffer is not taken yet.
    from: usize,
    to: usize,
    has_ended: bool,
    /// How many bytes were taken.
    taken: u64,
    /// How many may be taken before the record is too long.
    limit: u64,
}

impl<'c> Source<'c> {
    /// The content of an object that is packed like this, read for whoever is in `contact`.
    pub(super) fn new(content: impl Read + 'c, packing: Packing, contact: &'c Contact<'c>) -> Self {
        let content = Scanned {
            content,
            figures: &contact.figures,
        };
        let content: Box<dyn Read + 'c> = match packing {
            Packing::None => Box::new(content),
            Packing::Gzip => Box::new(MultiGzDecoder::new(content)),
            Packing::Bzip2 => Box::new(MultiBzDecoder::new(content)),
        };
        Self {
            content,
            packing,
            contact,
            buffer: vec![0; STEP],
            from: 0,
            to: 0,
            has_ended: false,
            taken: 0,
            limit: u64::MAX,
        }
    }

    /// The next byte.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Failure> {
        if self.from == self.to {
            self.fill()?;
        }
        Ok(self.ahead().first().copied())
    }

    /// Whether `bytes` come next.
    pub(super) fn comes(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        while self.ahead().len() < bytes.len() && !self.has_ended {
            self.fill()?;
        }
        Ok(self.ahead().starts_with(bytes))
    }

    /// Passes the mark by which some programs begin a file of UTF-8.
    pub(super) fn pass_mark(&mut self) -> Result<(), Failure> {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        if self.comes(MARK)? {
            self.skip(MARK.len())?;
        }
        Ok(())
    }

    /// Goes on behind `count` bytes that were looked at.
    ///
    /// # Errors
    ///
    /// The record is longer than a record may be.
    pub(super) fn skip(&mut self, count: usize) -> Result<(), Failure> {
        self.from = self.from.saturating_add(count).min(self.to);
        self.taken = self
            .taken
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if self.taken > self.limit {
            return Err(too_long());
        }
        Ok(())
    }

    /// A record begins here, or none from here on.
    pub(super) fn begin_record(&mut self, is_one: bool) {
        self.limit = if is_one {
            self.taken.saturating_add(LONGEST_RECORD)
        } else {
            u64::MAX
        };
    }

    fn ahead(&self) -> &[u8] {
        self.buffer.get(self.from..self.to).unwrap_or_default()
    }

    /// Reads on, behind what is not taken yet. A few bytes may unpack to more than anybody waits for, and
    /// have no row in them, so it is here that contact is kept.
    fn fill(&mut self) -> Result<(), Failure> {
        if self.has_ended {
            return Ok(());
        }
        self.buffer.copy_within(self.from..self.to, 0);
        self.to = self.to.saturating_sub(self.from);
        self.from = 0;
        let place = self.buffer.get_mut(self.to..).unwrap_or_default();
        let count = loop {
            match self.content.read(place) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    break read
                        .map_err(|error| unread(self.packing, &self.contact.figures, &error))?;
                }
            }
        };
        self.has_ended = count == 0;
        self.to = self.to.saturating_add(count);
        add(&self.contact.figures.processed, count);
        self.contact.keep()
    }
}

pub(super) fn too_long() -> Failure {
    let message =
        "The length of a record in the input or result is greater than maxCharsPerRecord of 1 MB";
    Failure::new("OverMaxRecordSize", message)
}

/// Marks an error of the object's content itself, in contrast to one of its packing.
#[derive(Debug)]
pub(super) struct Unread(pub(super) String);

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unread {}

/// Why there is nothing more to read.
fn unread(packing: Packing, figures: &Figures, error: &io::Error) -> Failure {
    let of_content = error
        .get_ref()
        .and_then(|error| error.downcast_ref::<Unread>());
    if let Some(Unread(message)) = of_content {
        return Failure::new("InternalError", message.clone());
    }
    let is_begun = figures.processed.get() > 0;
    let message = |name: &str| {
        if is_begun {
            let name = name.to_lowercase();
            format!("Encountered an error decompressing the {name} file: {error}")
        } else {
            format!("{name} is not applicable to the queried object: {error}")
        }
    };
    match packing {
        Packing::Gzip => Failure::new("GzipDecompressError", message("GZIP")),
        Packing::Bzip2 => Failure::new("Bzip2DecompressError", message("BZIP2")),
        Packing::None => Failure::new("InternalError", error.to_string()),
    }
}

/// The text of bytes.
///
/// # Errors
///
/// They are no UTF-8.
pub(super) fn utf8(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| {
        let message = "UTF-8 encoding is required. Please check the file and try again.";
        Failure::new("InvalidTextEncoding", message)
    })
}
