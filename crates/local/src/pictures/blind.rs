//! Blind watermarks: what the grammar asks for, and what is found.
//!
//! They are of a scheme of this project ([`BlindWatermark`]), not of Tencent's: what one has hidden, the
//! other does not find. Answers say so by the name of the engine.

use std::sync::Arc;

use bytes::Bytes;
use tcloud_ci::picture::{BlindKind, BlindWatermark as Asked, ExtractBlindWatermark};
use tcloud_imaging::{BlindWatermark, Format, Limits, Operation, Picture, Quality, Size, probe};

use super::error::RecipeError;
use super::{PictureError, Pictures};

/// What is to be hidden in a picture.
#[derive(Debug, Clone)]
pub(crate) enum Hiding {
    /// A text.
    Text(BlindWatermark),
    /// The picture at an address, which is to be read first, so deeply.
    Picture { url: String, level: u32 },
}

/// What was found.
pub(super) enum Sought {
    /// The text, if there is one.
    Text(Option<String>),
    /// The outline of a picture, in PNG, and how sure it is, 0 to 100.
    Outline(Bytes, u8),
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// A text.
    Text,
    /// The picture at this address, which may have been hidden.
    Hidden(String),
    /// What was hidden in the original at this address.
    Original(String),
}

/// What `asked` hides.
pub(super) fn hiding(asked: &Asked) -> Result<Hiding, RecipeError> {
    if let BlindKind::Text = kind("watermark/3", asked.get_kind())? {
        let text = asked.get_text();
        let text = text.ok_or_else(|| unread("watermark/3/text", "a text in Base64"))?;
        return Ok(Hiding::Text(BlindWatermark::text(&text)?));
    }
    let url = asked.get_image();
    let url = url.ok_or_else(|| unread("watermark/3/image", "an address in Base64"))?;
    let level = asked.get_level().unwrap_or(1);
    Ok(Hiding::Picture { url, level })
}

/// What `asked` looks for.
pub(super) fn look(asked: &ExtractBlindWatermark) -> Result<Look, RecipeError> {
    let url = || {
        let url = asked.get_image();
        url.ok_or_else(|| unread("watermark/4/image", "an address in Base64"))
    };
    match kind("watermark/4", asked.get_kind())? {
        BlindKind::Half => Ok(Look::Original(url()?)),
        BlindKind::Full => Ok(Look::Hidden(url()?)),
        _ => Ok(Look::Text),
    }
}

fn kind(rule: &'static str, kind: Option<BlindKind>) -> Result<BlindKind, RecipeError> {
    match kind {
        Some(kind @ (BlindKind::Half | BlindKind::Full | BlindKind::Text)) => Ok(kind),
        _ => Err(unread(&format!("{rule}/type"), "1, 2 or 3")),
    }
}

fn unread(name: &str, expected: &str) -> RecipeError {
    RecipeError::Invalid(format!("{name} must be {expected}"))
}

impl Pictures {
    /// What hides what `hiding` says, in a picture that is in `bucket`.
    pub(super) async fn hidden(
        &self,
        limits: Limits,
        hiding: &Hiding,
        bucket: &str,
    ) -> Result<Operation, PictureError> {
        let watermark = match hiding {
            Hiding::Text(watermark) => watermark.clone(),
            Hiding::Picture { url, level } => {
                let picture = self.linked(limits, "watermark/3/image", url, bucket);
                let picture = picture.await?;
                let bytes = BlindWatermark::peak_bytes(picture.size());
                let outline = move |_: &dyn Fn() -> bool| BlindWatermark::picture(&picture);
                self.on_thread(bytes, outline).await?.level(*level)?
            }
        };
        Ok(Operation::Engine(Arc::new(watermark)))
    }

    /// Looks for a watermark in the picture `input`, which is in `bucket`.
    pub(super) async fn look(
        &self,
        limits: Limits,
        look: &Look,
        bucket: &str,
        input: Bytes,
    ) -> Result<Sought, PictureError> {
        let other = match look {
            Look::Text => None,
            Look::Hidden(url) | Look::Original(url) => {
                let name = "watermark/4/image";
                Some(self.linked(limits, name, url, bucket).await?)
            }
        };
        let info = probe(&input, &limits)?;
        let larger = other.as_ref().map_or(info.size(), |other| {
            let (own, other) = (info.size(), other.size());
            Size {
                width: own.width.max(other.width),
                height: own.height.max(other.height),
            }
        });
        let bytes = super::decoding_bytes(limits, &info)?;
        let bytes = bytes.saturating_add(2 * BlindWatermark::peak_bytes(larger));
        let is_original = matches!(look, Look::Original(_));
        let find = move |picture: Picture| {
            let Some(other) = other else {
                return Ok(Sought::Text(BlindWatermark::read(&picture)?));
            };
            let found = if is_original {
                BlindWatermark::find_beside(&picture, &other)?
            } else {
                BlindWatermark::find(&picture, &other)?
            };
            let outline = found.outline.encode(Format::Png, Quality::default())?;
            Ok(Sought::Outline(outline.into(), found.certainty))
        };
        self.on_decoded(limits, bytes, input, find).await
    }
}
