//! Documents may travel compressed; objects come out as they are stored.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tcloud_core::call::CallOptions;
use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::error::ErrorKind;
use tcloud_core::testing::{Mock, Recorder, Replay};
use tcloud_core::transport::{Memory, Reqwest};
use tcloud_cos::Client;
use tcloud_mps::operation::describe_image_task_detail::{
    DescribeImageTaskDetailRequest, DescribeImageTaskDetailResponse,
};
use tcloud_tests::socket::{Answer, Socket, whole};

const BUCKET: &str = "examplebucket-1250000000";
const LIST: &str = "<ListBucketResult><Name>examplebucket-1250000000</Name></ListBucketResult>";

fn config(socket: &Socket) -> ConfigBuilder {
    Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .endpoint(Endpoint::parse(&socket.endpoint()).unwrap())
}

fn client(socket: &Socket) -> Client {
    Client::new(&config(socket).build().unwrap())
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn compressed(status: &str, body: &[u8]) -> Answer {
    Answer::new(whole(status, "Content-Encoding: gzip\r\n", body))
}

/// What `Accept-Encoding` the next request has.
fn accepted(socket: &Socket) -> Option<String> {
    let request = socket.request().to_lowercase();
    let mut lines = request.lines();
    let value = lines.find_map(|line| line.strip_prefix("accept-encoding:"))?;
    Some(value.trim().to_owned())
}

#[tokio::test]
async fn a_document_is_read_as_it_was_before_it_was_compressed() {
    let socket = Socket::new([compressed("200 OK", &packed(LIST.as_bytes()))]);
    let list = client(&socket).get_bucket(BUCKET).send().await.unwrap();
    assert_eq!(list.name.as_deref(), Some(BUCKET));
    assert_eq!(accepted(&socket).as_deref(), Some("gzip"));
}

/// It has to find the secrets in a document.
#[tokio::test]
async fn a_recorder_asks_for_documents_as_they_are() {
    let socket = Socket::new([Answer::new(whole("200 OK", "", LIST.as_bytes()))]);
    let recorder = Recorder::new(Reqwest::new().unwrap());
    let config = config(&socket).transport(recorder).build().unwrap();
    let list = Client::new(&config).get_bucket(BUCKET).send().await;
    assert_eq!(list.unwrap().name.as_deref(), Some(BUCKET));
    assert_eq!(accepted(&socket), None);
}

#[tokio::test]
async fn an_object_that_is_stored_compressed_comes_out_as_it_is_stored() {
    let stored = packed(b"the object before it was packed and put");
    let socket = Socket::new([compressed("200 OK", &stored)]);
    let reply = client(&socket)
        .get_object(BUCKET, "a.gz")
        .send()
        .await
        .unwrap();
    assert_eq!(accepted(&socket), None);
    assert_eq!(reply.headers()["content-encoding"], "gzip");
    assert_eq!(reply.headers()["content-length"], stored.len().to_string());
    assert_eq!(reply.body().length(), u64::try_from(stored.len()).ok());
    let body = reply.into_body().collect(1_000).await.unwrap();
    assert_eq!(body, stored);
}

#[tokio::test]
async fn a_refusal_may_be_compressed_whatever_the_call() {
    let refusal = packed(b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
    let socket = Socket::new([compressed("404 Not Found", &refusal)]);
    let error = client(&socket)
        .get_object(BUCKET, "a")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("NoSuchKey"));
}

#[tokio::test]
async fn what_was_not_asked_for_or_is_damaged_is_told() {
    let whole_body = packed(LIST.as_bytes());
    let half = whole_body.get(..20).unwrap();
    let other = Answer::new(whole("200 OK", "Content-Encoding: br\r\n", LIST.as_bytes()));
    let answers = [compressed("200 OK", half), other];
    for (answer, part) in answers.into_iter().zip(["read", "\"br\""]) {
        let socket = Socket::new([answer]);
        let call = client(&socket).get_bucket(BUCKET);
        let once = tcloud_core::retry::RetryPolicy::never();
        let options = tcloud_core::call::CallOptions::new().retry(once);
        let error = call.options(options).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Response);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_large_request_of_api_3_is_compressed_if_that_is_wanted() {
    const DONE: &str = r#"{"Response": {"RequestId": "r"}}"#;
    let (large, small) = ("t".repeat(20_000), "t".repeat(200));
    for (id, of_client, of_call, compressed) in [
        (&large, true, None, true),
        (&large, false, Some(true), true),
        (&large, true, Some(false), false),
        (&large, false, None, false),
        (&small, true, None, false),
    ] {
        let transport = Memory::answering([(200, DONE)]);
        let config = Config::builder()
            .region("ap-guangzhou")
            .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
            .compress_requests(of_client)
            .transport(transport.clone());
        let client = tcloud_mps::Client::new(&config.build().unwrap());
        let mut options = CallOptions::new();
        options.compress_request = of_call;
        let call = client.describe_image_task_detail(id.as_str());
        call.options(options).send().await.unwrap();

        let [sent] = transport.requests().try_into().unwrap();
        let mut document = String::new();
        if compressed {
            assert_eq!(sent.headers["content-encoding"], "gzip");
            assert!(sent.body.len() < 1_000, "{}", sent.body.len());
            GzDecoder::new(&*sent.body)
                .read_to_string(&mut document)
                .unwrap();
        } else {
            assert!(!sent.headers.contains_key("content-encoding"));
            document = String::from_utf8(sent.body.to_vec()).unwrap();
        }
        assert_eq!(document, format!(r#"{{"TaskId":"{id}"}}"#));
        assert_eq!(
            sent.headers["content-length"],
            sent.body.len().to_string().as_str()
        );
    }
}

/// An object may be compressible, and is stored as it is given.
#[tokio::test]
async fn objects_and_documents_of_storage_are_sent_as_they_are() {
    let transport = Memory::answering([(200, "")]);
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .compress_requests(true)
        .transport(transport.clone());
    let client = Client::new(&config.build().unwrap());
    let content = "a".repeat(20_000);
    let put = client.put_object(BUCKET, "a", content.clone());
    put.send().await.unwrap();
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(sent.body, content);
    assert!(!sent.headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn mocks_and_cassettes_read_what_was_compressed() {
    let id = "secret-free-".repeat(2_000);
    let mock = Mock::new();
    let expected = id.clone();
    mock.when::<DescribeImageTaskDetailRequest>()
        .with(move |request| request.task_id.as_deref() == Some(&expected))
        .answer(DescribeImageTaskDetailResponse::new());
    let recorder = Recorder::new(mock.clone());
    let client = |builder: ConfigBuilder| {
        let config = builder.compress_requests(true).build().unwrap();
        tcloud_mps::Client::new(&config)
    };
    let call = client(Mock::new().config_builder().transport(recorder.clone()))
        .describe_image_task_detail(id.as_str());
    call.send().await.unwrap();
    mock.assert_called::<DescribeImageTaskDetailRequest>(1);

    let cassette = recorder.cassette();
    let text = cassette.to_json().unwrap();
    assert!(text.contains("secret-free-secret-free"), "{text}");
    let replay = Replay::new(cassette);
    let replayed = client(Mock::new().config_builder().transport(replay.clone()));
    let call = replayed.describe_image_task_detail(id.as_str());
    call.send().await.unwrap();
    replay.assert_finished();
}
