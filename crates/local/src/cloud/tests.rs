//! A local cloud whose content lies in a bucket that goes away and comes back.

use http::StatusCode;
use tcloud_ci::operation::create_file_hash_code_job::Operation;
use tcloud_ci::types::{FileHashCodeConfig, JobState, ObjectInput};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::retry::RetryPolicy;

use crate::store::Server;
use crate::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};

const BUCKET: &str = "album-1250000000";
/// More than is kept with the rows.
const LONG: usize = 100_000;

fn content(byte: u8) -> Vec<u8> {
    vec![byte; LONG]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_away_loses_nothing() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = || {
        Settings::default()
            .folder(folder.path())
            .blobs(server.bucket("s3://content/cloud"))
    };
    let cloud = LocalCloud::start(settings()).await.unwrap();
    let config = |cloud: &LocalCloud| {
        Config::builder()
            .region("ap-chongqing")
            .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
            .transport(cloud.transport())
            .retry(RetryPolicy::never())
            .build()
            .unwrap()
    };
    let cos = tcloud_cos::Client::new(&config(&cloud));
    let ci = tcloud_ci::Client::new(&config(&cloud));
    cos.put_bucket(BUCKET).send().await.unwrap();
    ci.bind_bucket(BUCKET).send().await.unwrap();
    ci.create_file_bucket(BUCKET).send().await.unwrap();
    let put = |key: &'static str, byte| cos.put_object(BUCKET, key, content(byte));
    put("before", 1).send().await.unwrap();

    server.stop().await;
    let away = Some(StatusCode::SERVICE_UNAVAILABLE);
    let refused = put("during", 2).send().await.unwrap_err();
    assert_eq!(refused.status(), away, "{refused}");
    assert_eq!(refused.code(), Some("ServiceUnavailable"));
    // What is kept with the rows needs no bucket.
    let short = cos.put_object(BUCKET, "short", "short");
    short.send().await.unwrap();
    let operation = Operation::new(FileHashCodeConfig::new("MD5"));
    let input = ObjectInput::new("before");
    let job = ci.create_file_hash_code_job(BUCKET, input, operation);
    let job = job
        .send()
        .await
        .unwrap()
        .into_output()
        .jobs_detail
        .remove(0);
    let job = job.job_id.unwrap();
    // The job meets what this meets.
    let refused = cos.get_object(BUCKET, "before").send().await.unwrap_err();
    assert_eq!(refused.status(), away, "{refused}");

    server.resume().await;
    let state = loop {
        let described = ci.describe_file_job(BUCKET, &job).send().await.unwrap();
        let described = described.into_output().jobs_detail.remove(0);
        match described.state {
            Some(JobState::Submitted | JobState::Running) => tokio::task::yield_now().await,
            state => break state,
        }
    };
    assert_eq!(state, Some(JobState::Success));
    put("after", 3).send().await.unwrap();
    cloud.shutdown().await;

    // The folder is free though there are handles to the cloud that used it.
    let next = LocalCloud::start(settings()).await.unwrap();
    let refused = cos.get_object(BUCKET, "short").send().await.unwrap_err();
    assert_eq!(refused.status(), away, "{refused}");
    let cos = tcloud_cos::Client::new(&config(&next));
    for (key, byte) in [("before", 1), ("after", 3)] {
        let read = cos.get_object(BUCKET, key).send().await.unwrap();
        let read = read.into_body().collect(1 << 20).await.unwrap();
        assert!(read == content(byte), "{key}");
    }
    let gone = cos.head_object(BUCKET, "during").send().await;
    assert_eq!(gone.unwrap_err().status(), Some(StatusCode::NOT_FOUND));
}
