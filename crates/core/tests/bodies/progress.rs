//! What an observer of the bytes sees.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::transport::{Memory, TransportError};

use crate::fixture::{Chunks, GET, PUT, answer, call_with, client};

type Seen = Arc<Mutex<Vec<(u64, Option<u64>)>>>;

fn observed() -> (CallOptions, Seen) {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    let options = CallOptions::new()
        .on_progress(move |moved, total| notes.lock().unwrap().push((moved, total)));
    (options, seen)
}

fn ready() -> Memory {
    Memory::new(|_| Ok(answer(&[], "")))
}

#[tokio::test]
async fn an_upload_is_observed_chunk_by_chunk() {
    let total = Some(5);
    for (body, expected) in [
        (Body::from("12345"), vec![(0, total), (5, total)]),
        (
            Body::from_stream(Chunks::of(&["12", "345"]), total),
            vec![(0, total), (2, total), (5, total)],
        ),
        (
            Body::from_factory(None, || Chunks::of(&["12", "345"])),
            vec![(0, None), (2, None), (5, None)],
        ),
        (Body::empty(), vec![]),
    ] {
        let (options, seen) = observed();
        call_with(&client(ready()), &PUT, &[], body, options)
            .await
            .unwrap();
        assert_eq!(*seen.lock().unwrap(), expected);
    }
}

#[tokio::test]
async fn bytes_in_memory_move_in_pieces_too() {
    let (options, seen) = observed();
    call_with(&client(ready()), &PUT, &[], vec![0; 150_000], options)
        .await
        .unwrap();
    let moved: Vec<_> = seen.lock().unwrap().iter().map(|it| it.0).collect();
    assert_eq!(moved, [0, 65_536, 131_072, 150_000]);
}

#[tokio::test]
async fn an_attempt_that_starts_again_starts_at_zero() {
    let failed = AtomicUsize::new(0);
    let transport = Memory::new(move |_| match failed.fetch_add(1, Ordering::SeqCst) {
        0 => Err(TransportError::new("connection reset")),
        _ => Ok(answer(&[], "")),
    });
    let (options, seen) = observed();
    let body = Body::from_factory(Some(3), || Chunks::of(&["1", "23"]));
    call_with(&client(transport), &PUT, &[], body, options)
        .await
        .unwrap();
    let attempt = [(0, Some(3)), (1, Some(3)), (3, Some(3))];
    assert_eq!(*seen.lock().unwrap(), [attempt, attempt].concat());
}

#[tokio::test]
async fn a_download_is_observed_while_it_is_read() {
    let transport = Memory::new(|_| {
        Ok(answer(
            &[],
            Body::from_stream(Chunks::of(&["12", "345"]), Some(5)),
        ))
    });
    let (options, seen) = observed();
    let mut body = call_with(&client(transport), &GET, &[], "", options)
        .await
        .unwrap()
        .body;
    assert!(seen.lock().unwrap().is_empty(), "nobody has read yet");
    body.chunk().await;
    assert_eq!(*seen.lock().unwrap(), [(0, Some(5)), (2, Some(5))]);
    body.chunk().await;
    assert_eq!(seen.lock().unwrap()[2], (5, Some(5)));
}
