//! Animations, frame by frame: no more than a few pictures are in memory, however many there are.

use image::metadata::Orientation;

use super::frame::{Frame, Plays};
use super::output::Output;
use super::{Writing, gif, webp};
use crate::geometry::Size;
use crate::turn::Turn;
use crate::{Error, Format, Info, Picture, Result, codec, color, memory};

/// The frames of a file, each laid on what is left of those before it, upright and in sRGB.
pub(crate) struct Frames<'a> {
    info: &'a Info,
    icc_profile: Option<Vec<u8>>,
    plays: Plays,
    stored: Box<dyn Iterator<Item = Result<Frame>> + 'a>,
}

impl<'a> Frames<'a> {
    /// Those of the animation `bytes`, whose header is `info`.
    pub(crate) fn of(info: &'a Info, bytes: &'a [u8]) -> Result<Self> {
        codec::guarded(info.format, || {
            let (stored, plays): (Box<dyn Iterator<Item = Result<Frame>>>, _) =
                if info.format == Format::Gif {
                    (Box::new(gif::frames(bytes)?), gif::plays(bytes)?)
                } else {
                    let frames = webp::Frames::of(bytes)?;
                    let plays = frames.plays();
                    (Box::new(frames), plays)
                };
            Ok(Self {
                info,
                icc_profile: super::raster::icc_profile(info.format, bytes),
                plays,
                stored,
            })
        })
    }

    pub(crate) const fn plays(&self) -> Plays {
        self.plays
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let Self {
            info,
            icc_profile,
            stored,
            ..
        } = self;
        codec::guarded(info.format, || {
            let Some(Frame { picture, delay }) = stored.next().transpose()? else {
                return Ok(None);
            };
            let orientation = Orientation::from_exif(info.orientation);
            let mut picture = match orientation {
                None | Some(Orientation::NoTransforms) => picture,
                Some(orientation) => Turn::upright(orientation).apply(picture)?,
            };
            if let Some(profile) = icc_profile {
                let (size, has_alpha) = (picture.size(), picture.has_alpha());
                let mut data = picture.into_bytes();
                color::convert_to_srgb(&mut data, has_alpha, profile);
                picture = Picture::of(size, has_alpha, data)?;
            }
            if picture.size() != info.size() {
                return Err(Error::Corrupt {
                    format: info.format,
                    detail: "a frame does not match the size in the header".to_owned(),
                });
            }
            let picture = picture.without_idle_alpha();
            Ok(Some(Frame { picture, delay }))
        })
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// An animation that is being written.
pub(crate) enum Writer {
    Gif(gif::Writer),
    WebP(webp::Writer),
}

impl Writer {
    /// A file of at most `limit` bytes, for at most `frames` pictures of `size`.
    pub(crate) fn new(
        size: Size,
        frames: u32,
        plays: Plays,
        writing: Writing,
        limit: u64,
    ) -> Result<Self> {
        let output = Output::new(limit.min(file_bytes(size, frames, writing.format)));
        match writing.format {
            Format::Gif => gif::Writer::new(size, plays, writing.colors, output).map(Self::Gif),
            _ => webp::Writer::new(size, plays, writing.quality, output).map(Self::WebP),
        }
    }

    pub(crate) fn add(&mut self, frame: Frame) -> Result<()> {
        match self {
            Self::Gif(writer) => writer.add(frame),
            Self::WebP(writer) => writer.add(frame),
        }
    }

    /// The file, and whether colours had to be left out.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, bool)> {
        match self {
            Self::Gif(writer) => writer.finish(),
            Self::WebP(writer) => Ok((writer.finish()?, false)),
        }
    }
}

/// What writing takes, with the file, which has `limit` bytes at most.
pub(crate) fn encoder_bytes(size: Size, frames: u32, writing: Writing, limit: u64) -> u64 {
    let work = match writing.format {
        Format::Gif => gif::encoder_bytes(size).0,
        // The picture before, the one that is written, the part of it that changed, and its file.
        format => {
            let (work, file) = codec::work_bytes(size, 4, Writing { format, ..writing });
            memory::picture(size, 16) + work + 2 * file
        }
    };
    let file = file_bytes(size, frames, writing.format).min(limit);
    // While a higher quality is looked for, the best file so far is kept.
    let files = if writing.max_bytes < u64::MAX { 2 } else { 1 };
    memory::OVERHEAD + work + files * file.min(writing.max_bytes)
}

/// At most the size of the file.
fn file_bytes(size: Size, frames: u32, format: Format) -> u64 {
    let each = match format {
        Format::Gif => gif::encoder_bytes(size).1,
        _ => webp::encoder_bytes(size, 4).1,
    };
    each.saturating_mul(u64::from(frames)).saturating_add(1024)
}
