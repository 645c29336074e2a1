//! JPEG XL, as libjxl wrote it.

use tcloud_imaging::{Error, Format, Limits, Loss, Picture, Pipeline, probe};

use crate::support::psnr;
use crate::{decoded, file, golden};

#[test]
fn pictures_without_loss_are_read_exactly() {
    let [source, clear] = ["source", "clear"].map(|name| decoded(&golden(name)));
    assert_eq!(decoded(&file("lossless.jxl")), source);
    assert_eq!(decoded(&file("clear.jxl")), clear);
    // Samples of 16 bits that are 257 times those of 8.
    let deep = file("deep.jxl");
    let info = probe(&deep, &Limits::default()).unwrap();
    assert_eq!((info.width, info.height, info.depth), (64, 48, 16));
    assert_eq!(info.losses(Format::Png), [Loss::Depth { bits: 16 }]);
    assert_eq!(decoded(&deep), source);
}

#[test]
fn lossy_and_gray_pictures_are_read_as_others_read_them() {
    let lossy = decoded(&file("lossy.jxl"));
    // As libjxl reads it.
    let near = psnr(lossy.as_bytes(), decoded(&file("lossy.png")).as_bytes());
    assert!(near > 45.0, "{near:.1} dB");
    let gray = decoded(&file("gray.jxl"));
    assert!(!gray.has_alpha());
    let pixels = gray.as_bytes().as_chunks::<3>().0;
    assert!(
        pixels
            .iter()
            .all(|[red, green, blue]| red == green && green == blue)
    );
    let near = psnr(gray.as_bytes(), decoded(&golden("gray")).as_bytes());
    assert!(near > 40.0, "{near:.1} dB");
}

#[test]
fn of_an_animation_the_first_frame_is_read_and_the_rest_reported() {
    let moving = file("moving.jxl");
    let info = probe(&moving, &Limits::default()).unwrap();
    assert_eq!(info.frames, 3);
    let made = Pipeline::new(Limits::default(), [])
        .then(Format::Png)
        .run(&moving);
    let made = made.unwrap();
    assert!(
        made.losses.contains(&Loss::Frames { count: 3 }),
        "{:?}",
        made.losses
    );
    // It was a GIF on its way, so its colours are not all there.
    let near = psnr(
        decoded(&made.bytes).as_bytes(),
        decoded(&golden("source")).as_bytes(),
    );
    assert!(near > 30.0, "{near:.1} dB");
    let few = probe(&moving, &Limits::default().max_frames(2));
    assert_eq!(few, Err(Error::TooManyFrames { limit: 2 }));
}

#[test]
fn damaged_files_are_refused_and_nothing_panics() {
    for name in ["lossless.jxl", "lossy.jxl", "clear.jxl"] {
        let whole = file(name);
        for cut in [0, 1, 2, 12, 40, whole.len() / 2, whole.len() - 30] {
            let bytes = &whole[..cut];
            assert!(
                Picture::decode(bytes, &Limits::default()).is_err(),
                "{name}: {cut}"
            );
        }
        for at in (0..whole.len()).step_by(23) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            let _ = Picture::decode(&bytes, &Limits::default().max_pixels(1_000_000));
        }
    }
}
