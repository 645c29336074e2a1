//! Somebody on loopback to send requests to.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers one request with `answer` and returns the address and what was asked. Whoever comes later
/// is hung up on.
pub(crate) async fn answering(answer: String) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = String::new();
        while !is_whole(&asked) {
            let mut chunk = [0; 4096];
            let length = socket.read(&mut chunk).await.unwrap();
            asked.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
        }
        socket.write_all(answer.as_bytes()).await.unwrap();
        // The port stays taken: somebody else might answer there.
        tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        asked
    });
    (address, asked)
}

/// An answer of status 200.
pub(crate) fn ok(content: &str) -> String {
    let length = content.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{content}")
}

/// An answer without content.
pub(crate) fn status(status: u16) -> String {
    format!("HTTP/1.1 {status} Some\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}
