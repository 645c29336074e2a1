//! What arrived, as a test looks at it.

use tcloud_cos::ObjectIdentifier;
use tcloud_cos::operation::delete_multiple_objects::DeleteMultipleObjectsRequest;
use tcloud_cos::operation::get_object::GetObjectRequest;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_local::{FaultRule, Settings};

use crate::fixture::{BUCKET, Fixture, REGION, code, request};

#[tokio::test]
async fn requests_are_there_as_they_were_meant() {
    let (fixture, client) = Fixture::with_bucket().await;
    let requests = fixture.cloud.requests();
    requests.clear();
    client
        .put_object(BUCKET, "2024/cat.png", "content")
        .content_type("image/png")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(client.get_object(BUCKET, "none").send().await),
        "NoSuchKey"
    );
    let objects = [ObjectIdentifier::new("a")];
    let nowhere = client.delete_multiple_objects("none-1250000000", objects);
    assert_eq!(code(nowhere.send().await), "NoSuchBucket");

    let all = requests.all();
    let names: Vec<_> = all.iter().map(|it| (it.service, it.operation)).collect();
    assert_eq!(
        names,
        [
            ("cos", "PutObject"),
            ("cos", "GetObject"),
            ("cos", "DeleteMultipleObjects")
        ]
    );
    let put = &all[0];
    assert_eq!(put.bucket.as_deref(), Some(BUCKET));
    assert_eq!(put.key.as_deref(), Some("2024/cat.png"));
    assert_eq!((put.status, put.code.as_deref()), (200, None));
    assert!(!put.request_id.is_empty());
    assert_eq!(
        (all[1].status, all[1].code.as_deref()),
        (404, Some("NoSuchKey"))
    );
    assert_eq!(all[2].code.as_deref(), Some("NoSuchBucket"));

    let typed = requests.of::<PutObjectRequest>();
    assert_eq!(typed.len(), 1);
    assert_eq!(typed[0].bucket.as_deref(), Some(BUCKET));
    assert_eq!(typed[0].key.as_deref(), Some("2024/cat.png"));
    assert_eq!(typed[0].content_type.as_deref(), Some("image/png"));
    assert_eq!(requests.of::<GetObjectRequest>().len(), 1);
    assert!(all[1].decode::<PutObjectRequest>().is_none());
    requests.clear();
    assert!(requests.of::<PutObjectRequest>().is_empty());
}

#[tokio::test]
async fn documents_are_decoded_and_secrets_struck_out() {
    let (fixture, client) = Fixture::with_bucket().await;
    let requests = fixture.cloud.requests();
    let objects = ["a", "b&c"].map(ObjectIdentifier::new);
    let done = client.delete_multiple_objects(BUCKET, objects).send().await;
    done.unwrap();
    let typed = requests.of::<DeleteMultipleObjectsRequest>();
    let keys = typed[0].objects.iter();
    let keys: Vec<_> = keys.filter_map(|it| it.key.as_deref()).collect();
    assert_eq!(keys, ["a", "b&c"]);

    // A presigned URL has its signature in the query, and some headers are secrets.
    let url = client
        .get_object(BUCKET, "a")
        .response_content_type("text/plain")
        .presign(std::time::Duration::from_mins(5))
        .await
        .unwrap();
    let url: http::Uri = url.url().parse().unwrap();
    let path = url.path_and_query().unwrap().as_str();
    let mut sent = request(&format!("GET {path}"), url.authority().unwrap().as_str());
    let key = http::HeaderValue::from_static("c2VjcmV0");
    let name = "x-cos-server-side-encryption-customer-key";
    sent.headers_mut().insert(name, key);
    fixture.send(sent).await;
    let all = requests.all();
    let last = all.last().unwrap();
    assert_eq!(last.operation, "GetObject");
    let query = [("response-content-type".to_owned(), "text/plain".to_owned())];
    assert_eq!(last.query(), query);
    let typed: GetObjectRequest = last.decode().unwrap();
    assert_eq!(typed.response_content_type.as_deref(), Some("text/plain"));
    let shown = format!("{typed:?} {last:?} {:?}", fixture.cloud.requests());
    assert!(
        !shown.contains("c2VjcmV0") && !shown.contains("q-signature"),
        "{shown}"
    );
}

fn settings(recorded: usize) -> Settings {
    let settings = Settings::default().default_region(REGION).bucket(BUCKET);
    settings.recorded_requests(recorded)
}

#[tokio::test]
async fn no_more_are_kept_than_was_said() {
    let fixture = Fixture::with(settings(2)).await;
    let client = fixture.client();
    for key in ["a", "b", "c"] {
        client.put_object(BUCKET, key, key).send().await.unwrap();
    }
    let typed = fixture.cloud.requests().of::<PutObjectRequest>();
    let keys: Vec<_> = typed.iter().filter_map(|it| it.key.as_deref()).collect();
    assert_eq!(keys, ["b", "c"]);

    let none = Fixture::with(settings(0)).await;
    none.cloud
        .faults()
        .add(FaultRule::throttle().skip(9))
        .unwrap();
    none.client()
        .put_object(BUCKET, "a", "a")
        .send()
        .await
        .unwrap();
    assert_eq!(none.cloud.requests().all().len(), 0);
    assert_eq!(none.cloud.faults().list()[0].matched, 1);
}
