//! The header `Pic-Operations`: what is made of a picture that is uploaded, or of a stored one.
//!
//! An uploaded picture is stored first, and stays if a rule fails. Results are written when all of
//! them are made, so a failed request writes none.

use bytes::Bytes;
use http::StatusCode;
use tcloud_ci::operation::process_stored_image::{
    ProcessStoredImageRequest, ProcessStoredImageResponse,
};
use tcloud_ci::operation::put_image::{PutImageRequest, PutImageResponse};
use tcloud_ci::picture::{PicOperations, Rule};
use tcloud_ci::types::{
    ImageProcessInfo, ImageProcessObject, ImageProcessOriginal, ImageProcessResults,
};
use tcloud_core::server::{Context, Fault};
use tcloud_cos::operation::put_object;

use super::address::location;
use super::fault::invalid;
use super::made::{self, Made, Product};
use crate::cos::{self, as_put, object_name, quoted, rendition};
use crate::digest;
use crate::picture_limits::BYTES;
use crate::pictures::{Ending, Recipe};
use crate::state::State;
use crate::store::{Bucket, Object, ObjectName, Overwrite};

/// The most rules of a request.
const RULES: usize = 5;

/// Stores a picture and what is made of it.
pub(super) async fn put(
    state: &State,
    context: Context,
    request: PutImageRequest,
) -> Result<PutImageResponse, Fault> {
    let content_md5 = request.content_md5.as_deref();
    let content_md5 = content_md5.map(digest::read).transpose()?;
    let overwrite = match request.forbid_overwrite {
        Some(true) => Overwrite::Forbid,
        _ => Overwrite::Allow,
    };
    let word = request.acl.as_ref().map(|word| word.as_str().into());
    let acl = cos::acl_of_object(state, word.as_ref(), &request)?;
    let mut attributes = cos::attributes(&as_put!(request, tagging), acl)?;
    let name = object_name(request.bucket, request.key)?;
    cos::encrypt_by_default(state, &name.bucket, &mut attributes).await?;
    let plan = plan(state, &context, &name, request.pic_operations).await?;
    let length = context.body.length();
    if length.is_some_and(|length| length > BYTES) {
        let message = format!("a picture has at most {BYTES} bytes; store it without rules");
        return Err(Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "InvalidContent",
            message,
        ));
    }
    let blob = cos::receive(state, context.body, content_md5).await?;
    let object = state
        .store
        .put_object(&name, blob, &attributes, overwrite)
        .await?;
    let (original_info, results) = plan.run(state, object).await?;
    Ok(PutImageResponse::new()
        .original_info(original_info)
        .process_results(results))
}

/// Stores what is made of a stored picture.
pub(super) async fn process(
    state: &State,
    context: Context,
    request: ProcessStoredImageRequest,
) -> Result<ProcessStoredImageResponse, Fault> {
    let name = object_name(request.bucket, request.key)?;
    let plan = plan(state, &context, &name, request.pic_operations).await?;
    let object = state.store.head_object(&name).await?;
    let (original_info, results) = plan.run(state, object).await?;
    Ok(ProcessStoredImageResponse::new()
        .original_info(original_info)
        .process_results(results))
}

/// What a request asks for, once it is clear that it can be done.
struct Plan {
    name: ObjectName,
    region: String,
    /// Whether the answer describes the original.
    describes: bool,
    results: Vec<Planned>,
}

/// A result.
struct Planned {
    name: ObjectName,
    region: String,
    recipe: Recipe,
}

/// Reads the header of a request about the picture `name`, and what it names.
async fn plan(
    state: &State,
    context: &Context,
    name: &ObjectName,
    header: Option<String>,
) -> Result<Plan, Fault> {
    let header = header.unwrap_or_default();
    let operations = PicOperations::from_header(&header)
        .map_err(|error| invalid(format!("Pic-Operations: {error}")))?;
    let rules = operations.rules();
    if rules.len() > RULES {
        return Err(invalid(format!(
            "Pic-Operations has {} rules, at most {RULES} are allowed; send several requests",
            rules.len()
        )));
    }
    let bucket = state.store.bucket(&name.bucket).await?;
    let mut results = Vec::with_capacity(rules.len());
    for rule in rules {
        results.push(planned(state, context, name, &bucket, rule).await?);
    }
    Ok(Plan {
        name: name.clone(),
        region: bucket.region,
        describes: operations.get_info() == Some(true),
        results,
    })
}

/// What `rule` asks to be made of the picture `source` in `bucket`.
async fn planned(
    state: &State,
    context: &Context,
    source: &ObjectName,
    bucket: &Bucket,
    rule: &Rule,
) -> Result<Planned, Fault> {
    let key = result_key(&source.key, rule.file_id());
    if key.is_empty() || key.ends_with('/') {
        return Err(invalid(format!(
            "Pic-Operations: fileid must name a file, got `{}`",
            rule.file_id()
        )));
    }
    let target = match rule.get_bucket().filter(|name| *name != bucket.name) {
        Some(other) => state.store.bucket(other).await?,
        None => bucket.clone(),
    };
    let name = object_name(Some(target.name), Some(key))?;
    cos::require_permission(state, context, &put_object::OPERATION, &name, None).await?;
    let recipe = rendition::recipe(state, &bucket.name, rule.pipeline().clone()).await?;
    if matches!(
        recipe.ending(),
        Ending::Info | Ending::Average | Ending::Exif
    ) {
        return Err(invalid(format!(
            "Pic-Operations: the rule `{}` makes no picture that could be stored",
            rule.pipeline()
        )));
    }
    Ok(Planned {
        name,
        region: target.region,
        recipe,
    })
}

/// The key of the result `file_id`: it counts from the folder of the picture, or with a slash before
/// it from the root.
fn result_key(source: &str, file_id: &str) -> String {
    if let Some(key) = file_id.strip_prefix('/') {
        return key.to_owned();
    }
    match source.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{file_id}"),
        None => file_id.to_owned(),
    }
}

impl Plan {
    /// Makes all results of the picture `object`, then writes them.
    async fn run(
        self,
        state: &State,
        object: Object,
    ) -> Result<(ImageProcessOriginal, ImageProcessResults), Fault> {
        let (read, input) = rendition::read(state, &self.name, object.version_id()).await?;
        let mut made = Vec::with_capacity(self.results.len());
        let mut text = None;
        for result in self.results {
            let picture = made::make(state, &result.recipe, &self.name.bucket, input.clone()).await;
            match picture? {
                Product::Picture(picture) => made.push((result.name, result.region, picture)),
                Product::Text(found) => text = text.or(found),
            }
        }
        let mut etag = read.etag;
        let mut objects = Vec::with_capacity(made.len());
        for (name, region, picture) in made {
            let stored = picture.store(state, &name).await?;
            if name == self.name {
                etag.clone_from(&stored.etag);
            }
            objects.push(described(&picture, &name, &region, &stored.etag));
        }
        let mut original = ImageProcessOriginal::new()
            .location(location(&self.name.bucket, &self.region, &self.name.key))
            .key(self.name.key)
            .etag(quoted(&etag));
        if self.describes {
            original.image_info = Some(information(state, input).await?);
        }
        let mut results = ImageProcessResults::new().object(objects);
        results.text = text;
        Ok((original, results))
    }
}

fn described(picture: &Made, name: &ObjectName, region: &str, etag: &str) -> ImageProcessObject {
    let about = &picture.about;
    let mut object = ImageProcessObject::new()
        .key(name.key.as_str())
        .location(location(&name.bucket, region, &name.key))
        .format(about.format.to_string().to_ascii_lowercase())
        .width(about.width)
        .height(about.height)
        .size(about.size)
        .quality(about.quality)
        .frame_count(about.frames)
        .etag(quoted(etag));
    object.watermark_status = picture.certainty.map(Into::into);
    if let Some(codes) = &picture.codes {
        object.code_status = Some(i64::from(!codes.is_empty()));
        object = object.qr_code_info(codes.clone());
    }
    object
}

async fn information(state: &State, input: Bytes) -> Result<ImageProcessInfo, Fault> {
    let (about, average) = made::original(state, input).await?;
    Ok(ImageProcessInfo::new()
        .format(about.format.to_string())
        .width(about.width)
        .height(about.height)
        .quality(about.quality)
        .ave(average)
        .orientation(about.orientation)
        .frame_count(about.frames))
}

#[cfg(test)]
mod tests {
    use super::result_key;

    #[test]
    fn a_result_lies_beside_the_picture_unless_it_says_otherwise() {
        for (source, file_id, key) in [
            ("album/cat.jpg", "small.jpg", "album/small.jpg"),
            ("album/cat.jpg", "/small.jpg", "small.jpg"),
            ("album/cat.jpg", "a/small.jpg", "album/a/small.jpg"),
            ("cat.jpg", "small.jpg", "small.jpg"),
            ("cat.jpg", "/", ""),
        ] {
            assert_eq!(result_key(source, file_id), key);
        }
    }
}
