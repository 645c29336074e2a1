//! Formats of which the pixels are left to others: what their containers say, what an external codec
//! is given and gives, JPEG XL read and AVIF written. `data/make.sh` has made the files.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "test pictures are small, and a panic is a failed test"
)]

#[cfg(feature = "jxl")]
mod jxl;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::sync::{Arc, Mutex};

use tcloud_imaging::{
    Allowance, CodecWork, Error, ExternalCodec, Flip, Format, Limits, Loss, Operation, Picture,
    Pipeline, Quality, Resize, Result, probe,
};

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/codecs/data");
    fs::read(format!("{folder}/{name}")).unwrap()
}

fn golden(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/data");
    fs::read(format!("{folder}/{name}.png")).unwrap()
}

fn decoded(bytes: &[u8]) -> Picture {
    Picture::decode(bytes, &Limits::default()).unwrap()
}

/// A codec that reads what it was made with in every file, and writes the PNG file it is given.
#[derive(Debug)]
struct Fake {
    reads: Result<Vec<u8>>,
    given: Mutex<Vec<(CodecWork, Format, u64, u64)>>,
}

impl Fake {
    fn reading(png: Vec<u8>) -> Arc<Self> {
        Arc::new(Self {
            reads: Ok(png),
            given: Mutex::default(),
        })
    }

    fn note(&self, work: CodecWork, format: Format, allowance: &Allowance<'_>) {
        let mut given = self.given.lock().unwrap();
        given.push((work, format, allowance.memory, allowance.file));
    }
}

impl ExternalCodec for Fake {
    fn check(&self, _: CodecWork, _: Format) -> Result<()> {
        Ok(())
    }

    fn decode(&self, format: Format, _: &[u8], allowance: &Allowance<'_>) -> Result<Vec<u8>> {
        self.note(CodecWork::Reading, format, allowance);
        self.reads.clone()
    }

    fn encode(
        &self,
        format: Format,
        png: &[u8],
        _: Quality,
        allowance: &Allowance<'_>,
    ) -> Result<Vec<u8>> {
        self.note(CodecWork::Writing, format, allowance);
        Ok(png.to_vec())
    }
}

fn read_by(codec: &Fake, bytes: &[u8]) -> Result<Picture> {
    Picture::decode_by(bytes, &Limits::default(), codec, &|| false)
}

#[test]
fn containers_say_what_a_picture_measures() {
    for (name, size, (alpha, depth, frames, orientation)) in [
        ("plain.avif", (64, 48), (false, 8, 1, 1)),
        ("clear.avif", (64, 48), (true, 8, 1, 1)),
        ("turned.avif", (48, 64), (false, 8, 1, 8)),
        ("mirrored.avif", (64, 48), (false, 8, 1, 2)),
        ("both.avif", (48, 64), (false, 8, 1, 7)),
        ("part.avif", (40, 30), (false, 8, 1, 1)),
        ("deep.avif", (64, 48), (false, 10, 1, 1)),
        ("moving.avif", (64, 48), (true, 8, 2, 1)),
        ("plain.heic", (64, 48), (false, 8, 1, 1)),
        ("clear.heic", (64, 48), (true, 8, 1, 1)),
    ] {
        let info = probe(&file(name), &Limits::default()).unwrap();
        assert_eq!((info.width, info.height), size, "{name}");
        let rest = (info.has_alpha, info.depth, info.frames, info.orientation);
        assert_eq!(rest, (alpha, depth, frames, orientation), "{name}");
        let losses = info.losses(Format::Png);
        let moves = losses.contains(&Loss::Frames { count: 2 });
        assert_eq!(moves, frames == 2, "{name}: {losses:?}");
        let narrow = losses.contains(&Loss::Depth { bits: 10 });
        assert_eq!(narrow, depth == 10, "{name}: {losses:?}");
        let refused = probe(&file(name), &Limits::default().max_pixels(1000)).unwrap_err();
        assert!(matches!(refused, Error::TooManyPixels { .. }), "{refused}");
    }
}

#[test]
fn what_is_stored_is_cut_and_turned_as_the_container_says() {
    // The codec leaves AVIF as it is stored; libheif turns and cuts itself.
    let stored = Fake::reading(golden("source"));
    for (name, expected) in [
        ("plain.avif", "source"),
        ("turned.avif", "turn_270"),
        ("mirrored.avif", "flip_horizontal"),
        ("plain.heic", "source"),
    ] {
        let picture = read_by(&stored, &file(name)).unwrap();
        assert_eq!(picture, decoded(&golden(expected)), "{name}");
    }
    // A quarter clockwise, then top and bottom: as libheif 1.15 shows it.
    let both = read_by(&stored, &file("both.avif")).unwrap();
    let flip = Pipeline::new(Limits::default(), [Operation::Flip(Flip::Vertical)]);
    let flipped = flip.run(&golden("turn_90")).unwrap();
    assert_eq!(both, decoded(&flipped.bytes));
    let part = read_by(&stored, &file("part.avif")).unwrap();
    let source = decoded(&golden("source"));
    assert_eq!((part.width(), part.height()), (40, 30));
    let at = |x: usize, y: usize| 3 * (y * 64 + x);
    assert_eq!(
        part.as_bytes()[..120],
        source.as_bytes()[at(10, 6)..at(50, 6)]
    );
    // Newer versions of a codec may do it themselves.
    let already = Fake::reading(part.encode(Format::Png, Quality::default()).unwrap());
    assert_eq!(read_by(&already, &file("part.avif")), Ok(part));
}

#[test]
fn a_codec_that_makes_another_size_is_not_believed() {
    let small = Picture::from_rgb(8, 8, vec![7; 192]).unwrap();
    let codec = Fake::reading(small.encode(Format::Png, Quality::default()).unwrap());
    for name in ["plain.avif", "plain.heic"] {
        let refused = read_by(&codec, &file(name)).unwrap_err().to_string();
        assert!(refused.contains("8 x 8"), "{refused}");
    }
    let nonsense = Fake::reading(b"no picture".to_vec());
    let refused = read_by(&nonsense, &file("plain.avif"));
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
}

#[test]
fn pictures_go_through_a_codec_in_and_out_within_what_is_predicted() {
    let codec = Fake::reading(golden("source"));
    let pipeline = Pipeline::new(Limits::default().max_output_bytes(90_000), [])
        .codec(codec.clone())
        .then(Resize::scale(0.5).unwrap())
        .then(Format::Heif);
    let input = file("plain.avif");
    let info = probe(&input, &Limits::default()).unwrap();
    let predicted = pipeline.estimated_bytes(&info).unwrap();
    let made = pipeline.run(&input).unwrap();
    assert_eq!(
        (made.format, made.width, made.height),
        (Format::Heif, 32, 24)
    );
    assert_eq!(
        decoded(&made.bytes).width(),
        32,
        "the fake writes what it is given"
    );
    let given = codec.given.lock().unwrap();
    let works: Vec<_> = given
        .iter()
        .map(|(work, format, ..)| (*work, *format))
        .collect();
    let expected = [
        (CodecWork::Reading, Format::Avif),
        (CodecWork::Writing, Format::Heif),
    ];
    assert_eq!(works, expected);
    assert!(given.iter().all(|(.., memory, _)| *memory < predicted));
    assert_eq!(given[1].3, 90_000);
    // What does not fit is refused before anything is decoded.
    let tight = Pipeline::new(Limits::default().max_memory(predicted - 1), [])
        .codec(codec.clone())
        .then(Resize::scale(0.5).unwrap())
        .then(Format::Heif);
    drop(given);
    assert!(matches!(
        tight.run(&input),
        Err(Error::TooMuchMemory { .. })
    ));
    assert_eq!(codec.given.lock().unwrap().len(), 2);
}

#[test]
fn without_a_codec_the_refusal_names_what_is_needed() {
    let limits = Limits::default();
    let to_heif = Pipeline::new(limits, []).then(Format::Heif);
    for (refused, words) in [
        (
            Picture::decode(&file("plain.avif"), &limits).map(drop),
            "reading AVIF needs the program avifdec",
        ),
        (
            Picture::decode(&file("plain.heic"), &limits).map(drop),
            "Debian's libheif-examples",
        ),
        (
            to_heif.run(&golden("source")).map(drop),
            "writing HEIF needs the program heif-enc",
        ),
        #[cfg(not(feature = "jxl"))]
        (
            probe(&file("lossy.jxl"), &limits).map(drop),
            "the feature `jxl`",
        ),
    ] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, Error::MissingCodec { .. }), "{refused}");
        assert!(refused.to_string().contains(words), "{refused}");
    }
    let source = decoded(&golden("source"));
    let refused = source
        .encode(Format::JpegXl, Quality::default())
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("writing JPEG XL is not supported"),
        "{refused}"
    );
}

#[cfg(feature = "avif")]
#[test]
fn avif_is_written_and_says_what_it_holds() {
    let quality = |value| Quality::new(value).unwrap();
    for name in ["source", "clear"] {
        let picture = decoded(&golden(name));
        let sizes = [30, 60, 90].map(|value| {
            let file = picture.encode(Format::Avif, quality(value)).unwrap();
            let info = probe(&file, &Limits::default()).unwrap();
            assert_eq!(
                (info.format, info.width, info.height),
                (Format::Avif, 64, 48)
            );
            assert_eq!(
                (info.has_alpha, info.depth),
                (picture.has_alpha(), 8),
                "{name}"
            );
            file.len()
        });
        assert!(sizes.is_sorted(), "{name}: {sizes:?}");
    }
    let pixel = Picture::from_rgb(1, 1, vec![9; 3]).unwrap();
    let file = pixel.encode(Format::Avif, quality(80)).unwrap();
    assert_eq!(probe(&file, &Limits::default()).unwrap().width, 1);
    let bounded = Pipeline::new(Limits::default().max_output_bytes(300), []).then(Format::Avif);
    let refused = bounded.run(&golden("source"));
    assert!(
        matches!(refused, Err(Error::OutputTooLarge { .. })),
        "{refused:?}"
    );
}
