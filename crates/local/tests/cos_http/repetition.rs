//! What a client makes of an answer that was lost after the work was done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, Response};
use tcloud_core::body::Body;
use tcloud_core::credentials::Credentials;
use tcloud_core::error::ErrorKind;
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::{Transport, TransportError};
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalTransport};

use crate::fixture::{BUCKET, Fixture, NOW, code};

/// The way to a cloud on which the answer to the first request is lost.
#[derive(Debug)]
struct Lossy {
    way: LocalTransport,
    sent: Arc<AtomicUsize>,
}

impl Transport for Lossy {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async {
            let answer = self.way.send(request).await?;
            match self.sent.fetch_add(1, Ordering::SeqCst) {
                0 => Err(TransportError::new("connection reset")),
                _ => Ok(answer),
            }
        })
    }
}

#[tokio::test]
async fn an_upload_is_not_refused_for_what_it_has_stored_itself() {
    let (fixture, client) = Fixture::with_bucket().await;
    for (key, forbid, requests) in [
        ("plain", None, 2),
        ("any", Some(false), 2),
        ("new", Some(true), 1),
    ] {
        let sent = Arc::new(AtomicUsize::new(0));
        let lossy = Lossy {
            way: fixture.cloud.transport(),
            sent: Arc::clone(&sent),
        };
        let credentials = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
        let far = Fixture::client_over(lossy, credentials, NOW);
        let mut put = far.put_object(BUCKET, key, "content");
        if let Some(forbid) = forbid {
            put = put.forbid_overwrite(forbid);
        }
        let outcome = put.send().await;
        assert_eq!(sent.load(Ordering::SeqCst), requests, "{key}");
        match outcome {
            Ok(stored) => assert_eq!(stored.attempts(), 2, "{key}"),
            // Not `FileAlreadyExists`: nobody else was there first.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Transport, "{key}: {error}"),
        }
        client.head_object(BUCKET, key).send().await.unwrap();
    }
    let taken = client.put_object(BUCKET, "new", "other");
    assert_eq!(
        code(taken.forbid_overwrite(true).send().await),
        "FileAlreadyExists"
    );
}
