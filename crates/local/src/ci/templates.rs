//! Templates for processing pictures, which jobs name in place of rules. Of other kinds there are
//! none.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tcloud_ci::operation::create_pic_process_template::{
    CreatePicProcessTemplateRequest, CreatePicProcessTemplateResponse,
};
use tcloud_ci::operation::delete_template::{DeleteTemplateRequest, DeleteTemplateResponse};
use tcloud_ci::operation::describe_templates::{
    DescribeTemplatesRequest, DescribeTemplatesResponse,
};
use tcloud_ci::operation::update_pic_process_template::{
    UpdatePicProcessTemplateRequest, UpdatePicProcessTemplateResponse,
};
use tcloud_ci::picture::{Pipeline, Step};
use tcloud_ci::types::{MediaTemplate, PicProcess, TemplateCategory, UnknownTemplates};
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault};

use super::binding::words;
use super::fault::invalid;
use super::time::time;
use crate::cos::rendition;
use crate::pictures::Recipe;
use crate::state::State;
use crate::store::{BucketSetting, SettingName, new_id};

const KIND: &str = "pic-process-template";
const TAG: &str = "PicProcess";
/// The most templates of a bucket.
const MOST: u32 = 1000;

/// A template as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    name: String,
    describes: bool,
    rule: String,
    made_at: i64,
}

/// Makes a template.
pub(super) async fn create(
    state: &State,
    context: Context,
    request: CreatePicProcessTemplateRequest,
) -> Result<CreatePicProcessTemplateResponse, Fault> {
    let kept = Kept::new(request.name, request.pic_process, state.store.now())?;
    let name = setting(request.bucket, new_id("t"));
    let template = kept.keep(state, &name).await?;
    Ok(CreatePicProcessTemplateResponse::new()
        .request_id(context.request_id)
        .template(template))
}

/// Changes a template.
pub(super) async fn update(
    state: &State,
    context: Context,
    request: UpdatePicProcessTemplateRequest,
) -> Result<UpdatePicProcessTemplateResponse, Fault> {
    let name = setting(request.bucket, request.template_id.unwrap_or_default());
    let before = kept(&load(state, &name).await?)?;
    let kept = Kept::new(request.name, request.pic_process, before.made_at)?;
    let template = kept.keep(state, &name).await?;
    Ok(UpdatePicProcessTemplateResponse::new()
        .request_id(context.request_id)
        .template(template))
}

/// Deletes a template.
pub(super) async fn delete(
    state: &State,
    context: Context,
    request: DeleteTemplateRequest,
) -> Result<DeleteTemplateResponse, Fault> {
    let name = setting(request.bucket, request.template_id.unwrap_or_default());
    if !state.store.delete_bucket_setting(&name).await? {
        return Err(missing(&name));
    }
    Ok(DeleteTemplateResponse::new()
        .request_id(context.request_id)
        .template_id(name.id))
}

/// Lists templates. The service's own are none.
pub(super) async fn list(
    state: &State,
    context: Context,
    request: DescribeTemplatesRequest,
) -> Result<DescribeTemplatesResponse, Fault> {
    let bucket = request.bucket.unwrap_or_default();
    let all = state.store.bucket_settings(&bucket, KIND, "", MOST).await?;
    let tag = request.tag.as_deref().unwrap_or("All");
    let is_asked =
        matches!(tag, "All" | TAG) && request.category != Some(TemplateCategory::Official);
    let ids = words(request.ids.as_deref());
    let prefix = request.name.unwrap_or_default();
    let mut found = Vec::new();
    for setting in all.iter().filter(|_| is_asked) {
        let kept = kept(setting)?;
        let is_named = ids.is_empty() || ids.contains(&setting.id);
        if is_named && kept.name.starts_with(&prefix) {
            found.push(kept.shown(setting));
        }
    }
    let unknown = ids
        .into_iter()
        .filter(|id| !all.iter().any(|setting| setting.id == *id));
    let unknown: Vec<_> = unknown.collect();
    let (number, size) = (
        request.page_number.unwrap_or(1),
        request.page_size.unwrap_or(10),
    );
    let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let skipped = count(number.saturating_sub(1)).saturating_mul(count(size));
    let mut answer = DescribeTemplatesResponse::new()
        .request_id(context.request_id)
        .total_count(i64::try_from(found.len()).unwrap_or(i64::MAX))
        .page_number(number)
        .page_size(size)
        .template_list(found.into_iter().skip(skipped).take(count(size)));
    if !unknown.is_empty() {
        answer.non_exist_tids = Some(UnknownTemplates::new().template_id(unknown));
    }
    Ok(answer)
}

/// What the template `id` of `bucket` asks for.
///
/// # Errors
///
/// There is none.
pub(super) async fn find(state: &State, bucket: &str, id: &str) -> Result<PicProcess, Fault> {
    let name = setting(Some(bucket.to_owned()), id.to_owned());
    Ok(kept(&load(state, &name).await?)?.asked())
}

/// The name of the template `id` of `bucket`. `None` if there is no such template, which its jobs find
/// out.
pub(super) async fn name(state: &State, bucket: &str, id: &str) -> Result<Option<String>, Fault> {
    let name = setting(Some(bucket.to_owned()), id.to_owned());
    let found = state.store.bucket_setting(&name).await?;
    found.map(|it| Ok(kept(&it)?.name)).transpose()
}

impl Kept {
    fn new(name: Option<String>, asked: Option<PicProcess>, made_at: i64) -> Result<Self, Fault> {
        let name = name.unwrap_or_default();
        let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*');
        if name.is_empty() || !name.chars().all(is_allowed) {
            return Err(invalid(
                "Request.Name must be made of letters, digits, `_`, `-` and `*`",
            ));
        }
        let asked = asked.unwrap_or_default();
        let rule = asked.process_rule.unwrap_or_default();
        let pipeline = Pipeline::from_str(&rule)
            .map_err(|error| invalid(format!("Request.PicProcess.ProcessRule: {error}")))?;
        // What cannot be done later is better refused now. A style may still come.
        let is_style = |step: &Step| matches!(step, Step::Style(_));
        if !pipeline.steps().iter().any(is_style) {
            Recipe::new(&pipeline).map_err(rendition::refused)?;
        }
        Ok(Self {
            name,
            describes: asked.is_pic_info == Some(true),
            rule,
            made_at,
        })
    }

    async fn keep(self, state: &State, name: &SettingName) -> Result<MediaTemplate, Fault> {
        let document = serde_json::to_string(&self)
            .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?;
        let most = i64::from(MOST);
        if !state
            .store
            .put_bucket_setting(name, &document, most)
            .await?
        {
            return Err(invalid(format!(
                "bucket {} has {MOST} templates, which is the most; delete one first",
                name.bucket
            )));
        }
        Ok(self.shown(&load(state, name).await?))
    }

    fn shown(self, setting: &BucketSetting) -> MediaTemplate {
        MediaTemplate::new()
            .template_id(setting.id.as_str())
            .tag(TAG)
            .name(self.name.as_str())
            .bucket_id(setting.bucket.as_str())
            .category(TemplateCategory::Custom)
            .create_time(time(Some(self.made_at)).as_str())
            .update_time(time(Some(setting.set_at)).as_str())
            .pic_process(self.asked())
    }

    fn asked(&self) -> PicProcess {
        PicProcess::new(self.rule.as_str()).is_pic_info(self.describes)
    }
}

fn kept(setting: &BucketSetting) -> Result<Kept, Fault> {
    serde_json::from_str(&setting.document)
        .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))
}

async fn load(state: &State, name: &SettingName) -> Result<BucketSetting, Fault> {
    let found = state.store.bucket_setting(name).await?;
    found.ok_or_else(|| missing(name))
}

fn setting(bucket: Option<String>, id: String) -> SettingName {
    SettingName {
        bucket: bucket.unwrap_or_default(),
        kind: KIND,
        id,
    }
}

fn missing(name: &SettingName) -> Fault {
    invalid(format!(
        "bucket {} has no template `{}`; make it with POST /template",
        name.bucket, name.id
    ))
}
