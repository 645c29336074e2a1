//! The content of a part on its way up: it can be read as often as attempts need it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::Bytes;
use futures_core::Stream;
use tcloud_core::body::{Body, Crc64};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::Sleep;

use crate::error::{Error, ErrorKind};
use crate::limits::{Bandwidth, Permit};
use crate::progress::Share;

/// As much of a file is read at a time; one piece is read ahead.
const READ: u64 = 256 * 1024;
/// Bytes in memory go out in pieces of this size, so that progress and bandwidth are smooth.
const PIECE: usize = 64 * 1024;

/// A file that is read at any place, by any number of readers.
#[derive(Debug)]
pub(crate) struct OpenFile {
    file: File,
    path: PathBuf,
    pub(crate) length: u64,
    pub(crate) modified: Option<SystemTime>,
}

impl OpenFile {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let unreadable = |error| Error::file("read", path, error);
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(
                unreadable(io::ErrorKind::IsADirectory.into()).advise("upload it as a folder")
            );
        }
        if !metadata.is_file() {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "{} is no regular file, so its length is not known",
                    path.display()
                ),
            )
            .advise("give it as a reader"));
        }
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    /// All bytes, if one reading brings them: as they were when the file was opened.
    ///
    /// # Errors
    /// The file cannot be read, or has changed.
    pub(crate) fn small(&self) -> Result<Option<Bytes>, Error> {
        if self.length > READ {
            return Ok(None);
        }
        let bytes = self.read_at(0, self.length);
        let bytes = bytes.map_err(|error| Error::file("read", &self.path, error))?;
        self.require_unchanged()?;
        Ok(Some(bytes))
    }

    /// Fails if the file has another length or time of its last change than when it was opened.
    pub(crate) fn require_unchanged(&self) -> Result<(), Error> {
        let metadata = self.file.metadata();
        let metadata = metadata.map_err(|error| Error::file("read", &self.path, error))?;
        if metadata.len() == self.length && metadata.modified().ok() == self.modified {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Changed,
            format!("{} changed while it was uploaded", self.path.display()),
        )
        .advise("upload it again when nothing writes to it"))
    }

    /// Bytes from `at`, at most `length` of them.
    pub(crate) fn read_at(&self, at: u64, length: u64) -> io::Result<Bytes> {
        let mut piece = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        let mut filled = 0;
        while let Some(rest) = piece.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let offset = at.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX));
            match read_some(&self.file, rest, offset) {
                Ok(0) => break,
                Ok(read) => filled = filled.saturating_add(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        piece.truncate(filled);
        Ok(piece.into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
fn read_some(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

#[cfg(windows)]
fn read_some(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

/// The content of a part. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Bytes in memory, and the right to have them there.
    Memory {
        pieces: Arc<Vec<Bytes>>,
        length: u64,
        _permit: Option<Arc<Permit>>,
    },
    /// A part of a file.
    File {
        file: Arc<OpenFile>,
        range: Range<u64>,
        /// A file that only holds what could not be read again; it goes when nobody needs it.
        _spilled: Option<Arc<tempfile::TempPath>>,
    },
}

impl Content {
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        Self::Memory {
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            pieces: Arc::new(vec![bytes]),
            _permit: None,
        }
    }

    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Memory { length, .. } => *length,
            Self::File { range, .. } => range.end.saturating_sub(range.start),
        }
    }

    /// A body of one call, each of whose attempts counts for `flow`.
    pub(crate) fn body(&self, flow: &Flow) -> Body {
        let (content, flow) = (self.clone(), flow.clone());
        if self.length() == 0 {
            // Nobody asks for the chunks of an empty body.
            flow.set(Some(Crc64::new().value()));
        }
        Body::from_factory(Some(self.length()), move || {
            Outgoing::new(content.clone(), flow.clone())
        })
    }
}

/// What the bytes of a part pass on their way.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    bandwidth: Option<Bandwidth>,
    share: Share,
    /// Of the last attempt that sent everything.
    crc64: Arc<Mutex<Option<u64>>>,
}

impl Flow {
    pub(crate) fn new(bandwidth: Option<&Bandwidth>, share: Share) -> Self {
        Self {
            bandwidth: bandwidth.cloned(),
            share,
            crc64: Arc::default(),
        }
    }

    /// The CRC-64 of what was sent; `None` if not all of it was.
    pub(crate) fn crc64(&self) -> Option<u64> {
        *self.crc64.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, crc64: Option<u64>) {
        *self.crc64.lock().unwrap_or_else(PoisonError::into_inner) = crc64;
    }
}

/// A piece that waits for its time, and what ends when that has come.
type Waiting = (Bytes, Pin<Box<Sleep>>);

struct Outgoing {
    content: Content,
    flow: Flow,
    crc64: Crc64,
    /// How many bytes have been handed over, or wait to be.
    at: u64,
    /// Of bytes in memory: the piece, and where in it.
    index: (usize, usize),
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    waiting: Option<Waiting>,
}

impl Outgoing {
    fn new(content: Content, flow: Flow) -> Self {
        flow.share.restart();
        flow.set(None);
        let mut outgoing = Self {
            content,
            flow,
            crc64: Crc64::new(),
            at: 0,
            index: (0, 0),
            reading: None,
            waiting: None,
        };
        outgoing.finish_if_whole();
        outgoing
    }

    /// The next piece, whenever it may go out.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        match &self.content {
            Content::Memory { pieces, .. } => {
                let (index, from) = &mut self.index;
                while let Some(piece) = pieces.get(*index) {
                    if *from < piece.len() {
                        let to = from.saturating_add(PIECE).min(piece.len());
                        let part = piece.slice(*from..to);
                        *from = to;
                        return Poll::Ready(Ok(Some(part)));
                    }
                    (*index, *from) = (index.saturating_add(1), 0);
                }
                Poll::Ready(Ok(None))
            }
            Content::File { file, range, .. } => {
                let at = range.start.saturating_add(self.at);
                if at >= range.end {
                    return Poll::Ready(Ok(None));
                }
                let reading = self
                    .reading
                    .get_or_insert_with(|| read(file, at, range.end));
                let piece = ready!(Pin::new(reading).poll(context));
                let piece = piece.map_err(io::Error::other)??;
                if piece.is_empty() {
                    return Poll::Ready(Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        format!(
                            "{} has become shorter while it was read",
                            file.path.display()
                        ),
                    )));
                }
                let next = at.saturating_add(length(&piece));
                self.reading = (next < range.end).then(|| read(file, next, range.end));
                Poll::Ready(Ok(Some(piece)))
            }
        }
    }

    fn hand_over(&mut self, piece: Bytes) -> Bytes {
        self.flow.share.add(length(&piece));
        piece
    }

    /// Who knows the length asks no further, so the last piece is the time to say the checksum.
    fn finish_if_whole(&mut self) {
        if self.at == self.content.length() {
            self.flow.set(Some(self.crc64.value()));
        }
    }
}

fn read(file: &Arc<OpenFile>, at: u64, end: u64) -> JoinHandle<io::Result<Bytes>> {
    let file = Arc::clone(file);
    spawn_blocking(move || file.read_at(at, end.saturating_sub(at).min(READ)))
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl Stream for Outgoing {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some((piece, mut sleep)) = this.waiting.take() {
            if sleep.as_mut().poll(context).is_pending() {
                this.waiting = Some((piece, sleep));
                return Poll::Pending;
            }
            return Poll::Ready(Some(Ok(this.hand_over(piece))));
        }
        let piece = match ready!(this.poll_piece(context)) {
            Ok(Some(piece)) => piece,
            Ok(None) => return Poll::Ready(None),
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        this.crc64.update(&piece);
        this.at = this.at.saturating_add(length(&piece));
        this.finish_if_whole();
        if let Some(bandwidth) = &this.flow.bandwidth {
            let time = bandwidth.reserve(length(&piece));
            let mut sleep = Box::pin(tokio::time::sleep_until(time));
            if sleep.as_mut().poll(context).is_pending() {
                this.waiting = Some((piece, sleep));
                return Poll::Pending;
            }
        }
        Poll::Ready(Some(Ok(this.hand_over(piece))))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tcloud_core::body::crc64;

    use super::{Content, Flow, OpenFile};
    use crate::progress::Meter;

    #[tokio::test]
    async fn a_part_of_a_file_is_read_as_often_as_needed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let bytes: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        std::fs::write(&path, &bytes).unwrap();
        let file = Arc::new(OpenFile::open(&path).unwrap());
        let range = 100..3_000_100;
        let content = Content::File {
            file: Arc::clone(&file),
            range,
            _spilled: None,
        };
        let meter = Meter::new(None, None);
        let flow = Flow::new(None, meter.share());
        let body = content.body(&flow);
        for _ in 0..2 {
            let read = body.try_clone().unwrap().collect(4_000_000).await.unwrap();
            assert!(read == bytes[100..3_000_100]);
            assert_eq!(flow.crc64(), Some(crc64(&read)));
            // The second reading takes off the first.
            assert_eq!(meter.finish().bytes, 3_000_000);
        }
        let mut begun = body.try_clone().unwrap();
        begun.chunk().await.unwrap().unwrap();
        assert_eq!(flow.crc64(), None);

        file.require_unchanged().unwrap();
        std::fs::write(&path, &bytes[..2_000_000]).unwrap();
        let error = body
            .try_clone()
            .unwrap()
            .collect(4_000_000)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("has become shorter"), "{error}");
        assert_eq!(
            file.require_unchanged().unwrap_err().kind(),
            crate::ErrorKind::Changed
        );
    }

    #[tokio::test]
    async fn bytes_in_memory_are_read_as_often_as_needed() {
        let content = Content::of_bytes(vec![7; 200_000].into());
        let flow = Flow::new(None, Meter::new(None, None).share());
        let body = content.body(&flow);
        for _ in 0..2 {
            let read = body.try_clone().unwrap().collect(200_000).await.unwrap();
            assert_eq!(read.len(), 200_000);
            assert_eq!(flow.crc64(), Some(crc64(&read)));
        }
        let empty = Content::of_bytes(Vec::new().into());
        let _ = empty.body(&flow).collect(0).await.unwrap();
    }
}
