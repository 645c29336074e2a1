//! Buckets, their bindings and queues.

use crate::store::{
    Acl, BucketFilter, JobClass, JobState, Processing, QueueState, QueueUpdate, StoreError,
};

use super::fixture::{
    BUCKET, Fixture, REGION, START, claim, job, name, on_every_store, put, submit,
};

on_every_store!(
    a_bucket_is_created_once,
    buckets_are_listed_by_name,
    the_list_of_a_bucket_is_set,
    a_bucket_with_objects_is_not_deleted,
    deleting_a_bucket_takes_its_bindings_along,
    binding_again_keeps_the_first_time,
    a_picture_bucket_is_bound_and_gets_one_queue,
    bound_buckets_are_filtered_and_paged,
    pausing_a_queue_pauses_its_waiting_jobs,
    queues_are_listed_and_changed,
);

async fn a_bucket_is_created_once(Fixture { store, .. }: &Fixture) {
    let bucket = store.bucket(BUCKET).await.unwrap();
    assert_eq!(
        (bucket.region.as_str(), &bucket.acl, bucket.created_at),
        (REGION, &Acl::Private, START)
    );

    let again = store
        .create_bucket(BUCKET, "ap-beijing", Acl::Private)
        .await;
    assert!(matches!(again, Err(StoreError::BucketExists(name)) if name == BUCKET));
    assert_eq!(store.bucket(BUCKET).await.unwrap(), bucket);
}

async fn the_list_of_a_bucket_is_set(Fixture { store, .. }: &Fixture) {
    let before = store.bucket(BUCKET).await.unwrap();
    for acl in [Acl::PublicReadWrite, Acl::AuthenticatedRead, Acl::Private] {
        store.set_bucket_acl(BUCKET, &acl).await.unwrap();
        let bucket = store.bucket(BUCKET).await.unwrap();
        assert_eq!(bucket.acl, acl);
        assert_eq!(bucket.versioning, before.versioning);
    }
    let missing = store.set_bucket_acl("none", &Acl::Private).await;
    assert!(matches!(missing, Err(StoreError::NoSuchBucket(name)) if name == "none"));
    assert_eq!(store.bucket(BUCKET).await.unwrap(), before);
}

async fn buckets_are_listed_by_name(Fixture { store, .. }: &Fixture) {
    for name in ["b-1", "a-1"] {
        store
            .create_bucket(name, REGION, Acl::Private)
            .await
            .unwrap();
    }
    let names: Vec<_> = store
        .buckets()
        .await
        .unwrap()
        .into_iter()
        .map(|b| b.name)
        .collect();
    assert_eq!(names, ["a-1", "b-1", BUCKET]);
}

async fn a_bucket_with_objects_is_not_deleted(Fixture { store, .. }: &Fixture) {
    put(store, "key", "content").await;
    assert!(matches!(
        store.delete_bucket(BUCKET).await,
        Err(StoreError::BucketNotEmpty(_))
    ));
    store.delete_object(&name("key")).await.unwrap();
    store.delete_bucket(BUCKET).await.unwrap();
    assert!(matches!(
        store.delete_bucket(BUCKET).await,
        Err(StoreError::NoSuchBucket(_))
    ));
    assert!(matches!(
        store.bucket(BUCKET).await,
        Err(StoreError::NoSuchBucket(_))
    ));
}

async fn deleting_a_bucket_takes_its_bindings_along(Fixture { store, .. }: &Fixture) {
    let (bound, _) = store
        .create_process_bucket(Processing::Picture, BUCKET)
        .await
        .unwrap();
    store.delete_bucket(BUCKET).await.unwrap();
    let filter = BucketFilter::default();
    assert_eq!(store.ci_buckets(&filter).await.unwrap().total, 0);
    assert_eq!(
        store
            .process_buckets(Processing::Picture, &filter)
            .await
            .unwrap()
            .total,
        0
    );
    assert!(matches!(
        store.queue(&bound.queue_id).await,
        Err(StoreError::NoSuchQueue(_))
    ));
}

async fn binding_again_keeps_the_first_time(Fixture { store, clock, .. }: &Fixture) {
    let (bound, created) = store.bind_ci_bucket(BUCKET).await.unwrap();
    assert!(created);
    assert_eq!((bound.region.as_str(), bound.bound_at), (REGION, START));
    clock.advance(1);
    assert_eq!(store.bind_ci_bucket(BUCKET).await.unwrap(), (bound, false));
    let missing = store.bind_ci_bucket("other-1250000000").await;
    assert!(matches!(missing, Err(StoreError::NoSuchBucket(_))));
}

async fn a_picture_bucket_is_bound_and_gets_one_queue(Fixture { store, clock, .. }: &Fixture) {
    let (created, new) = store
        .create_process_bucket(Processing::Picture, BUCKET)
        .await
        .unwrap();
    assert!(new);
    assert_eq!(created.region, REGION);
    let queue = store.queue(&created.queue_id).await.unwrap();
    assert_eq!(
        (queue.bucket.as_str(), queue.state),
        (BUCKET, QueueState::Active)
    );
    let (prefix, digits) = queue.queue_id.split_at(1);
    assert_eq!((prefix, digits.len()), ("p", 32));
    assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(
        store
            .ci_buckets(&BucketFilter::default())
            .await
            .unwrap()
            .total,
        1
    );

    clock.advance(1);
    assert_eq!(
        store
            .create_process_bucket(Processing::Picture, BUCKET)
            .await
            .unwrap(),
        (created, false)
    );
    assert_eq!(store.queues(BUCKET, &[]).await.unwrap().len(), 1);
}

async fn bound_buckets_are_filtered_and_paged(Fixture { store, .. }: &Fixture) {
    for (name, region) in [
        ("aa-1", "ap-beijing"),
        ("ab-1", REGION),
        ("b_-1", "ap-beijing"),
    ] {
        store
            .create_bucket(name, region, Acl::Private)
            .await
            .unwrap();
        store
            .create_process_bucket(Processing::Picture, name)
            .await
            .unwrap();
    }
    let listed = async |filter: BucketFilter| {
        let page = store
            .process_buckets(Processing::Picture, &filter)
            .await
            .unwrap();
        (
            page.buckets
                .into_iter()
                .map(|b| b.bucket)
                .collect::<Vec<_>>(),
            page.total,
        )
    };
    let all = BucketFilter::default;
    let found = |names: &[&str], total| (names.iter().map(ToString::to_string).collect(), total);

    assert_eq!(listed(all()).await, found(&["aa-1", "ab-1", "b_-1"], 3));
    let regions = vec!["ap-beijing".to_owned(), "ap-nowhere".to_owned()];
    assert_eq!(
        listed(BucketFilter { regions, ..all() }).await,
        found(&["aa-1", "b_-1"], 2)
    );
    let names = vec!["ab-1".to_owned(), BUCKET.to_owned()];
    assert_eq!(
        listed(BucketFilter { names, ..all() }).await,
        found(&["ab-1"], 1)
    );
    // Neither `_` nor `%` stands for anything but itself.
    for (prefix, names) in [
        ("a", &["aa-1", "ab-1"][..]),
        ("b_", &["b_-1"]),
        ("_", &[]),
        ("%", &[]),
    ] {
        let total = u32::try_from(names.len()).unwrap();
        let prefix = prefix.to_owned();
        assert_eq!(
            listed(BucketFilter { prefix, ..all() }).await,
            found(names, total)
        );
    }
    let page = |page_number| BucketFilter {
        page_number,
        page_size: 2,
        ..all()
    };
    assert_eq!(listed(page(1)).await, found(&["aa-1", "ab-1"], 3));
    assert_eq!(listed(page(2)).await, found(&["b_-1"], 3));
    assert_eq!(listed(page(u32::MAX)).await, found(&[], 3));
}

async fn pausing_a_queue_pauses_its_waiting_jobs(Fixture { store, .. }: &Fixture) {
    let queue = store
        .create_queue(BUCKET, "PicProcess", "queue")
        .await
        .unwrap()
        .queue_id;
    let in_queue = || crate::store::NewJob {
        queue_id: Some(queue.clone()),
        ..job()
    };
    let set = async |state| {
        let update = QueueUpdate {
            state: Some(state),
            ..QueueUpdate::default()
        };
        store.update_queue(&queue, &update).await.unwrap();
    };
    let running = submit(store, in_queue()).await;
    let held = claim(store).await;
    let before = submit(store, in_queue()).await;
    set(QueueState::Paused).await;
    let during = submit(store, in_queue()).await;
    let elsewhere = submit(store, job()).await;

    let state = async |id: &str| store.job(id).await.unwrap().state;
    assert_eq!(state(&running).await, JobState::Running);
    assert_eq!(state(&before).await, JobState::Pause);
    assert_eq!(state(&during).await, JobState::Pause);
    assert_eq!(claim(store).await.job.id, elsewhere);
    assert_eq!(
        store
            .claim_job(JobClass::Picture, "worker", 1)
            .await
            .unwrap(),
        None
    );

    // A job given back goes where its queue is.
    store.retry_job(&held, store.now()).await.unwrap();
    assert_eq!(state(&running).await, JobState::Pause);
    assert_eq!(
        store
            .claim_job(JobClass::Picture, "worker", 1)
            .await
            .unwrap(),
        None
    );

    set(QueueState::Active).await;
    for id in [&running, &before, &during] {
        assert_eq!(&claim(store).await.job.id, id);
    }
}

async fn queues_are_listed_and_changed(Fixture { store, clock, .. }: &Fixture) {
    let first = store
        .create_queue(BUCKET, "PicProcess", "first")
        .await
        .unwrap();
    clock.advance(1);
    let second = store
        .create_queue(BUCKET, "Speeding", "second")
        .await
        .unwrap();
    assert_eq!(
        store.queues(BUCKET, &[]).await.unwrap(),
        [first.clone(), second.clone()]
    );
    let some = store
        .queues(BUCKET, std::slice::from_ref(&second.queue_id))
        .await
        .unwrap();
    assert_eq!(some, [second]);

    clock.advance(1);
    let update = QueueUpdate {
        name: Some("renamed".into()),
        ..QueueUpdate::default()
    };
    let changed = store.update_queue(&first.queue_id, &update).await.unwrap();
    assert_eq!(
        (changed.name.as_str(), changed.state),
        ("renamed", QueueState::Active)
    );
    assert_eq!((changed.created_at, changed.updated_at), (START, START + 2));
    assert!(matches!(
        store.update_queue("p0", &update).await,
        Err(StoreError::NoSuchQueue(_))
    ));
    let missing = store
        .create_queue("other-1250000000", "PicProcess", "third")
        .await;
    assert!(matches!(missing, Err(StoreError::NoSuchBucket(_))));
}
