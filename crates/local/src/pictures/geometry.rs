//! The forms of scaling and cutting, as the engine has them.

use tcloud_ci::picture::{Crop, Gravity as Word, ImageView2, Thumbnail, ViewMode};
use tcloud_imaging::{Error, Gravity, Mode, Resize, Rgb};

use super::error::RecipeError;

/// `thumbnail`, and the colour of what is added around the picture if something is.
pub(super) fn thumbnail(thumbnail: Thumbnail, pad: Option<Rgb>) -> Result<Resize, RecipeError> {
    let share = |percent: u32| f64::from(percent) / 100.0;
    let into = |mode, width, height| Resize::to_box(mode, Some(width), Some(height));
    if let (Some(color), Thumbnail::Within { width, height }) = (pad, thumbnail) {
        return Ok(into(Mode::Pad, width, height)?.background(color));
    }
    if pad.is_some() {
        let other = "imageMogr2/pad with another thumbnail than <Width>x<Height>";
        return Err(RecipeError::NotBuilt(other.to_owned()));
    }
    Ok(match thumbnail {
        Thumbnail::Percent(percent) => Resize::scale(share(percent))?,
        Thumbnail::WidthPercent(percent) => Resize::scale_sides(share(percent), 1.0)?,
        Thumbnail::HeightPercent(percent) => Resize::scale_sides(1.0, share(percent))?,
        Thumbnail::Width(width) => Resize::to_box(Mode::Contain, Some(width), None)?,
        Thumbnail::Height(height) => Resize::to_box(Mode::Contain, None, Some(height))?,
        Thumbnail::Within { width, height } => into(Mode::Contain, width, height)?,
        Thumbnail::ShrinkWithin { width, height } => {
            into(Mode::Contain, width, height)?.only_shrink()
        }
        Thumbnail::GrowWithin { width, height } => {
            into(Mode::Contain, width, height)?.only_enlarge()
        }
        Thumbnail::Around { width, height } => into(Mode::Cover, width, height)?,
        Thumbnail::Exact { width, height } => into(Mode::Fixed, width, height)?,
        Thumbnail::Area(pixels) => Resize::to_area(u64::from(pixels))?,
        other => {
            return Err(RecipeError::NotBuilt(format!(
                "imageMogr2/thumbnail as {other:?}"
            )));
        }
    })
}

/// `crop`, which keeps the part at `gravity`.
pub(super) fn crop(crop: Crop, gravity: Gravity) -> Result<Resize, RecipeError> {
    let resize = match crop {
        Crop::Width(width) => Resize::to_side(Mode::Fill, Some(width), None)?,
        Crop::Height(height) => Resize::to_side(Mode::Fill, None, Some(height))?,
        Crop::Size { width, height } => Resize::to_box(Mode::Fill, Some(width), Some(height))?,
        other => {
            return Err(RecipeError::NotBuilt(format!(
                "imageMogr2/crop as {other:?}"
            )));
        }
    };
    Ok(resize.gravity(gravity))
}

/// The scaling of `imageView2`.
pub(super) fn view(view: &ImageView2) -> Result<Resize, RecipeError> {
    let (width, height) = (view.get_width(), view.get_height());
    // One length alone counts for both.
    let both = (width.or(height), height.or(width));
    let by_box = |mode| Resize::to_box(mode, both.0, both.1);
    let by_sides = |mode| Resize::to_sides(mode, both.0, both.1);
    let resize = match view.get_mode() {
        Some(ViewMode::Cover) => by_box(Mode::Fill),
        Some(ViewMode::Fit) => Resize::to_box(Mode::Contain, width, height),
        Some(ViewMode::AtLeast) => by_box(Mode::Cover),
        Some(ViewMode::EdgesAtLeast) => by_sides(Mode::Cover),
        Some(ViewMode::EdgesCover) => by_sides(Mode::Fill),
        mode => {
            return Err(RecipeError::Invalid(format!(
                "imageView2 has no mode {mode:?}"
            )));
        }
    };
    resize.map_err(|error: Error| RecipeError::Invalid(format!("imageView2: {error}")))
}

/// The word as the engine has it.
pub(super) fn gravity(word: &Word) -> Result<Gravity, RecipeError> {
    Ok(match word {
        Word::NorthWest => Gravity::NorthWest,
        Word::North => Gravity::North,
        Word::NorthEast => Gravity::NorthEast,
        Word::West => Gravity::West,
        Word::Center => Gravity::Center,
        Word::East => Gravity::East,
        Word::SouthWest => Gravity::SouthWest,
        Word::South => Gravity::South,
        Word::SouthEast => Gravity::SouthEast,
        other => {
            let message = format!("imageMogr2/gravity/{} is no place", other.as_str());
            return Err(RecipeError::Invalid(message));
        }
    })
}
