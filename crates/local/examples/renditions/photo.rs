//! Pictures with edges, areas and noise.

use tcloud_imaging::{Format, Picture, Quality};

use crate::Outcome;

/// A JPEG file; each `number` is another picture.
pub(crate) fn photo(width: u32, height: u32, number: u32) -> Outcome<Vec<u8>> {
    let mut data = Vec::new();
    let mut grain = 7_u32;
    for y in 0..height {
        for x in 0..width {
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let shade = (x / 23 + y / 17 + number * 40) ^ (x / 97 * (y / 89));
            for part in [shade, shade / 2 + 60, 255 - shade % 256] {
                data.push(u8::try_from((part + (grain >> 29)) % 256)?);
            }
        }
    }
    let picture = Picture::from_rgb(width, height, data)?;
    Ok(picture.encode(Format::Jpeg, Quality::default())?)
}
