//! Objects that the cloud fetches from other addresses by itself.

use std::net::Ipv4Addr;

use serde_json::Value;
use tcloud_core::call::Reply;
use tcloud_core::error::Error;
use tcloud_cos::Client;
use tcloud_cos::operation::put_async_fetch_task::PutAsyncFetchTaskResponse;
use tcloud_cos::types::{
    AsyncFetchTaskState, DefaultEncryption, DefaultEncryptionAlgorithm, EncryptionRule, ObjectAcl,
    OnKeyExist, ServerSideEncryption,
};
use tcloud_local::{AuthMode, JobEnd, JobMatch, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::fixture::{BUCKET, Fixture, REGION, bucket_host, code, request, text};
use crate::sockets::{Served, status};

const OF_CONTENT: &str = "9a0364b9e99bb480dd25e1f0284c8555";

/// Somebody on loopback who answers each request with `content`, and says what was asked.
struct Elsewhere {
    listener: TcpListener,
    content: &'static str,
}

impl Elsewhere {
    async fn new(content: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self { listener, content }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.local_addr().unwrap())
    }

    /// Answers one request, and returns it.
    async fn asked(&self) -> String {
        let (mut socket, _) = self.listener.accept().await.unwrap();
        let mut asked = String::new();
        loop {
            let mut chunk = [0; 4096];
            let length = socket.read(&mut chunk).await.unwrap();
            assert_ne!(length, 0, "the request is cut off");
            let read = chunk.get(..length).unwrap();
            asked.push_str(std::str::from_utf8(read).unwrap());
            if let Some((head, body)) = asked.split_once("\r\n\r\n") {
                let mut lines = head.lines().map(str::to_lowercase);
                let length = lines.find_map(|line| {
                    let length = line.strip_prefix("content-length: ")?;
                    length.parse::<usize>().ok()
                });
                if body.len() >= length.unwrap_or_default() {
                    break;
                }
            }
        }
        let length = self.content.len();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/x-film\r\nConnection: close";
        let answer = format!("{head}\r\nContent-Length: {length}\r\n\r\n{}", self.content);
        socket.write_all(answer.as_bytes()).await.unwrap();
        asked
    }

    /// Answers whoever comes.
    fn serve(self) -> JoinHandle<()> {
        tokio::spawn(async move {
            loop {
                self.asked().await;
            }
        })
    }
}

/// The task `id` once it has ended.
async fn ended(client: &Client, id: &str) -> AsyncFetchTaskState {
    loop {
        let answer = client.get_async_fetch_task(BUCKET, id).send().await;
        let state = answer.unwrap().into_output().data.unwrap();
        if state.status.as_deref() != Some("TASK_DOING") {
            return state;
        }
        assert_eq!(state.percent, Some(0));
        tokio::task::yield_now().await;
    }
}

/// How the task of `answer` ends.
async fn end(
    client: &Client,
    answer: Result<Reply<PutAsyncFetchTaskResponse>, Error>,
) -> AsyncFetchTaskState {
    let answer = answer.unwrap().into_output();
    assert_eq!(
        (answer.code, answer.message.as_deref()),
        (Some(0), Some("SUCCESS"))
    );
    assert!(answer.request_id.is_some());
    ended(client, &answer.data.unwrap().task_id.unwrap()).await
}

async fn content(client: &Client, key: &str) -> String {
    let got = client.get_object(BUCKET, key).send().await.unwrap();
    text(got.into_body()).await
}

/// A cloud with a bucket that has the object `source`, which everyone may read.
async fn open() -> (Fixture, Client, String) {
    let (fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "source", "content");
    put.acl(ObjectAcl::PublicRead).send().await.unwrap();
    let url = format!("http://{}/source", bucket_host());
    (fixture, client, url)
}

#[tokio::test]
async fn an_object_is_fetched_over_the_network_and_the_end_is_told() {
    let settings = Settings::default()
        .auth(AuthMode::Off)
        .allow_private_addresses(true)
        .default_region(REGION)
        .bucket(BUCKET);
    let served = Served::new(settings).await;
    let (films, hook) = (Elsewhere::new("film").await, Elsewhere::new("").await);
    let body = serde_json::json!({
        "Url": films.url("/a?b=c"),
        "Key": "movies/movie.mp4",
        "SuccessCallbackUrl": hook.url("/good"),
        "FailureCallbackUrl": hook.url("/bad"),
    })
    .to_string();
    let host = format!("Host: {REGION}.migration.myqcloud.com");
    let line = format!("POST /{BUCKET}/ HTTP/1.1");
    let length = format!("Content-Length: {}", body.len());
    let head = [&line, &host, "Content-Type: application/json", &length];
    let answer = served.exchange(&head, &body).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(
        answer
            .to_lowercase()
            .contains("content-type: application/json")
    );
    let (_, answer) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    let id = answer["data"]["taskid"].as_str().unwrap();

    let asked = films.asked().await;
    assert!(asked.starts_with("GET /a?b=c HTTP/1.1"), "{asked}");
    let told = hook.asked().await;
    let (head, told) = told.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /good HTTP/1.1"), "{head}");
    let told: Value = serde_json::from_str(told).unwrap();
    for (name, wanted) in [
        ("taskid", id),
        ("bucket", BUCKET),
        ("key", "movies/movie.mp4"),
        ("status", "TASK_SUCCESS"),
    ] {
        assert_eq!(told[name], wanted, "{told}");
    }
    let line = format!("GET /{BUCKET}/{id} HTTP/1.1");
    let answer = served.exchange(&[&line, &host], "").await;
    let (_, answer) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(answer).unwrap();
    assert_eq!(answer["data"]["percent"], 100);
    assert_eq!(answer["data"]["status"], "TASK_SUCCESS");
    let client = served.fixture.client();
    let got = client.get_object(BUCKET, "movies/movie.mp4").send().await;
    let got = got.unwrap();
    assert_eq!(got.content_type.as_deref(), Some("text/x-film"));
    assert_eq!(text(got.into_body()).await, "film");
}

#[tokio::test]
async fn what_is_there_is_replaced_or_left_alone() {
    let (_fixture, client, url) = open().await;
    for (word, ignores, wanted) in [
        (Some(OnKeyExist::Ignore), None, "old"),
        (None, Some(true), "old"),
        (Some(OnKeyExist::Override), Some(true), "content"),
        (None, Some(false), "content"),
        (None, None, "content"),
    ] {
        client.put_object(BUCKET, "k", "old").send().await.unwrap();
        let task = client.put_async_fetch_task(BUCKET, &url, "k");
        let task = task.on_key_exist(word.clone()).ignore_same_key(ignores);
        let state = end(&client, task.send().await).await;
        assert_eq!(state.status.as_deref(), Some("TASK_SUCCESS"));
        assert_eq!(content(&client, "k").await, wanted, "{word:?} {ignores:?}");
    }
    let fresh = client.put_async_fetch_task(BUCKET, &url, "fresh");
    end(&client, fresh.ignore_same_key(true).send().await).await;
    assert_eq!(content(&client, "fresh").await, "content");
}

#[tokio::test]
async fn the_digest_is_checked_and_the_bucket_encrypts_by_default() {
    let (_fixture, client, url) = open().await;
    let rule = EncryptionRule::new(DefaultEncryption::new(DefaultEncryptionAlgorithm::Aes256));
    let set = client.put_bucket_encryption(BUCKET, rule);
    set.send().await.unwrap();
    let good = client.put_async_fetch_task(BUCKET, &url, "good");
    end(&client, good.md5(OF_CONTENT.to_uppercase()).send().await).await;
    let head = client.head_object(BUCKET, "good").send().await.unwrap();
    assert_eq!(
        head.server_side_encryption,
        Some(ServerSideEncryption::Aes256)
    );

    let bad = client.put_async_fetch_task(BUCKET, &url, "bad");
    let state = end(&client, bad.md5("0".repeat(32)).send().await).await;
    assert_eq!(state.status.as_deref(), Some("TASK_FAILED"));
    assert_eq!(state.code.as_deref(), Some("BadDigest"));
    assert!(state.message.unwrap().contains(OF_CONTENT));
    assert!(client.head_object(BUCKET, "bad").send().await.is_err());
}

#[tokio::test]
async fn failures_say_why_and_are_told() {
    let settings = Settings::default()
        .auth(AuthMode::Off)
        .allow_private_addresses(true)
        .bucket(BUCKET)
        .default_region(REGION);
    let fixture = Fixture::with(settings).await;
    let client = fixture.client();
    let hook = Elsewhere::new("").await;
    let url = format!("http://{}/gone", bucket_host());
    let task = client.put_async_fetch_task(BUCKET, url, "k");
    let task = task
        .success_callback_url(hook.url("/good"))
        .failure_callback_url(hook.url("/bad"));
    let state = end(&client, task.send().await).await;
    assert_eq!(state.code.as_deref(), Some("MirrorFailed"));
    assert!(state.message.unwrap().contains("NoSuchKey"));
    let told = hook.asked().await;
    assert!(told.starts_with("POST /bad HTTP/1.1"), "{told}");
    assert!(told.contains("\"code\":\"MirrorFailed\""), "{told}");
    assert!(told.contains("TASK_FAILED"), "{told}");
}

#[tokio::test]
async fn addresses_that_may_not_be_reached_are_not() {
    let (_fixture, client, _) = open().await;
    for url in [
        "http://127.0.0.1:9/",
        "http://169.254.0.23/latest/meta-data/",
    ] {
        let state = end(
            &client,
            client.put_async_fetch_task(BUCKET, url, "k").send().await,
        )
        .await;
        assert_eq!(state.code.as_deref(), Some("InvalidArgument"), "{url}");
        assert!(state.message.unwrap().contains("may not be used"));
    }
}

#[tokio::test]
async fn what_the_bucket_forbids_is_not_stored() {
    let (fixture, client, url) = open().await;
    let jobs = fixture.cloud.jobs();
    jobs.hold(JobMatch::any().service("cos")).unwrap();
    let held = client.put_async_fetch_task(BUCKET, &url, "k").send().await;
    let policy = serde_json::json!({ "version": "2.0", "Statement": [{
        "Effect": "deny", "Principal": { "qcs": ["qcs::cam::anyone:anyone"] },
        "Action": ["name/cos:PutObject"], "Resource": ["*"],
    }] });
    let path = format!("PUT /_local/console/call/cos/{BUCKET}/?policy");
    let mut put = request(&path, "localhost");
    *put.body_mut() = policy.to_string().into();
    let put = fixture.send(put).await;
    assert!(put.status.is_success(), "{}", put.text);
    // Whoever asks for it afterwards is refused at once.
    let refused = client.put_async_fetch_task(BUCKET, &url, "k").send().await;
    assert_eq!(code(refused), "AccessDenied");
    jobs.release(&JobMatch::any()).await.unwrap();
    let state = end(&client, held).await;
    assert_eq!(state.code.as_deref(), Some("AccessDenied"));
}

#[tokio::test]
async fn tasks_are_held_ended_by_hand_and_survive_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || {
        Settings::default()
            .folder(folder.path())
            .bucket(BUCKET)
            .default_region(REGION)
            .allow_private_addresses(true)
    };
    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    let films = Elsewhere::new("film").await;
    let url = films.url("/");
    let jobs = fixture.cloud.jobs();
    jobs.hold(JobMatch::any().service("cos").tag("PutAsyncFetchTask"))
        .unwrap();
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        let task = client.put_async_fetch_task(BUCKET, &url, key).send().await;
        ids.push(task.unwrap().into_output().data.unwrap().task_id.unwrap());
    }
    let listed = jobs.list().await.unwrap();
    assert!(listed.iter().all(|job| job.service == "cos" && job.held));
    jobs.force(&ids[0], &JobEnd::fail("OutOfOrder", "by hand"))
        .await
        .unwrap();
    let state = ended(&client, &ids[0]).await;
    assert_eq!(state.code.as_deref(), Some("OutOfOrder"));
    let result = serde_json::json!({ "percent": 100, "status": "TASK_SUCCESS" });
    jobs.force(&ids[1], &JobEnd::Succeed { result })
        .await
        .unwrap();
    assert_eq!(ended(&client, &ids[1]).await.percent, Some(100));
    fixture.cloud.shutdown().await;
    drop(fixture);

    films.serve();
    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    let state = ended(&client, &ids[2]).await;
    assert_eq!(state.status.as_deref(), Some("TASK_SUCCESS"), "{state:?}");
    assert_eq!(content(&client, "c").await, "film");
}

#[tokio::test]
async fn what_no_task_can_do_is_refused() {
    let (fixture, client, url) = open().await;
    let task = |bucket: &str, url: &str, key: &str| {
        let task = client.put_async_fetch_task(bucket, url, key);
        async move { code(task.send().await) }
    };
    assert_eq!(task("none-1250000000", &url, "k").await, "NoSuchBucket");
    assert_eq!(task(BUCKET, &url, "").await, "InvalidArgument");
    assert_eq!(task(BUCKET, &url, &"k".repeat(851)).await, "KeyTooLong");
    assert_eq!(
        task(BUCKET, "ftp://example.com/", "k").await,
        "InvalidArgument"
    );
    let callback = client.put_async_fetch_task(BUCKET, &url, "k");
    let callback = callback.success_callback_url("example.com").send().await;
    assert_eq!(code(callback), "InvalidArgument");
    let digest = client.put_async_fetch_task(BUCKET, &url, "k");
    assert_eq!(code(digest.md5("short").send().await), "InvalidArgument");
    let word = client.put_async_fetch_task(BUCKET, &url, "k");
    let word = word.on_key_exist(OnKeyExist::from("keep")).send().await;
    assert_eq!(code(word), "InvalidArgument");
    let unknown = client.get_async_fetch_task(BUCKET, "bm9uZQ==").send().await;
    assert_eq!(code(unknown), "NoSuchTask");
    let none = client.get_async_fetch_task("none-1250000000", "bm9uZQ==");
    assert_eq!(code(none.send().await), "NoSuchBucket");
    // Nobody signs, or the bucket is elsewhere.
    for (host, wanted) in [
        (format!("{REGION}.migration.myqcloud.com"), "AccessDenied"),
        (
            "ap-beijing.migration.myqcloud.com".to_owned(),
            "AccessDenied",
        ),
    ] {
        let line = format!("GET /{BUCKET}/bm9uZQ==");
        let answer = fixture.send(request(&line, &host)).await;
        let refusal: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(refusal.pointer("/code").unwrap(), wanted, "{refusal}");
        assert!(refusal.pointer("/request_id").unwrap().is_string());
    }
}
