//! Batch jobs, from their lists to their reports.

mod doing;
mod going_on;
mod lists;
mod refusals;

use serde_json::Value;
use tcloud_cos::Client;
use tcloud_cos::types::{BatchJob, BatchJobStatus};
use tcloud_local::{AuthMode, Settings};

use crate::fixture::{Answered, BUCKET, Fixture, REGION, request, text};

const UIN: &str = "100000000001";
const APP_ID: &str = "1250000000";
const TARGET: &str = "target-1250000000";
const REPORTS: &str = "reports-1250000000";
const LIST: &str = "lists/list.csv";

/// A cloud with three buckets, the second of which keeps versions.
async fn open() -> (Fixture, Client) {
    with(Settings::default()).await
}

async fn with(settings: Settings) -> (Fixture, Client) {
    let fixture = Fixture::with(settings.auth(AuthMode::Off)).await;
    let client = fixture.client();
    for bucket in [BUCKET, TARGET, REPORTS] {
        client.put_bucket(bucket).send().await.unwrap();
    }
    let enabled = client.put_bucket_versioning(TARGET, "Enabled");
    enabled.send().await.unwrap();
    (fixture, client)
}

/// Stores a list of these lines and returns its `ETag`.
async fn list(client: &Client, lines: &str) -> String {
    let put = client.put_object(BUCKET, LIST, lines.to_owned());
    put.send().await.unwrap().etag.clone().unwrap()
}

/// A request for a job with the list whose `ETag` is `etag`.
fn document(etag: &str, operation: &str) -> String {
    format!(
        "<CreateJobRequest><ClientRequestToken>token</ClientRequestToken>\
         <Description>all of it</Description><Manifest><Location><ETag>{etag}</ETag>\
         <ObjectArn>qcs::cos:{REGION}::{BUCKET}/{LIST}</ObjectArn></Location><Spec><Fields>\
         <member>Bucket</member><member>Key</member></Fields>\
         <Format>COSBatchOperations_CSV_V1</Format></Spec></Manifest>\
         <Operation>{operation}</Operation><Priority>10</Priority>\
         <Report><Bucket>qcs::cos:{REGION}::{REPORTS}</Bucket><Enabled>true</Enabled>\
         <Format>Report_CSV_V1</Format><Prefix>batch</Prefix><ReportScope>AllTasks</ReportScope>\
         </Report><RoleArn>qcs::cam::uin/{UIN}:roleName/COS_Batch_QcsRole</RoleArn>\
         </CreateJobRequest>"
    )
}

fn copy(more: &str) -> String {
    format!(
        "<COSPutObjectCopy>{more}<TargetResource>qcs::cos:{REGION}:uid/{APP_ID}:{TARGET}\
         </TargetResource></COSPutObjectCopy>"
    )
}

async fn send(fixture: &Fixture, line: &str, body: &str) -> Answered {
    let mut sent = request(line, &format!("{UIN}.cos-control.{REGION}.myqcloud.com"));
    let headers = sent.headers_mut();
    headers.insert("x-cos-appid", APP_ID.parse().unwrap());
    *sent.body_mut() = body.to_owned().into();
    fixture.send(sent).await
}

async fn create(fixture: &Fixture, document: &str) -> String {
    let answer = send(fixture, "POST /jobs", document).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.element("JobId").to_owned()
}

/// The code with which a job is refused.
async fn refused(fixture: &Fixture, document: &str) -> String {
    let answer = send(fixture, "POST /jobs", document).await;
    assert!(
        answer.status.is_client_error() || answer.status == 501,
        "{}",
        answer.text
    );
    assert_ne!(answer.element("Message"), "", "{}", answer.text);
    answer.element("Code").to_owned()
}

async fn job(client: &Client, id: &str) -> BatchJob {
    let described = client.describe_job(UIN, id, APP_ID).send().await;
    *described.unwrap().into_output().job.unwrap()
}

/// The job `id` once its status is `status`.
async fn until(client: &Client, id: &str, status: BatchJobStatus) -> BatchJob {
    loop {
        let job = job(client, id).await;
        if job.status.as_ref() == Some(&status) {
            return job;
        }
        assert_eq!(job.termination_date, None, "{job:?}");
        tokio::task::yield_now().await;
    }
}

/// How many tasks were done, and how many have failed.
fn counts(job: &BatchJob) -> (i64, i64) {
    let progress = job.progress.as_ref().unwrap();
    (progress.succeeded.unwrap(), progress.failed.unwrap())
}

async fn read(client: &Client, bucket: &str, key: &str) -> String {
    let got = client.get_object(bucket, key).send().await.unwrap();
    text(got.into_body()).await
}

/// The lines of the report of the job `id`, those of what was done first.
async fn report(client: &Client, id: &str) -> Vec<String> {
    let manifest = read(client, REPORTS, &format!("batch/job-{id}/manifest.json")).await;
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let member = |value: &Value, name: &str| value.get(name).unwrap().clone();
    assert_eq!(member(&manifest, "Format"), "Report_CSV_V1");
    let mut lines = Vec::new();
    for result in member(&manifest, "Results").as_array().unwrap() {
        assert_eq!(member(result, "Bucket"), REPORTS);
        let key = member(result, "Key");
        let text = read(client, REPORTS, key.as_str().unwrap()).await;
        lines.extend(text.lines().map(ToOwned::to_owned));
    }
    lines
}
