//! What only a bucket does: it fails, it comes back, and it is far away.

use std::time::Duration;

use futures_util::StreamExt;

use super::place::{bytes, fresh, read, write};
use super::s3::Server;
use crate::store::StoreError;
use crate::store::blobs::Blobs;

const MIB: usize = 1024 * 1024;

async fn bucket() -> (Server, Blobs) {
    let server = Server::start().await;
    let blobs = Blobs::in_bucket(&server.bucket("s3://content")).unwrap();
    (server, blobs)
}

#[track_caller]
fn assert_unavailable<T>(result: Result<T, StoreError>) {
    let Err(error) = result else {
        panic!("the bucket cannot be reached");
    };
    assert!(
        matches!(&error, StoreError::Unavailable { place, .. } if place == "s3://content"),
        "{error}"
    );
    assert!(!error.to_string().contains("bucket-secret"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_is_told_and_is_used_again_when_it_is_back() {
    let (server, blobs) = bucket().await;
    let kept = write(&blobs, &bytes(1000), 1000).await;
    let long = write(&blobs, &bytes(6 * MIB), MIB).await;
    server.stop().await;
    assert_unavailable(blobs.read(&kept, 0..10).await.map(drop));
    assert_unavailable(blobs.size(&kept).await);
    assert_unavailable(blobs.delete(&kept).await);
    let mut writer = blobs.create(&fresh());
    writer.write(bytes(10)).await.unwrap();
    assert_unavailable(writer.finish().await);
    let mut writer = blobs.create(&fresh());
    assert_unavailable(writer.write(bytes(6 * MIB)).await);
    drop(writer);
    server.resume().await;
    assert_eq!(read(&blobs, &kept, 0..1000).await, bytes(1000));
    assert_eq!(read(&blobs, &long, 0..6 * MIB as u64).await, bytes(6 * MIB));
    write(&blobs, &bytes(11 * MIB), MIB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_patience_waits_for_the_bucket() {
    let server = Server::start().await;
    let patient = server.bucket("s3://content").patience(super::s3::LONG);
    let blobs = Blobs::in_bucket(&patient).unwrap();
    server.stop().await;
    let written = tokio::spawn({
        let blobs = blobs.clone();
        async move { write(&blobs, &bytes(1000), 1000).await }
    });
    // An attempt has failed when this one has.
    let hasty = Blobs::in_bucket(&server.bucket("s3://content")).unwrap();
    assert_unavailable(hasty.size(&fresh()).await);
    server.resume().await;
    let id = written.await.unwrap();
    assert_eq!(read(&blobs, &id, 0..1000).await, bytes(1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_breaks_off_is_taken_up_again() {
    let (server, blobs) = bucket().await;
    let content = bytes(5 * MIB + 3);
    let id = write(&blobs, &content, MIB).await;
    let hasty = server.bucket("s3://content").patience(Duration::ZERO);
    let blobs = Blobs::in_bucket(&hasty).unwrap();
    server.cut_after(MIB);
    let found = read(&blobs, &id, 1..content.len() as u64).await;
    assert!(found == content.slice(1..));
    // Not for ever, if nothing comes.
    server.cut_after(0);
    match blobs.read(&id, 0..content.len() as u64).await {
        Ok(mut reading) => assert_unavailable(reading.next().await.unwrap()),
        // The connection broke before the head of the answer was read.
        broken => assert_unavailable(broken.map(drop)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_waits_for_a_slow_bucket_instead_of_filling_the_memory() {
    let (server, blobs) = bucket().await;
    server.take_parts(false);
    let id = fresh();
    let mut writer = blobs.create(&id);
    let chunk = bytes(MIB);
    let mut accepted = 0;
    loop {
        let before = accepted;
        if accepted <= 5 {
            // The upload is begun by what comes after the first part.
            writer.write(chunk.clone()).await.unwrap();
            accepted += 1;
        } else {
            tokio::select! {
                biased;
                written = writer.write(chunk.clone()) => {
                    written.unwrap();
                    accepted += 1;
                }
                () = std::future::ready(()) => {}
            }
        }
        if accepted == before {
            break;
        }
        assert!(accepted <= 15, "more than three parts are in memory");
    }
    server.take_parts(true);
    writer.finish().await.unwrap();
    let size = blobs.size(&id).await.unwrap();
    assert_eq!(size, Some((accepted * MIB) as u64));
}

/// A drip of single bytes takes little more than its bytes.
#[tokio::test(flavor = "multi_thread")]
async fn many_small_chunks_are_gathered() {
    let (_server, blobs) = bucket().await;
    let content = bytes(100_000);
    let id = write(&blobs, &content, 1).await;
    assert_eq!(read(&blobs, &id, 0..100_000).await, content);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_and_keys_that_are_wrong_are_told() {
    let (server, _) = bucket().await;
    let other = Blobs::in_bucket(&server.bucket("s3://nowhere")).unwrap();
    let error = other.set_store_id("store-1").await.unwrap_err();
    assert!(matches!(error, StoreError::NoPlace { .. }), "{error}");
    let wrong = server.bucket("s3://content");
    let wrong = wrong.option("AWS_SECRET_ACCESS_KEY", "no such secret");
    let error = Blobs::in_bucket(&wrong).unwrap().store_id().await;
    let error = error.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    assert!(!error.to_string().contains("no such secret"), "{error}");
}

#[test]
fn what_a_bucket_is_shown_as_has_no_secret() {
    let bucket: crate::ContentBucket = "s3://content/a".parse().unwrap();
    let bucket = bucket
        .option("AWS_ACCESS_KEY_ID", "AKIDbucket")
        .option("AWS_SECRET_ACCESS_KEY", "bucket-secret");
    let blobs = Blobs::in_bucket(&bucket).unwrap();
    assert_eq!(format!("{blobs:?}"), "Blobs(\"s3://content/a\")");
    let wrong = bucket.option("AWS_NO_SUCH_OPTION", "hidden");
    let error = Blobs::in_bucket(&wrong).unwrap_err();
    assert!(matches!(error, StoreError::Bucket { .. }), "{error}");
    assert!(!error.to_string().contains("hidden"), "{error}");
}
