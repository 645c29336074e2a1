//! JPEG. The only module that knows which libraries do it.

pub(super) mod frame;
mod markers;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use jpeg_decoder::{CodingProcess, Decoder, ImageInfo, PixelFormat};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};

use self::frame::{Frame, padded};
use self::markers::{File, Strict};
use super::cost::Cost;
use super::decoded::{Decoded, Header};
use super::output::Output;
use crate::geometry::Size;
use crate::{Error, Format, Picture, Quality, Result};

/// Longest side the encoder writes.
pub(super) const MAX_SIDE: u32 = 65_500;

/// By how much the decoder can shrink, the most first.
pub(crate) const SHRINKS: [u32; 3] = [8, 4, 2];

/// A progressive file has ten scans or so. Each costs a pass over all coefficients, so a small
/// file with thousands of empty scans would keep the processor busy for hours.
const MAX_SCANS: usize = 128;

/// Quality from which colour keeps its full resolution.
const FULL_COLOR_QUALITY: u8 = 90;

pub(super) fn header(bytes: &[u8]) -> Result<Header> {
    let (mut decoder, metadata) = open(bytes)?;
    decoder.read_info().map_err(refused)?;
    let info = known(&decoder)?;
    let frame = Frame {
        size: Size {
            width: u32::from(info.width),
            height: u32::from(info.height),
        },
        components: components(info.pixel_format)?,
        progressive: info.coding_process == CodingProcess::DctProgressive,
        lossless: info.coding_process == CodingProcess::Lossless,
        metadata,
    };
    Ok(Header {
        width: frame.size.width,
        height: frame.size.height,
        has_alpha: false,
        depth: 8,
        // Unreadable metadata is no reason to refuse the pixels.
        orientation: decoder
            .exif_data()
            .and_then(Orientation::from_exif_chunk)
            .unwrap_or(Orientation::NoTransforms),
        cost: Cost::Jpeg(frame),
    })
}

/// Decodes the picture `shrink` times smaller, each side rounded up.
pub(super) fn decode(bytes: &[u8], shrink: u32) -> Result<Decoded> {
    let (mut decoder, _) = open(bytes)?;
    decoder.read_info().map_err(refused)?;
    let whole = known(&decoder)?;
    let side =
        |length: u16| u16::try_from(u32::from(length).div_ceil(shrink.max(1))).unwrap_or(u16::MAX);
    if shrink > 1 {
        decoder
            .scale(side(whole.width), side(whole.height))
            .map_err(refused)?;
    }
    let info = known(&decoder)?;
    let samples = decoder.decode().map_err(refused)?;
    let icc_profile = decoder.icc_profile();
    let rgb = match info.pixel_format {
        PixelFormat::RGB24 => samples,
        PixelFormat::L8 => samples.iter().flat_map(|&gray| [gray; 3]).collect(),
        PixelFormat::CMYK32 => from_cmyk(&samples),
        PixelFormat::L16 => return Err(unsupported("16 bits a sample")),
    };
    let pixels = RgbImage::from_raw(u32::from(info.width), u32::from(info.height), rgb)
        .ok_or_else(|| corrupt("fewer pixels than the header states"))?;
    Ok(Decoded {
        image: DynamicImage::ImageRgb8(pixels),
        icc_profile,
    })
}

/// Samples of the picture at the start of `stream`, in whole units, and how far it was read; 0
/// samples if there is none.
pub(super) fn samples_of_stream(stream: &[u8]) -> (u64, usize) {
    let mut rest = stream;
    let mut decoder = Decoder::new(&mut rest);
    let info = decoder.read_info().ok().and_then(|()| decoder.info());
    drop(decoder);
    let samples = info.map_or(0, |info| {
        let components = match info.pixel_format {
            PixelFormat::L8 | PixelFormat::L16 => 1,
            PixelFormat::RGB24 => 3,
            PixelFormat::CMYK32 => 4,
        };
        padded(u32::from(info.width)) * padded(u32::from(info.height)) * components
    });
    (samples, stream.len() - rest.len())
}

pub(super) fn encode(
    picture: &Picture,
    quality: Quality,
    progressive: bool,
    limit: u64,
) -> Result<Vec<u8>> {
    let failed = |detail: String| Error::Encode {
        format: Format::Jpeg,
        detail,
    };
    let side = |length: u32| u16::try_from(length).map_err(|error| failed(error.to_string()));
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let (_, largest) = encoder_bytes(picture.size(), quality, progressive);
    let mut output = Output::new(limit.min(largest));
    let mut encoder = Encoder::new(&mut output, quality.get());
    encoder.set_sampling_factor(if quality.get() >= FULL_COLOR_QUALITY {
        SamplingFactor::F_1_1
    } else {
        SamplingFactor::F_2_2
    });
    encoder.set_progressive(progressive);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    let written = encoder.encode(picture.as_bytes(), width, height, ColorType::Rgb);
    output.finish(written.map_err(|error| failed(error.to_string())))
}

/// What encoding takes beside the picture, and at most the size of the file.
pub(super) fn encoder_bytes(size: Size, quality: Quality, progressive: bool) -> (u64, u64) {
    // Noise comes to 4.2 bytes a pixel at the highest quality, and to 0.9 where colour is halved.
    let halves = if quality.get() >= FULL_COLOR_QUALITY {
        10
    } else {
        3
    };
    let file = size.pixels().saturating_mul(halves) / 2 + 16 * 1024;
    let rows = u64::from(size.width) * 256;
    // Every sample, in whole blocks and at full resolution, and room for a coefficient of each.
    let coefficients = if progressive {
        let blocks = |side: u32| u64::from(side).next_multiple_of(16);
        blocks(size.width) * blocks(size.height) * 9
    } else {
        0
    };
    (rows + coefficients, file)
}

fn open(bytes: &[u8]) -> Result<(Decoder<Strict<'_>>, u64)> {
    let file = File::read(bytes);
    if file.scans() > MAX_SCANS {
        return Err(corrupt(format!("more than {MAX_SCANS} scans")));
    }
    let metadata = file.metadata_bytes();
    Ok((Decoder::new(file.strict(bytes)), metadata))
}

fn known(decoder: &Decoder<Strict<'_>>) -> Result<ImageInfo> {
    decoder.info().ok_or_else(|| corrupt("no frame header"))
}

fn components(format: PixelFormat) -> Result<u8> {
    match format {
        PixelFormat::L8 => Ok(1),
        PixelFormat::RGB24 => Ok(3),
        PixelFormat::CMYK32 => Ok(4),
        PixelFormat::L16 => Err(unsupported("16 bits a sample")),
    }
}

/// Ink on white paper. The decoder has undone the inversion by which Adobe stores CMYK.
fn from_cmyk(samples: &[u8]) -> Vec<u8> {
    let lit = |ink: u8, black: u8| {
        let product = u16::from(u8::MAX - ink) * u16::from(u8::MAX - black);
        u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
    };
    let mut rgb = Vec::with_capacity(samples.len() / 4 * 3);
    for &[cyan, magenta, yellow, black] in samples.as_chunks::<4>().0 {
        rgb.extend([cyan, magenta, yellow].map(|ink| lit(ink, black)));
    }
    rgb
}

fn refused(error: jpeg_decoder::Error) -> Error {
    match error {
        jpeg_decoder::Error::Unsupported(feature) => unsupported(format!("{feature:?}")),
        jpeg_decoder::Error::Format(detail) => corrupt(detail),
        other => corrupt(other.to_string()),
    }
}

fn unsupported(detail: impl Into<String>) -> Error {
    Error::UnsupportedFeature {
        format: Format::Jpeg,
        detail: detail.into(),
    }
}

fn corrupt(detail: impl Into<String>) -> Error {
    Error::Corrupt {
        format: Format::Jpeg,
        detail: detail.into(),
    }
}
