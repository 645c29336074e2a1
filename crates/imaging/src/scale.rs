//! Carrying a resize plan out on pixels.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::geometry::{Plan, Rect, Size};
use crate::{Error, Picture, Result};

/// Scales and places `picture` as `plan`, which was made for its size, says.
pub(crate) fn apply(picture: &Picture, plan: &Plan) -> Result<Picture> {
    let scaled = lanczos(picture, plan.crop, plan.scaled)?;
    if plan.canvas == plan.scaled {
        Ok(scaled)
    } else {
        on_canvas(&scaled, plan)
    }
}

/// Scales a part of a picture with a Lanczos filter of three lobes.
pub(crate) fn lanczos(picture: &Picture, part: Rect, size: Size) -> Result<Picture> {
    let data = if picture.has_alpha() {
        scaled::<U8x4>(picture, part, size)
    } else {
        scaled::<U8x3>(picture, part, size)
    };
    like(picture, size, data?)
}

/// Scales pixels of one type. Naming the type keeps the library from compiling its kernels for
/// every other one too.
fn scaled<P: PixelTrait>(picture: &Picture, part: Rect, size: Size) -> Result<Vec<u8>> {
    let pixels = P::pixel_type();
    let source = ImageRef::new(
        picture.width(),
        picture.height(),
        picture.as_bytes(),
        pixels,
    )
    .map_err(|error| unfit(&error))?;
    let source = source.typed_image::<P>();
    let mut image = Image::new(size.width, size.height, pixels);
    // Alpha is premultiplied meanwhile, or transparent pixels would bleed their colour.
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(part.left, part.top, part.width, part.height)
        .use_alpha(true);
    let (Some(source), Some(mut target)) = (source, image.typed_image_mut::<P>()) else {
        return Err(unfit(&"another pixel type"));
    };
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .map_err(|error| unfit(&error))?;
    Ok(image.into_vec())
}

/// Puts a scaled picture on the plan's canvas.
fn on_canvas(scaled: &Picture, plan: &Plan) -> Result<Picture> {
    let columns = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let channels = scaled.channels();
    let row = columns(scaled.width()) * channels;
    let stride = columns(plan.canvas.width) * channels;
    let pixel = plan.background.opaque();
    let pixel = pixel.get(..channels).unwrap_or_default();
    let mut data = pixel.repeat(columns(plan.canvas.width) * columns(plan.canvas.height));
    let rows = data.chunks_exact_mut(stride).skip(columns(plan.top));
    for (canvas_row, scaled_row) in rows.zip(scaled.as_bytes().chunks_exact(row)) {
        let place = canvas_row.iter_mut().skip(columns(plan.left) * channels);
        for (sample, &value) in place.zip(scaled_row) {
            *sample = value;
        }
    }
    like(scaled, plan.canvas, data)
}

/// A picture with the channels of `model`.
pub(crate) fn like(model: &Picture, size: Size, data: Vec<u8>) -> Result<Picture> {
    if model.has_alpha() {
        Picture::from_rgba(size.width, size.height, data)
    } else {
        Picture::from_rgb(size.width, size.height, data)
    }
}

fn unfit(error: &impl ToString) -> Error {
    Error::InvalidParameter {
        name: "resize plan",
        found: error.to_string(),
        expected: "made for the picture it is used on",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Mode, Resize};

    fn resized(picture: &Picture, resize: &Resize) -> Picture {
        picture.resize(resize, &Limits::default()).unwrap()
    }

    #[test]
    fn pad_centres_on_white() {
        let black = Picture::from_rgb(2, 1, vec![0; 6]).unwrap();
        let pad = Resize::to_box(Mode::Pad, Some(2), Some(3)).unwrap();
        let (white, black_row) = ([255; 6], [0; 6]);
        let expected = [white, black_row, white].concat();
        assert_eq!(resized(&black, &pad).as_bytes(), expected);
        let pad = Resize::to_box(Mode::Pad, Some(4), Some(1)).unwrap();
        assert_eq!(
            resized(&black, &pad).as_bytes(),
            [[255; 3], [0; 3], [0; 3], [255; 3]].concat()
        );
    }

    #[test]
    fn fill_keeps_the_centre() {
        // Nine columns: red, green, blue thirds. Filling a square keeps the green ones.
        let thirds = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
        let row: Vec<u8> = thirds.iter().flat_map(|c| c.repeat(3)).collect();
        let picture = Picture::from_rgb(9, 3, row.repeat(3)).unwrap();
        let fill = Resize::to_box(Mode::Fill, Some(3), Some(3)).unwrap();
        assert_eq!(resized(&picture, &fill).as_bytes(), [0, 255, 0].repeat(9));
    }

    #[test]
    fn hidden_colour_does_not_bleed() {
        // Transparent red beside opaque blue: what remains visible stays blue.
        let row = [[255, 0, 0, 0].repeat(8), [0, 0, 255, 255].repeat(8)].concat();
        let picture = Picture::from_rgba(16, 4, row.repeat(4)).unwrap();
        let half = resized(&picture, &Resize::scale(0.5).unwrap());
        for pixel in half.as_bytes().chunks_exact(4) {
            assert!(pixel[3] == 0 || pixel[0] == 0, "{pixel:?}");
        }
    }

    #[test]
    fn extreme_proportions_scale() {
        let line = Picture::from_rgb(1, 400, vec![90; 1200]).unwrap();
        for mode in [Mode::Fill, Mode::Pad, Mode::Contain, Mode::Fixed] {
            let resize = Resize::to_box(mode, Some(400), Some(1)).unwrap();
            assert!(resized(&line, &resize).as_bytes().contains(&90), "{mode:?}");
        }
    }

    #[test]
    fn output_limit_is_checked_before_scaling() {
        let line = Picture::from_rgb(1, 400, vec![90; 1200]).unwrap();
        let cover = Resize::to_box(Mode::Cover, Some(400), Some(1)).unwrap();
        let error = line.resize(&cover, &Limits::default()).unwrap_err();
        assert!(matches!(
            error,
            Error::SideTooLong {
                height: 160_000,
                ..
            }
        ));
    }
}
