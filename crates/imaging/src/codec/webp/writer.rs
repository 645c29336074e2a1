//! Writing an animated WebP file: libwebp makes the pictures, the container is put together here,
//! so that not all of them are in memory at the same time.

use super::file;
use super::frames::{Chunk, Chunks, is_picture_part};
use crate::codec::change::Area;
use crate::codec::frame::{Frame, Plays};
use crate::codec::output::Output;
use crate::geometry::Size;
use crate::{Cut, Picture, Quality, Result};

/// Where the length of the file is.
const LENGTH: usize = 4;
/// Where the flags of the file are.
const FLAGS: usize = 20;
const ANIMATED: u8 = 0x02;
const WITH_ALPHA: u8 = 0x10;

/// The flag of a frame that replaces what is below it.
const REPLACES: u8 = 0x02;
/// Bytes of a frame's own header.
const FRAME_HEADER: usize = 16;
/// The longest time a frame can have, in milliseconds.
const MAX_DELAY: u32 = 0xff_ffff;

/// Writes frames as the part that changes from one to the next.
pub(crate) struct Writer {
    output: Output,
    quality: Quality,
    before: Option<Picture>,
    has_alpha: bool,
}

impl Writer {
    pub(in crate::codec) fn new(
        size: Size,
        plays: Plays,
        quality: Quality,
        mut output: Output,
    ) -> Result<Self> {
        let times = match plays {
            Plays::Forever => 0,
            Plays::Times(times) => times.get(),
        };
        let mut head = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
        head.extend([ANIMATED, 0, 0, 0]);
        head.extend(three_bytes(size.width - 1));
        head.extend(three_bytes(size.height - 1));
        // What is behind all frames is transparent.
        head.extend(b"ANIM\x06\0\0\0\0\0\0\0");
        head.extend(times.to_le_bytes());
        output.append(&head)?;
        Ok(Self {
            output,
            quality,
            before: None,
            has_alpha: false,
        })
    }

    pub(in crate::codec) fn add(&mut self, frame: Frame) -> Result<()> {
        let Frame { picture, delay } = frame;
        let area = match &self.before {
            Some(before) => Area::changed(before, &picture).with_even_start(),
            None => Area::whole(picture.size()),
        };
        let Size { width, height } = area.size;
        let part = Cut::new(width, height, area.left, area.top)?.apply(&picture)?;
        let part = part.without_idle_alpha();
        self.has_alpha |= part.has_alpha();
        let file = file(&part, self.quality)?;
        let parts = || Chunks::of_file(&file).filter(is_picture_part);
        let length = FRAME_HEADER
            + parts()
                .map(|chunk: Chunk<'_>| chunk.whole.len())
                .sum::<usize>();
        self.output.append(b"ANMF")?;
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.output.append(&length.to_le_bytes())?;
        let delay = delay.min(MAX_DELAY);
        for value in [area.left / 2, area.top / 2, width - 1, height - 1, delay] {
            self.output.append(&three_bytes(value))?;
        }
        self.output.append(&[REPLACES])?;
        for chunk in parts() {
            self.output.append(chunk.whole)?;
        }
        self.before = Some(picture);
        Ok(())
    }

    pub(in crate::codec) fn finish(self) -> Result<Vec<u8>> {
        let has_alpha = self.has_alpha;
        let mut file = self.output.finish(Ok(()))?;
        let length = u32::try_from(file.len().saturating_sub(8)).unwrap_or(u32::MAX);
        if let Some(place) = file.get_mut(LENGTH..LENGTH + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        if let Some(flags) = file.get_mut(FLAGS).filter(|_| has_alpha) {
            *flags |= WITH_ALPHA;
        }
        Ok(file)
    }
}

/// The low bytes of a number that has no more.
const fn three_bytes(number: u32) -> [u8; 3] {
    let [low, middle, high, _] = number.to_le_bytes();
    [low, middle, high]
}
