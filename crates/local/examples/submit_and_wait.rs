//! Submits a job to the local cloud and waits for its result: a picture is looked at for data that
//! hide behind it.
//!
//! `cargo run -p tcloud-local --example submit_and_wait`. Nothing leaves the machine.

use tcloud_ci::operation::create_image_inspect_job::Input;
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

    let submitted = ci
        .create_image_inspect_job(BUCKET, Input::new("cat.png"))
        .send()
        .await?;
    let job_id = submitted
        .jobs_detail
        .first()
        .and_then(|job| job.job_id.as_deref())
        .ok_or("the service made no job")?;
    let done = ci.wait_job(BUCKET, job_id).await?;

    let result = done
        .jobs_detail
        .first()
        .and_then(|job| job.operation.as_ref())
        .and_then(|operation| operation.image_inspect_result.as_ref())
        .and_then(|result| result.process_result.as_ref())
        .ok_or("the job has no result")?;
    println!("{job_id}: {result:?}");
    assert_eq!(result.suspicious, Some(true));
    cloud.shutdown().await;
    Ok(())
}
