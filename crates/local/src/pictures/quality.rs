//! The quality of the result, which is asked for in relation to that of the input.

use tcloud_imaging::{Format, Quality};

/// The luminance quantisation table of the JPEG standard (ITU-T T.81, table K.1).
const STANDARD_TABLE: [u32; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// What is asked of the quality of a result, 0 to 100, in relation to that of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// This, or the source's if it is lower.
    AtMost(u32),
    /// This.
    Exactly(u32),
    /// This, or the source's if it is higher.
    AtLeast(u32),
    /// So many percent of the source's.
    Percent(u32),
}

/// The quality to write with. Of a source that is no JPEG it is not known; then the number stands
/// for itself. Without a wish it is the source's, or else the default.
pub(crate) fn wished(input: &[u8], format: Format, wish: Option<Wish>) -> Quality {
    let source = match format {
        Format::Jpeg => jpeg_quality(input).map(u32::from),
        _ => None,
    };
    let value = match (wish, source) {
        (None, None) => return Quality::default(),
        (None, Some(source)) => source,
        (Some(Wish::Exactly(value)), _) => value,
        (Some(Wish::AtMost(value)), source) => source.map_or(value, |source| value.min(source)),
        (Some(Wish::AtLeast(value)), source) => source.map_or(value, |source| value.max(source)),
        (Some(Wish::Percent(percent)), source) => {
            source.map_or(percent, |source| (source * percent.min(100) + 50) / 100)
        }
    };
    let value = u8::try_from(value.clamp(1, 100)).unwrap_or(100);
    Quality::new(value).unwrap_or_default()
}

/// The quality that a picture was written with: 100 where nothing was lost, or nothing says how much.
pub(super) fn of_file(bytes: &[u8], format: Format) -> u8 {
    match format {
        Format::Jpeg => jpeg_quality(bytes).unwrap_or(100),
        _ => 100,
    }
}

/// The quality whose luminance table, scaled as libjpeg does, is nearest to that of the file.
pub(super) fn jpeg_quality(bytes: &[u8]) -> Option<u8> {
    let sum = luminance_sum(bytes)?;
    (1..=100).min_by_key(|&quality| scaled_sum(quality).abs_diff(sum))
}

/// The sum of the standard table at `quality`.
fn scaled_sum(quality: u8) -> u32 {
    let quality = u32::from(quality.clamp(1, 100));
    let scale = if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    };
    STANDARD_TABLE
        .iter()
        .map(|entry| ((entry * scale + 50) / 100).clamp(1, 255))
        .sum()
}

/// The sum of quantisation table 0 of a JPEG file, which the luminance of all common encoders uses.
fn luminance_sum(bytes: &[u8]) -> Option<u32> {
    const DEFINE_QUANTIZATION_TABLE: u8 = 0xdb;
    const START_OF_SCAN: u8 = 0xda;
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        match rest {
            // A marker may be preceded by any number of fill bytes.
            [0xff, 0xff, ..] => rest = rest.get(1..)?,
            [0xff, marker, high, low, ..] if *marker != START_OF_SCAN => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let (segment, after) = rest.get(2..)?.split_at_checked(length)?;
                if *marker == DEFINE_QUANTIZATION_TABLE
                    && let Some(sum) = table_sum(segment.get(2..)?)
                {
                    return Some(sum);
                }
                rest = after;
            }
            _ => return None,
        }
    }
}

/// The sum of table 0 among the tables of one segment. Entries count as 255 at most, which is what
/// they are in a file every decoder reads.
fn table_sum(mut tables: &[u8]) -> Option<u32> {
    loop {
        let (&kind, rest) = tables.split_first()?;
        let (wide, number) = (kind >> 4 != 0, kind % 16);
        let (table, after) = rest.split_at_checked(if wide { 128 } else { 64 })?;
        if number == 0 {
            return Some(if wide {
                table
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|entry| u32::from(u16::from_be_bytes(*entry)).min(255))
                    .sum()
            } else {
                table.iter().copied().map(u32::from).sum()
            });
        }
        tables = after;
    }
}

#[cfg(test)]
mod tests {
    use tcloud_imaging::Picture;

    use super::*;

    fn jpeg(quality: u8) -> Vec<u8> {
        Picture::from_rgb(8, 8, vec![90; 192])
            .unwrap()
            .encode(Format::Jpeg, Quality::new(quality).unwrap())
            .unwrap()
    }

    #[test]
    fn the_quality_a_jpeg_was_written_with_is_found() {
        for quality in [5, 20, 49, 50, 75, 85, 95, 100] {
            assert_eq!(jpeg_quality(&jpeg(quality)), Some(quality));
        }
    }

    #[test]
    fn a_percentage_is_one_of_the_inputs_quality() {
        let input = jpeg(80);
        let of =
            |percent: Option<u32>| wished(&input, Format::Jpeg, percent.map(Wish::Percent)).get();
        assert_eq!(
            (of(None), of(Some(50)), of(Some(100)), of(Some(1))),
            (80, 40, 80, 1)
        );
    }

    #[test]
    fn a_wish_bounds_the_inputs_quality_above_or_below() {
        let input = jpeg(80);
        let of = |wish| wished(&input, Format::Jpeg, Some(wish)).get();
        assert_eq!((of(Wish::AtMost(90)), of(Wish::AtMost(70))), (80, 70));
        assert_eq!((of(Wish::AtLeast(90)), of(Wish::AtLeast(70))), (90, 80));
        assert_eq!((of(Wish::Exactly(90)), of(Wish::Exactly(0))), (90, 1));
        let other = |wish| wished(b"", Format::Png, Some(wish)).get();
        assert_eq!(
            (other(Wish::AtMost(30)), other(Wish::AtLeast(30))),
            (30, 30)
        );
    }

    #[test]
    fn without_a_known_quality_the_number_stands_for_itself() {
        assert_eq!(wished(b"", Format::Png, Some(Wish::Percent(30))).get(), 30);
        assert_eq!(wished(b"", Format::Png, None), Quality::default());
        assert_eq!(
            wished(b"\xff\xd8\xff\xd9", Format::Jpeg, Some(Wish::Percent(30))).get(),
            30
        );
    }

    #[test]
    fn no_prefix_of_a_file_brings_it_down() {
        let whole = jpeg(75);
        for end in 0..whole.len() {
            let found = jpeg_quality(&whole[..end]);
            assert!(found.is_none() || found == Some(75));
        }
    }
}
