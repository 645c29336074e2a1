//! How much memory the Huffman tables of a lossless WebP stream take.
//!
//! A stream of a few megabytes can ask for gigabytes of tables, whatever the size of its picture,
//! and the decoder builds them all before the first pixel. So they are counted first.

/// Lengths of codes come in this order.
const LENGTH_ORDER: [usize; 19] = [
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];
/// Symbols of green before those of the colour cache; then red, blue, alpha and distance.
const GREEN: usize = 256 + 24;
const ALPHABETS: [usize; 4] = [256, 256, 256, 40];
/// The decoder keeps one more list than it has tables, and grows it by doubling.
const GROUP_BYTES: u64 = 1024;
/// Codes of up to this many bits are found by one look.
const TABLE_BITS: usize = 10;

/// Bytes of the tables that `stream` asks for. The header of a picture's own stream gives its
/// size; an alpha plane has no header and the `size` of the picture.
///
/// Nothing comes back for a stream that breaks off or breaks the rules before its pixels: the
/// decoder does not get further either.
pub(super) fn table_bytes(stream: &[u8], size: Option<(u32, u32)>) -> Option<u64> {
    let mut bits = Bits::new(stream);
    let (width, height) = if let Some(size) = size {
        size
    } else {
        // The signature, then both sides less one, a flag and the version.
        bits.read(8)?;
        let size = (bits.read(14)? + 1, bits.read(14)? + 1);
        bits.read(4)?;
        size
    };
    let width = skip_transforms(&mut bits, width, height)?;
    let cache = cache_symbols(&mut bits)?;
    let mut groups = 1;
    if bits.read(1)? == 1 {
        let block = bits.read(3)? + 2;
        groups = groups_of(&mut bits, blocks(width, block), blocks(height, block))?;
    }
    let mut total = 0;
    for _ in 0..groups {
        let (codes, bytes) = Codes::read(&mut bits, cache)?;
        drop(codes);
        total += bytes;
    }
    Some(total)
}

/// The width that is left: pictures of few colours are packed.
fn skip_transforms(bits: &mut Bits<'_>, width: u32, height: u32) -> Option<u32> {
    const PREDICTOR: u32 = 0;
    const COLOR: u32 = 1;
    const INDEXING: u32 = 3;
    let mut width = width;
    while bits.read(1)? == 1 {
        match bits.read(2)? {
            PREDICTOR | COLOR => {
                let block = bits.read(3)? + 2;
                groups_of(bits, blocks(width, block), blocks(height, block))?;
            }
            INDEXING => {
                let colors = bits.read(8)? + 1;
                groups_of(bits, colors, 1)?;
                width = blocks(
                    width,
                    match colors {
                        ..=2 => 3,
                        3..=4 => 2,
                        5..=16 => 1,
                        _ => 0,
                    },
                );
            }
            _ => {}
        }
    }
    Some(width)
}

const fn blocks(side: u32, bits: u32) -> u32 {
    side.div_ceil(1 << bits)
}

/// Reads over a picture within the stream. Its pixels may be numbers of groups, and the largest one
/// gives their count.
fn groups_of(bits: &mut Bits<'_>, width: u32, height: u32) -> Option<u32> {
    let cache = cache_symbols(bits)?;
    let (Codes([green, red, blue, alpha, distance]), _) = Codes::read(bits, cache)?;
    let pixels = u64::from(width) * u64::from(height);
    let (mut done, mut last) = (0, 0);
    while done < pixels {
        match usize::from(green.symbol(bits)?) {
            literal @ ..256 => {
                let red = u32::from(red.symbol(bits)?);
                blue.symbol(bits)?;
                alpha.symbol(bits)?;
                // What is copied later, or comes from the cache, was a literal before.
                last = last.max(red << 8 | u32::try_from(literal).ok()?);
                done += 1;
            }
            length @ 256..GREEN => {
                done += bits.prefixed(length - 256)?;
                let distance = usize::from(distance.symbol(bits)?);
                bits.prefixed(distance)?;
            }
            _ => done += 1,
        }
    }
    Some(last + 1)
}

fn cache_symbols(bits: &mut Bits<'_>) -> Option<usize> {
    Some(match bits.read(1)? {
        0 => 0,
        _ => 1 << bits.read(4)?,
    })
}

/// The five codes of a group.
struct Codes([Code; 5]);

impl Codes {
    /// The codes, and what the decoder takes for them.
    fn read(bits: &mut Bits<'_>, cache: usize) -> Option<(Self, u64)> {
        let [red, blue, alpha, distance] = ALPHABETS;
        let codes = [
            Code::read(bits, GREEN + cache)?,
            Code::read(bits, red)?,
            Code::read(bits, blue)?,
            Code::read(bits, alpha)?,
            Code::read(bits, distance)?,
        ];
        let tables: u64 = codes.iter().map(Code::table_bytes).sum();
        Some((Self(codes), tables + GROUP_BYTES))
    }
}

/// A canonical Huffman code.
struct Code {
    /// How many symbols have codes of each length.
    counts: [u16; 16],
    /// The symbols, by length and value.
    symbols: Vec<u16>,
}

impl Code {
    fn read(bits: &mut Bits<'_>, alphabet: usize) -> Option<Self> {
        if bits.read(1)? == 1 {
            return Self::read_simple(bits);
        }
        let mut lengths = [0; LENGTH_ORDER.len()];
        let count = usize::try_from(bits.read(4)? + 4).ok()?;
        for &place in LENGTH_ORDER.get(..count)? {
            *lengths.get_mut(place)? = u8::try_from(bits.read(3)?).ok()?;
        }
        let code = Self::new(&lengths)?;
        let mut left = if bits.read(1)? == 0 {
            alphabet
        } else {
            let width = 2 + 2 * bits.read(3)?;
            usize::try_from(2 + bits.read(width)?).ok()?
        };
        let mut lengths = Vec::with_capacity(alphabet);
        let mut previous = 8;
        while lengths.len() < alphabet && left > 0 {
            left -= 1;
            let (length, times) = match code.symbol(bits)? {
                length @ ..16 => (u8::try_from(length).ok()?, 1),
                16 => (previous, 3 + bits.read(2)?),
                17 => (0, 3 + bits.read(3)?),
                _ => (0, 11 + bits.read(7)?),
            };
            if length != 0 {
                previous = length;
            }
            let end = lengths.len() + usize::try_from(times).ok()?;
            if end > alphabet {
                return None;
            }
            lengths.resize(end, length);
        }
        Self::new(&lengths)
    }

    fn read_simple(bits: &mut Bits<'_>) -> Option<Self> {
        let two = bits.read(1)? == 1;
        let width = if bits.read(1)? == 1 { 8 } else { 1 };
        let mut symbols = vec![u16::try_from(bits.read(width)?).ok()?];
        if two {
            symbols.push(u16::try_from(bits.read(8)?).ok()?);
        }
        let mut counts = [0; 16];
        *counts.get_mut(1)? = u16::try_from(symbols.len()).ok()?;
        Some(Self { counts, symbols })
    }

    fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; 16];
        let mut symbols = Vec::new();
        for (length, count) in (0..16).zip(&mut counts).skip(1) {
            for (symbol, _) in lengths
                .iter()
                .enumerate()
                .filter(|(_, has)| **has == length)
            {
                symbols.push(u16::try_from(symbol).ok()?);
                *count += 1;
            }
        }
        (!symbols.is_empty()).then_some(Self { counts, symbols })
    }

    /// The next symbol. Where there is only one, it takes no bit.
    fn symbol(&self, bits: &mut Bits<'_>) -> Option<u16> {
        if let [only] = *self.symbols {
            return Some(only);
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in self.counts.iter().skip(1) {
            let count = usize::from(count);
            code |= usize::try_from(bits.read(1)?).ok()?;
            if code < first + count {
                return self.symbols.get(index + code - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }

    fn table_bytes(&self) -> u64 {
        if self.symbols.len() < 2 {
            return 0;
        }
        let longest = self
            .counts
            .iter()
            .rposition(|&count| count > 0)
            .unwrap_or(0);
        let table = 4_u64 << longest.min(TABLE_BITS);
        let long: u64 = self
            .counts
            .iter()
            .skip(TABLE_BITS + 1)
            .map(|&count| u64::from(count))
            .sum();
        // Longer codes continue in a tree of two nodes a symbol, in a list that may have doubled.
        table + 64 * (long + 1)
    }
}

/// Bits from the lowest of each byte on.
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Bits<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    fn read(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for place in 0..count {
            let byte = self.bytes.get(self.position / 8)?;
            value |= u32::from(byte >> (self.position % 8) & 1) << place;
            self.position += 1;
        }
        Some(value)
    }

    /// A length or distance: a class of values, and which of them.
    fn prefixed(&mut self, class: usize) -> Option<u64> {
        if class < 4 {
            return Some(u64::try_from(class).ok()? + 1);
        }
        let extra = u32::try_from((class - 2) >> 1).ok()?;
        let start = u64::try_from(2 + (class & 1)).ok()? << extra;
        Some(start + u64::from(self.read(extra)?) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stream of a lossless file without other chunks.
    fn stream(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
        let file = webp::Encoder::from_rgb(pixels, width, height).encode_lossless();
        assert_eq!(&file[12..16], b"VP8L");
        file[20..].to_vec()
    }

    fn noisy(width: u32, height: u32, colors: u32) -> Vec<u8> {
        let mut seed = 7_u32;
        (0..width * height)
            .flat_map(|index| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let shade = u8::try_from((seed >> 24) % colors).unwrap_or(0);
                [
                    shade,
                    shade / 2,
                    u8::try_from(index / width % 256).unwrap_or(0),
                ]
            })
            .collect()
    }

    #[test]
    fn ordinary_streams_are_understood_to_the_end_of_their_tables() {
        for (width, height, colors) in [(1, 1, 1), (64, 48, 2), (300, 200, 40), (513, 97, 256)] {
            let stream = stream(&noisy(width, height, colors), width, height);
            let bytes = table_bytes(&stream, None);
            assert!(bytes.is_some_and(|bytes| bytes < 8 << 20), "{bytes:?}");
        }
    }

    #[test]
    fn a_stream_that_breaks_off_has_no_tables() {
        let stream = stream(&noisy(40, 40, 20), 40, 40);
        assert_eq!(table_bytes(&stream[..8], None), None);
        assert_eq!(table_bytes(&[], None), None);
    }
}
