//! The frames of an animated WebP file, each of which is a file of its own in a container.

use std::io::Cursor;
use std::num::NonZeroU16;

use image_webp::WebPDecoder;

use crate::codec::change::Area;
use crate::codec::frame::{Frame, Plays};
use crate::geometry::Size;
use crate::{Error, Format, Picture, Result};

/// Parts that a frame's picture is made of.
const PARTS: [&[u8; 4]; 3] = [b"ALPH", b"VP8 ", b"VP8L"];

/// The chunks of a file or of a frame: kind, data, and the whole of it with its padding.
pub(super) struct Chunks<'a>(&'a [u8]);

pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    pub(super) whole: &'a [u8],
}

impl<'a> Chunks<'a> {
    /// Those of a file, which has a header of 12 bytes.
    pub(super) fn of_file(bytes: &'a [u8]) -> Self {
        Self(bytes.get(12..).unwrap_or_default())
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = self.0;
        let (&[a, b, c, d, length @ ..], after) = chunk.split_first_chunk::<8>()?;
        let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
        let data = after.get(..length)?;
        let end = length.saturating_add(8 + length % 2).min(chunk.len());
        let (whole, rest) = chunk.split_at_checked(end)?;
        self.0 = rest;
        Some(Chunk {
            kind: [a, b, c, d],
            data,
            whole,
        })
    }
}

/// Whether a chunk is a part of a frame's picture.
pub(super) fn is_picture_part(chunk: &Chunk<'_>) -> bool {
    PARTS.contains(&&chunk.kind)
}

/// Frames, each laid on what is left of those before it.
pub(crate) struct Frames<'a> {
    chunks: Chunks<'a>,
    plays: Plays,
    size: Size,
    /// Red, green, blue and alpha of what is seen.
    canvas: Vec<u8>,
    /// What vanishes before the next frame.
    vanishing: Option<Area>,
}

impl<'a> Frames<'a> {
    pub(in crate::codec) fn of(bytes: &'a [u8]) -> Result<Self> {
        let mut file = Chunks::of_file(bytes);
        let header = file.next().filter(|chunk| &chunk.kind == b"VP8X");
        let header = header.ok_or_else(|| corrupt("no header of an animation"))?;
        let size = Size {
            width: number(header.data, 4)? + 1,
            height: number(header.data, 7)? + 1,
        };
        let settings = Chunks::of_file(bytes).find(|chunk| &chunk.kind == b"ANIM");
        let times = settings.and_then(|chunk| chunk.data.get(4..6)?.first_chunk().copied());
        let times = NonZeroU16::new(u16::from_le_bytes(times.unwrap_or_default()));
        let pixels = usize::try_from(size.pixels()).unwrap_or(usize::MAX);
        Ok(Self {
            chunks: file,
            plays: times.map_or(Plays::Forever, Plays::Times),
            size,
            canvas: vec![0; pixels.saturating_mul(4)],
            vanishing: None,
        })
    }

    pub(in crate::codec) const fn plays(&self) -> Plays {
        self.plays
    }

    fn show(&mut self, data: &[u8]) -> Result<Frame> {
        let area = Area {
            left: number(data, 0)? * 2,
            top: number(data, 3)? * 2,
            size: Size {
                width: number(data, 6)? + 1,
                height: number(data, 9)? + 1,
            },
        };
        let within = area.left + area.size.width <= self.size.width
            && area.top + area.size.height <= self.size.height;
        let (Some(&flags), Some(parts), true) = (data.get(15), data.get(16..), within) else {
            return Err(corrupt("a frame is not within the picture"));
        };
        let (replaces, vanishes) = (flags & 2 != 0, flags & 1 != 0);
        let (pixels, channels) = decoded(area.size, parts)?;
        if let Some(area) = self.vanishing.take() {
            for row in area.rows_of(&mut self.canvas, self.size) {
                row.fill(0);
            }
        }
        let width = usize::try_from(area.size.width).unwrap_or(usize::MAX);
        let rows = pixels.chunks_exact(width.saturating_mul(channels));
        for (below, above) in area.rows_of(&mut self.canvas, self.size).zip(rows) {
            let pairs = below.chunks_exact_mut(4).zip(above.chunks_exact(channels));
            for (below, above) in pairs {
                lay(below, above, replaces);
            }
        }
        self.vanishing = vanishes.then_some(area);
        Ok(Frame {
            picture: Picture::from_rgba(self.size.width, self.size.height, self.canvas.clone())?,
            delay: number(data, 12)?,
        })
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.chunks.find(|chunk| &chunk.kind == b"ANMF")?;
        Some(self.show(frame.data))
    }
}

/// The pixels of a frame, with 3 or 4 samples each.
fn decoded(size: Size, parts: &[u8]) -> Result<(Vec<u8>, usize)> {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    // The kind of file that may have alpha apart from colours.
    file.extend(b"VP8X\x0a\0\0\0\x10\0\0\0");
    for length in [size.width, size.height] {
        file.extend(length.saturating_sub(1).to_le_bytes().iter().take(3));
    }
    for part in Chunks(parts).filter(is_picture_part) {
        file.extend(part.whole);
        file.resize(file.len().next_multiple_of(2), 0);
    }
    let length = u32::try_from(file.len().saturating_sub(8)).unwrap_or(u32::MAX);
    if let Some(place) = file.get_mut(4..8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    let mut decoder = WebPDecoder::new(Cursor::new(&file)).map_err(|error| corrupt(&error))?;
    if decoder.dimensions() != (size.width, size.height) {
        return Err(corrupt("a frame does not match its size"));
    }
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap_or_default()];
    decoder
        .read_image(&mut pixels)
        .map_err(|error| corrupt(&error))?;
    Ok((pixels, if decoder.has_alpha() { 4 } else { 3 }))
}

/// Lays a pixel on another one, or puts it in its place.
fn lay(below: &mut [u8], above: &[u8], replaces: bool) {
    let alpha = u32::from(above.get(3).copied().unwrap_or(u8::MAX));
    let [old @ .., old_alpha] = below else {
        return;
    };
    if replaces || alpha == 255 || *old_alpha == 0 {
        for (sample, &new) in old.iter_mut().zip(above) {
            *sample = new;
        }
        *old_alpha = u8::try_from(alpha).unwrap_or(u8::MAX);
        return;
    }
    // How much of the one below is still seen.
    let rest = u32::from(*old_alpha) * (255 - alpha) / 255;
    let sum = alpha + rest;
    for (sample, &new) in old.iter_mut().zip(above) {
        let mixed = (u32::from(new) * alpha + u32::from(*sample) * rest + sum / 2) / sum.max(1);
        *sample = u8::try_from(mixed).unwrap_or(u8::MAX);
    }
    *old_alpha = u8::try_from(sum).unwrap_or(u8::MAX);
}

/// A number of three bytes.
fn number(data: &[u8], at: usize) -> Result<u32> {
    match data.get(at..).and_then(<[u8]>::first_chunk) {
        Some(&[low, middle, high]) => Ok(u32::from_le_bytes([low, middle, high, 0])),
        None => Err(corrupt("a header is too short")),
    }
}

fn corrupt(detail: &(impl ToString + ?Sized)) -> Error {
    Error::Corrupt {
        format: Format::WebP,
        detail: detail.to_string(),
    }
}
