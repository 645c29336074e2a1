//! One description of what is done to a picture, three ways to have it done: while it is
//! downloaded, while it is uploaded, and by a job.
//!
//! `cargo run -p tcloud-ci --example pipeline`. A transport in memory stands in for the service.

use tcloud_ci::operation::create_pic_process_job::{Input, Operation};
use tcloud_ci::picture::{
    Format, Gravity, ImageMogr2, PicOperations, Pipeline, Rule, TextWatermark, Thumbnail,
};
use tcloud_ci::runtime::transport::Memory;
use tcloud_ci::types::{JobOutput, PicProcess};
use tcloud_ci::{Client, Config, Credentials};

const BUCKET: &str = "examplebucket-1250000000";
const UPLOADED: &str = "<UploadResult><ProcessResults><Object><Key>cat.small.webp</Key>\
    <Format>webp</Format><Width>300</Width></Object></ProcessResults></UploadResult>";
const SUBMITTED: &str = "<Response><JobsDetail><JobId>p01</JobId><State>Submitted</State>\
    </JobsDetail></Response>";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = Memory::answering([(200, UPLOADED), (200, SUBMITTED)]);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(service.clone())
        .build()?;
    let client = Client::new(&config);

    let pipeline = Pipeline::new()
        .then(
            ImageMogr2::new()
                .thumbnail(Thumbnail::Width(300))
                .format(Format::Webp)
                .quality(80),
        )
        .then(TextWatermark::new("tcloud").gravity(Gravity::SouthEast));

    // 1. The query of a download.
    let address = format!(
        "https://{BUCKET}.cos.ap-chongqing.myqcloud.com/cat.jpg?{}",
        pipeline.query()?
    );
    println!("download: {address}");
    assert!(address.ends_with(
        "?imageMogr2/thumbnail/300x/format/webp/quality/80\
         |watermark/2/text/dGNsb3Vk/gravity/southeast"
    ));

    // 2. A rule of an upload, whose result is stored beside the picture.
    let operations = PicOperations::new()
        .info(true)
        .rule(Rule::new("cat.small.webp", pipeline.clone()));
    let stored = client
        .put_image(
            BUCKET,
            "cat.jpg",
            operations.to_header()?,
            &b"a picture"[..],
        )
        .send()
        .await?;
    println!("upload: {:?}", stored.process_results);

    // 3. The rule of a job, for a picture that is stored already.
    let job = client
        .create_pic_process_job(
            BUCKET,
            Input::new("cat.jpg"),
            Operation::new(JobOutput::new("ap-chongqing", BUCKET).object("cat.small.webp"))
                .pic_process(PicProcess::new(pipeline.rule()?)),
        )
        .send()
        .await?;
    println!("job: {:?}", job.jobs_detail);

    // Whoever receives one of them reads it back.
    let [upload, _] = service.requests().try_into().map_err(|_| "two requests")?;
    let header = upload.headers.get("pic-operations").ok_or("no header")?;
    let header = header.to_str()?;
    assert_eq!(PicOperations::from_header(header)?, operations);
    assert_eq!(Pipeline::from_query(&pipeline.query()?)?, Some(pipeline));
    Ok(())
}
