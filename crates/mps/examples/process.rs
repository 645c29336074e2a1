//! Converts a picture of a bucket to WebP, at half its size.
//!
//! `cargo run -p tcloud-mps --example process -- <bucket> <region> <key>`, with credentials in the
//! environment. Against the local cloud set `TCLOUD_ENDPOINT`, too.

use tcloud_mps::{
    Client, Config, CosInputInfo, Endpoint, ImageEncodeConfig, ImageResizeConfig, ImageTaskInput,
    ImageTransformConfig, MediaInputInfo, Switch,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bucket, region, key] = arguments.as_slice() else {
        return Err("usage: process <bucket> <region> <key>".into());
    };
    let mut config = Config::builder().region(region);
    if let Ok(endpoint) = std::env::var("TCLOUD_ENDPOINT") {
        config = config.endpoint(Endpoint::parse(&endpoint)?);
    }
    let client = Client::new(&config.build()?);

    let input = MediaInputInfo::new("COS").cos_input_info(CosInputInfo::new(bucket, region, key));
    let half = ImageResizeConfig::new()
        .switch(Switch::On)
        .mode("percent")
        .percent(50.0);
    let task = ImageTaskInput::new()
        .encode_config(ImageEncodeConfig::new().format("WebP").quality(75))
        .transform_config(ImageTransformConfig::new().image_resize(half));
    let done = client
        .process_image(input)
        .image_task(task)
        .submit_and_wait()
        .on_submitted(|reply| println!("submitted {:?}", reply.job_id()))
        .await?;
    println!("{:#?}", done.image_process_task_result_set);
    Ok(())
}
