//! GIF, whose frames have up to 256 colours each, of which one may be transparent.

mod palette;

use std::io::Cursor;
use std::num::NonZeroU16;

use gif::{DecodeOptions, DisposalMethod, Encoder, Repeat};
use image::AnimationDecoder;
use image::codecs::gif::GifDecoder;

use self::palette::Palette;
use super::change::Area;
use super::frame::{Frame, Plays};
use super::output::Output;
use super::raster;
use crate::geometry::Size;
use crate::memory::{self, OVERHEAD};
use crate::{Error, Format, Picture, Result};

/// Longest side the format can express.
pub(super) const MAX_SIDE: u32 = 65_535;

/// The most colours a frame can have.
pub(crate) const MAX_COLORS: u16 = 256;

/// Alpha from which a pixel is there.
const OPAQUE: u8 = 128;

/// Milliseconds of the format's unit of time.
const TICK: u32 = 10;

/// The frames of a file, laid on one another.
pub(super) fn frames(bytes: &[u8]) -> Result<impl Iterator<Item = Result<Frame>>> {
    let refused = |error| raster::refused(Format::Gif, &error);
    let decoder = GifDecoder::new(Cursor::new(bytes)).map_err(refused)?;
    Ok(decoder.into_frames().map(move |frame| {
        let frame = frame.map_err(refused)?;
        let (milliseconds, parts) = frame.delay().numer_denom_ms();
        let image = frame.into_buffer();
        Ok(Frame {
            picture: Picture::from_rgba(image.width(), image.height(), image.into_raw())?,
            delay: milliseconds / parts.max(1),
        })
    }))
}

/// How often a file is shown.
pub(super) fn plays(bytes: &[u8]) -> Result<Plays> {
    let corrupt = |error: gif::DecodingError| Error::Corrupt {
        format: Format::Gif,
        detail: error.to_string(),
    };
    let mut options = DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(corrupt)?;
    // It is said before the first frame.
    decoder.next_frame_info().map_err(corrupt)?;
    Ok(match decoder.repeat() {
        Repeat::Infinite => Plays::Forever,
        Repeat::Finite(more) => Plays::Times(NonZeroU16::MIN.saturating_add(more)),
    })
}

/// Writes frames as what changes from one to the next.
pub(crate) struct Writer {
    encoder: Encoder<Output>,
    size: Size,
    colors: u16,
    /// What is seen before the frame that waits, if anything is.
    before: Option<Picture>,
    /// The last frame: how it is taken away depends on the next one.
    waiting: Option<Frame>,
    /// Milliseconds that rounding has left over.
    carried: u32,
    is_reduced: bool,
}

impl Writer {
    pub(super) fn new(size: Size, plays: Plays, colors: u16, output: Output) -> Result<Self> {
        let mut encoder = Encoder::new(output, side(size.width)?, side(size.height)?, &[])
            .map_err(|error| failed(&error))?;
        let repeat = match plays {
            Plays::Forever => Some(Repeat::Infinite),
            Plays::Times(NonZeroU16::MIN) => None,
            Plays::Times(times) => Some(Repeat::Finite(times.get() - 1)),
        };
        if let Some(repeat) = repeat {
            encoder.set_repeat(repeat).map_err(|error| failed(&error))?;
        }
        Ok(Self {
            encoder,
            size,
            colors,
            before: None,
            waiting: None,
            carried: 0,
            is_reduced: false,
        })
    }

    pub(super) fn add(&mut self, frame: Frame) -> Result<()> {
        if let Some(last) = self.waiting.take() {
            // A frame can only add to what is seen, so what is to vanish must go before it.
            let clears = clears(&last.picture, &frame.picture);
            self.write(&last, clears)?;
            self.before = (!clears).then_some(last.picture);
        }
        self.waiting = Some(frame);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(Vec<u8>, bool)> {
        if let Some(last) = self.waiting.take() {
            self.write(&last, false)?;
        }
        let reduced = self.is_reduced;
        let output = self.encoder.into_inner().map_err(|error| failed(&error))?;
        Ok((output.finish(Ok(()))?, reduced))
    }

    /// Writes `frame`, which vanishes after its time or stays.
    fn write(&mut self, frame: &Frame, vanishes: bool) -> Result<()> {
        let Frame { picture, delay } = frame;
        let area = match &self.before {
            Some(before) if !vanishes => Area::changed(before, picture),
            _ => Area::whole(self.size),
        };
        let mut pixels = Vec::with_capacity(area.pixels());
        let mut shown = |pixel: &[u8], before: Option<&[u8]>| {
            let alpha = pixel.get(3).copied().unwrap_or(u8::MAX);
            self.is_reduced |= !matches!(alpha, 0 | u8::MAX);
            let stays = before.is_some_and(|before| is_same(before, pixel));
            let color = pixel.first_chunk::<3>().copied();
            pixels.push(color.filter(|_| alpha >= OPAQUE && !stays));
        };
        if let Some(before) = &self.before {
            let rows = area.rows(before).zip(area.rows(picture));
            for (old, new) in rows {
                let old = old.chunks_exact(before.channels());
                for (old, new) in old.zip(new.chunks_exact(picture.channels())) {
                    shown(new, Some(old));
                }
            }
        } else {
            let rows = area.rows(picture);
            rows.flat_map(|row| row.chunks_exact(picture.channels()))
                .for_each(|pixel| shown(pixel, None));
        }
        let palette = Palette::of(&pixels, self.colors);
        self.is_reduced |= palette.is_reduced();
        let has_clear = pixels.iter().any(Option::is_none);
        let time = delay.saturating_add(self.carried);
        self.carried = time % TICK;
        let mut written = gif::Frame {
            delay: u16::try_from(time / TICK).unwrap_or(u16::MAX),
            dispose: if vanishes {
                DisposalMethod::Background
            } else {
                DisposalMethod::Keep
            },
            transparent: has_clear.then_some(palette.transparent()),
            left: side(area.left)?,
            top: side(area.top)?,
            width: side(area.size.width)?,
            height: side(area.size.height)?,
            ..gif::Frame::default()
        };
        written.buffer = palette.indexes(&pixels).into();
        written.palette = Some(palette.into_bytes());
        let written = self.encoder.write_frame(&written);
        written.map_err(|error| self.encoder.get_ref().reason(failed(&error)))
    }
}

/// Writes one picture, and says whether colours had to be left out.
pub(super) fn encode(picture: &Picture, colors: u16, limit: u64) -> Result<(Vec<u8>, bool)> {
    let (_, largest) = encoder_bytes(picture.size());
    let output = Output::new(limit.min(largest));
    let mut writer = Writer::new(picture.size(), Plays::ONCE, colors, output)?;
    writer.add(Frame {
        picture: picture.clone(),
        delay: 0,
    })?;
    writer.finish()
}

/// What encoding takes beside the file, for the pictures at both sides of a change, and at most
/// the size of what a frame comes to in the file.
pub(super) fn encoder_bytes(size: Size) -> (u64, u64) {
    // Three pictures of 4 bytes a pixel, colours as options, the sample of the palette, numbers of
    // colours, and their compressed form, which is copied when it grows.
    let work = memory::picture(size, 12 + 4 + 4 + 1 + 5) + OVERHEAD;
    // Codes have 12 bits at most for 8, and there is a length before every 255 bytes.
    let file = memory::picture(size, 1) + memory::picture(size, 1).div_ceil(2);
    (work, file + file / 128 + 2048)
}

/// Whether something that is seen in `before` is not in `after`.
fn clears(before: &Picture, after: &Picture) -> bool {
    if !after.has_alpha() {
        return false;
    }
    let seen = |pixel: &[u8]| pixel.get(3).is_none_or(|&alpha| alpha >= OPAQUE);
    let old = before.as_bytes().chunks_exact(before.channels());
    let new = after.as_bytes().chunks_exact(after.channels());
    old.zip(new).any(|(old, new)| seen(old) && !seen(new))
}

/// Whether two pixels, with or without alpha, look the same.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let seen = |pixel: &[u8]| pixel.get(3).is_none_or(|&alpha| alpha >= OPAQUE);
    seen(a) == seen(b) && a.first_chunk::<3>() == b.first_chunk::<3>()
}

fn side(length: u32) -> Result<u16> {
    u16::try_from(length).map_err(|error| Error::Encode {
        format: Format::Gif,
        detail: error.to_string(),
    })
}

fn failed(error: &gif::EncodingError) -> Error {
    Error::Encode {
        format: Format::Gif,
        detail: error.to_string(),
    }
}
