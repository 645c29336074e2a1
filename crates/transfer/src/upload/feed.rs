//! The parts of a source, one after the other.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;

use crate::blocking::blocking;
use crate::content::{Content, OpenFile};
use crate::engine::Job;
use crate::error::{Error, ErrorKind};
use crate::limits::Permit;
use crate::parts::{Parts, growing};
use crate::source::Reader;

/// Parts larger than this share of the memory go to a temporary file.
const SHARE: u64 = 4;

/// The parts of a source, one after the other.
pub(super) enum Feed {
    Whole(Whole),
    Read(Read),
}

impl Feed {
    /// The next part and its number, or `None` behind the last.
    pub(super) async fn next(&mut self, job: &Job) -> Result<Option<(u32, Content)>, Error> {
        match self {
            Self::Whole(whole) => Ok(whole.next()),
            Self::Read(read) => read.next(job).await,
        }
    }
}

/// A source that can be read anywhere.
pub(super) struct Whole {
    pub(super) content: Seekable,
    pub(super) parts: Parts,
    /// Parts that are at the service already.
    pub(super) done: BTreeSet<u32>,
    next: u32,
}

#[derive(Clone)]
pub(super) enum Seekable {
    File(Arc<OpenFile>),
    Bytes(Bytes),
}

impl Whole {
    pub(super) fn new(content: Seekable, parts: Parts, done: BTreeSet<u32>) -> Self {
        Self {
            content,
            parts,
            done,
            next: 1,
        }
    }

    fn next(&mut self) -> Option<(u32, Content)> {
        while self.done.contains(&self.next) {
            self.next = self.next.saturating_add(1);
        }
        let number = self.next;
        if number > self.parts.count() {
            return None;
        }
        self.next = number.saturating_add(1);
        let range = self.parts.range(number);
        Some((
            number,
            match &self.content {
                Seekable::File(file) => Content::File {
                    file: Arc::clone(file),
                    range,
                    _spilled: None,
                },
                Seekable::Bytes(bytes) => {
                    let at = |position| usize::try_from(position).unwrap_or(usize::MAX);
                    Content::of_bytes(bytes.slice(at(range.start)..at(range.end)))
                }
            },
        ))
    }
}

/// A source that is read once.
pub(super) struct Read {
    reader: Reader,
    /// The parts, where the length is known.
    parts: Option<Parts>,
    first: u64,
    next: u32,
    /// What was read to see whether there is more than one part.
    begun: Vec<Bytes>,
    bytes: u64,
}

impl Read {
    /// What follows `begun` is in `reader`.
    pub(super) fn new(reader: Reader, begun: Vec<Bytes>, parts: Option<Parts>, first: u64) -> Self {
        Self {
            reader,
            parts,
            first,
            next: 1,
            begun,
            bytes: 0,
        }
    }

    /// How many bytes there were so far.
    pub(super) fn read(&self) -> u64 {
        self.bytes
    }

    async fn next(&mut self, job: &Job) -> Result<Option<(u32, Content)>, Error> {
        let number = self.next;
        let size = match self.parts {
            Some(parts) if number > parts.count() => return self.require_end().await,
            Some(parts) => parts.length(number),
            None => match growing(number, self.first) {
                Some(size) => size,
                None => return self.require_end().await,
            },
        };
        let content = if size > job.engine.memory.total() / SHARE {
            self.spill(size).await?
        } else {
            let permit = job.engine.memory.take(size).await;
            self.keep(size, permit).await?
        };
        let length = content.length();
        self.bytes = self.bytes.saturating_add(length);
        if self.parts.is_some() && length < size {
            return Err(self.of_another_length());
        }
        self.next = number.saturating_add(1);
        Ok((length > 0).then_some((number, content)))
    }

    /// A part in memory.
    async fn keep(&mut self, size: u64, permit: Permit) -> Result<Content, Error> {
        let (mut pieces, mut length) = (Vec::new(), 0_u64);
        while length < size {
            let piece = self.piece(size.saturating_sub(length)).await?;
            if piece.is_empty() {
                break;
            }
            length = length.saturating_add(len(&piece));
            pieces.push(piece);
        }
        Ok(Content::Memory {
            pieces: Arc::new(pieces),
            length,
            _permit: Some(Arc::new(permit)),
        })
    }

    /// A part in a temporary file, which is gone with the part.
    async fn spill(&mut self, size: u64) -> Result<Content, Error> {
        let unwritten = |error| {
            let path = std::env::temp_dir();
            Error::file("write a temporary file in", &path, error)
                .advise("free some space there, or set TMPDIR to another folder")
        };
        let (mut file, path) = blocking(tempfile::NamedTempFile::new)
            .await
            .map_err(unwritten)?
            .into_parts();
        let mut length = 0_u64;
        while length < size {
            let piece = self.piece(size.saturating_sub(length)).await?;
            if piece.is_empty() {
                break;
            }
            length = length.saturating_add(len(&piece));
            let written = blocking(move || {
                file.write_all(&piece)?;
                Ok(file)
            });
            file = written.await.map_err(unwritten)?;
        }
        drop(file);
        let file = OpenFile::open(&path)?;
        Ok(Content::File {
            file: Arc::new(file),
            range: 0..length,
            _spilled: Some(Arc::new(path)),
        })
    }

    async fn piece(&mut self, most: u64) -> Result<Bytes, Error> {
        if let Some(first) = self.begun.first_mut() {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let piece = first.split_to(most.min(first.len()));
            if first.is_empty() {
                self.begun.remove(0);
            }
            return Ok(piece);
        }
        self.reader.next(most).await.map_err(unreadable)
    }

    async fn require_end(&mut self) -> Result<Option<(u32, Content)>, Error> {
        if self.piece(1).await?.is_empty() {
            return Ok(None);
        }
        Err(match self.parts {
            Some(_) => self.of_another_length(),
            None => Error::new(
                ErrorKind::Refused,
                format!(
                    "the source has more than the {} bytes that parts can hold",
                    self.bytes
                ),
            )
            .advise("give its length, so that parts can be larger"),
        })
    }

    fn of_another_length(&self) -> Error {
        Error::new(
            ErrorKind::Stream,
            format!(
                "the source has {} bytes or more and was said to have {}",
                self.bytes,
                self.reader.length.unwrap_or_default()
            ),
        )
        .advise("give no length, or the right one")
    }
}

pub(super) fn unreadable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Stream, format!("the source failed: {error}")).caused_by(error)
}

fn len(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
