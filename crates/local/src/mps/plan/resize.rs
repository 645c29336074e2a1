//! The sizes that a request asks for.

use std::ops::RangeInclusive;

use tcloud_core::server::Fault;
use tcloud_imaging::{Mode, Resize};
use tcloud_mps::types::{ImageResizeConfig, Switch};

use crate::mps::fault::invalid;

/// The factors by which a picture may be scaled.
pub(super) const FACTORS: RangeInclusive<f64> = 0.1..=10.0;
/// The longest side that may be asked for, in pixels.
const LONGEST: u32 = 16_384;

/// The size that `ImageResize` asks for, if it is on.
pub(super) fn resize(config: &ImageResizeConfig) -> Result<Option<Resize>, Fault> {
    const NODE: &str = "ImageTask.TransformConfig.ImageResize";
    if is_off(config.switch.as_ref()) {
        return Ok(None);
    }
    let node = |name: &str| format!("{NODE}.{name}");
    let mode = config.mode.as_ref().map_or("percent", |mode| mode.as_str());
    if mode.eq_ignore_ascii_case("percent") {
        let factor = config.percent.unwrap_or(1.0);
        if !FACTORS.contains(&factor) {
            return Err(invalid(&node("Percent"), "it must be from 0.1 to 10"));
        }
        return Resize::scale(factor)
            .map(Some)
            .map_err(|error| invalid(&node("Percent"), &error.to_string()));
    }
    let mode = mode_of(mode).ok_or_else(|| {
        invalid(
            &node("Mode"),
            "it must be percent, mfit, lfit, fill, pad or fixed",
        )
    })?;
    let sides = Sides {
        node: NODE.to_owned(),
        width: config.width,
        height: config.height,
        long: config.long_side,
        short: config.short_side,
        longest: LONGEST,
    };
    sides.resize(mode).map(Some)
}

/// The lengths that a node gives sides, in pixels.
pub(super) struct Sides {
    /// The node.
    pub(super) node: String,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
    pub(super) long: Option<i64>,
    pub(super) short: Option<i64>,
    /// The longest that it allows.
    pub(super) longest: u32,
}

impl Sides {
    /// Resizing to them: width and height go before the long and the short side.
    pub(super) fn resize(&self, mode: Mode) -> Result<Resize, Fault> {
        let (node, longest) = (&self.node, self.longest);
        let side = |name: &str, value: Option<i64>| {
            value.map(u32::try_from).transpose().map_err(|_| {
                invalid(
                    &format!("{node}.{name}"),
                    &format!("it must be from 1 to {longest}"),
                )
            })
        };
        let (width, height) = (side("Width", self.width)?, side("Height", self.height)?);
        let (long, short) = (side("LongSide", self.long)?, side("ShortSide", self.short)?);
        let mut sides = [width, height, long, short].into_iter().flatten();
        if !sides.all(|side| (1..=longest).contains(&side)) {
            let why = format!("its sides must be from 1 to {longest} pixels");
            return Err(invalid(node, &why));
        }
        let resize = match (width, height, long, short) {
            (None, None, None, None) => {
                return Err(invalid(
                    node,
                    "this Mode needs Width, Height, LongSide or ShortSide",
                ));
            }
            (None, None, long, short) => Resize::to_sides(mode, long, short),
            (width, height, ..) => Resize::to_box(mode, width, height),
        };
        resize.map_err(|error| invalid(node, &error.to_string()))
    }
}

/// The mode of this name, in any case. `percent` is not among them: it has no box.
pub(super) fn mode_of(name: &str) -> Option<Mode> {
    match name.to_ascii_lowercase().as_str() {
        "mfit" => Some(Mode::Cover),
        "lfit" => Some(Mode::Contain),
        "fill" => Some(Mode::Fill),
        "pad" => Some(Mode::Pad),
        "fixed" => Some(Mode::Fixed),
        _ => None,
    }
}

/// A switch that is not set is on, throughout the service.
pub(super) fn is_off(switch: Option<&Switch>) -> bool {
    switch.is_some_and(|switch| switch.as_str().eq_ignore_ascii_case("OFF"))
}
