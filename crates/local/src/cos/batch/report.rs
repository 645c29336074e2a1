//! What is told of a job once it has ended: its tasks as CSV, those that were done and those that have
//! failed, and a manifest that names both files.

use serde_json::json;
use tcloud_core::call::Request;
use tcloud_core::server::Fault;
use tcloud_core::sign::encode;
use tcloud_core::time::format_iso_utc;
use tcloud_cos::operation::create_job::CreateJobRequest;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::types::{BatchReport, BatchReportScope};

use super::fault::Met;
use super::task::Work;
use crate::cos::bucket::setting::rules::bucket_of;
use crate::cos::{encryption, names, permission};
use crate::state::State;
use crate::store::{BatchJob, BatchTask, ObjectAttributes, Output, StagedBlob};

/// How many tasks are looked at in one go.
const PAGE: u32 = 1000;
/// What a line has.
const SCHEMA: &str = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage";
/// What tasks are called that were done.
const SUCCEEDED: &str = "succeeded";
/// What tasks are called that have failed.
const FAILED: &str = "failed";

/// The report of `job`, if it is to have one.
pub(super) async fn write(
    state: &State,
    job: &BatchJob,
    asked: &CreateJobRequest,
) -> Result<Vec<Output>, Met> {
    let report = asked.report.as_ref().filter(|it| it.enabled == Some(true));
    let Some(report) = report else {
        return Ok(Vec::new());
    };
    let work = Work::new(state, &job.region, asked)?;
    let writer = Writer {
        state,
        job,
        work,
        bucket: bucket_of(report.bucket.as_deref().unwrap_or_default())?.0,
        folder: folder(report, &job.id),
    };
    let all = report.report_scope == Some(BatchReportScope::AllTasks);
    let scope = [(SUCCEEDED, all), (FAILED, true)];
    let mut outputs = Vec::new();
    let mut results = Vec::new();
    for (status, _) in scope.into_iter().filter(|(_, is_wanted)| *is_wanted) {
        let Some(blob) = writer.lines(status).await? else {
            continue;
        };
        // The same lines have the same name, however often the report is begun.
        let digest = blob.etag();
        let key = format!("{}/results/{digest}-{status}.csv", writer.folder);
        results.push(json!({
            "TaskExecutionStatus": status,
            "Bucket": writer.bucket,
            "MD5Checksum": digest,
            "Key": key,
        }));
        outputs.push(writer.output(key, blob, "text/csv").await?);
    }
    let manifest = json!({
        "Format": "Report_CSV_V1",
        "ReportCreationDate": format_iso_utc(state.unix_seconds()),
        "Results": results,
        "ReportSchema": SCHEMA,
    });
    let manifest = state.store.upload_bytes(manifest.to_string().into());
    let key = format!("{}/manifest.json", writer.folder);
    let output = writer.output(key, manifest.await?, "application/json");
    outputs.push(output.await?);
    Ok(outputs)
}

/// The beginning of the keys of the report of the job `id`.
fn folder(report: &BatchReport, id: &str) -> String {
    let prefix = report.prefix.as_deref().unwrap_or_default();
    let folder = format!("{}/job-{id}", prefix.trim_end_matches('/'));
    folder.trim_start_matches('/').to_owned()
}

struct Writer<'a> {
    state: &'a State,
    job: &'a BatchJob,
    work: Work<'a>,
    bucket: &'a str,
    folder: String,
}

impl Writer<'_> {
    /// The lines of the tasks of this status, if there are any.
    async fn lines(&self, status: &str) -> Result<Option<StagedBlob>, Met> {
        let store = &self.state.store;
        let mut upload = store.upload();
        let mut first = 0;
        loop {
            let tasks = store.batch_tasks_done(self.job, first, PAGE).await?;
            let Some(last) = tasks.last() else { break };
            first = last.number.saturating_add(1);
            let has = |task: &&BatchTask| task.has_succeeded() == (status == SUCCEEDED);
            let lines: String = tasks.iter().filter(has).map(line).collect();
            upload.write(lines.into()).await?;
        }
        if upload.size() == 0 {
            return Ok(None);
        }
        Ok(Some(upload.finish().await?))
    }

    /// `blob` as the object `key` of the bucket of the report, under the rules of a request.
    async fn output(&self, key: String, blob: StagedBlob, kind: &str) -> Result<Output, Fault> {
        let name = names::object(Some(self.bucket.to_owned()), Some(key))?;
        let storing = PutObjectRequest::operation();
        permission::require(self.state, self.work.context(), storing, &name, None).await?;
        let mut attributes = ObjectAttributes {
            content_type: kind.to_owned(),
            ..ObjectAttributes::default()
        };
        encryption::encrypt_by_default(self.state, &name.bucket, &mut attributes).await?;
        Ok((name, blob, attributes))
    }
}

/// The line of a task.
fn line(task: &BatchTask) -> String {
    let status = if task.has_succeeded() {
        SUCCEEDED
    } else {
        FAILED
    };
    let code = task.status.map(|status| status.to_string());
    let values = [
        &task.bucket,
        &encode::component(&task.key),
        &task.version,
        status,
        &task.code,
        &code.unwrap_or_default(),
        &task.message,
    ];
    let quoted = values.map(|value| format!("\"{}\"", value.replace('"', "\"\"")));
    format!("{}\n", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{BatchReport, BatchReportFormat, BatchReportScope};

    use super::{folder, line};
    use crate::store::BatchTask;

    #[test]
    fn reports_lie_below_their_prefix() {
        let of = |prefix: Option<&str>| {
            let (format, scope) = (BatchReportFormat::ReportCsvV1, BatchReportScope::AllTasks);
            let report = BatchReport::new("b", true, format, scope);
            folder(&report.prefix(prefix.map(str::to_owned)), "1")
        };
        assert_eq!(of(None), "job-1");
        assert_eq!(of(Some("")), "job-1");
        assert_eq!(of(Some("a/b")), "a/b/job-1");
        assert_eq!(of(Some("a/b/")), "a/b/job-1");
    }

    #[test]
    fn a_line_says_what_came_of_a_task() {
        let task = BatchTask {
            number: 0,
            bucket: "b-1250000000".to_owned(),
            key: "a b".to_owned(),
            version: String::new(),
            status: Some(404),
            code: "NoSuchKey".to_owned(),
            message: "say \"no\"".to_owned(),
        };
        assert_eq!(
            line(&task),
            "\"b-1250000000\",\"a%20b\",\"\",\"failed\",\"NoSuchKey\",\"404\",\"say \"\"no\"\"\"\n"
        );
    }
}
