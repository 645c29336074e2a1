//! Objects move between tiers by use.

use tcloud_cos::Client;
use tcloud_cos::types::StorageClass;
use tcloud_local::{AuthMode, Settings};

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, request};
use crate::sockets::{Served, status};

/// From the start of all clouds until midnight in Beijing, in seconds.
const TO_MIDNIGHT: u64 = 64_000;
const DAY: u64 = 24 * 60 * 60;
const LARGE: usize = 64 * 1024;

const SWITCH: &str = "<IntelligentTieringConfiguration><Status>Enabled</Status><Transition>\
                      <Days>30</Days><RequestFrequent>1</RequestFrequent></Transition>\
                      </IntelligentTieringConfiguration>";

async fn set(fixture: &Fixture, query: &str, document: &str) -> Answered {
    let mut put = request(&format!("PUT /?{query}"), &bucket_host());
    *put.body_mut() = document.to_owned().into();
    fixture.send(put).await
}

/// A cloud whose bucket has a large and a small object in the class with tiers.
async fn open() -> (Fixture, Client) {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let done = set(&fixture, "intelligenttiering", SWITCH).await;
    assert_eq!(done.status, 200, "{}", done.text);
    for (key, size) in [("large", LARGE), ("small", LARGE - 1)] {
        let put = client.put_object(BUCKET, key, "x".repeat(size));
        let put = put.storage_class(StorageClass::IntelligentTiering);
        put.send().await.unwrap();
    }
    (fixture, client)
}

async fn advance(fixture: &Fixture, seconds: u64) {
    let line = format!("POST /_local/clock?advance={seconds}");
    let answer = fixture.send(request(&line, "localhost")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The tiers of both objects, as they are described.
async fn tiers(fixture: &Fixture) -> [String; 2] {
    let mut tiers = [const { String::new() }; 2];
    for (tier, key) in tiers.iter_mut().zip(["large", "small"]) {
        let head = fixture.anonymous(&format!("HEAD /{key}")).await;
        head.header("x-cos-storage-tier").clone_into(tier);
    }
    tiers
}

#[tokio::test]
async fn what_is_not_read_for_days_is_in_the_other_tier_until_it_is_read() {
    let (fixture, client) = open().await;
    advance(&fixture, TO_MIDNIGHT + 30 * DAY - 1).await;
    assert_eq!(tiers(&fixture).await, ["FREQUENT", "FREQUENT"]);
    advance(&fixture, 1).await;
    assert_eq!(tiers(&fixture).await, ["INFREQUENT", "FREQUENT"]);
    for list in ["GET /", "GET /?versions"] {
        let list = fixture.anonymous(list).await;
        assert!(
            list.text.contains("<StorageTier>INFREQUENT"),
            "{}",
            list.text
        );
    }
    // To describe it is not to read it, and it can be read as before.
    assert_eq!(tiers(&fixture).await[0], "INFREQUENT");
    let got = fixture.anonymous("GET /large").await;
    assert_eq!((got.status.as_u16(), got.text.len()), (200, LARGE));
    assert_eq!(tiers(&fixture).await[0], "FREQUENT");
    advance(&fixture, 31 * DAY - 1).await;
    assert_eq!(
        tiers(&fixture).await[0],
        "FREQUENT",
        "the day of the read has to end"
    );
    advance(&fixture, 1).await;
    assert_eq!(tiers(&fixture).await[0], "INFREQUENT");
    // A copy was never read.
    let source = format!("{}/large", bucket_host());
    let copied = client.put_object_copy(BUCKET, "copy", source);
    let copied = copied.storage_class(StorageClass::IntelligentTiering);
    copied.send().await.unwrap();
    let copy = fixture.anonymous("HEAD /copy").await;
    assert_eq!(copy.header("x-cos-storage-tier"), "FREQUENT");
    assert!(
        copy.headers
            .keys()
            .all(|name| !name.as_str().contains("access"))
    );
}

#[tokio::test]
async fn without_the_switch_and_in_other_classes_nothing_moves() {
    let (fixture, client) = open().await;
    client
        .put_object(BUCKET, "usual", "x".repeat(LARGE))
        .send()
        .await
        .unwrap();
    let elsewhere = "elsewhere-1250000000";
    client.put_bucket(elsewhere).send().await.unwrap();
    let put = client.put_object(elsewhere, "k", "x".repeat(LARGE));
    let put = put.storage_class(StorageClass::IntelligentTiering);
    put.send().await.unwrap();
    advance(&fixture, 100 * DAY).await;
    let usual = fixture.anonymous("HEAD /usual").await;
    assert_eq!(usual.header("x-cos-storage-tier"), "");
    let host = bucket_host().replace(BUCKET, elsewhere);
    let head = fixture.send(request("HEAD /k", &host)).await;
    assert_eq!(head.header("x-cos-storage-tier"), "FREQUENT");
    // What was stored before counts from when the rule was set.
    let rule = "<IntelligentTieringConfiguration><Id>default</Id><Status>Enabled</Status><Tiering>\
                <AccessTier>INFREQUENT</AccessTier><Days>60</Days>\
                <RequestFrequent>1</RequestFrequent></Tiering></IntelligentTieringConfiguration>";
    let mut put = request("PUT /?intelligent-tiering&id=default", &host);
    *put.body_mut() = rule.to_owned().into();
    let done = fixture.send(put).await;
    assert_eq!(done.status, 200, "{}", done.text);
    for (days, tier) in [(59, "FREQUENT"), (2, "INFREQUENT")] {
        advance(&fixture, days * DAY).await;
        let head = fixture.send(request("HEAD /k", &host)).await;
        assert_eq!(head.header("x-cos-storage-tier"), tier, "{days}");
    }
}

#[tokio::test]
async fn a_switch_that_says_something_else_is_refused() {
    let fixture = Fixture::mode(AuthMode::Off).await;
    fixture.client().put_bucket(BUCKET).send().await.unwrap();
    for (document, code) in [
        (SWITCH.replace("30", "31"), "InvalidArgument"),
        (
            SWITCH.replace("<RequestFrequent>1", "<RequestFrequent>2"),
            "InvalidArgument",
        ),
        (SWITCH.replace("</Status>", ""), "MalformedXML"),
    ] {
        let refused = set(&fixture, "intelligenttiering", &document).await;
        assert_eq!(refused.element("Code"), code, "{}", refused.text);
    }
}

#[tokio::test]
async fn over_a_socket_a_tier_is_told_and_a_read_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || {
        let data = tcloud_local::Data::Folder(folder.path().to_owned());
        let mut settings = Settings::default().auth(AuthMode::Off);
        settings.data = data;
        settings
    };
    let host = format!("Host: {}", bucket_host());
    {
        let served = Served::new(settings()).await;
        let put = ["PUT / HTTP/1.1", &host, "Content-Length: 0"];
        assert_eq!(status(&served.exchange(&put, "").await), "200");
        let length = format!("Content-Length: {}", SWITCH.len());
        let put = ["PUT /?intelligenttiering HTTP/1.1", &host, &length];
        assert_eq!(status(&served.exchange(&put, SWITCH).await), "200");
        let length = format!("Content-Length: {LARGE}");
        let class = "x-cos-storage-class: INTELLIGENT_TIERING";
        let put = ["PUT /k HTTP/1.1", &host, class, &length];
        let put = served.exchange(&put, &"x".repeat(LARGE)).await;
        assert_eq!(status(&put), "200", "{put}");
        advance(&served.fixture, 40 * DAY).await;
        let head = served.exchange(&["HEAD /k HTTP/1.1", &host], "").await;
        assert!(
            head.contains("x-cos-storage-tier: INFREQUENT\r\n"),
            "{head}"
        );
        let got = served.exchange(&["GET /k HTTP/1.1", &host], "").await;
        assert_eq!(status(&got), "200");
        served.fixture.cloud.shutdown().await;
    }
    let fixture = Fixture::with(settings()).await;
    let head = fixture.anonymous("HEAD /k").await;
    assert_eq!(head.header("x-cos-storage-tier"), "FREQUENT");
}
