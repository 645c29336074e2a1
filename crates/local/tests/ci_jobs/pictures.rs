//! Pictures that are processed by a job, by a rule or by a template.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use tcloud_ci::operation::create_pic_process_job::{CreatePicProcessJob, Input, Operation};
use tcloud_ci::types::{JobOutput, JobState, PicProcess, PicProcessResult};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, REGION};

fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(60, 40, Rgb([200, 40, 10]));
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn output(key: &str) -> JobOutput {
    JobOutput::new(REGION, BUCKET).object(key)
}

fn job(fixture: &Fixture, operation: Operation) -> CreatePicProcessJob {
    let input = Input::new("input/deer.png");
    fixture.ci.create_pic_process_job(BUCKET, input, operation)
}

async fn ready() -> Fixture {
    let fixture = Fixture::ready(Settings::default()).await;
    fixture.put("input/deer.png", picture()).await;
    fixture
}

async fn done(fixture: &Fixture, call: CreatePicProcessJob) -> PicProcessResult {
    let jobs = call.send().await.unwrap().into_output().jobs_detail;
    let id = jobs[0].job_id.clone().unwrap();
    let job = fixture.wait(&id).await.unwrap();
    assert_eq!(job.state, Some(JobState::Success));
    assert_eq!(job.tag.as_deref(), Some("PicProcess"));
    *job.operation.unwrap().pic_process_result.unwrap()
}

async fn size(fixture: &Fixture, key: &str) -> (u32, u32) {
    let reply = fixture.cos.get_object(BUCKET, key).send().await.unwrap();
    let bytes = reply.into_body().collect(1 << 20).await.unwrap();
    let picture = image::load_from_memory(&bytes).unwrap();
    (picture.width(), picture.height())
}

#[tokio::test]
async fn a_rule_is_done() {
    let fixture = ready().await;
    let asked = PicProcess::new("imageMogr2/rotate/90").is_pic_info(true);
    let operation = Operation::new(output("output/out.png")).pic_process(asked);
    let result = done(&fixture, job(&fixture, operation)).await;

    assert_eq!(result.object_name.as_deref(), Some("output/out.png"));
    let upload = result.upload_result.unwrap();
    let original = upload.original_info.unwrap();
    assert_eq!(original.key.as_deref(), Some("input/deer.png"));
    let info = original.image_info.unwrap();
    assert_eq!((info.width, info.height), (Some(60), Some(40)));
    assert_eq!(info.format.as_deref(), Some("PNG"));
    let made = &upload.process_results.unwrap().object[0];
    assert_eq!((made.width, made.height), (Some(40), Some(60)));
    assert_eq!(result.process_result.as_ref(), Some(made));
    assert_eq!(size(&fixture, "output/out.png").await, (40, 60));
    let head = fixture.cos.head_object(BUCKET, "output/out.png");
    let head = head.send().await.unwrap().into_output();
    assert_eq!(head.etag, made.etag);
    assert_eq!(head.content_length, made.size);
}

#[tokio::test]
async fn a_template_is_made_named_changed_and_deleted() {
    let fixture = ready().await;
    let half = PicProcess::new("imageMogr2/thumbnail/!50p");
    let made = fixture.ci.create_pic_process_template(BUCKET, "half", half);
    let template = made.send().await.unwrap().into_output().template.unwrap();
    let id = template.template_id.unwrap();
    let by_template = || Operation::new(output("out.png")).template_id(id.as_str());
    done(&fixture, job(&fixture, by_template())).await;
    assert_eq!(size(&fixture, "out.png").await, (30, 20));

    let third = PicProcess::new("imageMogr2/thumbnail/20x");
    let change = fixture
        .ci
        .update_pic_process_template(BUCKET, id.as_str(), "third", third);
    change.send().await.unwrap();
    done(&fixture, job(&fixture, by_template())).await;
    assert_eq!(size(&fixture, "out.png").await, (20, 13));

    let all = fixture
        .ci
        .describe_templates(BUCKET)
        .ids(format!("{id},t1"));
    let all = all.send().await.unwrap().into_output();
    assert_eq!(all.total_count, Some(1));
    assert_eq!(all.template_list[0].name.as_deref(), Some("third"));
    assert_eq!(all.non_exist_tids.unwrap().template_id, ["t1"]);

    let delete = || fixture.ci.delete_template(BUCKET, id.as_str());
    delete().send().await.unwrap();
    let gone = delete().send().await.unwrap_err();
    assert_eq!(gone.code(), Some("InvalidArgument"));
    let jobs = job(&fixture, by_template()).send().await.unwrap();
    let job = jobs.into_output().jobs_detail.remove(0);
    let failed = fixture.wait(&job.job_id.unwrap()).await.unwrap_err();
    assert!(failed.to_string().contains("no template"), "{failed}");
}

#[tokio::test]
async fn the_older_endpoint_does_the_same() {
    let fixture = ready().await;
    let asked = PicProcess::new("imageMogr2/format/bmp");
    let operation = Operation::new(output("out.bmp")).pic_process(asked);
    let input = Input::new("input/deer.png");
    let call = fixture
        .ci
        .create_pic_process_pic_job(BUCKET, input, operation);
    let jobs = call.send().await.unwrap().into_output().jobs_detail;
    let id = jobs[0].job_id.as_deref().unwrap();
    let job = fixture.wait(id).await;
    assert_eq!(job.unwrap().state, Some(JobState::Success));
    assert_eq!(size(&fixture, "out.bmp").await, (60, 40));

    // It describes and lists them as well, but no other kinds of jobs.
    let other = fixture
        .inspected(fixture.inspection("input/deer.png"))
        .await;
    let other = other.job_id.unwrap();
    let told = fixture
        .ci
        .describe_pic_job(BUCKET, format!("{id},{other},none"));
    let told = told.send().await.unwrap().into_output();
    assert_eq!(told.jobs_detail.len(), 1);
    assert_eq!(told.jobs_detail[0].job_id.as_deref(), Some(id));
    assert_eq!(told.non_exist_job_ids, ["none", other.as_str()]);
    let queue = jobs[0].queue_id.as_deref().unwrap();
    let listed = fixture.ci.list_pic_jobs(BUCKET, queue, "PicProcess");
    let listed = listed.send().await.unwrap().into_output();
    let ids: Vec<_> = listed
        .jobs_detail
        .iter()
        .filter_map(|job| job.job_id.as_deref())
        .collect();
    assert_eq!(ids, [id]);
    let listed = fixture.ci.list_pic_jobs(BUCKET, queue, "PosterProduction");
    assert!(listed.send().await.unwrap().jobs_detail.is_empty());
    let refused = fixture.ci.list_pic_jobs(BUCKET, queue, "ImageInspect");
    let refused = refused.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidArgument"));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_or_fails_with_its_reason() {
    let fixture = ready().await;
    let operation = |rule: &str| {
        let asked = PicProcess::new(rule);
        Operation::new(output("out.png")).pic_process(asked)
    };
    for operation in [
        Operation::new(output("out.png")),
        operation("imageMogr2/rotate/left"),
        Operation::new(output("")).pic_process(PicProcess::new("imageMogr2/rotate/9")),
    ] {
        let refused = job(&fixture, operation).send().await.unwrap_err();
        assert_eq!(refused.code(), Some("InvalidArgument"), "{refused}");
    }
    for (rule, reason) in [
        ("imageMogr2/format/tpg", "tpg"),
        ("imageInfo", "makes no picture"),
        ("style/none", "no style"),
    ] {
        let jobs = job(&fixture, operation(rule)).send().await.unwrap();
        let id = jobs.into_output().jobs_detail.remove(0).job_id.unwrap();
        let failed = fixture.wait(&id).await.unwrap_err().to_string();
        assert!(failed.contains(reason), "{failed}");
    }
    assert!(!fixture.has("out.png").await);
}
