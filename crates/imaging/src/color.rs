//! Embedded colour profiles.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// Samples converted at a time.
const BATCH_PIXELS: usize = 16 * 1024;

/// Largest difference, in 8-bit steps, between a profile and sRGB that is left alone.
const TOLERANCE: u8 = 1;

/// Converts RGB or RGBA samples from an embedded profile to sRGB, in place.
///
/// A profile that cannot be used (damaged, or for gray or CMYK) is ignored, as viewers do.
pub(crate) fn convert_to_srgb(data: &mut [u8], has_alpha: bool, profile: &[u8]) {
    let (layout, channels) = layout(has_alpha);
    let options = TransformOptions::default();
    if let Some((profile, srgb)) = profiles(profile)
        && let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, options)
    {
        convert(data, channels, transform.as_ref());
    }
}

/// As [`convert_to_srgb`], for samples of 16 bits.
pub(crate) fn convert_deep_to_srgb(data: &mut [u16], has_alpha: bool, profile: &[u8]) {
    let (layout, channels) = layout(has_alpha);
    let options = TransformOptions::default();
    if let Some((profile, srgb)) = profiles(profile)
        && let Ok(transform) = profile.create_transform_16bit(layout, &srgb, layout, options)
    {
        convert(data, channels, transform.as_ref());
    }
}

const fn layout(has_alpha: bool) -> (Layout, usize) {
    if has_alpha {
        (Layout::Rgba, 4)
    } else {
        (Layout::Rgb, 3)
    }
}

/// The embedded profile and sRGB, if a picture changes on the way from the one to the other.
fn profiles(embedded: &[u8]) -> Option<(ColorProfile, ColorProfile)> {
    let profile = ColorProfile::new_from_slice(embedded).ok()?;
    if profile.color_space != DataColorSpace::Rgb {
        return None;
    }
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options);
    let changes = !changes_nothing(transform.ok()?.as_ref());
    changes.then_some((profile, srgb))
}

fn convert<T: Copy + Default>(
    data: &mut [T],
    channels: usize,
    transform: &dyn TransformExecutor<T>,
) {
    let mut source = Vec::new();
    for batch in data.chunks_mut(BATCH_PIXELS * channels) {
        source.clear();
        source.extend_from_slice(batch);
        if transform.transform(&source, batch).is_err() {
            return;
        }
    }
}

/// Most profiles in the wild are sRGB by another name: skipping them saves the rounding.
fn changes_nothing(transform: &dyn TransformExecutor<u8>) -> bool {
    const STEPS: [u8; 5] = [0, 64, 128, 192, 255];
    let cube: Vec<u8> = STEPS
        .iter()
        .flat_map(|&r| STEPS.iter().map(move |&g| (r, g)))
        .flat_map(|(r, g)| STEPS.iter().flat_map(move |&b| [r, g, b]))
        .collect();
    let mut seen = vec![0; cube.len()];
    transform.transform(&cube, &mut seen).is_ok()
        && cube
            .iter()
            .zip(&seen)
            .all(|(a, b)| a.abs_diff(*b) <= TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(profile: &ColorProfile, pixel: [u8; 3]) -> Vec<u8> {
        let mut data = pixel.to_vec();
        convert_to_srgb(&mut data, false, &profile.encode().unwrap());
        data
    }

    #[test]
    fn srgb_is_left_alone_and_display_p3_is_not() {
        let pixel = [200, 40, 40];
        assert_eq!(converted(&ColorProfile::new_srgb(), pixel), pixel);
        // A red inside P3 needs more red and less green than sRGB numbers say.
        let p3 = converted(&ColorProfile::new_display_p3(), pixel);
        assert!(p3[0] > 205 && p3[1] < 35, "{p3:?}");
    }

    #[test]
    fn white_black_and_alpha_survive_conversion() {
        let mut data = vec![255, 255, 255, 7, 0, 0, 0, 200];
        let profile = ColorProfile::new_display_p3().encode().unwrap();
        convert_to_srgb(&mut data, true, &profile);
        assert_eq!(data, [255, 255, 255, 7, 0, 0, 0, 200]);
    }

    #[test]
    fn damaged_profile_is_ignored() {
        let mut data = vec![1, 2, 3];
        convert_to_srgb(&mut data, false, b"no profile");
        assert_eq!(data, [1, 2, 3]);
    }
}
