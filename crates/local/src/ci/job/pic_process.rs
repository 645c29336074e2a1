//! A picture is processed by a rule or by a template, as a job.

use serde_json::Value;
use tcloud_ci::operation::create_pic_process_job::{
    CreatePicProcessJobRequest, CreatePicProcessJobResponse,
};
use tcloud_ci::operation::create_pic_process_pic_job::{
    CreatePicProcessPicJobRequest, CreatePicProcessPicJobResponse,
};
use tcloud_ci::picture::Pipeline;
use tcloud_ci::types::{
    Job as Detail, PicInfo, PicOriginal, PicProcess as Asked, PicProcessOriginal, PicProcessResult,
    PicProcessResults, PicProcessedObject, PicUploadResult,
};
use tcloud_core::node::Node as _;
use tcloud_core::server::{Context, Fault};

use super::failure::Failure;
use super::kind::CiKind;
use super::request::{object_of, only, output};
use super::submit::submit;
use crate::ci::address::location;
use crate::ci::made::{self, Product};
use crate::ci::{fault, templates};
use crate::cos::{KEY_LIMIT, quoted, rendition};
use crate::pictures::Description;
use crate::state::State;
use crate::store::{Effect, Job, JobClass, ObjectName, Processing};

/// The kind `PicProcess`.
#[derive(Debug)]
pub(super) struct PicProcess;

impl CiKind for PicProcess {
    const TAG: &'static str = "PicProcess";
    const CLASS: JobClass = JobClass::Picture;
    const PROCESSING: Processing = Processing::Picture;
    const RESULT: &'static str = "PicProcessResult";
    type Request = CreatePicProcessJobRequest;
    type Result = PicProcessResult;

    fn answer(job: Detail) -> CreatePicProcessJobResponse {
        CreatePicProcessJobResponse::new().jobs_detail([job])
    }

    fn check(request: &CreatePicProcessJobRequest) -> Result<(), Fault> {
        let Some(operation) = &request.operation else {
            return Ok(());
        };
        if let Some(output) = &operation.output {
            only(output, "Output", &["Region", "Bucket", "Object"])?;
            let key = output.object.as_deref().unwrap_or_default();
            if key.is_empty() || key.len() > KEY_LIMIT {
                return Err(fault::invalid(format!(
                    "Request.Operation.Output.Object must be a key of 1 to {KEY_LIMIT} bytes"
                )));
            }
        }
        match (&operation.template_id, &operation.pic_process) {
            (None, None) => Err(fault::invalid(
                "Request.Operation needs TemplateId or PicProcess",
            )),
            (None, Some(asked)) => pipeline(asked).map(drop),
            // The template goes before what stands beside it.
            (Some(_), _) => Ok(()),
        }
    }

    async fn complete(
        state: &State,
        bucket: &str,
        mut request: CreatePicProcessJobRequest,
    ) -> Result<CreatePicProcessJobRequest, Fault> {
        let operation = request.operation.as_mut();
        let named = operation.and_then(|it| Some((it.template_id.clone()?, it)));
        if let Some((id, operation)) = named
            && let Some(name) = templates::name(state, bucket, &id).await?
        {
            let name = Value::from(name);
            operation
                .unknown_mut()
                .insert("TemplateName".to_owned(), name);
        }
        Ok(request)
    }

    async fn run(
        state: &State,
        job: &Job,
        request: &CreatePicProcessJobRequest,
    ) -> Result<(PicProcessResult, Vec<Effect>), Failure> {
        let source = object_of(job, request.input.as_ref())?;
        let operation = request.operation.clone().unwrap_or_default();
        let target = output(&state.store, operation.output.as_ref()).await?;
        let key = operation.output.and_then(|output| output.object);
        let name = ObjectName::new(target.name.as_str(), key.unwrap_or_default());
        let asked = match operation.template_id {
            Some(id) => templates::find(state, &source.bucket, &id).await?,
            None => operation.pic_process.unwrap_or_default(),
        };
        let recipe = rendition::recipe(state, &source.bucket, pipeline(&asked)?).await?;
        if !recipe.makes_picture() {
            let message = "the rule makes no picture that could be stored";
            return Err(Failure::new("InvalidArgument", message));
        }
        let (object, input) = rendition::read(state, &source, None).await?;
        let made = made::make(state, &recipe, &source.bucket, input.clone()).await?;
        let Product::Picture(picture) = made else {
            return Err(Failure::internal("the rule made no picture"));
        };
        let blob = state.store.upload_bytes(picture.bytes.clone()).await?;
        let etag = format!("{:032x}", u128::from_be_bytes(blob.md5));

        let info = if asked.is_pic_info == Some(true) {
            let (about, average) = made::original(state, input).await?;
            Some(information(&about, average))
        } else {
            None
        };
        let mut original = PicOriginal::new()
            .key(source.key.as_str())
            .location(location(&source.bucket, &job.region, &source.key))
            .etag(quoted(&object.etag));
        original.image_info.clone_from(&info);
        let mut told = PicProcessOriginal::new().etag(quoted(&object.etag));
        told.image_info = info;
        let about = &picture.about;
        let processed = PicProcessedObject::new()
            .key(name.key.as_str())
            .location(location(&name.bucket, &target.region, &name.key))
            .format(about.format.to_string())
            .width(about.width)
            .height(about.height)
            .size(about.size)
            .quality(about.quality)
            .etag(quoted(&etag));
        let upload = PicUploadResult::new()
            .original_info(original)
            .process_results(PicProcessResults::new().object([processed.clone()]));
        // The document shows the first of these, callbacks the others.
        let result = PicProcessResult::new()
            .upload_result(upload)
            .object_name(name.key.as_str())
            .original_info(told)
            .process_result(processed);
        let attributes = picture.attributes();
        let put = Effect::PutObject {
            name,
            blob,
            attributes,
        };
        Ok((result, vec![put]))
    }
}

/// Submits the same to the older endpoint.
pub(super) async fn submit_older(
    state: &State,
    context: Context,
    request: CreatePicProcessPicJobRequest,
) -> Result<CreatePicProcessPicJobResponse, Fault> {
    let mut same = CreatePicProcessJobRequest::default();
    same.bucket = request.bucket;
    same.input = request.input;
    same.operation = request.operation;
    same.queue_id = request.queue_id;
    same.queue_type = request.queue_type;
    same.callback_format = request.callback_format;
    same.callback_type = request.callback_type;
    same.callback = request.callback;
    same.callback_mq_config = request.callback_mq_config;
    same.callback_kafka_config = request.callback_kafka_config;
    let answer = submit::<PicProcess>(state, context, same).await?;
    Ok(CreatePicProcessPicJobResponse::new().jobs_detail(answer.jobs_detail))
}

/// What `asked` says is to be done.
fn pipeline(asked: &Asked) -> Result<Pipeline, Fault> {
    let rule = asked.process_rule.as_deref().unwrap_or_default();
    rule.parse()
        .map_err(|error| fault::invalid(format!("PicProcess.ProcessRule: {error}")))
}

fn information(about: &Description, average: String) -> PicInfo {
    PicInfo::new()
        .format(about.format.to_string())
        .width(about.width)
        .height(about.height)
        .quality(about.quality)
        .ave(average)
        .orientation(about.orientation)
}
