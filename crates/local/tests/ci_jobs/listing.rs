//! Looking jobs up, listing and cancelling them.

use http::StatusCode;
use tcloud_ci::operation::list_jobs::ListJobs;
use tcloud_ci::types::{Job, JobState, TimeOrder};
use tcloud_core::error::Error;
use tcloud_core::time::{Timestamp, format_ci};
use tcloud_inspect::demo;
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture};

fn id(job: &Job) -> String {
    job.job_id.clone().unwrap()
}

/// A cloud that runs nothing, with five jobs and their queue.
async fn five_jobs() -> (Fixture, Vec<String>, String) {
    let fixture = Fixture::ready(Settings::default().workers(0)).await;
    let mut ids = Vec::new();
    let mut queue = None;
    for number in 0..5 {
        let job = fixture
            .submit(fixture.inspection(&format!("{number}.png")))
            .await;
        ids.push(id(&job));
        queue = job.queue_id;
    }
    (fixture, ids, queue.unwrap())
}

async fn listed(call: ListJobs) -> Vec<String> {
    call.send()
        .await
        .unwrap()
        .jobs_detail
        .iter()
        .map(id)
        .collect()
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Error>, part: &str) {
    let error = answer.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST), "{error}");
    assert!(error.message().contains(part), "{error}");
}

#[tokio::test]
async fn several_jobs_are_described_at_once_and_unknown_ones_named() {
    let (fixture, ids, _) = five_jobs().await;
    let asked = format!("{},c0,{},{},c1", ids[3], ids[1], ids[3]);
    let reply = fixture
        .ci
        .describe_job(BUCKET, asked)
        .send()
        .await
        .unwrap()
        .into_output();
    let found: Vec<_> = reply.jobs_detail.iter().map(id).collect();
    assert_eq!(found, [ids[3].as_str(), &ids[1]]);
    assert_eq!(reply.non_exist_job_ids, ["c0", "c1"]);

    let eleven = (0..11)
        .map(|n| format!("c{n}"))
        .collect::<Vec<_>>()
        .join(",");
    refused(
        fixture.ci.describe_job(BUCKET, eleven).send().await,
        "1 to 10",
    );
}

#[tokio::test]
async fn a_job_is_known_in_its_own_bucket_only() {
    let (fixture, ids, queue) = five_jobs().await;
    let other = "other-1250000000";
    fixture.cos.put_bucket(other).send().await.unwrap();
    let reply = fixture
        .ci
        .describe_job(other, &ids[0])
        .send()
        .await
        .unwrap()
        .into_output();
    assert_eq!(reply.non_exist_job_ids, [ids[0].as_str()]);
    refused(fixture.ci.cancel_job(other, &ids[0]).send().await, &ids[0]);
    refused(
        fixture
            .ci
            .list_jobs(other, queue, "ImageInspect")
            .send()
            .await,
        "queue",
    );
    assert_eq!(fixture.job(&ids[0]).await.state, Some(JobState::Submitted));
}

#[tokio::test]
async fn jobs_are_listed_newest_first_page_by_page() {
    let (fixture, ids, queue) = five_jobs().await;
    let all = || fixture.ci.list_jobs(BUCKET, &queue, "ImageInspect");
    let newest: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(listed(all()).await, newest);
    assert_eq!(listed(all().order_by_time(TimeOrder::Asc)).await, ids);

    let first = all().size(2).send().await.unwrap().into_output();
    assert_eq!(
        first.jobs_detail.iter().map(id).collect::<Vec<_>>(),
        newest[..2]
    );
    let token = first.next_token.unwrap();
    assert_eq!(listed(all().size(3).next_token(token)).await, newest[2..]);

    let paged = all().size(2).items().collect().await.unwrap();
    assert_eq!(paged.iter().map(id).collect::<Vec<_>>(), newest);
    refused(all().next_token("nowhere").send().await, "token");
}

#[tokio::test]
async fn jobs_are_listed_by_state_kind_and_time() {
    let (fixture, ids, queue) = five_jobs().await;
    fixture.ci.cancel_job(BUCKET, &ids[2]).send().await.unwrap();
    let all = || fixture.ci.list_jobs(BUCKET, &queue, "ImageInspect");
    assert_eq!(listed(all().states("Cancel")).await, [ids[2].as_str()]);
    assert_eq!(listed(all().states("Submitted")).await.len(), 4);
    assert_eq!(listed(all().states("Cancel,Submitted")).await.len(), 5);
    assert_eq!(listed(all().states("All")).await.len(), 5);
    refused(all().states("Sleeping").send().await, "Sleeping");

    let none = fixture.ci.list_jobs(BUCKET, &queue, "Transcode");
    assert_eq!(listed(none).await.len(), 0);

    let created = fixture.job(&ids[0]).await.creation_time.unwrap();
    let second = created.unix_seconds().unwrap();
    let at = |offset: i64| Timestamp::from_text(format_ci(second + offset));
    assert_eq!(
        listed(all().start_creation_time(created.clone()))
            .await
            .len(),
        5
    );
    assert_eq!(listed(all().end_creation_time(at(-1))).await.len(), 0);
    assert!(
        listed(all().end_creation_time(created))
            .await
            .contains(&ids[0])
    );
    assert_eq!(listed(all().start_creation_time(at(3600))).await.len(), 0);
}

#[tokio::test]
async fn what_cannot_be_listed_by_is_not_ignored() {
    let (fixture, _, queue) = five_jobs().await;
    let all = || fixture.ci.list_jobs(BUCKET, &queue, "ImageInspect");
    for call in [
        all().workflow_id("w0"),
        all().inventory_trigger_job_id("b0"),
        all().input_object("0.png"),
    ] {
        let error = call.send().await.unwrap_err();
        assert_eq!(error.code(), Some("NotImplemented"), "{error}");
    }
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_once() {
    let (fixture, ids, _) = five_jobs().await;
    fixture.ci.cancel_job(BUCKET, &ids[0]).send().await.unwrap();
    let job = fixture.job(&ids[0]).await;
    assert_eq!(job.state, Some(JobState::Cancel));
    assert!(job.end_time.unwrap().unix_seconds().is_some());
    refused(
        fixture.ci.cancel_job(BUCKET, &ids[0]).send().await,
        "Cancel",
    );
    refused(fixture.ci.cancel_job(BUCKET, "c0").send().await, "c0");
}

#[tokio::test]
async fn a_job_that_has_ended_is_not_cancelled() {
    let fixture = Fixture::ready(Settings::default()).await;
    fixture.put("a.png", demo::clean_png()).await;
    let job = fixture.inspected(fixture.inspection("a.png")).await;
    refused(
        fixture.ci.cancel_job(BUCKET, id(&job)).send().await,
        "Success",
    );
}
