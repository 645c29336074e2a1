//! Small files and requests that ask for enormous memory.

use tcloud_imaging::{Error, Format, Limits, Mode, Picture, Pipeline, Quality, Resize, probe};

use crate::ordinary::inputs;
use crate::support::photo;
use crate::{MEBIBYTE, alone, peak};

/// What a refusal may take: the header was read.
const READING: u64 = 2 * MEBIBYTE;

/// A TIFF file of one directory.
fn tiff(entries: &[(u16, u16, u32, u32)], tail: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for &(tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(tail);
    bytes
}

/// Four samples of 16 bits a pixel; `more` goes behind the usual entries.
fn deep_tiff(side: u32, more: &[(u16, u16, u32, u32)], tail: &[u8]) -> Vec<u8> {
    let bits = 8 + 2 + 12 * (10 + more.len() as u32) + 4;
    let mut entries = vec![
        (256, 4, 1, side),
        (257, 4, 1, side),
        (258, 3, 4, bits),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8),
        (277, 3, 1, 4),
        (278, 4, 1, side),
        (279, 4, 1, 8),
        (338, 3, 1, 2),
    ];
    entries.extend(more);
    let tail = [&[16, 0, 16, 0, 16, 0, 16, 0], tail].concat();
    tiff(&entries, &tail)
}

fn gif(width: u16, height: u16, frame: (u16, u16)) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([0x80, 0, 0, 0, 0, 0, 255, 255, 255, b',', 0, 0, 0, 0]);
    bytes.extend(frame.0.to_le_bytes());
    bytes.extend(frame.1.to_le_bytes());
    bytes.extend([0, 2, 2, 0x4c, 1, 0, b';']);
    bytes
}

fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u32).to_le_bytes();
    [kind.as_bytes(), &length, data, &[0][..data.len() % 2]].concat()
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WEBP".as_slice(), &chunks.concat()].concat();
    [b"RIFF", (body.len() as u32).to_le_bytes().as_slice(), &body].concat()
}

/// The chunk that states the size of the whole picture.
fn canvas(width: u32, height: u32, flags: u8) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    chunk(
        "VP8X",
        &[vec![flags, 0, 0, 0], side(width), side(height)].concat(),
    )
}

/// A lossy stream of nothing but a header.
fn lossy(width: u16, height: u16) -> Vec<u8> {
    let header = [0x10, 0, 0, 0x9d, 1, 0x2a].to_vec();
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    chunk("VP8 ", &[header, sides, vec![0; 64]].concat())
}

/// Writes bits from the lowest of each byte on.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.0
            .extend((0..count).map(|place| value >> place & 1 == 1));
    }

    /// A code of one symbol of 8 bits.
    fn one(&mut self, symbol: u32) {
        self.put(0b101, 3);
        self.put(symbol, 8);
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            let places = bits.iter().enumerate();
            places.fold(0, |byte, (place, &bit)| byte | u8::from(bit) << place)
        };
        self.0.chunks(8).map(byte).collect()
    }
}

/// A lossless picture of one pixel that asks for 65,536 groups of tables, of 4 KiB each.
fn lossless_bomb() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(0x2f, 8);
    bits.put(0, 14 + 14 + 1 + 3);
    // No transform, no cache, groups in blocks of four by four: one block, whose number is 65,535.
    bits.put(0, 1);
    bits.put(0, 1);
    bits.put(1, 1);
    bits.put(0, 3);
    bits.put(0, 1);
    for symbol in [255, 255, 0, 0, 0] {
        bits.one(symbol);
    }
    for _ in 0..65_536 {
        // Codes of 1, 2, 3, ..., 10 and 10 bits, whose lengths are written in four bits each.
        bits.put(0, 1);
        bits.put(15, 4);
        // Sixteen lengths of lengths are four bits, for 0 to 15; 17, 18 and 16 are not used.
        for place in 0..19 {
            bits.put(if [0, 1, 8].contains(&place) { 0 } else { 4 }, 3);
        }
        bits.put(1, 1);
        bits.put(1, 3);
        bits.put(11 - 2, 4);
        for length in [1_u32, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10] {
            bits.put(length.reverse_bits() >> 28, 4);
        }
        for _ in 0..4 {
            bits.one(0);
        }
    }
    bits.put(0, 32);
    webp(&[chunk("VP8L", &bits.bytes())])
}

fn run(bytes: &[u8], limits: Limits, format: Format) -> (u64, Result<u64, Error>) {
    let pipeline = Pipeline::new(limits, [])
        .then(format)
        .then(Quality::default());
    peak(|| {
        pipeline
            .run(bytes)
            .map(|outcome| outcome.bytes.len() as u64)
    })
}

fn limit(mebibytes: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_memory = mebibytes * MEBIBYTE;
    limits
}

#[test]
fn headers_that_claim_enormous_pictures_are_refused_unread() {
    let _turn = alone();
    let cases = [
        (
            "tiff",
            deep_tiff(15_800, &[], &vec![0; 28_000]),
            Format::Png,
        ),
        ("gif", gif(15_800, 15_800, (1, 1)), Format::Bmp),
        ("gif frame", gif(9, 9, (65_535, 65_535)), Format::Png),
        (
            "webp inside",
            webp(&[canvas(10, 10, 0), lossy(16_383, 16_383)]),
            Format::Png,
        ),
        (
            "webp animation",
            {
                let frame = [&[0; 16][..], &lossy(16_383, 16_383)].concat();
                let control = chunk("ANIM", &[0; 6]);
                webp(&[canvas(10, 10, 2), control, chunk("ANMF", &frame)])
            },
            Format::Png,
        ),
        ("webp tables", lossless_bomb(), Format::Png),
        (
            "tiff tile",
            tiff(
                &[
                    (256, 4, 1, 8),
                    (257, 4, 1, 8),
                    (258, 3, 1, 8),
                    (259, 3, 1, 1),
                    (262, 3, 1, 1),
                    (277, 3, 1, 1),
                    (322, 4, 1, 1 << 30),
                    (323, 4, 1, 16),
                    (324, 4, 1, 8),
                    (325, 4, 1, 8),
                ],
                &[],
            ),
            Format::Png,
        ),
    ];
    for (name, bytes, format) in cases {
        let (real, outcome) = run(&bytes, limit(200), format);
        let Err(error) = outcome else {
            panic!("{name} was not refused");
        };
        assert!(
            matches!(
                error,
                Error::TooMuchMemory { .. } | Error::OutputTooLarge { .. }
            ),
            "{name}: {error}"
        );
        assert!(real <= READING + bytes.len() as u64, "{name}: {real}");
    }
}

#[test]
fn lengths_beyond_the_file_are_not_believed() {
    let _turn = alone();
    let mut exif = webp(&[canvas(10, 10, 8), lossy(10, 10), chunk("EXIF", &[0; 8])]);
    let length = exif.len() - 12;
    exif[length..length + 4].copy_from_slice(&0x7fff_fff0_u32.to_le_bytes());
    let riff = &mut exif[4..8];
    riff.copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let cases = [
        ("webp", exif),
        // A colour profile of eight million bytes, each of which the decoder keeps in 32.
        (
            "tiff profile",
            deep_tiff(8, &[(34_675, 1, 8_000_000, 300)], &[0; 500]),
        ),
        (
            "tiff orientation",
            deep_tiff(8, &[(274, 3, 80_000_000, 300)], &[0; 500]),
        ),
    ];
    for (name, bytes) in cases {
        let (real, outcome) = run(&bytes, Limits::default(), Format::Png);
        assert!(
            matches!(outcome, Err(Error::Corrupt { .. })),
            "{name}: {outcome:?}"
        );
        assert!(real <= READING, "{name}: {real}");
    }
}

#[test]
fn a_jpeg_within_a_tiff_counts_by_its_own_size() {
    let _turn = alone();
    let mut stream = photo(8, 8)
        .encode(Format::Jpeg, Quality::default())
        .unwrap();
    let frame = stream
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    stream[frame + 5..frame + 9].copy_from_slice(&[0x3f, 0xff, 0x3f, 0xff]);
    let start = 8 + 2 + 12 * 9 + 4 + 6;
    let entries = [
        (256, 4, 1, 8),
        (257, 4, 1, 8),
        (258, 3, 3, start - 6),
        (259, 3, 1, 7),
        (262, 3, 1, 2),
        (273, 4, 1, start),
        (277, 3, 1, 3),
        (278, 4, 1, 8),
        (279, 4, 1, stream.len() as u32),
    ];
    let bytes = tiff(&entries, &[&[8, 0, 8, 0, 8, 0], stream.as_slice()].concat());
    let (real, outcome) = run(&bytes, limit(200), Format::Png);
    assert!(
        matches!(outcome, Err(Error::TooMuchMemory { .. })),
        "{outcome:?}"
    );
    assert!(real <= READING, "{real}");
}

#[test]
fn a_profile_that_inflates_stays_within_the_prediction() {
    let _turn = alone();
    let mut bytes = Vec::new();
    let mut info = png::Info::with_size(4, 4);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(vec![0; 12 << 20].into());
    let encoder = png::Encoder::with_info(&mut bytes, info).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[9; 48]).unwrap();
    writer.finish().unwrap();
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    let predicted = Pipeline::new(Limits::default(), [])
        .estimated_bytes(&probe(&bytes, &Limits::default()).unwrap())
        .unwrap();
    let (real, outcome) = run(&bytes, Limits::default(), Format::Png);
    outcome.unwrap();
    assert!(real <= predicted, "{real} of {predicted}");
}

#[test]
fn a_pixel_is_not_stretched_over_the_limit() {
    let _turn = alone();
    let pixel = photo(1, 1).encode(Format::Png, Quality::default()).unwrap();
    let stretched = Resize::to_box(Mode::Fixed, Some(16_384), Some(15_258)).unwrap();
    let refusal = |format| {
        let pipeline = Pipeline::new(Limits::default(), [])
            .then(stretched)
            .then(format)
            .then(Quality::default());
        let (real, outcome) = peak(|| pipeline.run(&pixel).map(|_| ()));
        assert!(real <= READING, "{format}: {real}");
        outcome.unwrap_err()
    };
    let (bmp, png) = (refusal(Format::Bmp), refusal(Format::Png));
    assert!(
        matches!(
            bmp,
            Error::OutputTooLarge {
                bytes: Some(749_961_270),
                ..
            }
        ),
        "{bmp}"
    );
    assert!(matches!(png, Error::TooMuchMemory { .. }), "{png}");
}

#[test]
fn a_result_that_grows_over_the_limit_is_an_error() {
    let picture = photo(300, 300);
    let input = picture.encode(Format::Png, Quality::default()).unwrap();
    let mut limits = Limits::default();
    limits.max_output_bytes = 2_000;
    for format in [Format::Jpeg, Format::Png, Format::WebP, Format::Bmp] {
        let pipeline = Pipeline::new(limits, [])
            .then(format)
            .then(Quality::default());
        let error = pipeline.run(&input).unwrap_err();
        assert!(
            matches!(error, Error::OutputTooLarge { limit: 2_000, .. }),
            "{format}: {error}"
        );
        assert!(error.to_string().contains("2000"), "{error}");
    }
}

#[test]
fn the_refusal_names_what_it_takes_and_the_limit() {
    let input = photo(1_000, 1_000)
        .encode(Format::Jpeg, Quality::default())
        .unwrap();
    let limits = limit(3);
    let error = Picture::decode(&input, &limits).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("at most 3 MiB") && text.contains("takes up to"),
        "{text}"
    );
    let info = probe(&input, &limits).unwrap();
    let pipeline = Pipeline::new(limits, []);
    assert_eq!(
        pipeline.estimated_bytes(&info).unwrap_err(),
        pipeline.run(&input).unwrap_err()
    );
}

/// Whatever damage makes of a file, the prediction holds.
#[test]
fn damaged_files_stay_within_their_prediction() {
    let _turn = alone();
    let limits = limit(100);
    let mut seed = 3_u64;
    let mut below = |end: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % end
    };
    for (name, sample) in inputs() {
        for _ in 0..20 {
            let mut bytes = sample.clone();
            for _ in 0..=below(3) {
                let index = below(bytes.len().min(200));
                bytes[index] = below(256) as u8;
            }
            let pipeline = Pipeline::new(limits, [])
                .then(Format::Png)
                .then(Quality::default());
            let probed = peak(|| probe(&bytes, &limits));
            let predicted = probed.1.and_then(|info| pipeline.estimated_bytes(&info));
            let (real, _) = peak(|| pipeline.run(&bytes));
            let allowed = predicted.unwrap_or(READING) + 2 * bytes.len() as u64;
            assert!(real <= allowed, "{name}: {real} of {allowed}");
        }
    }
}
