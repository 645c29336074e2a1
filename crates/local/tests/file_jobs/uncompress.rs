//! Archives that other programs have written are unpacked.

use tcloud_ci::types::{FileUncompressConfig, JobState};

use crate::fixture::{BUCKET, Fixture, REGION};

#[tokio::test]
async fn each_format_is_unpacked() {
    for name in ["good.zip", "good.tar", "good.tar.gz"] {
        let fixture = Fixture::ready().await;
        fixture.put_archive(name).await;
        let config = FileUncompressConfig::new().prefix("out/");
        let job = fixture.uncompressed(name, config).await;
        assert_eq!(
            job.state,
            Some(JobState::Success),
            "{name}: {:?}",
            job.message
        );
        let long = name == "good.tar.gz";
        let result = job.operation.unwrap().file_uncompress_result.unwrap();
        assert_eq!(result.file_count, Some(if long { 4 } else { 3 }));
        assert_eq!(result.bucket.as_deref(), Some(BUCKET));
        assert_eq!(result.region.as_deref(), Some(REGION));
        assert_eq!(fixture.get("out/a.txt").await.unwrap(), b"alpha");
        let beta = b"beta".repeat(1000);
        assert_eq!(fixture.get("out/folder/b.txt").await.unwrap(), beta);
        assert_eq!(fixture.get("out/folder/猫.txt").await.unwrap(), b"");
        let long_key = format!("out/{}.txt", "x".repeat(150));
        assert_eq!(fixture.get(&long_key).await.is_some(), long);
        let head = fixture.cos.head_object(BUCKET, "out/a.txt");
        let head = head.send().await.unwrap();
        assert_eq!(head.content_type.as_deref(), Some("text/plain"));
    }
}

#[tokio::test]
async fn keys_begin_as_asked() {
    let fixture = Fixture::ready().await;
    fixture
        .put("in/good.zip", crate::fixture::archive("good.zip"))
        .await;
    for (replaced, key) in [("1", "out/good/a.txt"), ("2", "out/in/good/a.txt")] {
        let config = FileUncompressConfig::new()
            .prefix("out/")
            .prefix_replaced(replaced);
        let job = fixture.uncompressed("in/good.zip", config).await;
        assert_eq!(job.state, Some(JobState::Success));
        assert!(fixture.get(key).await.is_some(), "{key}");
    }
    fixture
        .uncompressed("in/good.zip", FileUncompressConfig::new())
        .await;
    assert!(fixture.get("a.txt").await.is_some());
}

#[tokio::test]
async fn a_key_that_would_be_too_long_fails_the_job() {
    let fixture = Fixture::ready().await;
    fixture.put_archive("good.zip").await;
    let config = FileUncompressConfig::new().prefix("p".repeat(848));
    let job = fixture.uncompressed("good.zip", config).await;
    assert_eq!(job.code.as_deref(), Some("InvalidContent"));
    assert_eq!(fixture.keys().await, ["good.zip"]);
}
