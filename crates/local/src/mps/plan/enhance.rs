//! `ImageTask.EnhanceConfig`: what makes a picture larger or better.

use tcloud_core::server::Fault;
use tcloud_imaging::{Percent, Resize};
use tcloud_mps::types::{
    AdvancedSuperResolutionConfig, ColorEnhanceConfig, ImageDenoiseConfig, ImageEnhanceConfig,
    ImageQualityEnhanceConfig, LowLightEnhanceConfig, SharpEnhanceConfig, SuperResolutionConfig,
};

use super::resize::{FACTORS, Sides, is_off, mode_of};
use crate::mps::fault::invalid;
use crate::pictures::{Enhancement, Input};

/// What a network for noise changes of all that it would, by the degrees of the documents. It knows
/// none itself.
const WEAK: f32 = 0.5;
const STRONG: f32 = 1.0;

/// The enhancements of a task, in the order in which they are done: noise goes before it is
/// enlarged with the picture, and before it is brightened.
pub(super) fn enhancements(config: &ImageEnhanceConfig) -> Result<Vec<Enhancement>, Fault> {
    let mut list = Vec::new();
    if let Some(denoise) = &config.denoise {
        list.extend(self::denoise(denoise)?);
    }
    if let Some(quality) = &config.image_quality_enhance {
        list.extend(self::quality(quality)?);
    }
    if let Some(light) = &config.low_light_enhance {
        list.extend(self::light(light)?);
    }
    if let Some(color) = &config.color_enhance {
        list.extend(self::color(color)?);
    }
    if let Some(double) = &config.super_resolution {
        list.extend(self::double(double)?);
    }
    if let Some(enlarge) = &config.advanced_super_resolution_config {
        list.extend(self::enlarge(enlarge)?);
    }
    if let Some(sharpen) = &config.sharp_enhance {
        list.extend(self::sharpen(sharpen)?);
    }
    Ok(list)
}

fn denoise(config: &ImageDenoiseConfig) -> Result<Option<Enhancement>, Fault> {
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    let word = config.type_.as_ref().map_or("weak", |word| word.as_str());
    let share = match word.to_ascii_lowercase().as_str() {
        "weak" => WEAK,
        "strong" => STRONG,
        _ => return Err(wrong("Denoise.Type", "it must be weak or strong")),
    };
    Ok(Some(Enhancement::Denoise(share)))
}

/// Takes out noise and the traces of compression, and brings out what is left of detail.
fn quality(config: &ImageQualityEnhanceConfig) -> Result<Vec<Enhancement>, Fault> {
    if is_off(config.switch.as_ref()) {
        return Ok(Vec::new());
    }
    let word = config.type_.as_ref().map_or("weak", |word| word.as_str());
    let (share, detail) = match word.to_ascii_lowercase().as_str() {
        "weak" => (WEAK, 20),
        "normal" => (0.75, 35),
        "strong" => (STRONG, 50),
        _ => {
            let node = "ImageQualityEnhance.Type";
            return Err(wrong(node, "it must be weak, normal or strong"));
        }
    };
    Ok(vec![
        Enhancement::Denoise(share),
        Enhancement::Sharpen(percent("ImageQualityEnhance.Type", detail)?),
    ])
}

fn light(config: &LowLightEnhanceConfig) -> Result<Option<Enhancement>, Fault> {
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    match &config.type_ {
        Some(word) if !word.as_str().eq_ignore_ascii_case("normal") => {
            Err(wrong("LowLightEnhance.Type", "it must be normal"))
        }
        _ => Ok(Some(Enhancement::LowLight)),
    }
}

fn color(config: &ColorEnhanceConfig) -> Result<Option<Enhancement>, Fault> {
    const NODE: &str = "ColorEnhance.Type";
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    let word = config.type_.as_ref().map_or("weak", |word| word.as_str());
    let amount = match word.to_ascii_lowercase().as_str() {
        "weak" => 40,
        "normal" => 70,
        "strong" => 100,
        _ => return Err(wrong(NODE, "it must be weak, normal or strong")),
    };
    Ok(Some(Enhancement::Color(percent(NODE, amount)?)))
}

fn double(config: &SuperResolutionConfig) -> Result<Option<Enhancement>, Fault> {
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    if config.size.is_some_and(|size| size != 2) {
        return Err(wrong("SuperResolution.Size", "only 2 is supported"));
    }
    let word = config
        .type_
        .as_ref()
        .map(|word| word.as_str().to_ascii_lowercase());
    let input = match word.as_deref() {
        None => None,
        Some("lq") => Some(Input::Worn),
        Some("hq") => Some(Input::Clean),
        Some(_) => return Err(wrong("SuperResolution.Type", "it must be lq or hq")),
    };
    let to = Resize::scale(2.0);
    let to = to.map_err(|error| wrong("SuperResolution.Size", &error.to_string()))?;
    Ok(Some(Enhancement::Enlarge { input, to }))
}

/// To a chosen size. All three types are one network here; the result names it.
fn enlarge(config: &AdvancedSuperResolutionConfig) -> Result<Option<Enhancement>, Fault> {
    const NODE: &str = "AdvancedSuperResolutionConfig";
    /// The longest side that the documents allow.
    const LONGEST: u32 = 4096;
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    let node = |name: &str| format!("{NODE}.{name}");
    if let Some(word) = &config.type_ {
        let known = ["standard", "super", "ultra"];
        if !known.contains(&word.as_str().to_ascii_lowercase().as_str()) {
            return Err(wrong(&node("Type"), "it must be standard, super or ultra"));
        }
    }
    let word = config.mode.as_ref().map_or("percent", |mode| mode.as_str());
    let mode = match word.to_ascii_lowercase().as_str() {
        "percent" => {
            let factor = config.percent.unwrap_or(2.0);
            if !FACTORS.contains(&factor) {
                return Err(wrong(&node("Percent"), "it must be from 0.1 to 10"));
            }
            let to = Resize::scale(factor);
            let to = to.map_err(|error| wrong(&node("Percent"), &error.to_string()))?;
            return Ok(Some(Enhancement::Enlarge { input: None, to }));
        }
        "aspect" => "mfit",
        "fixed" => "fixed",
        _ => return Err(wrong(&node("Mode"), "it must be percent, aspect or fixed")),
    };
    let sides = Sides {
        node: format!("{PREFIX}{NODE}"),
        width: config.width,
        height: config.height,
        long: config.long_side,
        short: config.short_side,
        longest: LONGEST,
    };
    let mode = mode_of(mode).ok_or_else(|| wrong(&node("Mode"), "it is not known"))?;
    let to = sides.resize(mode)?;
    Ok(Some(Enhancement::Enlarge { input: None, to }))
}

fn sharpen(config: &SharpEnhanceConfig) -> Result<Option<Enhancement>, Fault> {
    const NODE: &str = "SharpEnhance.Intensity";
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    let intensity = config.intensity.unwrap_or_default();
    if !(0.0..=1.0).contains(&intensity) {
        return Err(wrong(NODE, "it must be from 0.0 to 1.0"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is at most 100")]
    let amount = (intensity * 100.0).round() as i32;
    Ok((amount > 0)
        .then(|| percent(NODE, amount))
        .transpose()?
        .map(Enhancement::Sharpen))
}

const PREFIX: &str = "ImageTask.EnhanceConfig.";

fn percent(node: &str, value: i32) -> Result<Percent, Fault> {
    Percent::new(value).map_err(|error| wrong(node, &error.to_string()))
}

fn wrong(node: &str, why: &str) -> Fault {
    invalid(&format!("{PREFIX}{node}"), why)
}
