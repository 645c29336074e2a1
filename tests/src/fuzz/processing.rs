//! Picture files taken through pipelines, files of networks, and pictures of codes.

use tcloud_imaging::{
    CodeKind, Error, Flip, Format, Limits, Mode, Operation, Picture, Pipeline, Quality, Resize,
    probe,
};
use tcloud_networks::Network;

use super::Target;

const PICTURES: &[&[u8]] = &[
    b"\xFF\xD8\xFF",
    b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0",
    b"\xFF\xC2",
    b"IHDR",
    b"acTL",
    b"fcTL",
    b"GIF89a",
    b"\x21\xF9\x04\x01\0\0\0\0",
    b"\x2C\0\0\0\0\x02\0\x01\0\0",
    b"ANIM",
    b"ANMF",
    b"VP8L",
    b"ALPH",
    b"\0\0\0\0",
    b"\xFF\xFF\xFF\xFF",
];

pub(super) const PIPELINES: Target = Target {
    name: "pipelines",
    entry: pipelines,
    seeds: || Ok(Vec::new()),
    pieces: PICTURES,
    addressed: false,
    accepted: 5..=95,
};

pub(super) const NETWORKS: Target = Target {
    name: "networks",
    entry: networks,
    seeds: || Ok(Vec::new()),
    pieces: &[
        b"Conv",
        b"PRelu",
        b"DepthToSpace",
        b"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
        b"\x08\x20",
        b"\0\0\xC0\x7F",
        b"\x3A\xFF\xFF\xFF\xFF\x0F",
    ],
    addressed: false,
    accepted: 1..=95,
};

pub(super) const CODES: Target = Target {
    name: "codes",
    entry: codes,
    seeds: || {
        let bars = Picture::of_code("TCLOUD-42", true, 160)?;
        let square = Picture::of_code("https://example.com", false, 80)?;
        // What is not compressed stays a picture when it is changed.
        let files = [bars, square].map(|it| it.encode(Format::Bmp, Quality::default()));
        Ok(files.into_iter().collect::<Result<_, _>>()?)
    },
    pieces: &[
        &[0; 40],
        &[255; 40],
        &[0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255],
    ],
    addressed: false,
    accepted: 20..=100,
};

/// Takes a picture file through a pipeline that its last byte chooses: the result has the size that
/// was predicted, or there is an error of a kind that says why.
pub fn pipelines(input: &[u8]) -> bool {
    let limits = Limits::default()
        .max_pixels(200_000)
        .max_frames(20)
        .max_memory(64 << 20);
    let boxed = |mode, width, height| {
        let resize = Resize::to_box(mode, Some(width), Some(height)).expect("it is in bounds");
        Operation::Resize(resize)
    };
    let operations = match input.last().copied().unwrap_or_default() % 4 {
        // The decoder shrinks a JPEG for this one.
        0 => vec![boxed(Mode::Fixed, 17, 11), Format::Jpeg.into()],
        // An animation is taken through whole by these two.
        1 => vec![boxed(Mode::Contain, 16, 16), Format::Gif.into()],
        2 => vec![Operation::Flip(Flip::Vertical), Format::WebP.into()],
        _ => vec![
            boxed(Mode::Fill, 20, 20),
            Operation::Rotate(30),
            Operation::RoundCorners(5),
            Format::Png.into(),
        ],
    };
    let pipeline = Pipeline::new(limits, operations);
    let made = match pipeline.run(input) {
        Ok(made) => made,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let is_ours = matches!(error, Error::Encode { .. } | Error::Codec { .. });
            assert!(!is_ours, "{error}");
            return false;
        }
    };
    let source = probe(input, &limits).expect("what is processed has a readable header");
    let size = pipeline.output_size(&source).expect("it was processed");
    assert_eq!((made.width, made.height), (size.width, size.height));
    let written = probe(&made.bytes, &limits).expect("what is written can be read");
    assert_eq!(written.size(), size);
    assert_eq!(written.frames, made.frames);
    true
}

/// Looks for the codes of a picture file: texts and places that are numbers, the same ones every time. It
/// is accepted if it is a picture.
pub fn codes(input: &[u8]) -> bool {
    let limits = Limits::default().max_pixels(40_000);
    let Ok(picture) = Picture::decode(input, &limits) else {
        return false;
    };
    let found = || {
        let codes = picture.clone().codes(CodeKind::Any, &limits);
        codes.expect("a small picture is not made smaller")
    };
    let codes = found();
    for code in &codes {
        let mut places = code.corners.iter().flat_map(|(x, y)| [x, y]);
        assert!(places.all(|place| place.is_finite()), "{code:?}");
    }
    assert_eq!(codes, found());
    true
}

/// Reads a network: layers that take a stated memory, or an error that says what does not fit.
pub fn networks(input: &[u8]) -> bool {
    match Network::from_onnx(input) {
        Ok(network) => {
            // Tiles are of one size, whatever the file says.
            assert!(network.bytes(std::num::NonZero::<usize>::MIN) < 1 << 30);
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}
