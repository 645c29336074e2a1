//! A client without anything that would be measured with it.

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::{BUCKET, Outcome};

/// A connection that stays open.
pub(crate) struct Connection(BufReader<TcpStream>);

/// A success.
pub(crate) struct Answer {
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Whether it is a rendition that was made before.
    pub(crate) fn is_kept(&self) -> bool {
        self.head.contains("x-tcloud-rendition: hit")
    }
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// The answer to a GET.
    ///
    /// # Errors
    ///
    /// It is no success.
    pub(crate) async fn get(&mut self, target: &str) -> Outcome<Answer> {
        let head = format!("GET /{BUCKET}/{target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        self.0.write_all(head.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8(head)?.to_ascii_lowercase();
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.ok_or("no length")?.parse()?];
        self.0.read_exact(&mut body).await?;
        if !head.starts_with("http/1.1 200") {
            return Err(format!("{target}: {head}{}", String::from_utf8_lossy(&body)).into());
        }
        Ok(Answer { head, body })
    }
}
