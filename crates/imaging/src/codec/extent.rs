//! What decoders take beside the pixels they give: found by following the structure of the file,
//! since they believe every length in it.

use std::io::Cursor;

use super::vp8l;
use crate::geometry::Size;
use crate::{Error, Format, Result};

mod tiff;

pub(super) use self::tiff::tiff;

/// Memory for the metadata of a PNG file.
pub(super) const MAX_METADATA_BYTES: u64 = 16 * 1024 * 1024;

/// The longest part of a lossy WebP stream. Memory for it is set aside before it is read.
const PARTITION_BYTES: u64 = 1 << 24;

/// A byte that was compressed by Deflate makes no more than this many.
const INFLATION: u64 = 1032;

/// Bytes of the chunks before the pixels, as far as the decoder keeps them.
pub(super) fn png(bytes: &[u8]) -> u64 {
    let mut kept = 0_u64;
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((&[a, b, c, d, kind @ ..], after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([a, b, c, d]);
        match &kind {
            b"IDAT" => break,
            b"iCCP" => kept += u64::from(length) * INFLATION,
            _ => kept += u64::from(length),
        }
        // Behind the chunk's checksum.
        let end = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .saturating_add(4);
        rest = after.get(end..).unwrap_or_default();
    }
    // The chunk, what it holds, and a copy of that while it is read.
    4 * kept.min(MAX_METADATA_BYTES)
}

/// The decoder reads a frame apart, as numbers of colours first.
pub(super) fn gif(bytes: &[u8]) -> Result<u64> {
    let corrupt = |error: &dyn ToString| Error::Corrupt {
        format: Format::Gif,
        detail: error.to_string(),
    };
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options
        .read_info(Cursor::new(bytes))
        .map_err(|error| corrupt(&error))?;
    let length =
        |data: Option<&[u8]>| u64::try_from(data.map_or(0, <[u8]>::len)).unwrap_or(u64::MAX);
    let metadata = length(decoder.icc_profile()) + length(decoder.xmp_metadata());
    let pixels = |frame: &gif::Frame<'_>| u64::from(frame.width) * u64::from(frame.height);
    let first = decoder.next_frame_info().map_err(|error| corrupt(&error))?;
    let mut largest = first.map_or(0, pixels);
    // What is damaged later on is found when it is decoded.
    while let Ok(Some(frame)) = decoder.next_frame_info() {
        largest = largest.max(pixels(frame));
    }
    Ok(5 * largest + 4 * metadata)
}

/// What is in a WebP file.
#[derive(Debug, Default)]
pub(super) struct WebP<'a> {
    /// Pixels of the largest lossy stream, of which the container may claim fewer.
    lossy: u64,
    /// Bytes of the longest stream.
    longest: u64,
    /// Lossless pictures.
    lossless: Vec<&'a [u8]>,
    /// Planes of alpha.
    alpha: Vec<&'a [u8]>,
    animated: bool,
    metadata: u64,
}

impl<'a> WebP<'a> {
    /// Follows the chunks, which must be within the file.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let riff = bytes
            .get(4..8)
            .and_then(|length| length.first_chunk())
            .map_or(0, |length| u32::from_le_bytes(*length));
        let end = usize::try_from(riff)
            .unwrap_or(usize::MAX)
            .saturating_add(8);
        let mut file = Self::default();
        file.chunks(
            bytes.get(12..end.min(bytes.len())).unwrap_or_default(),
            false,
        )?;
        Ok(file)
    }

    /// What the decoder takes beside a picture of `size`, of which it gives alpha or not.
    pub(super) fn inner_bytes(&self, size: Size, has_alpha: bool) -> u64 {
        let pixels = size.pixels();
        let mut inner = self.metadata + 2 * self.longest;
        if self.lossy > 0 {
            inner += self.lossy * 2 + PARTITION_BYTES;
        }
        if self.animated {
            // The frame, and the canvas it is laid on.
            inner += pixels * 8;
        }
        if !self.lossless.is_empty() {
            // Block pictures of the transforms, and alpha that is not wanted.
            inner += pixels * if has_alpha { 2 } else { 6 };
        }
        if !self.alpha.is_empty() {
            inner += pixels * 7;
        }
        let lossless = self.lossless.iter();
        let lossless = lossless.map(|stream| vp8l::table_bytes(stream, None));
        let alpha = self.alpha.iter().filter_map(|plane| match plane {
            // A frame's plane is not larger than the picture.
            [first, stream @ ..] if first & 3 == 1 => {
                Some(vp8l::table_bytes(stream, Some((size.width, size.height))))
            }
            _ => None,
        });
        inner + lossless.chain(alpha).flatten().max().unwrap_or(0)
    }

    /// Follows the chunks of the file, or those in a frame, which holds no further ones.
    fn chunks(&mut self, chunks: &'a [u8], in_frame: bool) -> Result<()> {
        let mut rest = chunks;
        while let Some((&[a, b, c, d, length @ ..], after)) = rest.split_first_chunk::<8>() {
            let length = u32::from_le_bytes(length);
            let found = usize::try_from(length).ok();
            let Some((data, after)) = found.and_then(|length| after.split_at_checked(length))
            else {
                return Err(Error::Corrupt {
                    format: Format::WebP,
                    detail: format!("a chunk of {length} bytes goes beyond the file"),
                });
            };
            if (&[a, b, c, d], in_frame) == (b"ANMF", false) {
                self.animated = true;
                // Behind place, size and flags of the frame.
                self.chunks(data.get(16..).unwrap_or_default(), true)?;
            } else {
                self.chunk([a, b, c, d], data);
            }
            // Chunks start at even places.
            rest = after.get(data.len() % 2..).unwrap_or_default();
        }
        Ok(())
    }

    fn chunk(&mut self, kind: [u8; 4], data: &'a [u8]) {
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        match &kind {
            b"VP8 " => self.lossy = self.lossy.max(lossy_pixels(data)),
            b"VP8L" => self.lossless.push(data),
            b"ALPH" => self.alpha.push(data),
            b"ICCP" | b"EXIF" | b"XMP " => {
                self.metadata += 2 * length;
                return;
            }
            _ => return,
        }
        self.longest = self.longest.max(length);
    }
}

/// Pixels of a lossy stream, in whole blocks of 16 by 16.
fn lossy_pixels(stream: &[u8]) -> u64 {
    let side = |at: usize| match stream.get(at..at + 2) {
        Some(&[low, high]) => u64::from(u16::from_le_bytes([low, high]) & 0x3fff),
        _ => 0,
    };
    side(6).next_multiple_of(16) * side(8).next_multiple_of(16)
}
