//! Pictures made in code, and how far two of them are apart.

use tcloud_imaging::Picture;

/// A picture with smooth shades, an edge and a little texture, as photographs have.
pub(crate) fn photo(width: u32, height: u32) -> Picture {
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (f64::from(x), f64::from(y));
            let wave = (fx * 0.21 + (fy * 0.13).sin() * 3.0).sin() * 25.0;
            let edge = if (fx - fy * 0.7).rem_euclid(40.0) < 20.0 {
                40.0
            } else {
                0.0
            };
            let shade = fy * 90.0 / f64::from(height);
            for base in [60.0, 80.0, 45.0] {
                data.push((base + wave + edge + shade) as u8);
            }
        }
    }
    Picture::from_rgb(width, height, data).unwrap()
}

/// The same picture with an alpha channel from clear on the left to opaque on the right.
pub(crate) fn sheer(picture: &Picture) -> Picture {
    let last = picture.width().max(2) - 1;
    let mut data = Vec::new();
    for (x, pixel) in (0..picture.width())
        .cycle()
        .zip(picture.as_bytes().chunks_exact(3))
    {
        data.extend_from_slice(pixel);
        data.push((x * 255 / last) as u8);
    }
    Picture::from_rgba(picture.width(), picture.height(), data).unwrap()
}

/// Peak signal-to-noise ratio in decibels; infinite for equal samples.
pub(crate) fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
        .sum();
    10.0 * (255.0_f64.powi(2) * a.len() as f64 / squares as f64).log10()
}

/// Inserts bytes after the two-byte start marker of a JPEG file.
pub(crate) fn after_jpeg_start(jpeg: &[u8], segment: &[u8]) -> Vec<u8> {
    [&jpeg[..2], segment, &jpeg[2..]].concat()
}

/// An Exif segment that holds nothing but an orientation.
pub(crate) fn exif_segment(orientation: u8) -> Vec<u8> {
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[orientation, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
    [&[0xff, 0xe1], length.as_slice(), b"Exif\0\0", &tiff].concat()
}
