//! The container of AVIF and HEIF, as far as it says what the picture in it measures.
//!
//! ISO/IEC 14496-12 has the boxes, ISO/IEC 23008-12 the properties of pictures.

use image::metadata::Orientation;

use crate::geometry::Size;
use crate::{Error, Format, Result};

/// What a container says of its primary picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Container {
    /// As it is coded.
    pub(super) coded: Size,
    /// The part of that which is the picture: left, top and size.
    pub(super) part: (u32, u32, Size),
    /// How that part is turned to be upright.
    pub(super) orientation: Orientation,
    /// Bits a sample.
    pub(super) depth: u8,
    /// Whether any picture in the file is an alpha plane.
    pub(super) has_alpha: bool,
    /// Frames of the sequence beside it, if there is one.
    pub(super) frames: u32,
}

/// What the alpha plane of a picture is called.
const ALPHA: [&[u8]; 2] = [
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
];

/// The boxes in a row of them, as far as they are whole.
struct Boxes<'a>(&'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.0;
        let (length, rest) = row.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (content, after) = match u32::from_be_bytes(*length) {
            0 => (rest, &[][..]),
            1 => {
                let (length, rest) = rest.split_first_chunk::<8>()?;
                let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
                rest.split_at_checked(length.checked_sub(16)?)?
            }
            length => rest.split_at_checked(usize::try_from(length).ok()?.checked_sub(8)?)?,
        };
        self.0 = after;
        Some((kind, content))
    }
}

/// The content of the first box of a kind.
fn find(row: &[u8], wanted: [u8; 4]) -> Option<&[u8]> {
    let mut boxes = Boxes(row);
    boxes.find_map(|(kind, content)| (*kind == wanted).then_some(content))
}

/// The content behind version and flags, and these.
fn versioned(content: &[u8]) -> Option<(u8, u8, &[u8])> {
    let ([version, _, _, flags], rest) = content.split_first_chunk::<4>()?;
    Some((*version, *flags, rest))
}

/// Numbers in the order in which they are stored.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn short(&mut self) -> Option<u16> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*first))
    }

    fn long(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*first))
    }
}

/// What the container of the file `bytes` says.
///
/// # Errors
///
/// It has no primary picture, or one without a size.
pub(super) fn read(format: Format, bytes: &[u8]) -> Result<Container> {
    let corrupt = |detail: &str| Error::Corrupt {
        format,
        detail: detail.to_owned(),
    };
    let frames = frames(bytes);
    let Some((_, _, meta)) = find(bytes, *b"meta").and_then(versioned) else {
        return Err(if frames > 1 {
            Error::UnsupportedFeature {
                format,
                detail: "a sequence without a still picture".to_owned(),
            }
        } else {
            corrupt("it has no box `meta`")
        });
    };
    let primary = primary(meta).ok_or_else(|| corrupt("it names no primary picture"))?;
    let list = find(meta, *b"iprp").and_then(|properties| {
        let list = Boxes(find(properties, *b"ipco")?).collect::<Vec<_>>();
        Some((list, find(properties, *b"ipma")?))
    });
    let (list, links) = list.ok_or_else(|| corrupt("its pictures have no properties"))?;
    let mut found = Found::default();
    for at in links_of(primary, links).unwrap_or_default() {
        // They count from 1.
        if let Some((kind, content)) = usize::from(at).checked_sub(1).and_then(|at| list.get(at)) {
            found.add(**kind, content);
        }
    }
    let coded = found
        .coded
        .ok_or_else(|| corrupt("the primary picture has no size"))?;
    if coded.width == 0 || coded.height == 0 {
        return Err(corrupt("a side of 0 pixels"));
    }
    let part = match found.aperture {
        Some(content) => aperture(content, coded).ok_or_else(|| {
            corrupt("the part that is to be shown is not within the primary picture")
        })?,
        None => (0, 0, coded),
    };
    let is_alpha = |(kind, content): &(&[u8; 4], &[u8])| {
        *kind == b"auxC"
            && versioned(content).is_some_and(|(_, _, name)| {
                let mut known = ALPHA.iter();
                known.any(|alpha| name.split(|&byte| byte == 0).next() == Some(*alpha))
            })
    };
    Ok(Container {
        coded,
        part,
        orientation: found.turn.orientation(),
        depth: found.depth.max(8),
        has_alpha: list.iter().any(is_alpha),
        frames,
    })
}

/// The number of the primary picture.
fn primary(meta: &[u8]) -> Option<u32> {
    let (version, _, content) = versioned(find(meta, *b"pitm")?)?;
    let mut numbers = Numbers(content);
    if version == 0 {
        numbers.short().map(u32::from)
    } else {
        numbers.long()
    }
}

/// The places of the properties of the picture `wanted`, in order.
fn links_of(wanted: u32, links: &[u8]) -> Option<Vec<u16>> {
    let (version, flags, content) = versioned(links)?;
    let mut numbers = Numbers(content);
    for _ in 0..numbers.long()? {
        let item = if version == 0 {
            numbers.short().map(u32::from)?
        } else {
            numbers.long()?
        };
        let mut places = Vec::new();
        for _ in 0..numbers.byte()? {
            // The first bit says whether a reader has to know the property.
            places.push(if flags & 1 == 1 {
                numbers.short()? & 0x7fff
            } else {
                u16::from(numbers.byte()? & 0x7f)
            });
        }
        if item == wanted {
            return Some(places);
        }
    }
    None
}

/// Properties of a picture.
#[derive(Debug, Default)]
struct Found<'a> {
    coded: Option<Size>,
    aperture: Option<&'a [u8]>,
    turn: Turned,
    depth: u8,
}

impl<'a> Found<'a> {
    fn add(&mut self, kind: [u8; 4], content: &'a [u8]) {
        match &kind {
            b"ispe" => {
                let sides = versioned(content).and_then(|(_, _, content)| {
                    let mut numbers = Numbers(content);
                    Some(Size {
                        width: numbers.long()?,
                        height: numbers.long()?,
                    })
                });
                self.coded = sides.or(self.coded);
            }
            b"pixi" => {
                let depths = versioned(content).and_then(|(_, _, content)| content.get(1..));
                let most = depths.and_then(|depths| depths.iter().max());
                self.depth = most.copied().unwrap_or_default().max(self.depth);
            }
            b"clap" => self.aperture = Some(content),
            b"irot" => self
                .turn
                .rotate(content.first().map_or(0, |angle| angle & 3)),
            b"imir" => self.turn.mirror(content.first().map_or(0, |axis| axis & 1)),
            _ => {}
        }
    }
}

/// Mirrored left to right or not, and then turned clockwise by quarters.
#[derive(Debug, Default, Clone, Copy)]
struct Turned {
    mirrored: bool,
    quarters: u8,
}

impl Turned {
    /// Turns by quarters against the clock.
    const fn rotate(&mut self, quarters: u8) {
        self.quarters = (self.quarters + 4 - quarters) % 4;
    }

    /// Exchanges top and bottom, for 0, or left and right.
    const fn mirror(&mut self, axis: u8) {
        let half = if axis == 0 { 2 } else { 0 };
        self.quarters = (4 + half - self.quarters) % 4;
        self.mirrored = !self.mirrored;
    }

    const fn orientation(self) -> Orientation {
        match (self.mirrored, self.quarters) {
            (false, 1) => Orientation::Rotate90,
            (false, 2) => Orientation::Rotate180,
            (false, 3) => Orientation::Rotate270,
            (false, _) => Orientation::NoTransforms,
            (true, 1) => Orientation::Rotate270FlipH,
            (true, 2) => Orientation::FlipVertical,
            (true, 3) => Orientation::Rotate90FlipH,
            (true, _) => Orientation::FlipHorizontal,
        }
    }
}

/// The part of a picture of the size `coded` that a clean aperture leaves.
fn aperture(content: &[u8], coded: Size) -> Option<(u32, u32, Size)> {
    let mut numbers = Numbers(content);
    let mut length = || Some((numbers.long()?, numbers.long()?));
    let (width, height) = (length()?, length()?);
    let (across, down) = (length()?, length()?);
    let whole = |(length, divisor): (u32, u32)| length.checked_div(divisor);
    let size = Size {
        width: whole(width)?,
        height: whole(height)?,
    };
    let left = start(coded.width, size.width, across)?;
    let top = start(coded.height, size.height, down)?;
    Some((left, top, size))
}

/// Where a part of `length` begins whose middle is off that of the whole by a fraction, rounded down.
fn start(whole: u32, length: u32, (offset, divisor): (u32, u32)) -> Option<u32> {
    if length == 0 || divisor == 0 {
        return None;
    }
    let doubled = (i64::from(whole) - i64::from(length)) * i64::from(divisor)
        + 2 * i64::from(offset.cast_signed());
    let start = u32::try_from(doubled.div_euclid(2 * i64::from(divisor))).ok()?;
    (u64::from(start) + u64::from(length) <= u64::from(whole)).then_some(start)
}

/// The most samples of a track, at least 1.
fn frames(bytes: &[u8]) -> u32 {
    let samples = |track: &[u8]| {
        let media = find(track, *b"mdia")?;
        let table = find(find(media, *b"minf")?, *b"stbl")?;
        let (_, _, sizes) = versioned(find(table, *b"stsz")?)?;
        let mut numbers = Numbers(sizes);
        numbers.long()?;
        numbers.long()
    };
    let tracks = Boxes(find(bytes, *b"moov").unwrap_or_default());
    let tracks = tracks.filter(|(kind, _)| *kind == b"trak");
    let most = tracks.filter_map(|(_, track)| samples(track)).max();
    most.unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes(), &kind, content].concat()
    }

    fn file(properties: &[Vec<u8>]) -> Vec<u8> {
        let count = u8::try_from(properties.len()).unwrap();
        let places: Vec<u8> = (1..=count).map(|place| 0x80 | place).collect();
        let links = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 7, count][..], &places].concat();
        let list = boxed(*b"ipco", &properties.concat());
        let content = [list, boxed(*b"ipma", &links)].concat();
        let primary = boxed(*b"pitm", &[0, 0, 0, 0, 0, 7]);
        let meta = [&[0; 4][..], &primary, &boxed(*b"iprp", &content)].concat();
        let brand = boxed(*b"ftyp", b"avif\0\0\0\0mif1");
        [brand, boxed(*b"meta", &meta)].concat()
    }

    fn size(width: u32, height: u32) -> Vec<u8> {
        let sides = [[0; 4], width.to_be_bytes(), height.to_be_bytes()];
        boxed(*b"ispe", &sides.concat())
    }

    fn found(properties: &[Vec<u8>]) -> Result<Container> {
        read(Format::Avif, &file(properties))
    }

    #[test]
    fn turns_and_mirrors_come_to_one_orientation() {
        let irot = |angle| boxed(*b"irot", &[angle]);
        let imir = |axis| boxed(*b"imir", &[axis]);
        for (turns, exif) in [
            (vec![], 1),
            (vec![irot(1)], 8),
            (vec![irot(2)], 3),
            (vec![irot(3)], 6),
            (vec![imir(0)], 4),
            (vec![imir(1)], 2),
            (vec![imir(0), imir(1)], 3),
            // A quarter against the clock and then left to right is the diagonal from the top left.
            (vec![irot(1), imir(1)], 7),
            (vec![irot(3), imir(1)], 5),
            (vec![irot(1), imir(0)], 5),
        ] {
            let properties = [vec![size(9, 4)], turns].concat();
            let container = found(&properties).unwrap();
            assert_eq!(container.orientation.to_exif(), exif, "{properties:?}");
        }
    }

    #[test]
    fn the_part_that_is_shown_lies_around_the_middle() {
        let clap = |numbers: [u32; 8]| {
            let bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_be_bytes()).collect();
            boxed(*b"clap", &bytes)
        };
        let part = |numbers| found(&[size(100, 60), clap(numbers)]).map(|found| found.part);
        let whole = |width, height| Size { width, height };
        assert_eq!(
            part([50, 1, 30, 1, 0, 1, 0, 1]),
            Ok((25, 15, whole(50, 30)))
        );
        let minus = 25_i32.wrapping_neg().cast_unsigned();
        assert_eq!(
            part([50, 1, 60, 1, minus, 1, 0, 1]),
            Ok((0, 0, whole(50, 60)))
        );
        for wrong in [
            [101, 1, 60, 1, 0, 1, 0, 1],
            [50, 0, 60, 1, 0, 1, 0, 1],
            [50, 1, 60, 1, 26, 1, 0, 1],
            [0, 1, 60, 1, 0, 1, 0, 1],
        ] {
            assert!(
                matches!(part(wrong), Err(Error::Corrupt { .. })),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn depth_and_alpha_are_properties() {
        let pixi = boxed(*b"pixi", &[0, 0, 0, 0, 3, 10, 10, 10]);
        let alpha = boxed(*b"auxC", &[&[0; 4][..], ALPHA[0], &[0]].concat());
        let plain = found(&[size(9, 4)]).unwrap();
        assert_eq!((plain.depth, plain.has_alpha, plain.frames), (8, false, 1));
        let rich = found(&[size(9, 4), pixi, alpha]).unwrap();
        assert_eq!((rich.depth, rich.has_alpha), (10, true));
    }

    #[test]
    fn no_part_of_a_file_brings_it_down() {
        let whole = file(&[size(9, 4), boxed(*b"irot", &[1])]);
        for end in 0..whole.len() {
            assert!(read(Format::Avif, &whole[..end]).is_err(), "{end}");
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] = 0xff;
            let _ = read(Format::Avif, &bytes);
        }
        assert!(found(&[]).is_err() && found(&[size(0, 4)]).is_err());
    }
}
