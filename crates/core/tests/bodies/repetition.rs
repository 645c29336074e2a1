//! Which bodies are sent again, and what happens if they are no longer the same.

use std::fs::{self, File};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::error::ErrorKind;
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::{Memory, Transport, TransportError};

use crate::fixture::{Chunks, PUT, TC3, answer, call, call_with, client};

/// Fails once, then answers.
fn failing_once() -> Memory {
    let failed = AtomicUsize::new(0);
    Memory::new(move |_| match failed.fetch_add(1, Ordering::SeqCst) {
        0 => Err(TransportError::new("connection reset")),
        _ => Ok(answer(&[], "")),
    })
}

#[tokio::test]
async fn what_can_be_made_again_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, "0123456789").unwrap();
    for (body, expected) in [
        (Body::from("0123456789"), "0123456789"),
        (Body::from_path(&path).await.unwrap(), "0123456789"),
        (Body::from_path_range(&path, 2..5).await.unwrap(), "234"),
        (Body::from_path_range(&path, 7..).await.unwrap(), "789"),
        (Body::from_path_range(&path, ..=1).await.unwrap(), "01"),
        (Body::from_path_range(&path, 3..3).await.unwrap(), ""),
        (
            Body::from_factory(Some(2), || Chunks::of(&["a", "b"])),
            "ab",
        ),
    ] {
        assert!(body.is_repeatable());
        let transport = failing_once();
        let came = call(&client(transport.clone()), &PUT, body).await.unwrap();
        assert_eq!(came.attempts, 2);
        for sent in transport.requests() {
            assert_eq!(sent.body, expected);
            assert_eq!(sent.headers["content-length"], expected.len().to_string());
        }
    }
}

#[tokio::test]
async fn a_bare_stream_is_sent_once() {
    let body = Body::from_stream(Chunks::of(&["a"]), Some(1));
    assert!(!body.is_repeatable());
    let error = call(&client(failing_once()), &PUT, body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
}

/// Answers the first attempt with a status that asks for another one, and changes the file.
fn changing(change: impl Fn() + Send + Sync + 'static) -> (Memory, Arc<AtomicUsize>) {
    let attempts = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&attempts);
    let transport = Memory::new(move |_| {
        seen.fetch_add(1, Ordering::SeqCst);
        change();
        Ok(Response::builder().status(503).body(Body::empty()).unwrap())
    });
    (transport, attempts)
}

#[tokio::test]
async fn a_file_that_changes_between_attempts_is_told() {
    type Change = fn(&std::path::Path);
    let changes: [(Change, &str); 4] = [
        (
            |path| fs::write(path, "longer than before").unwrap(),
            "it had 10 bytes when the body was made and has 18 now",
        ),
        (
            |path| fs::write(path, "shorter").unwrap(),
            "it had 10 bytes when the body was made and has 7 now",
        ),
        (
            |path| {
                let file = File::options().append(true).open(path).unwrap();
                let later = SystemTime::now() + Duration::from_secs(60);
                file.set_modified(later).unwrap();
            },
            "it was written to since the body was made",
        ),
        (|path| fs::remove_file(path).unwrap(), "No such file"),
    ];
    for (change, told) in changes {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "0123456789").unwrap();
        let body = Body::from_path(&path).await.unwrap();
        let (transport, attempts) = changing({
            let path = path.clone();
            move || change(&path)
        });
        let error = call(&client(transport), &PUT, body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Body, "{error}");
        assert!(!error.is_retryable());
        let message = error.to_string();
        assert!(message.starts_with("Put: "), "{message}");
        assert!(message.contains("a.txt"), "{message}");
        assert!(message.contains(told), "{message}");
        assert_eq!(attempts.load(Ordering::SeqCst), 1, "no third attempt");
    }
}

#[tokio::test]
async fn a_range_stays_the_same_while_its_file_grows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    fs::write(&path, "first\n").unwrap();
    let body = Body::from_path_range(&path, ..).await.unwrap();
    let sent = failing_once();
    fs::write(&path, "first\nsecond\n").unwrap();
    call(&client(sent.clone()), &PUT, body).await.unwrap();
    assert_eq!(sent.requests()[1].body, "first\n");

    let body = Body::from_path_range(&path, ..).await.unwrap();
    fs::write(&path, "first\n").unwrap();
    let error = call(&client(sent), &PUT, body).await.unwrap_err();
    assert!(error.to_string().contains("at least 13 bytes"), "{error}");
}

#[tokio::test]
async fn a_stream_that_breaks_or_has_another_length_is_told_and_not_sent_again() {
    let factory = |length, chunks: fn() -> Chunks| Body::from_factory(Some(length), chunks);
    for (body, told) in [
        (
            factory(3, || Chunks::of(&["a", "b"])),
            "it ends after 2 of the 3 bytes",
        ),
        (
            factory(1, || Chunks::of(&["a", "b"])),
            "it has more than the 1 bytes",
        ),
        (
            factory(2, || Chunks::failing(&["a"], "the pipe broke")),
            "the pipe broke",
        ),
    ] {
        let transport = Memory::new(|_| Ok(answer(&[], "")));
        let error = call(&client(transport.clone()), &PUT, body)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Body, "{error}");
        assert!(error.to_string().contains(told), "{error}");
        assert!(transport.requests().is_empty());
    }
}

/// Keeps where the chunks of a body lie.
#[derive(Debug, Clone, Default)]
struct Addresses(Arc<Mutex<Vec<(usize, usize)>>>);

impl Transport for Addresses {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let mut body = request.into_body();
            while let Some(chunk) = body.chunk().await {
                let chunk = chunk.unwrap();
                let at = (chunk.as_ptr().addr(), chunk.len());
                self.0.lock().unwrap().push(at);
            }
            Ok(answer(&[], ""))
        })
    }
}

#[tokio::test]
async fn bytes_reach_the_transport_without_a_copy() {
    let bytes = Bytes::from(vec![7; 1_000_000]);
    let transport = Addresses::default();
    let progress = CallOptions::new().on_progress(|_, _| ());
    let client = client(transport.clone());
    call_with(&client, &PUT, &[], bytes.clone(), progress)
        .await
        .unwrap();
    let seen = transport.0.lock().unwrap();
    let mut next = bytes.as_ptr().addr();
    for (address, length) in seen.iter() {
        assert_eq!(*address, next);
        next += length;
    }
    assert_eq!(next, bytes.as_ptr().addr() + bytes.len());
    assert!(seen.len() > 1, "whoever looks on sees them move");
}

#[tokio::test]
async fn the_media_type_is_that_of_the_name_unless_the_caller_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for (name, given, expected) in [
        ("sea.jpg", None, Some("image/jpeg")),
        ("sea.jpg", Some("image/x-mine"), Some("image/x-mine")),
        ("README", None, None),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, "content").unwrap();
        let transport = Memory::new(|_| Ok(answer(&[], "")));
        let named: Vec<_> = given
            .map(|given| ("Content-Type", given))
            .into_iter()
            .collect();
        let body = Body::from_path(&path).await.unwrap();
        let client = client(transport.clone());
        call_with(&client, &PUT, &named, body, CallOptions::new())
            .await
            .unwrap();
        let sent = transport.requests().remove(0);
        let sent = sent.headers.get("content-type");
        assert_eq!(sent.map(|it| it.to_str().unwrap()), expected, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_file_is_refused_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, "0123456789").unwrap();
    let missing = folder.path().join("b.txt");
    for (error, told) in [
        (Body::from_path(&missing).await, "b.txt"),
        (Body::from_path(folder.path()).await, "is a directory"),
        (Body::from_path("/dev/null").await, "not a regular file"),
        (Body::from_path_range(&path, 5..11).await, "10 bytes"),
        (Body::from_path_range(&path, 11..).await, "10 bytes"),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Body);
        assert!(!error.was_ever_sent());
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn api_3_0_takes_only_what_it_can_sign() {
    let transport = Memory::new(|_| Ok(answer(&[], r#"{"Response":{}}"#)));
    let media = [("Content-Type", "application/octet-stream")];
    for (body, goes) in [
        (Body::from("bytes"), true),
        (Body::from_factory(Some(1), || Chunks::of(&["a"])), false),
        (Body::from_stream(Chunks::of(&["a"]), Some(1)), false),
    ] {
        let client = client(transport.clone());
        let outcome = call_with(&client, &TC3, &media, body, CallOptions::new()).await;
        assert_eq!(outcome.is_ok(), goes);
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Request);
            assert!(error.to_string().contains("give it as bytes"), "{error}");
        }
    }
    assert_eq!(transport.requests().len(), 1);
}
