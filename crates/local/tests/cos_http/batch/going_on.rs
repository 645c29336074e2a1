//! Jobs as they are confirmed, given up, listed, asked for twice and killed.

use std::fmt::Write;

use tcloud_cos::types::{BatchJobStatus, RequestedJobStatus};
use tcloud_local::{AuthMode, Settings};

use super::{
    APP_ID, REPORTS, TARGET, UIN, copy, counts, create, document, job, list, open, read, refused,
    report, until, with,
};
use crate::fixture::{BUCKET, Fixture, NOW, REGION, code, request};
use crate::sockets::{Served, status};

#[tokio::test]
async fn a_job_waits_to_be_confirmed() {
    let (fixture, client) = open().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let etag = list(&client, &format!("{BUCKET},k\n")).await;
    let waits = document(&etag, &copy("")).replace(
        "<Description>",
        "<ConfirmationRequired>true</ConfirmationRequired><Description>",
    );
    let id = create(&fixture, &waits).await;
    let waiting = until(&client, &id, BatchJobStatus::Suspended).await;
    assert_eq!(waiting.confirmation_required, Some(true));
    assert!(waiting.suspended_date.is_some() && waiting.suspended_cause.is_some());
    assert_eq!(waiting.progress.as_ref().unwrap().total, Some(1));
    assert!(client.head_object(TARGET, "k").send().await.is_err());
    let ready = || client.update_job_status(UIN, &id, RequestedJobStatus::Ready, APP_ID);
    let confirmed = ready().status_update_reason("it is right").send().await;
    let confirmed = confirmed.unwrap().into_output();
    assert_eq!(confirmed.status, Some(BatchJobStatus::Ready));
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(ended.status_update_reason.as_deref(), Some("it is right"));
    assert_eq!(read(&client, TARGET, "k").await, "v");
    // Once it has ended, nothing changes it.
    assert_eq!(code(ready().send().await), "JobStatusException");
    let cancel = client.update_job_status(UIN, &id, RequestedJobStatus::Cancelled, APP_ID);
    assert_eq!(code(cancel.send().await), "JobStatusException");
    let priority = client.update_job_priority(UIN, &id, 1, APP_ID).send().await;
    assert_eq!(code(priority), "InvalidRequest");

    // Another one is given up.
    let id = create(&fixture, &waits.replace("token", "other")).await;
    until(&client, &id, BatchJobStatus::Suspended).await;
    let priority = client
        .update_job_priority(UIN, &id, 99, APP_ID)
        .send()
        .await;
    assert_eq!(priority.unwrap().priority, Some(99));
    let deleted = client.delete_job(UIN, &id, APP_ID).send().await;
    assert_eq!(code(deleted), "InvalidRequest");
    let cancel = client.update_job_status(UIN, &id, RequestedJobStatus::Cancelled, APP_ID);
    let cancelled = cancel.send().await.unwrap().into_output();
    assert_eq!(cancelled.status, Some(BatchJobStatus::Cancelled));
    assert_eq!(job(&client, &id).await.priority, Some(99));
    client.delete_job(UIN, &id, APP_ID).send().await.unwrap();
    let gone = client.describe_job(UIN, &id, APP_ID).send().await;
    assert_eq!(code(gone), "NoSuchJob");
}

#[tokio::test]
async fn the_same_request_asks_for_the_same_job_and_lists_have_pages() {
    let (fixture, client) = open().await;
    let etag = list(&client, "").await;
    let good = document(&etag, &copy(""));
    let id = create(&fixture, &good).await;
    assert_eq!(create(&fixture, &good).await, id);
    let changed = good.replace("all of it", "less");
    assert_eq!(refused(&fixture, &changed).await, "InvalidRequest");
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (0, 0));
    assert!(report(&client, &id).await.is_empty());
    let mut ids = vec![id];
    for token in ["b", "c"] {
        ids.insert(0, create(&fixture, &good.replace("token", token)).await);
    }
    for id in &ids {
        until(&client, id, BatchJobStatus::Complete).await;
    }
    let mut listed = Vec::new();
    let mut next = None;
    loop {
        let page = client.list_jobs(UIN, APP_ID).max_results(2);
        let page = page.next_token(next.clone()).send().await.unwrap();
        let page = page.into_output();
        let jobs = page.jobs.unwrap().jobs;
        assert!(jobs.len() <= 2);
        listed.extend(jobs.into_iter().map(|job| job.job_id.unwrap()));
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(listed, ids);
    for (status, count) in [(BatchJobStatus::Complete, 3), (BatchJobStatus::Failed, 0)] {
        let listed = client.list_jobs(UIN, APP_ID).job_statuses(status);
        let listed = listed.send().await.unwrap().into_output();
        assert_eq!(listed.jobs.unwrap().jobs.len(), count);
    }
    let bad = client.list_jobs(UIN, APP_ID).next_token("no token");
    assert_eq!(code(bad.send().await), "InvalidRequest");
    // After 90 days they are forgotten.
    let line = format!("POST /_local/clock?advance={}", 91 * 86_400);
    assert_eq!(fixture.send(request(&line, "localhost")).await.status, 200);
    let later = fixture.client_at(NOW + 91 * 86_400_000);
    let listed = later.list_jobs(UIN, APP_ID).send().await.unwrap();
    assert!(listed.jobs.as_ref().unwrap().jobs.is_empty());
}

#[tokio::test]
async fn a_killed_cloud_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || {
        Settings::default()
            .folder(folder.path())
            .auth(AuthMode::Off)
    };
    let (fixture, client) = with(settings()).await;
    let mut lines = String::new();
    for number in 0..100 {
        let key = format!("k{number}");
        client.put_object(BUCKET, &key, "v").send().await.unwrap();
        writeln!(lines, "{BUCKET},{key}").unwrap();
    }
    let etag = list(&client, &lines).await;
    let id = create(&fixture, &document(&etag, &copy(""))).await;
    // In the middle, wherever that is.
    while counts(&job(&client, &id).await).0 < 20 {
        tokio::task::yield_now().await;
    }
    fixture.cloud.shutdown().await;
    drop((fixture, client));

    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (100, 0));
    let copies = client
        .get_bucket_object_versions(TARGET)
        .send()
        .await
        .unwrap();
    assert_eq!(copies.versions.len(), 100);
    assert_eq!(report(&client, &id).await.len(), 100);
}

#[tokio::test]
async fn jobs_are_made_over_a_socket_by_hosts_of_their_own() {
    let settings = Settings::default().auth(AuthMode::Off);
    let served = Served::new(settings.default_region(REGION).bucket(BUCKET)).await;
    let client = served.fixture.client();
    for bucket in [TARGET, REPORTS] {
        client.put_bucket(bucket).send().await.unwrap();
    }
    let etag = list(&client, "").await;
    let body = document(&etag, &copy(""));
    let length = format!("Content-Length: {}", body.len());
    let app_id = format!("x-cos-appid: {APP_ID}");
    for host in ["myqcloud.com", "tencentcos.cn", "localhost"] {
        let host = format!("Host: {UIN}.cos-control.{REGION}.{host}");
        let head = ["POST /jobs HTTP/1.1", &host, &app_id, &length];
        let answer = served.exchange(&head, &body).await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(answer.contains("<CreateJobResult><JobId>"), "{answer}");
    }
    let listed = client.list_jobs(UIN, APP_ID).send().await.unwrap();
    assert_eq!(listed.jobs.as_ref().unwrap().jobs.len(), 1);
}
