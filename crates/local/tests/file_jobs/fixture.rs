//! A cloud whose bucket has file processing, and short ways to use it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::{Request, StatusCode};
use tcloud_ci::operation::{
    create_file_compress_job as compress, create_file_uncompress_job as uncompress,
};
use tcloud_ci::types::{
    FileCompressConfig, FileUncompressConfig, Job, JobOutput, JobState, ObjectInput,
};
use tcloud_core::body::Body;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};

pub(crate) const BUCKET: &str = "examplebucket-1250000000";
pub(crate) const REGION: &str = "ap-chongqing";

pub(crate) struct Fixture {
    pub(crate) cloud: LocalCloud,
    pub(crate) ci: tcloud_ci::Client,
    pub(crate) cos: tcloud_cos::Client,
}

impl Fixture {
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

    /// A cloud whose bucket has file processing.
    pub(crate) async fn with(settings: Settings) -> Self {
        let fixture = Self::start(settings).await;
        fixture.cos.put_bucket(BUCKET).send().await.unwrap();
        fixture.ci.create_file_bucket(BUCKET).send().await.unwrap();
        fixture
    }

    pub(crate) async fn ready() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn put(&self, key: &str, content: impl Into<Vec<u8>>) {
        let put = self.cos.put_object(BUCKET, key, content.into());
        put.send().await.unwrap();
    }

    /// Stores an archive of the folder `archives` under its name.
    pub(crate) async fn put_archive(&self, name: &str) {
        self.put(name, archive(name)).await;
    }

    /// The content under `key`, if there is an object.
    pub(crate) async fn get(&self, key: &str) -> Option<Vec<u8>> {
        match self.cos.get_object(BUCKET, key).send().await {
            Ok(reply) => Some(reply.into_body().collect(1 << 20).await.unwrap().to_vec()),
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// All keys of the bucket.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let reply = self.cos.get_bucket(BUCKET).send().await.unwrap();
        let objects = reply.into_output().contents.into_iter();
        objects.map(|object| object.key.unwrap()).collect()
    }

    /// The job `id` once it has ended, well or badly.
    pub(crate) async fn ended(&self, id: &str) -> Job {
        loop {
            let reply = self.ci.describe_file_job(BUCKET, id).send().await.unwrap();
            let job = reply.into_output().jobs_detail.remove(0);
            if matches!(job.state, Some(JobState::Success | JobState::Failed)) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) async fn compressed(&self, config: FileCompressConfig, to: &str) -> Job {
        let operation = compress::Operation::new(config, output().object(to));
        let call = self.ci.create_file_compress_job(BUCKET, operation);
        let job = call
            .send()
            .await
            .unwrap()
            .into_output()
            .jobs_detail
            .remove(0);
        self.ended(job.job_id.as_deref().unwrap()).await
    }

    pub(crate) async fn uncompressed(&self, archive: &str, config: FileUncompressConfig) -> Job {
        let operation = uncompress::Operation::new(config, output());
        let input = ObjectInput::new(archive);
        let call = self.ci.create_file_uncompress_job(BUCKET, input, operation);
        let job = call
            .send()
            .await
            .unwrap()
            .into_output()
            .jobs_detail
            .remove(0);
        self.ended(job.job_id.as_deref().unwrap()).await
    }

    /// Sends a request just as it is and returns status and body of the answer.
    pub(crate) async fn raw(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("{BUCKET}.ci.{REGION}.myqcloud.com"))
            .body(Body::from(body.to_owned()))
            .unwrap();
        let (parts, body) = self.cloud.handle(request).await.into_parts();
        let body = body.collect(1 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (parts.status.as_u16(), body)
    }
}

/// The bucket, as the place of results.
pub(crate) fn output() -> JobOutput {
    JobOutput::new(REGION, BUCKET)
}

/// An archive that another program has written, see `archives/make.py`.
pub(crate) fn archive(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/file_jobs/archives");
    fs::read(folder.join(name)).unwrap()
}
