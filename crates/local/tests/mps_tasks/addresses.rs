//! Pictures that are fetched from the web.

use std::net::SocketAddr;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use image::ImageFormat;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tcloud_core::credentials::Credentials;
use tcloud_core::sign::qsign::{self, Signer, TokenName, Window};
use tcloud_core::transport::Transport;
use tcloud_cos::types::ObjectAcl;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{
    CosOutputStorage, ImageEncodeConfig, ImageTaskInput, MediaInputInfo, TaskOutputStorage,
    UrlInputInfo,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{BUCKET, Fixture, REGION, encode, flag, request};

/// A server on loopback that answers everything with `status` and `content`.
async fn serve(status: &'static str, content: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && connection.read_buf(&mut head).await.unwrap() > 0
            {
            }
            let length = content.len();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
            connection.write_all(answer.as_bytes()).await.unwrap();
            connection.write_all(&content).await.unwrap();
        }
    });
    address
}

fn fetched(url: String) -> ProcessImageRequest {
    let input = MediaInputInfo::new("URL").url_input_info(UrlInputInfo::new(url));
    let task = ImageTaskInput::new().encode_config(ImageEncodeConfig::new().format("BMP"));
    let mut asked = request(input, task);
    let place = CosOutputStorage::new().bucket(BUCKET).region(REGION);
    asked.output_storage = Some(TaskOutputStorage::new("COS").cos_output_storage(place));
    asked
}

fn allowing() -> Settings {
    Settings::default().allow_private_addresses(true)
}

#[tokio::test]
async fn a_picture_of_the_web_is_processed() {
    let address = serve("200 OK", encode(&flag(6, 4), ImageFormat::Png)).await;
    let cloud = Fixture::with(allowing()).await;
    let url = format!("http://{address}/photos/my%20photo.png?version=2");
    assert_eq!(cloud.succeed(fetched(url)).await, "/my photo.bmp");
    let stored = cloud.get("my photo.bmp").await.unwrap();
    assert_eq!(stored.picture(), (ImageFormat::Bmp, flag(6, 4)));
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    let address = serve("200 OK", encode(&flag(6, 4), ImageFormat::Png)).await;
    let cloud = Fixture::new().await;
    let (code, _, message) = cloud.fail(fetched(format!("http://{address}/a.png"))).await;
    assert_eq!(code, "SourceFileError");
    assert!(message.contains("may not be used"), "{message}");
    assert!(cloud.get("a.bmp").await.is_none());
}

#[tokio::test]
async fn addresses_of_machine_metadata_are_always_refused() {
    let cloud = Fixture::with(allowing()).await;
    let url = "http://169.254.0.23/latest/meta-data/a.png";
    let (code, _, message) = cloud.fail(fetched(url.to_owned())).await;
    assert_eq!(code, "SourceFileError");
    assert!(message.contains("may not be used"), "{message}");
}

#[tokio::test]
async fn an_address_that_answers_badly_fails_the_task() {
    let address = serve("404 Not Found", Vec::new()).await;
    let cloud = Fixture::with(allowing()).await;
    let (code, number, message) = cloud.fail(fetched(format!("http://{address}/a.png"))).await;
    assert_eq!((code.as_str(), number), ("SourceFileError", 60_000));
    assert!(message.contains("404"), "{message}");
}

/// The address of an object at `host`, signed for an hour.
fn presigned(host: &str, path: &str) -> String {
    let key = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = i64::try_from(now).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_str(host).unwrap());
    let signer = Signer::new(&key, TokenName::Cos, Window::new(now - 60, now + 3600));
    let request = qsign::Request {
        method: &Method::GET,
        path,
        query: &[],
        headers: &headers,
    };
    signer.presign("https", &request).unwrap().url
}

fn own_host(domain: &str) -> String {
    format!("{BUCKET}.cos.{REGION}.{domain}")
}

#[tokio::test]
async fn hosts_of_the_cloud_itself_are_read_without_a_network() {
    // Private addresses are not allowed here, and nothing listens.
    let cloud = Fixture::new().await;
    cloud
        .put("in/a b.png", encode(&flag(6, 4), ImageFormat::Png))
        .await;
    for domain in [
        "myqcloud.com",
        "tencentcos.cn",
        "localhost",
        "localhost:9000",
    ] {
        let url = presigned(&own_host(domain), "/in/a b.png");
        assert_eq!(cloud.succeed(fetched(url)).await, "/a b.bmp", "{domain}");
        let stored = cloud.get("a b.bmp").await.unwrap();
        assert_eq!(stored.picture(), (ImageFormat::Bmp, flag(6, 4)));
    }
}

#[tokio::test]
async fn the_cloud_itself_reads_what_the_address_may_read() {
    let cloud = Fixture::new().await;
    cloud
        .put("a.png", encode(&flag(6, 4), ImageFormat::Png))
        .await;
    let plain = format!("http://{}/a.png", own_host("myqcloud.com"));
    let (code, _, message) = cloud.fail(fetched(plain.clone())).await;
    assert_eq!(code, "SourceFileError");
    assert!(message.contains("status 403: AccessDenied"), "{message}");

    let altered = presigned(&own_host("myqcloud.com"), "/b.png").replace("/b.png", "/a.png");
    let (_, _, message) = cloud.fail(fetched(altered)).await;
    assert!(message.contains("SignatureDoesNotMatch"), "{message}");
    let absent = presigned(&own_host("myqcloud.com"), "/none.png");
    let (_, _, message) = cloud.fail(fetched(absent)).await;
    assert!(message.contains("status 404: NoSuchKey"), "{message}");

    let acl = cloud.cos().put_object_acl(BUCKET, "a.png");
    acl.acl(ObjectAcl::PublicRead).send().await.unwrap();
    assert_eq!(cloud.succeed(fetched(plain)).await, "/a.bmp");
}

#[tokio::test]
async fn the_address_the_cloud_listens_at_is_its_own() {
    let cloud = Fixture::new().await;
    cloud
        .put("a.png", encode(&flag(6, 4), ImageFormat::Png))
        .await;
    let acl = cloud.cos().put_object_acl(BUCKET, "a.png");
    acl.acl(ObjectAcl::PublicRead).send().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = other.local_addr().unwrap().port();
    let serving = cloud.cloud().clone();
    let served = tokio::spawn(async move { serving.serve(listener).await });
    // What it notes before it first waits is noted once somebody has been answered.
    let url = format!("http://127.0.0.1:{port}/_local/health");
    let client = tcloud_core::transport::Reqwest::new().unwrap();
    let request = http::Request::get(&url)
        .body(tcloud_core::body::Body::empty())
        .unwrap();
    assert!(client.send(request).await.unwrap().status().is_success());

    for host in ["127.0.0.1", "localhost", "cloud.localhost"] {
        let url = format!("http://{host}:{port}/{BUCKET}/a.png");
        assert_eq!(cloud.succeed(fetched(url)).await, "/a.bmp", "{host}");
        // Neither another port nor a page about the cloud is.
        for url in [
            format!("http://{host}:{other}/{BUCKET}/a.png"),
            format!("http://{host}:{port}/_local/requests"),
        ] {
            let (_, _, message) = cloud.fail(fetched(url.clone())).await;
            assert!(
                message.contains("may not be used") || message.contains("cannot reach"),
                "{url}: {message}"
            );
        }
    }
    served.abort();
}

#[tokio::test]
async fn what_gives_access_to_the_picture_is_not_told() {
    let cloud = Fixture::new().await;
    let own = presigned(&own_host("myqcloud.com"), "/none.png");
    let foreign = "http://user:hunter2@169.254.0.23/a.png?version=2&token=hunter3".to_owned();
    for url in [own, foreign] {
        let task = cloud.submit(fetched(url)).await.unwrap();
        let detail = cloud.end_of(&task).await.into_output();
        let shown = format!("{detail:?}");
        let input = detail.input_info.unwrap().url_input_info.unwrap();
        let url = input.url.unwrap();
        assert!(url.contains("=***"), "{url}");
        assert!(!shown.contains("hunter"), "{shown}");
        for item in url.split(['?', '&']).filter(|item| item.contains("sig")) {
            assert!(item.ends_with("=***"), "{url}");
        }
    }
}

/// An address that connections are made to and that never answers.
async fn tarpit() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.png", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test]
async fn a_task_past_its_deadline_fails_and_the_next_one_runs() {
    let settings = allowing()
        .workers(1)
        .job_deadline(Duration::from_millis(200));
    let cloud = Fixture::with(settings).await;
    let (_tarpit, url) = tarpit().await;
    let (code, _, message) = cloud.fail(fetched(url)).await;
    assert_eq!(code, "InternalError");
    assert!(message.contains("did not end within 0.2 s"), "{message}");
    let address = serve("404 Not Found", Vec::new()).await;
    // On a busy machine one of these may be past its deadline as well.
    while cloud
        .fail(fetched(format!("http://{address}/a.png")))
        .await
        .0
        != "SourceFileError"
    {}
}

#[tokio::test]
async fn a_shutdown_waits_no_longer_than_its_grace() {
    let folder = tempfile::tempdir().unwrap();
    let settings = allowing()
        .folder(folder.path())
        .shutdown_grace(Duration::from_millis(20));
    let cloud = Fixture::with(settings).await;
    let (tarpit, url) = tarpit().await;
    let task = cloud.submit(fetched(url)).await.unwrap();
    let _connection = tarpit.accept().await.unwrap();
    cloud.cloud().shutdown().await;
    drop(cloud);
    // Had it been waited for, it would have failed by now, for want of an answer.
    // The next process finds it as it was submitted.
    let next = Settings::default().folder(folder.path()).workers(0);
    LocalCloud::start(next).await.unwrap().shutdown().await;
    let database = SqliteConnectOptions::new().filename(folder.path().join("tcloud.db"));
    let mut database = database.connect().await.unwrap();
    let job: (String, i64) = sqlx::query_as("SELECT state, attempt FROM jobs WHERE id = $1")
        .bind(task)
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(job, ("Submitted".to_owned(), 1));
}
