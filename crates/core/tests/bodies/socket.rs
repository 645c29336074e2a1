//! A file over a real connection that breaks.
#![cfg(feature = "reqwest")]

use std::fs;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tcloud_core::body::{Body, crc64};
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::error::ErrorKind;
use tcloud_core::transport::Reqwest;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{CRC64, PUT, call_with, config};

const SIZE: usize = 3_000_000;

/// A request, read from a connection: its length, and as many bytes of its body as `wanted`.
async fn receive(stream: &mut BufReader<TcpStream>, wanted: usize) -> io::Result<Vec<u8>> {
    let mut line = String::new();
    let mut length = 0;
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; wanted.min(length)];
    stream.read_exact(&mut body).await?;
    Ok(body)
}

/// Resets the first connection in the middle of the body; answers the next with what it received.
async fn serve(listener: TcpListener) -> Vec<u8> {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    receive(&mut stream, SIZE / 3).await.unwrap();
    stream.get_ref().set_zero_linger().unwrap();
    drop(stream);

    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let body = receive(&mut stream, SIZE).await.unwrap();
    let crc64 = crc64(&body);
    let answer = format!("HTTP/1.1 200 OK\r\n{CRC64}: {crc64}\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    body
}

async fn bound() -> (TcpListener, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let config = config(Reqwest::new().unwrap())
        .endpoint(Endpoint::parse(&address).unwrap())
        .build()
        .unwrap();
    (listener, Client::new(&config))
}

fn content() -> Vec<u8> {
    (0..SIZE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect()
}

#[tokio::test]
async fn a_file_goes_up_again_after_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.bin");
    fs::write(&path, content()).unwrap();
    let (listener, client) = bound().await;
    let server = tokio::spawn(serve(listener));

    let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
    let notes = Arc::clone(&seen);
    let options = CallOptions::new().on_progress(move |moved, total| {
        assert_eq!(total, Some(SIZE as u64));
        notes.lock().unwrap().push(moved);
    });
    let body = Body::from_path(&path).await.unwrap();
    let came = call_with(&client, &PUT, &[], body, options).await.unwrap();

    assert_eq!(came.attempts, 2);
    assert!(server.await.unwrap() == content());
    let seen = seen.lock().unwrap();
    let starts: Vec<usize> = (0..seen.len()).filter(|at| seen[*at] == 0).collect();
    assert_eq!(starts.len(), 2, "each attempt starts at 0");
    let (first, second) = seen.split_at(starts[1]);
    assert!(first.is_sorted() && second.is_sorted());
    assert!(*first.last().unwrap() >= SIZE as u64 / 3);
    assert_eq!(second.last(), Some(&(SIZE as u64)));
}

#[tokio::test]
async fn a_file_that_changes_after_a_reset_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.bin");
    fs::write(&path, content()).unwrap();
    let (listener, client) = bound().await;
    let server = tokio::spawn(serve(listener));
    let starts = AtomicUsize::new(0);
    let changed = path.clone();
    let options = CallOptions::new().on_progress(move |moved, _| {
        // An attempt tells that it begins before it opens the file.
        if moved == 0 && starts.fetch_add(1, Ordering::SeqCst) == 1 {
            fs::write(&changed, "shorter").unwrap();
        }
    });
    let body = Body::from_path(&path).await.unwrap();
    let error = call_with(&client, &PUT, &[], body, options)
        .await
        .unwrap_err();
    server.abort();
    assert_eq!(error.kind(), ErrorKind::Body, "{error}");
    for told in ["big.bin", "had 3000000 bytes", "has 7 now"] {
        assert!(error.to_string().contains(told), "{error}");
    }
}
