//! Files as bodies.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{Bound, RangeBounds};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::Bytes;
use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::content::Body;
use super::media_type::media_type;
use crate::error::{Error, ErrorKind};

/// As much is read at a time. One piece is read ahead while another is on its way.
const PIECE: u64 = 128 * 1024;

impl Body {
    /// The file at `path`, read while it is sent, and again for each attempt. Needs a Tokio
    /// runtime, as the ready transport does.
    ///
    /// The file must stay as it is until the call has ended: if its size or the time of its last
    /// change is another one when an attempt begins, the call fails. Take a
    /// [range](Self::from_path_range) of a file that grows. `Content-Type` is guessed from the name
    /// where the caller sets none.
    ///
    /// ```no_run
    /// # async fn upload() -> Result<(), tcloud_core::error::Error> {
    /// use tcloud_core::body::Body;
    ///
    /// let picture = Body::from_path("album/sea.jpg").await?;
    /// assert_eq!(picture.media_type(), Some("image/jpeg"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Body`]: there is no regular file at `path`, or it cannot be read.
    pub async fn from_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let metadata = metadata(path).await.map_err(|error| missing(path, error))?;
        Ok(Self::from_part(Part {
            path: path.to_owned(),
            start: 0,
            end: metadata.len(),
            unchanged: Some(Seen::of(&metadata)),
        }))
    }

    /// The bytes from `range` of the file at `path`, counted from 0, as [`Body::from_path`] reads
    /// them: `0..1_000_000`, or `1_000_000..` for the rest that the file has now. The file may
    /// grow meanwhile, but not become shorter than the range.
    ///
    /// # Errors
    /// [`ErrorKind::Body`]: there is no regular file at `path`, it cannot be read, or it does not
    /// have all bytes of `range`.
    pub async fn from_path_range(
        path: impl AsRef<Path>,
        range: impl RangeBounds<u64>,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let bounds = (range.start_bound().cloned(), range.end_bound().cloned());
        let metadata = metadata(path).await.map_err(|error| missing(path, error))?;
        let length = metadata.len();
        let start = match bounds.0 {
            Bound::Included(start) => Some(start),
            Bound::Excluded(before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let end = match bounds.1 {
            Bound::Included(last) => last.checked_add(1),
            Bound::Excluded(end) => Some(end),
            Bound::Unbounded => Some(length),
        };
        match (start, end) {
            (Some(start), Some(end)) if start <= end && end <= length => {
                Ok(Self::from_part(Part {
                    path: path.to_owned(),
                    start,
                    end,
                    unchanged: None,
                }))
            }
            _ => Err(refused(
                path,
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("the range is not within its {length} bytes"),
                ),
            )),
        }
    }

    fn from_part(part: Part) -> Self {
        let length = part.end.saturating_sub(part.start);
        let media_type = media_type(&part.path);
        let part = Arc::new(part);
        Self::from_factory(Some(length), move || Pieces::of(Arc::clone(&part)))
            .with_media_type(media_type)
    }
}

fn missing(path: &Path, error: io::Error) -> Error {
    refused(path, error).advise("check its name and your rights")
}

fn refused(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Body, unreadable(path, &error).to_string()).caused_by(error)
}

/// An error that names the file.
fn unreadable(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("cannot read {}: {error}", path.display()),
    )
}

/// What is known of the regular file at `path`.
async fn metadata(path: &Path) -> io::Result<Metadata> {
    let path = path.to_owned();
    let metadata = blocking(move || std::fs::metadata(path))?
        .await
        .map_err(io::Error::other)??;
    if metadata.is_file() {
        Ok(metadata)
    } else if metadata.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file, so its length is not known; give its content as bytes or as \
             a stream",
        ))
    }
}

/// Runs `work` where it may wait for the disk.
fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let handle = Handle::try_current()
        .map_err(|_| io::Error::other("files are read on a Tokio runtime, and there is none"))?;
    Ok(handle.spawn_blocking(work))
}

/// A part of a file.
struct Part {
    path: PathBuf,
    start: u64,
    end: u64,
    /// What the whole file has to look like.
    unchanged: Option<Seen>,
}

/// By what a change of a file is noticed.
#[derive(PartialEq)]
struct Seen {
    length: u64,
    modified: Option<SystemTime>,
}

impl Seen {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

impl Part {
    /// The file, at the start of the part.
    fn open(&self) -> io::Result<File> {
        let mut file = File::open(&self.path)?;
        let now = Seen::of(&file.metadata()?);
        match &self.unchanged {
            Some(before) if before.length != now.length => {
                return Err(changed(format!(
                    "it had {} bytes when the body was made and has {} now",
                    before.length, now.length
                )));
            }
            Some(before) if *before != now => {
                return Err(changed(
                    "it was written to since the body was made".to_owned(),
                ));
            }
            None if now.length < self.end => return Err(shortened(now.length, self.end)),
            _ => {}
        }
        file.seek(SeekFrom::Start(self.start))?;
        Ok(file)
    }
}

fn changed(how: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, how)
}

fn shortened(length: u64, end: u64) -> io::Error {
    changed(format!(
        "it had at least {end} bytes when the body was made and has {length} now"
    ))
}

/// A piece that is being read; the file comes back with it.
type Reading = JoinHandle<io::Result<(File, Vec<u8>)>>;

/// The pieces of a part of a file, each read by a thread that may wait for the disk.
struct Pieces {
    part: Arc<Part>,
    /// Where the next piece starts.
    position: u64,
    reading: Option<Reading>,
}

impl Pieces {
    fn of(part: Arc<Part>) -> Self {
        Self {
            position: part.start,
            part,
            reading: None,
        }
    }

    /// Reads the next piece of `file`, which is opened if it is not yet.
    fn read(&self, file: Option<File>) -> io::Result<Reading> {
        let part = Arc::clone(&self.part);
        let length = part.end.saturating_sub(self.position).min(PIECE);
        blocking(move || {
            let mut file = match file {
                Some(file) => file,
                None => part.open()?,
            };
            let mut piece = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            (&mut file).take(length).read_to_end(&mut piece)?;
            Ok((file, piece))
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        if self.position >= self.part.end {
            return Poll::Ready(Ok(None));
        }
        let mut reading = match self.reading.take() {
            Some(reading) => reading,
            None => self.read(None)?,
        };
        let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
            self.reading = Some(reading);
            return Poll::Pending;
        };
        let (file, piece) = read.map_err(io::Error::other)??;
        if piece.is_empty() {
            return Poll::Ready(Err(changed(format!(
                "it ends at {} of {} bytes, so it has become shorter while it was read",
                self.position, self.part.end
            ))));
        }
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.position = self.position.saturating_add(length);
        if self.position < self.part.end {
            self.reading = Some(self.read(Some(file))?);
        }
        Poll::Ready(Ok(Some(piece.into())))
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = ready!(self.poll(context));
        if read.is_err() {
            // It is over.
            self.position = self.part.end;
        }
        let read = read.map_err(|error| unreadable(&self.part.path, &error));
        Poll::Ready(read.transpose())
    }
}
