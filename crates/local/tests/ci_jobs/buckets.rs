//! Binding buckets and switching picture processing on.

use http::StatusCode;
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, REGION};

#[tokio::test]
async fn a_bucket_is_bound_as_often_as_one_likes() {
    let fixture = Fixture::start(Settings::default()).await;
    fixture.cos.put_bucket(BUCKET).send().await.unwrap();
    for _ in 0..2 {
        let bound = fixture
            .ci
            .bind_bucket(BUCKET)
            .send()
            .await
            .unwrap()
            .into_output();
        assert!(bound.request_id.is_some_and(|id| !id.is_empty()));
        let bucket = bound.ci_bucket.unwrap();
        assert_eq!(bucket.bucket_id.as_deref(), Some(BUCKET));
        assert_eq!(bucket.region.as_deref(), Some(REGION));
    }
}

#[tokio::test]
async fn a_missing_bucket_cannot_be_bound_or_used() {
    let fixture = Fixture::start(Settings::default()).await;
    let errors = [
        fixture.ci.bind_bucket(BUCKET).send().await.unwrap_err(),
        fixture
            .ci
            .create_pic_bucket(BUCKET)
            .send()
            .await
            .unwrap_err(),
        fixture.inspection("a.png").send().await.unwrap_err(),
        fixture
            .ci
            .describe_job(BUCKET, "c0")
            .send()
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.status(), Some(StatusCode::NOT_FOUND), "{error}");
        assert_eq!(error.code(), Some("NoSuchBucket"), "{error}");
    }
}

#[tokio::test]
async fn picture_processing_binds_the_bucket_and_keeps_its_first_time() {
    let fixture = Fixture::start(Settings::default()).await;
    fixture.cos.put_bucket(BUCKET).send().await.unwrap();
    let first = fixture
        .ci
        .create_pic_bucket(BUCKET)
        .send()
        .await
        .unwrap()
        .into_output();
    let again = fixture
        .ci
        .create_pic_bucket(BUCKET)
        .send()
        .await
        .unwrap()
        .into_output();
    assert_ne!(first.request_id, again.request_id);
    assert_eq!(first.pic_bucket, again.pic_bucket);
    let bucket = first.pic_bucket.unwrap();
    assert_eq!(bucket.bucket_id.as_deref(), Some(BUCKET));
    assert_eq!(bucket.name.as_deref(), Some(BUCKET));
    assert!(bucket.create_time.unwrap().unix_seconds().is_some());
    fixture.inspection("a.png").send().await.unwrap();
}

#[tokio::test]
async fn a_job_needs_a_bucket_that_was_made_ready() {
    let fixture = Fixture::start(Settings::default()).await;
    fixture.cos.put_bucket(BUCKET).send().await.unwrap();
    let error = fixture.inspection("a.png").send().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::FORBIDDEN));
    assert_eq!(error.code(), Some("MediaBucketUnBinded"));
    fixture.ci.bind_bucket(BUCKET).send().await.unwrap();
    let error = fixture.inspection("a.png").send().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::FORBIDDEN));
    assert!(error.message().contains("POST /picbucket"), "{error}");
}

#[tokio::test]
async fn picture_buckets_are_filtered_and_paged() {
    let fixture = Fixture::start(Settings::default()).await;
    for name in ["a1-1250000000", "a2-1250000000", "b1-1250000000"] {
        fixture.cos.put_bucket(name).send().await.unwrap();
        fixture.ci.create_pic_bucket(name).send().await.unwrap();
    }
    fixture
        .cos
        .put_bucket("c1-1250000000")
        .send()
        .await
        .unwrap();
    let names = async |call: tcloud_ci::operation::describe_pic_buckets::DescribePicBuckets| {
        let page = call.send().await.unwrap().into_output();
        let names: Vec<_> = page
            .pic_bucket_list
            .into_iter()
            .map(|it| it.name.unwrap())
            .collect();
        (
            page.total_count.unwrap(),
            names.join(" ").replace("-1250000000", ""),
        )
    };
    let all = || fixture.ci.describe_pic_buckets();
    assert_eq!(names(all()).await, (3, "a1 a2 b1".into()));
    assert_eq!(names(all().regions("ap-beijing")).await, (0, String::new()));
    let regions = format!("ap-beijing,{REGION}");
    assert_eq!(names(all().regions(regions)).await.0, 3);
    assert_eq!(names(all().bucket_name("a")).await, (2, "a1 a2".into()));
    let two = "b1-1250000000,a1-1250000000,a";
    assert_eq!(names(all().bucket_names(two)).await, (2, "a1 b1".into()));
    assert_eq!(
        names(all().page_size(2).page_number(2)).await,
        (3, "b1".into())
    );
    assert_eq!(names(all().page_number(i64::MAX)).await, (3, String::new()));

    let every = all().page_size(1).items().collect().await.unwrap();
    assert_eq!(every.len(), 3);
}

#[tokio::test]
async fn a_page_has_one_to_a_hundred_buckets() {
    let fixture = Fixture::ready(Settings::default().auth(tcloud_local::AuthMode::Off)).await;
    let host = format!("ci.{REGION}.myqcloud.com");
    for query in ["pageSize=0", "pageSize=101", "pageSize=ten", "pageNumber=0"] {
        let (status, body) = fixture
            .raw_to(&host, "GET", &format!("/picbucket?{query}"), "", &[])
            .await;
        assert_eq!(status, 400, "{query}: {body}");
        assert!(
            body.contains("<Code>InvalidArgument</Code>"),
            "{query}: {body}"
        );
        let name = query.split('=').next().unwrap();
        assert!(body.contains(name), "{query}: {body}");
    }
    for query in ["pageSize=1", "pageSize=100"] {
        let (status, body) = fixture
            .raw_to(&host, "GET", &format!("/picbucket?{query}"), "", &[])
            .await;
        assert_eq!(status, 200, "{query}: {body}");
    }
}
