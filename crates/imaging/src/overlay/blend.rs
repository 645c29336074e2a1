//! Laying pixels on pixels.

use crate::Picture;

/// Lays `stamp` on `picture`, its left and its top at a place that may be outside, with `opacity` in
/// percent.
pub(super) fn blend(picture: &mut Picture, stamp: &Picture, place: (i64, i64), opacity: u8) {
    let (left, top) = place;
    let before = |start: i64| usize::try_from(start.saturating_neg()).unwrap_or(0);
    let after = |start: i64| usize::try_from(start).unwrap_or(0);
    let width = |picture: &Picture| usize::try_from(picture.width()).unwrap_or(usize::MAX);
    let (channels, stamp_channels) = (picture.channels(), stamp.channels());
    let row = width(picture).saturating_mul(channels);
    let stamp_row = width(stamp).saturating_mul(stamp_channels);
    let rows = stamp.as_bytes().chunks_exact(stamp_row).skip(before(top));
    let below = picture
        .as_bytes_mut()
        .chunks_exact_mut(row)
        .skip(after(top));
    for (below, above) in below.zip(rows) {
        let below = below.chunks_exact_mut(channels).skip(after(left));
        let above = above.chunks_exact(stamp_channels).skip(before(left));
        for (below, above) in below.zip(above) {
            let alpha = u32::from(above.get(3).copied().unwrap_or(u8::MAX));
            lay(below, above, alpha * u32::from(opacity));
        }
    }
}

/// Lays a pixel on another one, with `alpha` from 0 to 25,500.
pub(crate) fn lay(below: &mut [u8], above: &[u8], alpha: u32) {
    const WHOLE: u32 = 25_500;
    if alpha == 0 {
        return;
    }
    let sample = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    if let [colors @ .., own] = below
        && colors.len() == 3
    {
        // How much of the one below is still seen.
        let rest = u32::from(*own) * (WHOLE - alpha) / 255;
        let sum = alpha + rest;
        for (old, &new) in colors.iter_mut().zip(above) {
            *old = sample((u32::from(new) * alpha + u32::from(*old) * rest + sum / 2) / sum);
        }
        *own = sample((sum * 255 + WHOLE / 2) / WHOLE);
        return;
    }
    for (old, &new) in below.iter_mut().zip(above) {
        let mixed = u32::from(new) * alpha + u32::from(*old) * (WHOLE - alpha);
        *old = sample((mixed + WHOLE / 2) / WHOLE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opacity_mixes_and_alpha_adds_up() {
        let laid = |below: &[u8], above: &[u8], alpha| {
            let mut below = below.to_vec();
            lay(&mut below, above, alpha);
            below
        };
        assert_eq!(laid(&[10, 20, 30], &[250, 0, 99], 0), [10, 20, 30]);
        assert_eq!(laid(&[10, 20, 30], &[250, 0, 99], 25_500), [250, 0, 99]);
        assert_eq!(laid(&[0, 100, 200], &[100, 0, 200], 12_750), [50, 50, 200]);
        assert_eq!(
            laid(&[9, 9, 9, 0], &[100, 0, 200], 12_750),
            [100, 0, 200, 128]
        );
        assert_eq!(
            laid(&[0, 0, 0, 255], &[255, 255, 255], 12_750),
            [128, 128, 128, 255]
        );
    }
}
