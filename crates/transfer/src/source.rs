//! Where an object's content comes from.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::io::{AsyncRead, AsyncReadExt};

/// As much of a reader is read at a time.
const PIECE: usize = 1024 * 1024;

/// Where an object's content comes from.
///
/// | source | may be of unknown length | resumes |
/// | --- | --- | --- |
/// | [`path`](Self::path): a regular file | no | yes |
/// | [`bytes`](Self::bytes) | no | no |
/// | [`reader`](Self::reader): what is read once, such as standard input | yes | no |
/// | [`stream`](Self::stream): chunks, such as the body of another answer | yes | no |
pub struct Source(pub(crate) Kind);

pub(crate) enum Kind {
    Path(PathBuf),
    Bytes(Bytes),
    Reader(Reader),
}

impl Source {
    /// The regular file at `path`, read in several places at once.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Path(path.into()))
    }

    /// Bytes in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }

    /// All that `reader` gives until its end.
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self(Kind::Reader(Reader::new(Input::Reader(Box::pin(reader)))))
    }

    /// The chunks of a stream.
    pub fn stream(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Kind::Reader(Reader::new(Input::Stream(Box::pin(stream)))))
    }

    /// The same source, whose length is known: progress knows the whole, and a source of another
    /// length fails. Of a path and of bytes, the length is always known.
    pub fn of_length(mut self, length: u64) -> Self {
        if let Kind::Reader(reader) = &mut self.0 {
            reader.length = Some(length);
        }
        self
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<Bytes> for Source {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Path(path) => write!(f, "Source({})", path.display()),
            Kind::Bytes(bytes) => write!(f, "Source({} bytes)", bytes.len()),
            Kind::Reader(Reader {
                length: Some(length),
                ..
            }) => {
                write!(f, "Source(reader of {length} bytes)")
            }
            Kind::Reader(_) => f.write_str("Source(reader)"),
        }
    }
}

/// What can be read once.
pub(crate) struct Reader {
    input: Input,
    pub(crate) length: Option<u64>,
    /// What was read and not yet wanted.
    rest: Bytes,
}

enum Input {
    Reader(Pin<Box<dyn AsyncRead + Send>>),
    Stream(Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>),
    Ended,
}

impl Reader {
    fn new(input: Input) -> Self {
        Self {
            input,
            length: None,
            rest: Bytes::new(),
        }
    }

    /// The next bytes, at most `most` of them; none at the end.
    pub(crate) async fn next(&mut self, most: u64) -> io::Result<Bytes> {
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(PIECE);
        if self.rest.is_empty() {
            self.rest = self.input.next(most).await?;
        }
        Ok(self.rest.split_to(most.min(self.rest.len())))
    }
}

impl Input {
    async fn next(&mut self, most: usize) -> io::Result<Bytes> {
        let read = match self {
            Self::Reader(reader) => {
                // What is read a little at a time is gathered, so that pieces are few.
                let mut piece = BytesMut::with_capacity(most);
                while piece.len() < most {
                    let room = u64::try_from(most.saturating_sub(piece.len())).unwrap_or(0);
                    if reader.as_mut().take(room).read_buf(&mut piece).await? == 0 {
                        break;
                    }
                }
                piece.freeze()
            }
            Self::Stream(stream) => loop {
                let next = std::future::poll_fn(|context| stream.as_mut().poll_next(context));
                match next.await {
                    Some(Ok(chunk)) if chunk.is_empty() => {}
                    Some(chunk) => break chunk?,
                    None => break Bytes::new(),
                }
            },
            Self::Ended => Bytes::new(),
        };
        if read.is_empty() {
            *self = Self::Ended;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Source};

    #[tokio::test]
    async fn a_reader_is_read_to_its_end() {
        let text = vec![7; 3_000_000];
        let sources = [
            Source::reader(std::io::Cursor::new(text.clone())),
            Source::stream(tcloud_core::body::Body::from(text.clone())),
        ];
        for source in sources {
            let Kind::Reader(mut reader) = source.0 else {
                panic!("{source:?}");
            };
            let mut all = Vec::new();
            loop {
                let piece = reader.next(700_000).await.unwrap();
                assert!(piece.len() <= 700_000);
                if piece.is_empty() {
                    break;
                }
                all.extend_from_slice(&piece);
            }
            assert!(all == text);
            assert!(reader.next(1).await.unwrap().is_empty());
        }
    }
}
