//! Digests, by a job and at once.

use tcloud_ci::operation::create_file_hash_code_job::Operation;
use tcloud_ci::types::{FileHashCodeConfig, JobState, ObjectInput};
use tcloud_local::{AuthMode, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{BUCKET, Fixture, REGION};

const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[tokio::test]
async fn a_job_takes_each_digest() {
    let fixture = Fixture::ready().await;
    fixture.put("in/abc.txt", "abc").await;
    for (algorithm, expected) in [("MD5", MD5), ("SHA1", SHA1), ("SHA256", SHA256)] {
        let operation = Operation::new(FileHashCodeConfig::new(algorithm)).user_data("mine");
        let input = ObjectInput::new("in/abc.txt");
        let call = fixture
            .ci
            .create_file_hash_code_job(BUCKET, input, operation);
        let reply = call.send().await.unwrap();
        assert!(reply.drift().is_empty(), "{:?}", reply.drift());
        let submitted = reply.into_output().jobs_detail.remove(0);
        assert_eq!(submitted.tag.as_deref(), Some("FileHashCode"));
        assert_eq!(submitted.code.as_deref(), Some("Success"));
        let id = submitted.job_id.unwrap();
        assert!(id.starts_with('f'), "{id}");

        let job = fixture.ended(&id).await;
        assert_eq!(job.state, Some(JobState::Success));
        let input = job.input.unwrap();
        assert_eq!(input.object.as_deref(), Some("in/abc.txt"));
        assert_eq!(input.bucket_id.as_deref(), Some(BUCKET));
        assert_eq!(input.region.as_deref(), Some(REGION));
        let operation = job.operation.unwrap();
        assert_eq!(operation.user_data.as_deref(), Some("mine"));
        let config = operation.file_hash_code_config.unwrap();
        assert_eq!(config.type_.unwrap().to_string(), algorithm);
        let result = operation.file_hash_code_result.unwrap();
        let digests = [result.md5, result.sha1, result.sha256];
        let given: Vec<_> = digests.into_iter().flatten().collect();
        assert_eq!(given, [expected]);
        assert_eq!(result.file_size, Some(3));
        assert_eq!(result.etag.unwrap(), format!("\"{MD5}\""));
    }
}

#[tokio::test]
async fn a_digest_is_kept_in_the_objects_metadata_if_asked() {
    let fixture = Fixture::ready().await;
    fixture.put("a", "abc").await;
    let config = FileHashCodeConfig::new("SHA256").add_to_header(true);
    let call =
        fixture
            .ci
            .create_file_hash_code_job(BUCKET, ObjectInput::new("a"), Operation::new(config));
    let job = call
        .send()
        .await
        .unwrap()
        .into_output()
        .jobs_detail
        .remove(0);
    fixture.ended(&job.job_id.unwrap()).await;
    let hash = fixture.ci.get_file_hash(BUCKET, "a", "sha1");
    hash.add_to_header(true).send().await.unwrap();
    let head = fixture.cos.head_object(BUCKET, "a").send().await.unwrap();
    let metadata = &head.metadata;
    assert_eq!(metadata.get("sha256").map(String::as_str), Some(SHA256));
    assert_eq!(metadata.get("sha1").map(String::as_str), Some(SHA1));
    assert_eq!(metadata.get("md5"), None);
}

#[tokio::test]
async fn the_call_answers_at_once() {
    let fixture = Fixture::ready().await;
    fixture.put("dir/a", "abc").await;
    let reply = fixture
        .ci
        .get_file_hash(BUCKET, "dir/a", "sha1")
        .send()
        .await
        .unwrap();
    assert!(reply.drift().is_empty(), "{:?}", reply.drift());
    let output = reply.into_output();
    assert_eq!(
        output.file_hash_code_result.unwrap().sha1.as_deref(),
        Some(SHA1)
    );
    let input = output.input.unwrap();
    assert_eq!(input.object.as_deref(), Some("dir/a"));
    let error = fixture
        .ci
        .get_file_hash(BUCKET, "none", "md5")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFound"));
}

#[tokio::test]
async fn the_call_is_answered_through_a_socket() {
    let settings = Settings::default().auth(AuthMode::Off);
    let fixture = Fixture::with(settings).await;
    fixture.put("a", "abc").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cloud = fixture.cloud.clone();
    tokio::spawn(async move { cloud.serve(listener).await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /a?ci-process=filehash&type=md5 HTTP/1.1\r\n\
         Host: {BUCKET}.cos.{REGION}.myqcloud.com\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(&format!("<MD5>{MD5}</MD5>")), "{answer}");
}

#[tokio::test]
async fn a_job_whose_object_is_gone_fails() {
    let fixture = Fixture::ready().await;
    let operation = Operation::new(FileHashCodeConfig::new("MD5"));
    let input = ObjectInput::new("none");
    let call = fixture
        .ci
        .create_file_hash_code_job(BUCKET, input, operation);
    let job = call
        .send()
        .await
        .unwrap()
        .into_output()
        .jobs_detail
        .remove(0);
    let job = fixture.ended(&job.job_id.unwrap()).await;
    assert_eq!(job.state, Some(JobState::Failed));
    assert_eq!(job.code.as_deref(), Some("ResourceNotFound"));
    assert!(job.message.unwrap().contains("none"));
}
