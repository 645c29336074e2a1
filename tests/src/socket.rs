//! A server on a socket that answers as it is told, byte for byte.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// What a request is answered with.
#[derive(Debug)]
pub struct Answer {
    parts: Vec<Vec<u8>>,
    gate: Option<Receiver<()>>,
}

impl Answer {
    /// The bytes of an answer, its head included.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            parts: vec![bytes.into()],
            gate: None,
        }
    }

    /// The same answer and then `bytes`, as soon as the sender that comes with it has sent.
    pub fn then(mut self, bytes: impl Into<Vec<u8>>) -> (Self, Sender<()>) {
        let (open, gate) = mpsc::channel();
        self.parts.push(bytes.into());
        self.gate = Some(gate);
        (self, open)
    }
}

/// A server that gives each of its answers once, each on a connection of its own.
#[derive(Debug)]
pub struct Socket {
    address: SocketAddr,
    asked: Receiver<String>,
}

impl Socket {
    /// A server that gives `answers`, one after the other.
    ///
    /// # Panics
    ///
    /// There is no free port.
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::channel();
        let answers: Vec<_> = answers.into_iter().collect();
        thread::spawn(move || {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else {
                    return;
                };
                // The test may have failed and gone.
                let _ = tell.send(request(&mut stream));
                for (index, part) in answer.parts.iter().enumerate() {
                    if let (1.., Some(gate)) = (index, &answer.gate) {
                        let _ = gate.recv();
                    }
                    let _ = stream.write_all(part);
                }
            }
        });
        Self { address, asked }
    }

    /// Its address, as an endpoint has it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request, head and body.
    ///
    /// # Panics
    ///
    /// There was none.
    pub fn request(&self) -> String {
        self.asked.recv().unwrap()
    }
}

fn request(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or_default();
        text.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let so_far = String::from_utf8_lossy(&text);
        let whole = so_far.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_it = name.eq_ignore_ascii_case("content-length");
                is_it.then(|| value.trim().parse::<usize>().ok())?
            });
            body.len() >= length.unwrap_or_default()
        });
        if whole || read == 0 {
            return so_far.into_owned();
        }
    }
}

/// An answer of `status` with `headers` and `body`, after which the connection ends.
pub fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// `body` in chunks of `size` bytes, the mark of its end included if it `ends`.
pub fn chunked(body: &[u8], size: usize, ends: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.chunks(size) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    if ends {
        out.extend_from_slice(b"0\r\n\r\n");
    }
    out
}
