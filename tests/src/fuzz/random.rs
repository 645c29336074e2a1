//! Changes to an input, drawn from numbers that are the same in every run.

use std::ops::Range;

use super::Target;

/// A small generator of the xorshift family, so that a case number names a case for ever.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a case.
    pub fn of_case(seed: u64, case: u64) -> Self {
        let start = seed.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ case.wrapping_add(1);
        let mut random = Self(start.wrapping_mul(0x9E37_79B9_7F4A_7C15).max(1));
        random.below(1);
        random
    }

    /// A number below `bound`, or 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % bound.max(1)
    }

    /// One of `list`, which is not empty.
    pub fn of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }

    /// A changed input of `target`, made of two others.
    pub fn changed(&mut self, target: &Target, input: &[u8], other: &[u8]) -> Vec<u8> {
        let ((head, body), (other_head, other)) = if target.addressed {
            (addressed(input), addressed(other))
        } else {
            ((&[][..], input), (&[][..], other))
        };
        let mut body = body.to_vec();
        for _ in 0..self.below(7) {
            self.change(&mut body, other, target.pieces);
        }
        let head = if self.below(8) == 0 { other_head } else { head };
        [head, &body].concat()
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8], pieces: &[&[u8]]) {
        const TELLING: [u8; 8] = [0x00, 0x01, 0x47, 0x7F, 0x80, 0xD9, 0xFE, 0xFF];
        let at = self.below(bytes.len());
        match self.below(12) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = *self.of(&TELLING),
            // Heads decide the most, so they are hit more often.
            2 if !bytes.is_empty() => {
                let at = self.below(bytes.len().min(64));
                bytes[at] = u8::try_from(self.below(256)).unwrap_or(0);
            }
            3 => bytes.truncate(at),
            4 => {
                let part = self.part(bytes.len(), 64);
                bytes.drain(part);
            }
            5 => {
                let part = self.part(bytes.len(), 256);
                let again = bytes[part].to_vec();
                bytes.splice(at..at, again);
            }
            6 => {
                let part = self.part(other.len(), 512);
                bytes.splice(at..at, other[part].iter().copied());
            }
            7 => self.swap_tokens(bytes),
            8 => {
                let (a, b) = (self.below(bytes.len()), self.below(bytes.len()));
                if !bytes.is_empty() {
                    bytes.swap(a, b);
                }
            }
            9 => {
                let run = bytes.iter_mut().skip(at).take(4);
                run.for_each(|byte| *byte = 0xFF);
            }
            _ => {
                let piece = self.of(pieces).iter().copied();
                bytes.splice(at..at, piece);
            }
        }
    }

    /// A part of `length`, not longer than `most`.
    fn part(&mut self, length: usize, most: usize) -> Range<usize> {
        let start = self.below(length);
        start..(start + self.below(most)).min(length)
    }

    /// Puts one token into the place of another.
    fn swap_tokens(&mut self, bytes: &mut Vec<u8>) {
        let tokens = tokens(bytes);
        if tokens.is_empty() {
            return;
        }
        let (from, to) = (self.of(&tokens).clone(), self.of(&tokens).clone());
        let token = bytes[from].to_vec();
        bytes.splice(to, token);
    }
}

/// The first line, its end included, and the rest.
pub(super) fn addressed(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n');
    input.split_at(end.map_or(0, |end| end + 1))
}

/// Where names, words and numbers are.
fn tokens(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in bytes.iter().chain(&[0]).enumerate() {
        match (byte.is_ascii_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found
}
