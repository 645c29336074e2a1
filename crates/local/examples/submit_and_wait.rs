//! Submits a job to the local cloud and waits for its result: a picture is looked at for data that
//! hide behind it.
//!
//! `cargo run -p tcloud-local --example submit_and_wait`. Nothing leaves the machine.

use tcloud_ci::ObjectInput;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};

const BUCKET: &str = "examplebucket-1250000000";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cloud = LocalCloud::start(Settings::default()).await?;
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .transport(cloud.transport())
        .build()?;
    let (cos, ci) = (
        tcloud_cos::Client::new(&config),
        tcloud_ci::Client::new(&config),
    );

    cos.put_bucket(BUCKET).send().await?;
    ci.create_pic_bucket(BUCKET).send().await?;
    // A picture that has a transport stream behind it.
    let picture = tcloud_inspect::demo::png_with_mpeg_ts();
    cos.put_object(BUCKET, "cat.png", picture).send().await?;

    let done = ci
        .create_image_inspect_job(BUCKET, ObjectInput::new("cat.png"))
        .submit_and_wait()
        .await?;

    let job = done.jobs_detail.first().ok_or("the job is gone")?;
    let result = job
        .operation
        .as_ref()
        .and_then(|operation| operation.image_inspect_result.as_ref())
        .and_then(|result| result.process_result.as_ref())
        .ok_or("the job has no result")?;
    println!("{:?}: {result:?}", job.job_id);
    assert_eq!(result.suspicious, Some(true));
    cloud.shutdown().await;
    Ok(())
}
