//! Pictures of 16 bits a sample, as far as their pixels are only scaled or change places.
//!
//! Everything else is done to 8 bits.

use bytemuck::{cast_slice, cast_slice_mut};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::pixels::{U16x3, U16x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, Pixel, Rgb, Rgba, imageops};

use crate::geometry::{Plan, Size};
use crate::step::{Step, Work};
use crate::{Error, Format, Info, Result, codec, color};

/// Whether `steps` keep the depth of `source` in a result of `format`.
pub(crate) fn keeps(source: &Info, format: Format, steps: &[Step<'_>]) -> bool {
    let mut works = steps.iter().map(|step| &step.work);
    source.keeps_depth(format)
        && works.all(|work| matches!(work, Work::Scale(_) | Work::Cut(_) | Work::Turn(_)))
}

/// Decodes the picture upright and in sRGB, and takes it through `steps`, all of which keep its depth.
pub(crate) fn run(
    source: &Info,
    bytes: &[u8],
    steps: &[Step<'_>],
    is_cancelled: &dyn Fn() -> bool,
) -> Result<DynamicImage> {
    let mut image = codec::guarded(source.format, || decode(source, bytes))?;
    for step in steps {
        if is_cancelled() {
            return Err(Error::Cancelled);
        }
        match &step.work {
            Work::Scale(plan) => image = scale(&image, plan)?,
            Work::Cut(cut) => {
                let (left, top, Size { width, height }) = cut.place();
                image = image.crop_imm(left, top, width, height);
            }
            Work::Turn(turn) => image.apply_orientation(turn.orientation()),
            // There are no others, by `keeps`.
            _ => {}
        }
    }
    Ok(image)
}

fn decode(source: &Info, bytes: &[u8]) -> Result<DynamicImage> {
    let (mut image, profile) = codec::decode_deep(source.format, bytes)?;
    if let Some(orientation) = Orientation::from_exif(source.orientation) {
        image.apply_orientation(orientation);
    }
    if (image.width(), image.height()) != (source.width, source.height) {
        return Err(Error::Corrupt {
            format: source.format,
            detail: "the pixels do not match the size in the header".to_owned(),
        });
    }
    if let Some(profile) = profile {
        let has_alpha = image.color().has_alpha();
        let samples = match &mut image {
            DynamicImage::ImageRgb16(image) => &mut **image,
            DynamicImage::ImageRgba16(image) => &mut **image,
            _ => &mut [],
        };
        color::convert_deep_to_srgb(samples, has_alpha, &profile);
    }
    Ok(image)
}

fn scale(image: &DynamicImage, plan: &Plan) -> Result<DynamicImage> {
    let background = plan
        .background
        .opaque()
        .map(|sample| u16::from(sample) * 257);
    let [red, green, blue, alpha] = background;
    Ok(match image {
        DynamicImage::ImageRgb16(image) => {
            scaled::<_, U16x3>(image, plan, Rgb([red, green, blue]))?.into()
        }
        DynamicImage::ImageRgba16(image) => {
            scaled::<_, U16x4>(image, plan, Rgba([red, green, blue, alpha]))?.into()
        }
        other => other.clone(),
    })
}

/// Scales pixels of one type with a Lanczos filter of three lobes, and puts them on the canvas.
fn scaled<P, F>(
    image: &ImageBuffer<P, Vec<u16>>,
    plan: &Plan,
    background: P,
) -> Result<ImageBuffer<P, Vec<u16>>>
where
    P: Pixel<Subpixel = u16>,
    F: PixelTrait,
{
    let unfit = |error: &dyn ToString| Error::InvalidParameter {
        name: "resize plan",
        found: error.to_string(),
        expected: "made for the picture it is used on",
    };
    let pixels = F::pixel_type();
    let source = ImageRef::new(image.width(), image.height(), cast_slice(image), pixels)
        .map_err(|error| unfit(&error))?;
    let Size { width, height } = plan.scaled;
    let mut result = ImageBuffer::new(width, height);
    {
        let buffer: &mut [u8] = cast_slice_mut(&mut result);
        let mut target =
            Image::from_slice_u8(width, height, buffer, pixels).map_err(|error| unfit(&error))?;
        let part = plan.crop;
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
            .crop(part.left, part.top, part.width, part.height)
            .use_alpha(true);
        let (Some(source), Some(mut target)) =
            (source.typed_image::<F>(), target.typed_image_mut::<F>())
        else {
            return Err(unfit(&"another pixel type"));
        };
        Resizer::new()
            .resize_typed(&source, &mut target, &options)
            .map_err(|error| unfit(&error))?;
    }
    if plan.canvas == plan.scaled {
        return Ok(result);
    }
    let Size { width, height } = plan.canvas;
    let mut canvas = ImageBuffer::from_pixel(width, height, background);
    imageops::replace(&mut canvas, &result, plan.left.into(), plan.top.into());
    Ok(canvas)
}
