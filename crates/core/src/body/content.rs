//! A body, and the stream of chunks that it is to whoever reads it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

/// Bytes that lie in memory go out in pieces of this size, so that whoever looks on sees them move.
/// A piece is a view: nothing is copied.
const PIECE: usize = 64 * 1024;

/// The body of a request or a response.
///
/// It is a [`Stream`] of chunks whatever it was made from.
///
/// ```
/// use tcloud_core::body::Body;
///
/// let text = Body::from("hello");
/// assert_eq!(text.length(), Some(5));
/// assert!(text.is_repeatable());
/// ```
#[derive(Default)]
pub struct Body {
    content: Content,
    media_type: Option<&'static str>,
}

#[derive(Default)]
enum Content {
    #[default]
    Empty,
    Bytes(Bytes),
    /// Chunks that are made again for each attempt, and those being read.
    Made {
        factory: Arc<Factory>,
        chunks: Option<Chunks>,
    },
    Stream {
        chunks: Chunks,
        length: Option<u64>,
    },
}

/// The chunks of a stream, behind a lock that nobody ever waits for: a body can be shared though
/// its stream cannot.
struct Chunks(Mutex<Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>>);

impl Chunks {
    fn of(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(stream)))
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let stream = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        stream.as_mut().poll_next(context)
    }
}

struct Factory {
    length: Option<u64>,
    make: Box<dyn Fn() -> Chunks + Send + Sync>,
}

impl Body {
    /// No body.
    pub const fn empty() -> Self {
        Self::of(Content::Empty)
    }

    const fn of(content: Content) -> Self {
        Self {
            content,
            media_type: None,
        }
    }

    /// A body that is produced while it is sent. `length` is its size in bytes where it is known;
    /// COS wants to know it, and a stream of another length fails. Such a body can be sent once: a
    /// call with it is not retried. See [`from_factory`](Self::from_factory) for one that can be
    /// made again.
    pub fn from_stream(
        stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        Self::of(Content::Stream {
            chunks: Chunks::of(stream),
            length,
        })
    }

    /// A body that is produced while it is sent, by a stream that `make` makes for each attempt.
    /// Every one of them has to give the same bytes. `length` is their number where it is known;
    /// COS wants to know it, and a stream of another length fails.
    pub fn from_factory<S>(
        length: Option<u64>,
        make: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        Self::of(Content::Made {
            factory: Arc::new(Factory {
                length,
                make: Box::new(move || Chunks::of(make())),
            }),
            chunks: None,
        })
    }

    /// The same body with the media type of its content, such as `image/png`.
    #[cfg(feature = "reqwest")]
    pub(super) fn with_media_type(mut self, media_type: Option<&'static str>) -> Self {
        self.media_type = media_type;
        self
    }

    /// The media type that the name of the file suggests, such as `image/png`: what
    /// `Content-Type` is where the caller sets none. `None` for what is not a file.
    pub fn media_type(&self) -> Option<&'static str> {
        self.media_type
    }

    /// Size in bytes, where it is known.
    pub fn length(&self) -> Option<u64> {
        match &self.content {
            Content::Empty => Some(0),
            Content::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Content::Made { factory, .. } => factory.length,
            Content::Stream { length, .. } => *length,
        }
    }

    /// The bytes, if they lie in memory.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Empty => Some(&[]),
            Content::Bytes(bytes) => Some(bytes),
            Content::Made { .. } | Content::Stream { .. } => None,
        }
    }

    /// The bytes without a copy, if they lie in memory; otherwise the body as it was.
    ///
    /// # Errors
    /// The body is a stream or a file.
    pub fn into_bytes(self) -> Result<Bytes, Self> {
        match self.content {
            Content::Empty => Ok(Bytes::new()),
            Content::Bytes(bytes) => Ok(bytes),
            Content::Made { .. } | Content::Stream { .. } => Err(self),
        }
    }

    /// Whether the body can be sent again: all can but a bare stream.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self.content, Content::Stream { .. })
    }

    /// The same body once more, from its start, unless it is a bare stream.
    pub fn try_clone(&self) -> Option<Self> {
        let content = match &self.content {
            Content::Empty => Content::Empty,
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::Made { factory, .. } => Content::Made {
                factory: Arc::clone(factory),
                chunks: None,
            },
            Content::Stream { .. } => return None,
        };
        Some(Self {
            content,
            media_type: self.media_type,
        })
    }

    /// The next chunk, or `None` at the end.
    pub async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All of the body, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// The connection broke, the body is larger than `limit`, or its checksum is not the one that
    /// the service names.
    pub async fn collect(self, limit: usize) -> io::Result<Bytes> {
        let too_large = || {
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the body has more than {limit} bytes"),
            )
        };
        // One that says so itself need not be read to be refused.
        let announced = self.length().map(usize::try_from);
        if announced.is_some_and(|length| length.map_or(true, |length| length > limit)) {
            return Err(too_large());
        }
        let mut streamed = match self.into_bytes() {
            Ok(bytes) => return Ok(bytes),
            Err(streamed) => streamed,
        };
        // Mostly there is one chunk, which need not be copied.
        let (mut first, mut all) = (Bytes::new(), BytesMut::new());
        while let Some(chunk) = streamed.chunk().await {
            let chunk = chunk?;
            let before = first.len().saturating_add(all.len());
            if before.saturating_add(chunk.len()) > limit {
                return Err(too_large());
            }
            if before == 0 {
                first = chunk;
                continue;
            }
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&chunk);
        }
        Ok(if all.is_empty() { first } else { all.freeze() })
    }
}

impl Stream for Body {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.content {
            Content::Empty => Poll::Ready(None),
            Content::Bytes(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE));
                Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
            }
            Content::Made { factory, chunks } => chunks
                .get_or_insert_with(|| (factory.make)())
                .poll_next(context),
            Content::Stream { chunks, .. } => chunks.poll_next(context),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_bytes(), self.length()) {
            (Some(bytes), _) => write!(f, "Body({} bytes)", bytes.len()),
            (None, Some(length)) => write!(f, "Body(stream of {length} bytes)"),
            (None, None) => f.write_str("Body(stream)"),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::of(Content::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}
