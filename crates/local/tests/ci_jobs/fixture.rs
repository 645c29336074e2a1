//! A cloud with a bucket, and short ways to use it.

use std::time::Duration;

use http::{HeaderValue, Request, StatusCode};
use tcloud_ci::operation::create_image_inspect_job::{CreateImageInspectJob, Input};
use tcloud_ci::types::{ImageInspectProcessResult, Job};
use tcloud_core::body::Body;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::error::Error;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};

/// The bucket most tests use.
pub(crate) const BUCKET: &str = "examplebucket-1250000000";
/// The bucket's region.
pub(crate) const REGION: &str = "ap-chongqing";

/// A cloud and its clients.
pub(crate) struct Fixture {
    pub(crate) cloud: LocalCloud,
    pub(crate) ci: tcloud_ci::Client,
    pub(crate) cos: tcloud_cos::Client,
}

impl Fixture {
    /// A cloud without any bucket.
    pub(crate) async fn start(settings: Settings) -> Self {
        let cloud = LocalCloud::start(settings).await.unwrap();
        let config = Config::builder()
            // The cloud itself is to refuse what is out of bounds.
            .check_limits(false)
            .region(REGION)
            .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
            .transport(cloud.transport())
            .build()
            .unwrap();
        Self {
            ci: tcloud_ci::Client::new(&config),
            cos: tcloud_cos::Client::new(&config),
            cloud,
        }
    }

    /// A cloud whose bucket has picture processing.
    pub(crate) async fn ready(settings: Settings) -> Self {
        let fixture = Self::start(settings).await;
        fixture.cos.put_bucket(BUCKET).send().await.unwrap();
        fixture.ci.create_pic_bucket(BUCKET).send().await.unwrap();
        fixture
    }

    /// Stores `content` under `key`.
    pub(crate) async fn put(&self, key: &str, content: Vec<u8>) {
        self.cos
            .put_object(BUCKET, key, content)
            .send()
            .await
            .unwrap();
    }

    /// Whether there is an object `key`.
    pub(crate) async fn has(&self, key: &str) -> bool {
        match self.cos.head_object(BUCKET, key).send().await {
            Ok(_) => true,
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// An inspection of the object `key`, yet to be sent.
    pub(crate) fn inspection(&self, key: &str) -> CreateImageInspectJob {
        self.ci.create_image_inspect_job(BUCKET, Input::new(key))
    }

    /// Submits `inspection` and returns the job as the answer describes it.
    pub(crate) async fn submit(&self, inspection: CreateImageInspectJob) -> Job {
        let mut jobs = inspection.send().await.unwrap().into_output().jobs_detail;
        assert_eq!(jobs.len(), 1);
        jobs.remove(0)
    }

    /// Waits for the end of the job `id`, which is an error if it failed.
    pub(crate) async fn wait(&self, id: &str) -> Result<Job, Error> {
        let interval = Duration::from_millis(2);
        let reply = self
            .ci
            .describe_job(BUCKET, id)
            .wait()
            .interval(interval)
            .await?;
        Ok(reply.into_output().jobs_detail.remove(0))
    }

    /// The job `id` as it is now.
    pub(crate) async fn job(&self, id: &str) -> Job {
        let reply = self.ci.describe_job(BUCKET, id).send().await.unwrap();
        reply.into_output().jobs_detail.remove(0)
    }

    /// Runs `inspection` to its good end.
    pub(crate) async fn inspected(&self, inspection: CreateImageInspectJob) -> Job {
        let id = self.submit(inspection).await.job_id.unwrap();
        self.wait(&id).await.unwrap()
    }

    /// Sends a request to the bucket's host just as it is, unsigned, and returns status and body
    /// of the answer.
    pub(crate) async fn raw(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.raw_to(
            &format!("{BUCKET}.ci.{REGION}.myqcloud.com"),
            method,
            path,
            body,
            &[],
        )
        .await
    }

    /// [`Fixture::raw`] to the host `host`, with more headers.
    pub(crate) async fn raw_to(
        &self,
        host: &str,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&'static str, &'static str)],
    ) -> (u16, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", host)
            .header("content-type", "application/xml")
            .body(Body::from(body.to_owned()))
            .unwrap();
        for (name, value) in headers {
            let value = HeaderValue::from_static(value);
            request.headers_mut().append(*name, value);
        }
        let (parts, body) = self.cloud.handle(request).await.into_parts();
        let body = body.collect(1 << 20).await.unwrap();
        (
            parts.status.as_u16(),
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }
}

/// What an inspection found.
pub(crate) fn findings(job: Job) -> ImageInspectProcessResult {
    let result = job.operation.unwrap().image_inspect_result.unwrap();
    result.process_result.unwrap()
}
