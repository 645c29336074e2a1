//! What is set for the pictures of a bucket: styles, and who may have pictures as they are.

use tcloud_ci::picture::{Pipeline, Separator, Step};

use super::error::RecipeError;
use super::hotlink::Hotlink;
use super::slimming::Slimming;
use crate::store::{ObjectName, Result, SettingName, Store, StoreError};

/// The most styles of a bucket.
pub(crate) const MOST_STYLES: u32 = 1000;

/// The setting that keeps the pipeline of the style `name` of `bucket`.
pub(crate) fn style(bucket: &str, name: &str) -> SettingName {
    SettingName {
        bucket: bucket.to_owned(),
        kind: STYLE,
        id: name.to_owned(),
    }
}

/// The setting that is there while the original pictures of `bucket` are protected.
pub(crate) fn origin_protection(bucket: &str) -> SettingName {
    single(bucket, "origin-protect")
}

/// The setting that is there while JPEG pictures of `bucket` may be coded by Guetzli.
pub(crate) fn guetzli(bucket: &str) -> SettingName {
    single(bucket, "guetzli")
}

/// The setting that keeps which web pages may show the pictures of `bucket`.
pub(crate) fn hotlink(bucket: &str) -> SettingName {
    single(bucket, "hotlink")
}

/// The setting that keeps which pictures of `bucket` become slim.
pub(crate) fn slimming(bucket: &str) -> SettingName {
    single(bucket, "image-slim")
}

/// The kind of setting that a style is.
pub(crate) const STYLE: &str = "picture-style";

fn single(bucket: &str, kind: &'static str) -> SettingName {
    SettingName {
        bucket: bucket.to_owned(),
        kind,
        id: String::new(),
    }
}

/// Why a style is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StyleError {
    /// There is none, or it says nothing sensible.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The store cannot tell.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// `pipeline` with what its styles stand for in their places.
///
/// # Errors
///
/// `bucket` has no such style.
pub(crate) async fn expand(
    store: &Store,
    bucket: &str,
    pipeline: Pipeline,
) -> std::result::Result<Pipeline, StyleError> {
    let is_style = |step: &Step| matches!(step, Step::Style(_));
    if !pipeline.steps().iter().any(is_style) {
        return Ok(pipeline);
    }
    let mut expanded = Pipeline::new();
    for step in pipeline.steps() {
        let Step::Style(named) = step else {
            expanded = expanded.then(step.clone());
            continue;
        };
        let name = named.get_name().unwrap_or_default();
        let kept = store.bucket_setting(&style(bucket, &name)).await?;
        let kept = kept.ok_or_else(|| {
            let message = format!("bucket {bucket} has no style `{name}`; add it with PUT /?style");
            RecipeError::Invalid(message)
        })?;
        for step in body(&kept.document)?.steps() {
            expanded = expanded.then(step.clone());
        }
    }
    Ok(expanded)
}

/// Reads the text of a style, which documents write with a `?` before it.
///
/// # Errors
///
/// It is no pipeline, or names a style itself.
pub(crate) fn body(text: &str) -> std::result::Result<Pipeline, RecipeError> {
    let text = text.trim();
    let text = text.strip_prefix('?').unwrap_or(text);
    let pipeline: Pipeline = text
        .parse()
        .map_err(|error: tcloud_ci::picture::Error| RecipeError::Invalid(error.to_string()))?;
    if pipeline
        .steps()
        .iter()
        .any(|it| matches!(it, Step::Style(_)))
    {
        let message = "a style names another one; write out what that one does".to_owned();
        return Err(RecipeError::Invalid(message));
    }
    Ok(pipeline)
}

/// The object and the name of the style that `key` names together, as in `cat.jpg!small`. An object
/// whose key is the whole text goes before.
///
/// # Errors
///
/// The store cannot tell.
pub(crate) async fn split(
    store: &Store,
    bucket: &str,
    key: &str,
    separators: &[Separator],
) -> Result<Option<(String, String)>> {
    for separator in separators {
        let Some((object, name)) = key.rsplit_once(separator.as_str()) else {
            continue;
        };
        if object.is_empty() || name.is_empty() {
            continue;
        }
        let kept = match store.bucket_setting(&style(bucket, name)).await {
            Err(StoreError::NoSuchBucket(_)) => return Ok(None),
            kept => kept?,
        };
        if kept.is_none() {
            continue;
        }
        return match store.head_object(&ObjectName::new(bucket, key)).await {
            Ok(_) => Ok(None),
            Err(StoreError::NoSuchObject(_)) => Ok(Some((object.to_owned(), name.to_owned()))),
            Err(error) => Err(error),
        };
    }
    Ok(None)
}

/// Which web pages may show the pictures of a bucket, if that was set.
///
/// # Errors
///
/// The store cannot tell.
pub(crate) async fn hotlinks(store: &Store, bucket: &str) -> Result<Option<Hotlink>> {
    let kept = store.bucket_setting(&hotlink(bucket)).await?;
    // Only this crate writes it.
    Ok(kept.and_then(|kept| serde_json::from_str(&kept.document).ok()))
}

/// Which pictures of a bucket become slim, if that is switched on.
///
/// # Errors
///
/// The store cannot tell.
pub(crate) async fn slimmed(store: &Store, bucket: &str) -> Result<Option<Slimming>> {
    let kept = store.bucket_setting(&slimming(bucket)).await?;
    // Only this crate writes it.
    Ok(kept.and_then(|kept| serde_json::from_str(&kept.document).ok()))
}

/// Whether the pictures of a bucket may be had without a signature only as its styles make them.
pub(crate) async fn is_protected(store: &Store, bucket: &str) -> Result<bool> {
    Ok(store
        .bucket_setting(&origin_protection(bucket))
        .await?
        .is_some())
}

/// Whether `pipeline` makes of a picture something that may be shown where the original may not: by
/// a style or with a watermark.
pub(crate) fn hides_original(pipeline: &Pipeline) -> bool {
    pipeline.steps().iter().any(|step| {
        matches!(
            step,
            Step::Style(_) | Step::ImageWatermark(_) | Step::TextWatermark(_)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_style_is_read_with_and_without_its_question_mark() {
        let plain = body("imageMogr2/thumbnail/!50px").unwrap();
        assert_eq!(body(" ?imageMogr2/thumbnail/!50px\n").unwrap(), plain);
        for text in ["", "?", "style/other", "imageMogr2/rotate/left"] {
            assert!(body(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_style_or_a_watermark_hides_the_original() {
        let hides = |text: &str| hides_original(&text.parse().unwrap());
        assert!(hides("style/small") && hides("imageMogr2/thumbnail/9x|watermark/2/text/YQ"));
        assert!(!hides("imageMogr2/thumbnail/9x"));
    }
}
