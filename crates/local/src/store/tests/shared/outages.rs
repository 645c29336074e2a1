//! The database or the bucket is away for a while.

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "s3")]
use super::Two;
use super::{PATIENCE, put_blob};
use crate::clock::ManualClock;
use crate::store::blobs::Blobs;
use crate::store::tests::cluster::Cluster;
#[cfg(feature = "s3")]
use crate::store::tests::fixture::put;
use crate::store::tests::fixture::{
    BUCKET, LEASE, REGION, START, claim, content, job, long, name, process, submit, success,
};
use crate::store::{Acl, JobClass, JobState, NewJob, Overwrite, StoreError};

#[tokio::test]
async fn an_outage_costs_neither_claims_nor_what_was_acknowledged() {
    let mut cluster = Cluster::start();
    let url = cluster.schema().await;
    let (clock, blobs) = (
        Arc::new(ManualClock::new(START)),
        Blobs::in_memory(u64::MAX),
    );
    let store = process(&url, blobs.clone(), clock.clone()).await;
    let bucket = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    bucket.unwrap();
    let id = submit(&store, job()).await;
    let claimed = claim(&store).await;
    let staged = store.upload_bytes(long("kept").into()).await.unwrap();
    cluster.tell("stop");
    for refused in [
        store.submit_job(&job()).await.err(),
        store.extend_claim(&claimed, LEASE).await.err(),
        store.finish_job(&claimed, &success(), &[]).await.err(),
        store.job(&id).await.err(),
    ] {
        let error = refused.expect("nothing is acknowledged");
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    }
    cluster.tell("start");
    store.job(&id).await.unwrap();
    store.extend_claim(&claimed, LEASE).await.unwrap();
    let put = put_blob(&store, "a", staged, Overwrite::Allow);
    put.await.unwrap();
    let ended = store.finish_job(&claimed, &success(), &[]).await.unwrap();
    assert_eq!((ended.state, ended.attempt), (JobState::Success, 1));
    assert_eq!(content(&store, "a").await, long("kept"));
    // What is heard from others comes again as well.
    let other = process(&url, blobs, clock).await;
    let waiting = async { other.wait_for_work(JobClass::Media).await };
    let telling = async {
        loop {
            let class = JobClass::Media;
            submit(&store, NewJob { class, ..job() }).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = waiting => {}
        () = telling => {}
        () = tokio::time::sleep(PATIENCE) => panic!("no signal came"),
    }
}

/// Both the database and the bucket go away, one after the other, while two processes work.
#[cfg(feature = "s3")]
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_with_a_bucket_outlast_its_outage() {
    let server = crate::store::Server::start().await;
    let blobs = || Blobs::in_bucket(&server.bucket("s3://content")).unwrap();
    let two = Two::with(blobs()).await;
    put(&two.first, "before", &long("before")).await;
    let id = submit(&two.first, job()).await;
    let claimed = claim(&two.second).await;
    let staged = two
        .second
        .upload_bytes(long("staged").into())
        .await
        .unwrap();
    server.stop().await;
    for store in [&two.first, &two.second] {
        let read = async { store.get_object(&name("before"), None).await?.bytes().await };
        let error = read.await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        let written = store.upload_bytes(long("lost").into()).await.map(drop);
        let error = written.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        // What needs no bucket goes on.
        put(store, "short", "short").await;
        store.extend_claim(&claimed, LEASE).await.unwrap();
    }
    server.resume().await;
    put_blob(&two.second, "staged", staged, Overwrite::Allow)
        .await
        .unwrap();
    let ended = two
        .second
        .finish_job(&claimed, &success(), &[])
        .await
        .unwrap();
    assert_eq!((&ended.id, ended.attempt), (&id, 1));
    for store in [&two.first, &two.second] {
        for key in ["before", "staged"] {
            assert_eq!(content(store, key).await, long(key));
        }
        assert_eq!(content(store, "short").await, "short");
    }
    // A third one finds the same, and nothing that is lost or left over.
    let third = process(&two.url, blobs(), two.clock.clone()).await;
    assert_eq!(content(&third, "staged").await, long("staged"));
    let checked = third.check(&mut |found| panic!("{found}")).await.unwrap();
    assert_eq!((checked.objects, checked.findings), (3, 0));
}
