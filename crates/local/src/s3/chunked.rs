//! Bodies in chunks of S3's own, `aws-chunked`: each with its length, perhaps with a signature, and
//! behind them perhaps a trailer with a checksum.
//!
//! ```text
//! 10000;chunk-signature=ad80…
//! <65536 bytes>
//! 0;chunk-signature=b6c6…
//! x-amz-checksum-crc32c:sOO8/Q==
//! x-amz-trailer-signature:d81f…
//! ```

use bytes::{Buf, Bytes, BytesMut};
use http::StatusCode;
use sha2::{Digest, Sha256};
use tcloud_core::body::Body;
use tcloud_core::server::Fault;

use super::mac::hex;
use super::v4::Chain;

/// The longest line, in bytes.
const LINE: usize = 8 * 1024;
/// How many lines a trailer has at most.
const TRAILERS: usize = 16;

/// What is behind the chunks: names in lower case.
pub(super) type Trailer = Vec<(String, String)>;

/// Reads chunks.
pub(super) struct Chunks {
    body: Body,
    /// What has arrived and was not looked at.
    buffer: BytesMut,
    /// What the signatures of chunks go on from, if they have any.
    chain: Option<Chain>,
    /// Whether something comes behind the chunks.
    has_trailer: bool,
    state: State,
}

enum State {
    /// A chunk begins.
    Start,
    /// So many bytes of a chunk are to come.
    Within {
        left: u64,
        open: Open,
    },
    Done,
}

/// A chunk that is being read.
#[derive(Default)]
struct Open {
    hash: Sha256,
    signature: String,
}

/// What came next.
pub(super) enum Next {
    Data(Bytes),
    End(Trailer),
}

impl Chunks {
    pub(super) fn new(body: Body, chain: Option<Chain>, has_trailer: bool) -> Self {
        Self {
            body,
            buffer: BytesMut::new(),
            chain,
            has_trailer,
            state: State::Start,
        }
    }

    /// The next data, or the end.
    pub(super) async fn next(&mut self) -> Result<Next, Fault> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(Next::End(Trailer::new())),
                State::Start => {
                    let line = self.line().await?;
                    let (length, signature) = read_head(&line)?;
                    if self.chain.is_some() && signature.is_empty() {
                        return Err(malformed("a chunk has no signature"));
                    }
                    let mut open = Open::default();
                    signature.clone_into(&mut open.signature);
                    if length == 0 {
                        self.check(open)?;
                        return self.end().await.map(Next::End);
                    }
                    self.state = State::Within { left: length, open };
                }
                State::Within { left: 0, open } => {
                    if !self.line().await?.is_empty() {
                        return Err(malformed("a chunk is longer than it says"));
                    }
                    self.check(open)?;
                    self.state = State::Start;
                }
                State::Within { left, mut open } => {
                    if self.buffer.is_empty() {
                        self.fill().await?;
                    }
                    let most = usize::try_from(left).unwrap_or(usize::MAX);
                    let data = self.buffer.split_to(self.buffer.len().min(most)).freeze();
                    if self.chain.is_some() {
                        open.hash.update(&data);
                    }
                    let taken = u64::try_from(data.len()).unwrap_or(u64::MAX);
                    let left = left.saturating_sub(taken);
                    self.state = State::Within { left, open };
                    return Ok(Next::Data(data));
                }
            }
        }
    }

    /// Compares the signature of a chunk that is there.
    fn check(&mut self, chunk: Open) -> Result<(), Fault> {
        match &mut self.chain {
            Some(chain) => chain.chunk(&hex(&chunk.hash.finalize()), &chunk.signature),
            None => Ok(()),
        }
    }

    /// What comes behind the last chunk.
    async fn end(&mut self) -> Result<Trailer, Fault> {
        let mut trailer = Trailer::new();
        let mut signed = String::new();
        let mut signature = None;
        loop {
            // Some leave out the empty line at the end.
            let line = match self.line().await {
                Err(_) if self.buffer.is_empty() => String::new(),
                line => line?,
            };
            if line.is_empty() {
                break;
            }
            if !self.has_trailer {
                return Err(malformed(
                    "something follows its chunks that x-amz-trailer does not name",
                ));
            }
            let pair = line.split_once(':');
            let (name, value) =
                pair.ok_or_else(|| malformed("a line behind its chunks has no name"))?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
            if name == "x-amz-trailer-signature" {
                signature = Some(value);
                continue;
            }
            if trailer.len() >= TRAILERS {
                return Err(malformed("too many lines follow its chunks"));
            }
            signed.extend([name.as_str(), ":", value.as_str(), "\n"]);
            trailer.push((name, value));
        }
        match (&mut self.chain, signature) {
            (Some(chain), Some(signature)) => chain.trailer(&signed, &signature)?,
            (Some(_), None) if self.has_trailer => {
                return Err(malformed("what follows its chunks has no signature"));
            }
            (None, Some(_)) => return Err(malformed("x-amz-trailer-signature is not announced")),
            _ => {}
        }
        Ok(trailer)
    }

    /// The next line, without its end.
    async fn line(&mut self) -> Result<String, Fault> {
        let mut seen = 0;
        loop {
            let rest = self.buffer.get(seen..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                let mut line = self.buffer.split_to(seen.saturating_add(at));
                self.buffer.advance(1);
                if line.last() == Some(&b'\r') {
                    line.truncate(line.len().saturating_sub(1));
                }
                let line = String::from_utf8(line.to_vec());
                return line.map_err(|_| malformed("a line of it is no text"));
            }
            seen = self.buffer.len();
            if seen > LINE {
                return Err(malformed("a line of it is too long"));
            }
            self.fill().await?;
        }
    }

    /// Adds what arrives next to the buffer.
    async fn fill(&mut self) -> Result<(), Fault> {
        match self.body.chunk().await {
            Some(Ok(bytes)) => {
                self.buffer.extend_from_slice(&bytes);
                Ok(())
            }
            Some(Err(error)) if error.kind() == std::io::ErrorKind::TimedOut => {
                let code = "RequestTimeout";
                Err(Fault::new(StatusCode::BAD_REQUEST, code, error.to_string()))
            }
            Some(Err(error)) => Err(incomplete(&error.to_string())),
            None => Err(incomplete("it ends within a chunk")),
        }
    }
}

/// The length of a chunk and its signature, which may be empty.
fn read_head(line: &str) -> Result<(u64, &str), Fault> {
    let (length, rest) = line.split_once(';').unwrap_or((line, ""));
    let signature = match rest {
        "" => "",
        rest => rest
            .strip_prefix("chunk-signature=")
            .ok_or_else(|| malformed("a chunk has an extension that is no signature"))?,
    };
    let is_hex = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_hexdigit());
    let length = is_hex
        .then(|| u64::from_str_radix(length, 16).ok())
        .flatten();
    let length = length.ok_or_else(|| malformed("a chunk does not begin with its length"))?;
    Ok((length, signature))
}

fn malformed(why: &str) -> Fault {
    let message = format!("the body is not in chunks as aws-chunked has them: {why}");
    Fault::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
}

fn incomplete(why: &str) -> Fault {
    let message = format!("the content did not come as announced ({why}); send it again");
    Fault::new(StatusCode::BAD_REQUEST, "IncompleteBody", message)
}

#[cfg(test)]
mod tests {
    use std::io;

    use bytes::Bytes;
    use futures_util::stream;
    use tcloud_core::body::Body;

    use super::{Chunks, Next, Trailer};

    /// What comes of `text`, cut into pieces of `size` bytes.
    async fn read(text: &str, size: usize, trailer: bool) -> Result<(String, Trailer), String> {
        let pieces: Vec<_> = text
            .as_bytes()
            .chunks(size)
            .map(|piece| io::Result::Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let body = Body::from_stream(stream::iter(pieces), None);
        let mut chunks = Chunks::new(body, None, trailer);
        let mut content = Vec::new();
        loop {
            match chunks.next().await.map_err(|fault| fault.code)? {
                Next::Data(data) => content.extend_from_slice(&data),
                Next::End(trailer) => return Ok((String::from_utf8(content).unwrap(), trailer)),
            }
        }
    }

    #[tokio::test]
    async fn chunks_are_read_however_they_are_cut() {
        let text = "4\r\nabcd\r\na\r\n0123456789\r\n0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n\r\n";
        let trailer = vec![("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())];
        for size in [1, 2, 3, 7, 100] {
            let whole = read(text, size, true).await;
            assert_eq!(
                whole,
                Ok(("abcd0123456789".into(), trailer.clone())),
                "{size}"
            );
        }
        let bare = read("1\r\nx\r\n0\r\n\r\n", 4, false).await;
        assert_eq!(bare, Ok(("x".into(), Trailer::new())));
        let without_end = read("1\r\nx\r\n0\r\n", 4, false).await;
        assert_eq!(without_end, Ok(("x".into(), Trailer::new())));
    }

    #[tokio::test]
    async fn what_is_not_in_chunks_is_refused() {
        let long = "1".repeat(10_000);
        for (text, code) in [
            ("", "IncompleteBody"),
            ("4\r\nab", "IncompleteBody"),
            ("4\r\nabcd\r\n", "IncompleteBody"),
            ("4\r\nabcdefgh\r\n0\r\n\r\n", "InvalidRequest"),
            ("x\r\n", "InvalidRequest"),
            ("+1\r\na\r\n", "InvalidRequest"),
            ("\r\n", "InvalidRequest"),
            ("1;other=1\r\na\r\n", "InvalidRequest"),
            ("ffffffffffffffffff\r\na\r\n", "InvalidRequest"),
            (
                "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
                "InvalidRequest",
            ),
            (long.as_str(), "InvalidRequest"),
        ] {
            let refused = read(text, 64, false).await;
            assert_eq!(refused.unwrap_err(), code, "{text:.20}");
        }
        let refused = read("0\r\nno name\r\n\r\n", 64, true).await;
        assert_eq!(refused.unwrap_err(), "InvalidRequest");
        let signed = read("0\r\nx-amz-trailer-signature:00\r\n\r\n", 64, true).await;
        assert_eq!(signed.unwrap_err(), "InvalidRequest");
    }
}
