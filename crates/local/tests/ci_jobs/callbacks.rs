//! What the callback address is told.

use std::net::Ipv4Addr;

use tcloud_ci::types::{CallbackEvent, CallbackFormat, ImageInspect, Job, JobCallback, JobState};
use tcloud_core::codec::xml;
use tcloud_inspect::demo;
use tcloud_local::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{BUCKET, Fixture, findings};

/// Somebody who is told of jobs.
struct Receiver(TcpListener);

impl Receiver {
    async fn start() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
    }

    fn url(&self) -> String {
        format!("http://{}/hook?id=7", self.0.local_addr().unwrap())
    }

    /// The next request: its head in lower case, and its body.
    async fn told(&self) -> (String, String) {
        let (mut socket, _) = self.0.accept().await.unwrap();
        let mut request = Vec::new();
        let (head, body) = loop {
            let mut chunk = [0; 8192];
            let length = socket.read(&mut chunk).await.unwrap();
            assert_ne!(length, 0, "the request is cut off");
            request.extend_from_slice(&chunk[..length]);
            let text = String::from_utf8_lossy(&request).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let head = head.to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                break (head, body.to_owned());
            }
        };
        let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        socket.write_all(answer).await.unwrap();
        (head, body)
    }
}

async fn fixture() -> Fixture {
    let fixture = Fixture::ready(Settings::default().allow_private_addresses(true)).await;
    fixture.put("a.png", demo::png_with_mpeg_ts()).await;
    fixture
}

/// What a callback in XML says.
fn read(body: &str) -> Job {
    let mut told = JobCallback::new();
    let drift = xml::decode(body, "Response", &mut told).unwrap();
    assert!(drift.is_empty(), "{drift:?}");
    assert_eq!(told.event_name, Some(CallbackEvent::TaskFinish));
    assert_eq!(told.jobs_detail.len(), 1);
    told.jobs_detail.remove(0)
}

#[tokio::test]
async fn xml_is_the_default_and_says_what_describe_job_says() {
    let (fixture, receiver) = (fixture().await, Receiver::start().await);
    let inspection = fixture
        .inspection("a.png")
        .user_data("mine")
        .image_inspect(ImageInspect::new().auto_process(true))
        .callback(receiver.url());
    let id = fixture.submit(inspection).await.job_id.unwrap();
    let (head, body) = receiver.told().await;
    assert!(head.starts_with("post /hook?id=7 http/1.1"), "{head}");
    assert!(head.contains("content-type: application/xml"), "{head}");
    // The end is told as of the moment before it is recorded, which may be another second.
    let mut told = read(&body);
    let mut described = fixture.job(&id).await;
    let [told_end, end] = [&mut told, &mut described].map(|job| {
        job.end_time
            .take()
            .and_then(|time| time.unix_seconds())
            .unwrap()
    });
    assert!(told_end <= end);
    assert_eq!(told, described);
    assert_eq!(told.state, Some(JobState::Success));
    assert!(findings(told).auto_process_result.is_some());
}

#[tokio::test]
async fn json_has_no_wrapper_and_every_scalar_is_text() {
    let (fixture, receiver) = (fixture().await, Receiver::start().await);
    let inspection = fixture
        .inspection("a.png")
        .callback_format(CallbackFormat::Json)
        .callback(receiver.url());
    let id = fixture.submit(inspection).await.job_id.unwrap();
    let (head, body) = receiver.told().await;
    assert!(head.contains("content-type: application/json"), "{head}");
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["EventName"], "TaskFinish");
    let job = &told["JobsDetail"][0];
    assert_eq!(job["JobId"], id.as_str());
    assert_eq!(job["State"], "Success");
    assert_eq!(job["Input"]["BucketId"], BUCKET);
    let found = &job["Operation"]["ImageInspectResult"]["ProcessResult"];
    assert_eq!(found["Suspicious"], "true");
    assert_eq!(found["PicSize"], demo::png_with_mpeg_ts().len().to_string());
}

#[tokio::test]
async fn a_failure_is_told_as_well() {
    let (fixture, receiver) = (fixture().await, Receiver::start().await);
    fixture
        .submit(fixture.inspection("gone.png").callback(receiver.url()))
        .await;
    let job = read(&receiver.told().await.1);
    assert_eq!(job.state, Some(JobState::Failed));
    assert_eq!(job.code.as_deref(), Some("ResourceNotFound"));
}

#[tokio::test]
async fn no_is_no_address() {
    let (fixture, receiver) = (fixture().await, Receiver::start().await);
    fixture
        .inspected(fixture.inspection("a.png").callback("no"))
        .await;
    let loud = fixture
        .submit(fixture.inspection("a.png").callback(receiver.url()))
        .await;
    assert_eq!(read(&receiver.told().await.1).job_id, loud.job_id);
}
