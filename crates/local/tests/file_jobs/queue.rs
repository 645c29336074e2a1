//! The queue of file jobs, its callbacks, and a crash in between.

use std::net::Ipv4Addr;

use tcloud_ci::operation::create_file_hash_code_job::Operation;
use tcloud_ci::operation::create_file_uncompress_job as uncompress;
use tcloud_ci::types::{
    FileHashCodeConfig, FileUncompressConfig, JobState, NotifyState, ObjectInput, Queue,
    QueueNotifyConfig, QueueState,
};
use tcloud_local::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::{BUCKET, Fixture, output};

async fn queue(fixture: &Fixture) -> Queue {
    let reply = fixture
        .ci
        .describe_file_queues(BUCKET)
        .send()
        .await
        .unwrap();
    assert!(reply.drift().is_empty(), "{:?}", reply.drift());
    let mut output = reply.into_output();
    assert_eq!(output.total_count, Some(1));
    output.queue_list.remove(0)
}

async fn submit(fixture: &Fixture) -> tcloud_ci::types::Job {
    let operation = Operation::new(FileHashCodeConfig::new("MD5"));
    let input = ObjectInput::new("a");
    let call = fixture
        .ci
        .create_file_hash_code_job(BUCKET, input, operation);
    call.send()
        .await
        .unwrap()
        .into_output()
        .jobs_detail
        .remove(0)
}

/// The next request, whose body begins at the first blank line.
async fn told(receiver: &TcpListener) -> String {
    let (mut socket, _) = receiver.accept().await.unwrap();
    let mut request = String::new();
    let mut chunk = [0; 8192];
    // The bodies end like this, in either format.
    while !request.ends_with("</Response>") && !request.ends_with('}') {
        let length = socket.read(&mut chunk).await.unwrap();
        assert_ne!(length, 0, "the request is cut off: {request}");
        request.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
    }
    let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    socket.write_all(answer).await.unwrap();
    request
}

#[tokio::test]
async fn a_bucket_has_one_queue_from_the_start() {
    let fixture = Fixture::ready().await;
    let queue = queue(&fixture).await;
    assert_eq!(queue.state, Some(QueueState::Active));
    assert_eq!(queue.category.as_deref(), Some("FileProcess"));
    assert_eq!(queue.max_concurrent, Some(10));
    let id = queue.queue_id.unwrap();
    fixture.put("a", "abc").await;
    assert_eq!(
        submit(&fixture).await.queue_id.as_deref(),
        Some(id.as_str())
    );
    let reply = fixture
        .ci
        .describe_file_queues(BUCKET)
        .queue_ids(format!("{id},pnone"))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.queue_list.len(), 1);
    assert_eq!(reply.non_exist_pids, ["pnone"]);
}

#[tokio::test]
async fn a_paused_queue_keeps_its_jobs() {
    let fixture = Fixture::ready().await;
    fixture.put("a", "abc").await;
    let id = queue(&fixture).await.queue_id.unwrap();
    let update = async |state: &str| {
        let off = QueueNotifyConfig::new().state(NotifyState::Off);
        let call = fixture
            .ci
            .update_file_queue(BUCKET, &id, "mine", state, off);
        call.send().await.unwrap().into_output().queue.unwrap()
    };
    let paused = update("Paused").await;
    assert_eq!(paused.state, Some(QueueState::Paused));
    assert_eq!(paused.name.as_deref(), Some("mine"));
    let job = submit(&fixture).await;
    assert_eq!(job.state, Some(JobState::Pause));
    update("Active").await;
    let job = fixture.ended(&job.job_id.unwrap()).await;
    assert_eq!(job.state, Some(JobState::Success));
}

#[tokio::test]
async fn the_end_of_a_job_is_reported_in_either_format() {
    let settings = Settings::default().allow_private_addresses(true);
    let fixture = Fixture::with(settings).await;
    fixture.put("a", "abc").await;
    let receiver = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    for (format, sign) in [
        ("XML", "<MD5>900150983cd24fb0d6963f7d28e17f72</MD5>"),
        ("JSON", "\"MD5\":\"900150983cd24fb0d6963f7d28e17f72\""),
    ] {
        let operation = Operation::new(FileHashCodeConfig::new("MD5"));
        let call = fixture
            .ci
            .create_file_hash_code_job(BUCKET, ObjectInput::new("a"), operation)
            .callback(&url)
            .callback_format(format);
        let reply = call.send().await.unwrap();
        let id = reply.into_output().jobs_detail.remove(0).job_id.unwrap();
        let request = told(&receiver).await;
        assert!(request.starts_with("POST /hook"), "{request}");
        assert!(request.contains(&id), "{request}");
        assert!(request.contains("TaskFinish"), "{request}");
        assert!(request.replace(": ", ":").contains(sign), "{request}");
    }
}

#[tokio::test]
async fn a_queue_reports_the_jobs_that_do_not_say_whom_to_tell() {
    let settings = Settings::default().allow_private_addresses(true);
    let fixture = Fixture::with(settings).await;
    fixture.put("a", "abc").await;
    let receiver = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let id = queue(&fixture).await.queue_id.unwrap();
    let notify = QueueNotifyConfig::new()
        .state(NotifyState::On)
        .event("TaskFinish")
        .type_("Url")
        .url(format!("http://{}/queue", receiver.local_addr().unwrap()));
    let call = fixture
        .ci
        .update_file_queue(BUCKET, &id, "q", "Active", notify);
    call.send().await.unwrap();
    let job = submit(&fixture).await.job_id.unwrap();
    let request = told(&receiver).await;
    assert!(request.starts_with("POST /queue"), "{request}");
    assert!(request.contains(&job), "{request}");
}

#[tokio::test]
async fn a_job_accepted_before_the_end_of_the_process_is_done_once_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings::default().folder(folder.path());
    let idle = Fixture::with(settings().workers(0)).await;
    idle.put_archive("good.zip").await;
    let operation =
        uncompress::Operation::new(FileUncompressConfig::new().prefix("out/"), output());
    let input = ObjectInput::new("good.zip");
    let call = idle.ci.create_file_uncompress_job(BUCKET, input, operation);
    let reply = call.send().await.unwrap();
    let id = reply.into_output().jobs_detail.remove(0).job_id.unwrap();
    assert_eq!(idle.keys().await, ["good.zip"]);
    idle.cloud.shutdown().await;
    drop(idle);

    let fixture = Fixture::start(settings()).await;
    let job = fixture.ended(&id).await;
    assert_eq!(job.state, Some(JobState::Success), "{:?}", job.message);
    assert_eq!(fixture.keys().await.len(), 4);
}
