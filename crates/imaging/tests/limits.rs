//! Headers that lie about size are refused before memory is set aside.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is a failed test"
)]

use tcloud_imaging::{Error, Format, Limits, Picture, Quality, probe};

fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.as_bytes().iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, kind.as_bytes(), data, &(!crc).to_be_bytes()].concat()
}

fn png(width: u32, height: u32, frames: Option<u32>) -> Vec<u8> {
    let header = [
        &width.to_be_bytes(),
        height.to_be_bytes().as_slice(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    let mut bytes = [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk("IHDR", &header)].concat();
    if let Some(frames) = frames {
        let control = [frames.to_be_bytes(), [0; 4]].concat();
        bytes.extend(chunk("acTL", &control));
        // One frame control, so that the animation counts as one.
        let frame = [
            &[0; 4],
            width.to_be_bytes().as_slice(),
            &height.to_be_bytes(),
            &[0; 12],
            &[0, 0],
        ]
        .concat();
        bytes.extend(chunk("fcTL", &frame));
    }
    bytes.extend(chunk("IDAT", &[0x78, 0x9c, 3, 0, 0, 0, 0, 1]));
    bytes.extend(chunk("IEND", &[]));
    bytes
}

fn bmp(width: i32, height: i32) -> Vec<u8> {
    let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    bytes
}

/// A real JPEG file whose frame header is overwritten.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Picture::from_rgb(8, 8, vec![9; 192])
        .unwrap()
        .encode(Format::Jpeg, Quality::default())
        .unwrap();
    let frame = bytes
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

fn refusal(bytes: &[u8]) -> Error {
    let error = probe(bytes, &Limits::default()).unwrap_err();
    assert_eq!(
        Picture::decode(bytes, &Limits::default()).unwrap_err(),
        error
    );
    error
}

#[test]
fn sides_are_read_from_the_header() {
    for bytes in [
        png(60_000, 60_000, None),
        bmp(60_000, 60_000),
        jpeg(60_000, 60_000),
    ] {
        let error = refusal(&bytes);
        assert!(
            matches!(
                error,
                Error::SideTooLong {
                    width: 60_000,
                    limit: 30_000,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn area_is_read_from_the_header() {
    for bytes in [
        png(29_000, 29_000, None),
        bmp(29_000, 29_000),
        jpeg(29_000, 29_000),
    ] {
        let error = refusal(&bytes);
        assert!(
            matches!(
                error,
                Error::TooManyPixels {
                    pixels: 841_000_000,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn frames_multiply_the_area() {
    assert_eq!(
        probe(&png(5_000, 5_000, Some(10)), &Limits::default())
            .unwrap()
            .frames,
        10
    );
    let error = refusal(&png(5_000, 5_000, Some(11)));
    assert!(
        matches!(error, Error::TooManyPixels { frames: 11, .. }),
        "{error}"
    );
    let error = refusal(&png(2, 2, Some(301)));
    assert!(
        matches!(error, Error::TooManyFrames { limit: 300 }),
        "{error}"
    );
}

#[test]
fn long_files_are_refused_unread() {
    let error = refusal(&vec![0; 32 * 1024 * 1024 + 1]);
    assert!(
        matches!(
            error,
            Error::TooLarge {
                bytes: 33_554_433,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn headers_without_pixels_fail_when_decoded() {
    for bytes in [png(9, 9, None), bmp(9, 9), jpeg(900, 900)] {
        assert!(probe(&bytes, &Limits::default()).is_ok());
        let error = Picture::decode(&bytes, &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
}

#[test]
fn sides_of_zero_are_no_picture() {
    for bytes in [png(0, 5, None), bmp(5, 0), jpeg(0, 5)] {
        assert!(probe(&bytes, &Limits::default()).is_err());
    }
}
