//! `ImageTask.EraseConfig`: what is taken out of a picture.

use tcloud_core::server::Fault;
use tcloud_mps::types::{EraseWatermarkType, ImageAreaBoxInfo, ImageEraseConfig};

use super::resize::is_off;
use crate::mps::fault::{invalid, unsupported};
use crate::pictures::{Enhancement, Erased, Place};

const NODE: &str = "ImageTask.EraseConfig.ImageEraseLogo";
/// The most areas.
const AREAS: usize = 16;
/// The furthest from a side that an area can be, in pixels.
const FURTHEST: f64 = 4096.0;

/// What is erased. Areas must be given: what finds logos and writing is a network that is not here.
pub(super) fn erased(config: &ImageEraseConfig) -> Result<Option<Enhancement>, Fault> {
    let Some(logo) = &config.image_erase_logo else {
        return Ok(None);
    };
    if is_off(logo.switch.as_ref()) {
        return Ok(None);
    }
    let finds = "finding what to erase takes a network that is not here; give ImageAreaBoxes";
    if !logo.detect_types.is_empty() {
        return Err(unsupported(&format!("{NODE}.DetectTypes"), finds));
    }
    let kind = logo.watermark_type.as_ref().map(EraseWatermarkType::as_str);
    if kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("selected_watermark")) {
        return Err(unsupported(&format!("{NODE}.WatermarkType"), finds));
    }
    let areas = &logo.image_area_boxes;
    if areas.is_empty() {
        return Err(unsupported(NODE, finds));
    }
    if areas.len() > AREAS {
        let why = format!("there are {}, at most {AREAS} are allowed", areas.len());
        return Err(invalid(&format!("{NODE}.ImageAreaBoxes"), &why));
    }
    let outlines = areas.iter().enumerate().map(|(index, area)| {
        outline(area).map_err(|why| invalid(&format!("{NODE}.ImageAreaBoxes[{index}]"), why))
    });
    let outlines = outlines.collect::<Result<_, _>>()?;
    Ok(Some(Enhancement::Erase(Erased::Outlines(outlines))))
}

/// The corners of an area.
fn outline(area: &ImageAreaBoxInfo) -> Result<Vec<(Place, Place)>, &'static str> {
    let sides = if area.area_coord_set.is_empty() {
        let unit = area.bounding_box_unit_type.unwrap_or_default();
        let shares = match unit {
            0 => area.bounding_box.iter().all(|side| *side < 1.0),
            1 => true,
            2 => false,
            _ => return Err("BoundingBoxUnitType must be 0, 1 or 2"),
        };
        let place = if shares { Place::Share } else { Place::Pixels };
        let most = if shares { 1.0 } else { FURTHEST };
        let sides = area.bounding_box.iter();
        sides
            .map(|&side| (0.0..=most).contains(&side).then(|| (side, place(side))))
            .collect::<Option<Vec<_>>>()
    } else {
        let sides = area.area_coord_set.iter();
        sides
            .map(|&side| {
                let side = f64::from(u16::try_from(side).ok()?);
                (side <= FURTHEST).then_some((side, Place::Pixels(side)))
            })
            .collect()
    };
    let sides = sides.ok_or("a side is out of bounds")?;
    let [left, top, right, bottom] = sides.as_slice() else {
        return Err("it needs AreaCoordSet or BoundingBox, of four numbers");
    };
    if left.0 >= right.0 || top.0 >= bottom.0 {
        return Err("the top left corner must be above and left of the bottom right one");
    }
    let ((left, top), (right, bottom)) = ((left.1, top.1), (right.1, bottom.1));
    Ok(vec![
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
    ])
}
