//! What is set for the pictures of a bucket: styles, the protection of originals and against
//! hotlinks, and Guetzli, which is kept and not acted on.

use http::StatusCode;
use tcloud_ci::operation::delete_bucket_guetzli::{
    DeleteBucketGuetzliRequest, DeleteBucketGuetzliResponse,
};
use tcloud_ci::operation::delete_bucket_image_slim::{
    DeleteBucketImageSlimRequest, DeleteBucketImageSlimResponse,
};
use tcloud_ci::operation::delete_bucket_origin_protect::{
    DeleteBucketOriginProtectRequest, DeleteBucketOriginProtectResponse,
};
use tcloud_ci::operation::delete_bucket_style::{
    DeleteBucketStyleRequest, DeleteBucketStyleResponse,
};
use tcloud_ci::operation::describe_bucket_guetzli::{
    DescribeBucketGuetzliRequest, DescribeBucketGuetzliResponse,
};
use tcloud_ci::operation::describe_bucket_hotlink::{
    DescribeBucketHotlinkRequest, DescribeBucketHotlinkResponse,
};
use tcloud_ci::operation::describe_bucket_image_slim::{
    DescribeBucketImageSlimRequest, DescribeBucketImageSlimResponse,
};
use tcloud_ci::operation::describe_bucket_origin_protect::{
    DescribeBucketOriginProtectRequest, DescribeBucketOriginProtectResponse,
};
use tcloud_ci::operation::describe_bucket_style::{
    DescribeBucketStyleRequest, DescribeBucketStyleResponse,
};
use tcloud_ci::operation::update_bucket_guetzli::{
    UpdateBucketGuetzliRequest, UpdateBucketGuetzliResponse,
};
use tcloud_ci::operation::update_bucket_hotlink::{
    UpdateBucketHotlinkRequest, UpdateBucketHotlinkResponse,
};
use tcloud_ci::operation::update_bucket_image_slim::{
    UpdateBucketImageSlimRequest, UpdateBucketImageSlimResponse,
};
use tcloud_ci::operation::update_bucket_origin_protect::{
    UpdateBucketOriginProtectRequest, UpdateBucketOriginProtectResponse,
};
use tcloud_ci::operation::update_bucket_style::{
    UpdateBucketStyleRequest, UpdateBucketStyleResponse,
};
use tcloud_ci::types::{BucketImageSlimSuffixs, HotlinkKind, StyleRule, SwitchState};
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault};

use super::fault::invalid;
use crate::cos::rendition;
use crate::pictures::Recipe;
use crate::pictures::hotlink::Hotlink;
use crate::pictures::settings::{self, MOST_STYLES, STYLE};
use crate::pictures::slimming::Slimming;
use crate::state::State;
use crate::store::{BucketSetting, SettingName};

/// Switches a setting of a bucket, of which nothing is to be said but that it is on.
macro_rules! switch {
    ($put:ident($Put:ident) -> $Done:ident, $get:ident($Get:ident) -> $Shown:ident,
     $delete:ident($Delete:ident) -> $Deleted:ident, $setting:path, $what:literal) => {
        #[doc = concat!("Switches ", $what, " on.")]
        pub(super) async fn $put(state: &State, _: Context, request: $Put) -> Result<$Done, Fault> {
            let name = $setting(&request.bucket.unwrap_or_default());
            state.store.put_bucket_setting(&name, "on", 1).await?;
            Ok($Done::new())
        }

        #[doc = concat!("Tells whether ", $what, " is on.")]
        pub(super) async fn $get(
            state: &State,
            _: Context,
            request: $Get,
        ) -> Result<$Shown, Fault> {
            let name = $setting(&request.bucket.unwrap_or_default());
            let mut shown = $Shown::new();
            shown.status = Some(match state.store.bucket_setting(&name).await? {
                Some(_) => SwitchState::On,
                None => SwitchState::Off,
            });
            Ok(shown)
        }

        #[doc = concat!("Switches ", $what, " off.")]
        pub(super) async fn $delete(
            state: &State,
            _: Context,
            request: $Delete,
        ) -> Result<$Deleted, Fault> {
            let name = $setting(&request.bucket.unwrap_or_default());
            state.store.delete_bucket_setting(&name).await?;
            Ok($Deleted::new())
        }
    };
}

switch!(
    protect(UpdateBucketOriginProtectRequest) -> UpdateBucketOriginProtectResponse,
    protection(DescribeBucketOriginProtectRequest) -> DescribeBucketOriginProtectResponse,
    unprotect(DeleteBucketOriginProtectRequest) -> DeleteBucketOriginProtectResponse,
    settings::origin_protection,
    "the protection of original pictures"
);

switch!(
    enable_guetzli(UpdateBucketGuetzliRequest) -> UpdateBucketGuetzliResponse,
    guetzli(DescribeBucketGuetzliRequest) -> DescribeBucketGuetzliResponse,
    disable_guetzli(DeleteBucketGuetzliRequest) -> DeleteBucketGuetzliResponse,
    settings::guetzli,
    "the coding of Guetzli"
);

/// Says which pictures become slim.
pub(super) async fn set_slimming(
    state: &State,
    _: Context,
    request: UpdateBucketImageSlimRequest,
) -> Result<UpdateBucketImageSlimResponse, Fault> {
    let name = settings::slimming(&request.bucket.unwrap_or_default());
    let modes = request.slim_mode.map(|modes| modes.to_string());
    let suffixes = request.suffixs.map(|it| it.suffix).unwrap_or_default();
    let slimming = Slimming::new(modes, suffixes).map_err(invalid)?;
    let document = serde_json::to_string(&slimming)
        .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?;
    state.store.put_bucket_setting(&name, &document, 1).await?;
    Ok(UpdateBucketImageSlimResponse::new())
}

/// Tells which pictures become slim.
pub(super) async fn slimming(
    state: &State,
    _: Context,
    request: DescribeBucketImageSlimRequest,
) -> Result<DescribeBucketImageSlimResponse, Fault> {
    let bucket = request.bucket.unwrap_or_default();
    let set = settings::slimmed(&state.store, &bucket).await?;
    let status = if set.is_some() {
        SwitchState::On
    } else {
        SwitchState::Off
    };
    let Slimming { modes, suffixes } = set.unwrap_or_default();
    let mut shown = DescribeBucketImageSlimResponse::new();
    shown.status = Some(status);
    shown.slim_mode = Some(modes.as_str().into());
    shown.suffixs = Some(BucketImageSlimSuffixs::new().suffix(suffixes));
    Ok(shown)
}

/// Lets no picture become slim.
pub(super) async fn delete_slimming(
    state: &State,
    _: Context,
    request: DeleteBucketImageSlimRequest,
) -> Result<DeleteBucketImageSlimResponse, Fault> {
    let name = settings::slimming(&request.bucket.unwrap_or_default());
    state.store.delete_bucket_setting(&name).await?;
    Ok(DeleteBucketImageSlimResponse::new())
}

/// Says which web pages may show pictures.
pub(super) async fn set_hotlink(
    state: &State,
    _: Context,
    request: UpdateBucketHotlinkRequest,
) -> Result<UpdateBucketHotlinkResponse, Fault> {
    let name = settings::hotlink(&request.bucket.unwrap_or_default());
    let only = match request.type_ {
        Some(HotlinkKind::White) => true,
        Some(HotlinkKind::Black) => false,
        // The table lets no other word through.
        _ => {
            state.store.delete_bucket_setting(&name).await?;
            return Ok(UpdateBucketHotlinkResponse::new());
        }
    };
    let hotlink = Hotlink {
        only,
        pages: request.url,
    };
    let document = serde_json::to_string(&hotlink)
        .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?;
    state.store.put_bucket_setting(&name, &document, 1).await?;
    Ok(UpdateBucketHotlinkResponse::new())
}

/// Tells which web pages may show pictures.
pub(super) async fn hotlink(
    state: &State,
    _: Context,
    request: DescribeBucketHotlinkRequest,
) -> Result<DescribeBucketHotlinkResponse, Fault> {
    let bucket = request.bucket.unwrap_or_default();
    let mut shown = DescribeBucketHotlinkResponse::new();
    let Some(Hotlink { only, pages }) = settings::hotlinks(&state.store, &bucket).await? else {
        shown.status = Some(SwitchState::Off);
        shown.type_ = Some(HotlinkKind::Off);
        return Ok(shown);
    };
    shown.status = Some(SwitchState::On);
    shown.type_ = Some(if only {
        HotlinkKind::White
    } else {
        HotlinkKind::Black
    });
    Ok(shown.url(pages))
}

/// Adds a style, or changes one.
pub(super) async fn put_style(
    state: &State,
    _: Context,
    request: UpdateBucketStyleRequest,
) -> Result<UpdateBucketStyleResponse, Fault> {
    let name = style_of(request.bucket, request.style_name)?;
    let body = request.style_body.unwrap_or_default();
    let pipeline = settings::body(&body).map_err(rendition::refused)?;
    // What cannot be done later is better refused now.
    Recipe::new(&pipeline).map_err(rendition::refused)?;
    let most = i64::from(MOST_STYLES);
    if state.store.put_bucket_setting(&name, &body, most).await? {
        return Ok(UpdateBucketStyleResponse::new());
    }
    Err(invalid(format!(
        "bucket {} has {MOST_STYLES} styles, which is the most; delete one first",
        name.bucket
    )))
}

/// Returns a style, or all of them.
pub(super) async fn styles(
    state: &State,
    _: Context,
    request: DescribeBucketStyleRequest,
) -> Result<DescribeBucketStyleResponse, Fault> {
    let found = if let Some(name) = request.style_name.filter(|name| !name.is_empty()) {
        let name = style_of(request.bucket, Some(name))?;
        let style = state.store.bucket_setting(&name).await?;
        vec![style.ok_or_else(|| no_style(&name))?]
    } else {
        let bucket = request.bucket.unwrap_or_default();
        let store = &state.store;
        store
            .bucket_settings(&bucket, STYLE, "", MOST_STYLES)
            .await?
    };
    let rule = |style: BucketSetting| {
        let rule = StyleRule::new().style_name(style.id);
        rule.style_body(style.document)
    };
    Ok(DescribeBucketStyleResponse::new().style_rule(found.into_iter().map(rule)))
}

/// Removes a style.
pub(super) async fn delete_style(
    state: &State,
    _: Context,
    request: DeleteBucketStyleRequest,
) -> Result<DeleteBucketStyleResponse, Fault> {
    let name = style_of(request.bucket, request.style_name)?;
    if state.store.delete_bucket_setting(&name).await? {
        return Ok(DeleteBucketStyleResponse::new());
    }
    Err(no_style(&name))
}

/// The style of a request, if it can be named where styles are used.
fn style_of(bucket: Option<String>, name: Option<String>) -> Result<SettingName, Fault> {
    let name = name.unwrap_or_default();
    if name.is_empty() || name.contains(['/', '|', '!', '?', '&', '#']) {
        return Err(invalid(format!(
            "StyleName is `{name}`; it must be a text without / | ! ? & and #"
        )));
    }
    Ok(settings::style(&bucket.unwrap_or_default(), &name))
}

fn no_style(name: &SettingName) -> Fault {
    let SettingName { bucket, id, .. } = name;
    let message = format!("bucket {bucket} has no style `{id}`; add it with PUT /?style");
    Fault::new(StatusCode::NOT_FOUND, "NoSuchStyle", message)
}
