//! Looks for foreign data in a picture of a bucket.
//!
//! `cargo run -p tcloud-ci --example inspect -- <bucket> <key>`, with credentials and region in the
//! environment. Against the local cloud set `TCLOUD_ENDPOINT`, too.

use tcloud_ci::{Client, Config, Endpoint, ObjectInput};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(bucket), Some(key)) = (arguments.next(), arguments.next()) else {
        return Err("usage: inspect <bucket> <key>".into());
    };
    let mut config = Config::builder();
    if let Ok(endpoint) = std::env::var("TCLOUD_ENDPOINT") {
        config = config.endpoint(Endpoint::parse(&endpoint)?);
    }
    let client = Client::new(&config.build()?);

    client.bind_bucket(&bucket).send().await?;
    client.create_pic_bucket(&bucket).send().await?;
    let done = client
        .create_image_inspect_job(&bucket, ObjectInput::new(key))
        .submit_and_wait()
        .on_submitted(|reply| println!("submitted {:?}", reply.job_id()))
        .await?;
    let result = done.jobs_detail.first().and_then(|job| {
        job.operation
            .as_ref()?
            .image_inspect_result
            .as_ref()?
            .process_result
            .as_ref()
    });
    println!("{result:#?}");
    Ok(())
}
