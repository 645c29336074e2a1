//! A cloud that has something from the start.

use std::fs;
use std::path::Path;

use tcloud_core::credentials::Credentials;
use tcloud_local::{LocalCloud, LocalError, Seed, Settings};
use tempfile::TempDir;

use crate::fixture::{BUCKET, Fixture, NOW, REGION, code, text};

const FILE: &str = r#"
account:
  keys: [{secretId: AKIDroot, secretKey: secret-of-root}]
  users:
    - uin: "100000000002"
      name: reader
      keys: [{secretId: AKIDreader, secretKey: secret-of-reader}]
      policies:
        - version: "2.0"
          statement:
            - {effect: allow, action: "cos:*", resource: "*"}
            - {effect: deny, action: "cos:DeleteObject", resource: "*"}
buckets:
  album-1250000000:
    settings:
      - PutBucketVersioning: {Status: Enabled}
      - CreatePicBucket: {}
    objects:
      cats/tom.txt: {x-cos-meta-author: Jerry, x-cos-acl: public-read}
  empty-1250000000:
    region: ap-beijing
calls:
  - cos.PutObjectTagging: {bucket: album-1250000000, key: cats/tom.txt, TagSet: {Tag: [{Key: kind, Value: cat}]}}
"#;

fn folder(file: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let album = folder.path().join(BUCKET);
    fs::create_dir_all(album.join("cats")).unwrap();
    fs::write(album.join("cats/tom.txt"), "meow").unwrap();
    fs::write(album.join("large.bin"), vec![7; 300_000]).unwrap();
    fs::write(folder.path().join("seed.yaml"), file).unwrap();
    folder
}

fn settings(folder: &Path) -> Settings {
    let settings = Settings::default().default_region(REGION);
    settings.seed(Seed::read(folder).unwrap())
}

fn root(fixture: &Fixture) -> tcloud_cos::Client {
    fixture.client_of(Credentials::new("AKIDroot", "secret-of-root"), NOW)
}

/// All that the seed has, as a client finds it.
async fn check(fixture: &Fixture) {
    let cos = root(fixture);
    let listed = cos.get_service().send().await.unwrap().into_output();
    let buckets = listed.buckets.unwrap_or_default().bucket;
    let buckets: Vec<_> = buckets
        .into_iter()
        .map(|it| (it.name, it.location))
        .collect();
    let named = |name: &str, region: &str| (Some(name.to_owned()), Some(region.to_owned()));
    assert_eq!(
        buckets,
        [
            named(BUCKET, REGION),
            named("empty-1250000000", "ap-beijing")
        ]
    );
    let tom = cos.get_object(BUCKET, "cats/tom.txt").send().await.unwrap();
    assert_eq!(tom.content_type.as_deref(), Some("text/plain"));
    let author = tom.headers().get("x-cos-meta-author").unwrap().clone();
    assert_eq!(author, "Jerry");
    assert!(tom.headers().contains_key("x-cos-version-id"));
    assert_eq!(text(tom.into_body()).await, "meow");
    assert_eq!(fixture.anonymous("GET /cats/tom.txt").await.text, "meow");
    assert_eq!(fixture.anonymous("GET /large.bin").await.status, 403);
    let large = cos.head_object(BUCKET, "large.bin").send().await.unwrap();
    assert_eq!(large.headers()["content-length"], "300000");
    let tags = cos
        .get_object_tagging(BUCKET, "cats/tom.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(
        tags.tag_set
            .as_ref()
            .unwrap()
            .tags
            .first()
            .unwrap()
            .key
            .as_deref(),
        Some("kind")
    );

    let reader = fixture.client_of(Credentials::new("AKIDreader", "secret-of-reader"), NOW);
    let denied = reader
        .delete_object(BUCKET, "large.bin")
        .send()
        .await
        .unwrap_err();
    let named = "statement 2 of policy 1 of the user reader denies it";
    assert!(denied.message().contains(named), "{denied}");
}

#[tokio::test]
async fn it_is_there_at_the_start_and_after_a_reset() {
    let folder = folder(FILE);
    let fixture = Fixture::with(settings(folder.path())).await;
    assert_eq!(fixture.cloud.requests().all().len(), 0);
    let log = fixture.page("/_local/requests").await;
    assert_eq!(log["requests"], serde_json::json!([]));
    let health = fixture.page("/_local/health").await;
    assert_eq!(health["seed"], folder.path().to_str().unwrap());
    check(&fixture).await;
    let cos = root(&fixture);
    cos.delete_object(BUCKET, "cats/tom.txt")
        .send()
        .await
        .unwrap();
    cos.put_object(BUCKET, "more", "more").send().await.unwrap();
    let emptied = fixture.cloud.reset().await.unwrap();
    assert_eq!(emptied.buckets, 2);
    assert_eq!(fixture.cloud.requests().all().len(), 0);
    check(&fixture).await;
    assert_eq!(
        code(cos.get_object(BUCKET, "more").send().await),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn a_state_that_is_in_use_is_left_as_it_is() {
    let seed = folder(FILE);
    let state = tempfile::tempdir().unwrap();
    let settings = || settings(seed.path()).folder(state.path());
    let fixture = Fixture::with(settings()).await;
    check(&fixture).await;
    let cos = root(&fixture);
    cos.put_object(BUCKET, "cats/tom.txt", "purr")
        .send()
        .await
        .unwrap();
    fixture.cloud.shutdown().await;
    let fixture = Fixture::with(settings()).await;
    let tom = root(&fixture)
        .get_object(BUCKET, "cats/tom.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(text(tom.into_body()).await, "purr");
}

#[tokio::test]
async fn what_the_cloud_refuses_ends_the_start_and_leaves_nothing() {
    let broken = folder(
        "calls:\n  - cos.PutObjectTagging:\n      \
         {bucket: album-1250000000, key: none, TagSet: {Tag: [{Key: a, Value: b}]}}\n",
    );
    let state = tempfile::tempdir().unwrap();
    let settings = settings(broken.path()).folder(state.path());
    let refused = LocalCloud::start(settings).await.unwrap_err();
    assert!(matches!(refused, LocalError::Seed(_)));
    let message = refused.to_string();
    assert!(
        message.contains("seed.yaml, line 2: PutObjectTagging"),
        "{message}"
    );
    assert!(message.contains("NoSuchKey"), "{message}");
    let fixture = Fixture::with(Settings::default().folder(state.path())).await;
    let listed = fixture
        .client()
        .get_service()
        .send()
        .await
        .unwrap()
        .into_output();
    assert!(listed.buckets.unwrap_or_default().bucket.is_empty());

    fs::create_dir(broken.path().join("Album")).unwrap();
    let settings = Settings::default().seed(Seed::read(broken.path()).unwrap());
    let message = LocalCloud::start(settings).await.unwrap_err().to_string();
    assert!(message.contains("Album: a folder is a bucket"), "{message}");
}

#[tokio::test]
async fn a_running_cloud_gets_more() {
    let folder = folder(FILE);
    let fixture = Fixture::with(Settings::default().default_region(REGION)).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    client
        .put_object(BUCKET, "kept", "kept")
        .send()
        .await
        .unwrap();
    let seed = Seed::read(folder.path()).unwrap();
    let seeded = fixture.cloud.seed(&seed).await.unwrap();
    assert_eq!((seeded.buckets, seeded.objects, seeded.calls), (2, 2, 3));
    check(&fixture).await;
    let kept = root(&fixture)
        .get_object(BUCKET, "kept")
        .send()
        .await
        .unwrap();
    assert_eq!(text(kept.into_body()).await, "kept");
    // It was no part of the settings.
    fixture.cloud.reset().await.unwrap();
    let listed = fixture
        .client()
        .get_service()
        .send()
        .await
        .unwrap()
        .into_output();
    assert!(listed.buckets.unwrap_or_default().bucket.is_empty());
}
