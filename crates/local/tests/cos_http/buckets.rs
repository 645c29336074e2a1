use crate::fixture::{BUCKET, Fixture, REGION, code, request};

#[tokio::test]
async fn a_bucket_lives_and_dies() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let head = client.head_bucket(BUCKET).send().await.unwrap();
    assert_eq!(head.bucket_region.as_deref(), Some(REGION));

    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    assert_eq!(
        code(client.delete_bucket(BUCKET).send().await),
        "BucketNotEmpty"
    );
    client.delete_object(BUCKET, "k").send().await.unwrap();
    let deleted = client.delete_bucket(BUCKET).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    let gone = client.head_bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(gone.status().unwrap(), 404);
    assert_eq!(
        code(client.delete_bucket(BUCKET).send().await),
        "NoSuchBucket"
    );
}

#[tokio::test]
async fn names_are_checked_and_taken_once() {
    let (_fixture, client) = Fixture::with_bucket().await;
    assert_eq!(
        code(client.put_bucket(BUCKET).send().await),
        "BucketAlreadyOwnedByYou"
    );
    assert_eq!(
        code(client.put_bucket("album").send().await),
        "InvalidBucketName"
    );
}

#[tokio::test]
async fn a_bucket_is_in_one_region() {
    let (fixture, client) = Fixture::with_bucket().await;
    let options = tcloud_cos::CallOptions::new().region("ap-beijing");
    let elsewhere = client.get_bucket(BUCKET).options(options).send().await;
    let error = elsewhere.unwrap_err();
    assert_eq!(error.code(), Some("NoSuchBucket"));
    assert!(error.message().contains(REGION), "{error}");
    drop(fixture);
}

#[tokio::test]
async fn buckets_are_listed_by_name_and_in_pages() {
    let fixture = Fixture::new().await;
    let client = fixture.client();
    let empty = client.get_service().send().await.unwrap();
    assert!(empty.buckets.as_ref().unwrap().bucket.is_empty());
    assert!(empty.owner.is_some());

    for (name, region) in [
        ("c-1250000000", "ap-beijing"),
        ("a-1250000000", REGION),
        ("b-1250000000", REGION),
    ] {
        let options = tcloud_cos::CallOptions::new().region(region);
        client
            .put_bucket(name)
            .options(options)
            .send()
            .await
            .unwrap();
    }
    let names = |service: &tcloud_cos::operation::get_service::GetServiceResponse| {
        let buckets = &service.buckets.as_ref().unwrap().bucket;
        let names = buckets.iter().map(|bucket| bucket.name.clone().unwrap());
        names.collect::<Vec<_>>()
    };
    let page = client.get_service().max_keys(2).send().await.unwrap();
    assert_eq!(names(&page), ["a-1250000000", "b-1250000000"]);
    assert_eq!(page.is_truncated, Some(true));
    let marker = page.next_marker.clone().unwrap();
    let rest = client.get_service().marker(marker).send().await.unwrap();
    assert_eq!(names(&rest), ["c-1250000000"]);
    assert_eq!(rest.is_truncated, Some(false));
    let of_region = client
        .get_service()
        .region("ap-beijing")
        .send()
        .await
        .unwrap();
    assert_eq!(names(&of_region), ["c-1250000000"]);
    let bucket = &of_region.buckets.as_ref().unwrap().bucket[0];
    let created = bucket.creation_date.as_ref().unwrap();
    assert_eq!(created.as_str(), "2023-11-14T22:13:20Z");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let (fixture, client) = Fixture::with_bucket().await;
    let lenient = Fixture::mode(tcloud_local::AuthMode::Lenient).await;
    for (line, word) in [
        ("GET /?newest", "newest"),
        ("PUT /?newest", "newest"),
        ("PATCH /?newest", "newest"),
        ("GET /k?ci-process=AIPicMatting", "GetAiPicMatting"),
        ("GET /k?ci-process=NewWord", "ci-process"),
        ("GET /k?ci-process=detect-label", "DetectLabel"),
    ] {
        let answer = lenient.anonymous(line).await;
        assert_eq!(answer.status, 501, "{line}");
        assert_eq!(answer.element("Code"), "NotImplemented", "{line}");
        assert!(
            answer.element("Message").contains(word),
            "{line}: {}",
            answer.text
        );
    }
    let pic = request("GET /", "b-1250000000.pic.ap-beijing.myqcloud.com");
    assert_eq!(fixture.send(pic).await.status, 501);
    drop(client);
}
