//! The code that makes errors good, and the checksum that finds the others.

/// Bytes that a picture carries.
pub(super) const CONTENT: usize = 32;
/// Bits that the decoder looks back on.
const MEMORY: usize = 6;
/// The polynomials of the code, 133 and 171 in octal.
const POLYNOMIALS: [u8; 2] = [0o171, 0o133];
const STATES: usize = 1 << MEMORY;
/// Bits that go in, with those that lead back to the first state.
const STEPS: usize = 8 * CONTENT + MEMORY;
/// Bits that come out.
pub(super) const BITS: usize = 2 * STEPS;

/// The two bits for one that goes in, when the last ones were `state`.
fn pair(state: usize, bit: usize) -> [bool; 2] {
    let register = u8::try_from(bit << MEMORY | state).unwrap_or_default();
    POLYNOMIALS.map(|polynomial| (register & polynomial).count_ones() % 2 == 1)
}

fn next(state: usize, bit: usize) -> usize {
    (bit << MEMORY | state) >> 1
}

/// The bits of `content`, coded.
pub(super) fn encode(content: &[u8; CONTENT]) -> Vec<bool> {
    let bits = content
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| usize::from(byte >> at & 1)));
    let mut state = 0;
    let coded = bits.chain([0; MEMORY]).flat_map(|bit| {
        let pair = pair(state, bit);
        state = next(state, bit);
        pair
    });
    coded.collect()
}

/// The content whose coded bits are likest to `seen`, each above 0 for a zero and below for a one (Viterbi).
pub(super) fn decode(seen: &[f32]) -> [u8; CONTENT] {
    let mut scores = [f32::NEG_INFINITY; STATES];
    scores[0] = 0.0;
    let mut ways: Vec<[u8; STATES]> = Vec::with_capacity(STEPS);
    for pair_seen in seen.chunks_exact(2) {
        let mut better = [f32::NEG_INFINITY; STATES];
        let mut way = [0; STATES];
        for (state, score) in scores.iter().enumerate() {
            for bit in [0, 1] {
                let signs = pair(state, bit).map(|one| if one { -1.0 } else { 1.0 });
                let likeness = signs.iter().zip(pair_seen).map(|(sign, seen)| sign * seen);
                let score = score + likeness.sum::<f32>();
                let next = next(state, bit);
                if let (Some(best), Some(way)) = (better.get_mut(next), way.get_mut(next))
                    && score > *best
                {
                    *best = score;
                    *way = u8::try_from(state).unwrap_or_default();
                }
            }
        }
        scores = better;
        ways.push(way);
    }
    // The last bits lead to the first state: from there it goes back.
    let mut state = 0;
    let mut bits = Vec::with_capacity(STEPS);
    for way in ways.iter().rev() {
        bits.push(u8::try_from(state >> (MEMORY - 1)).unwrap_or_default());
        state = way.get(state).copied().unwrap_or_default().into();
    }
    bits.reverse();
    let mut content = [0; CONTENT];
    for (byte, bits) in content.iter_mut().zip(bits.chunks_exact(8)) {
        *byte = bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    }
    content
}

/// CRC-16 with the polynomial 0x1021, from 0xFFFF (CCITT-FALSE).
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| {
            let shifted = sum << 1;
            if sum & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_that_of_the_standard() {
        // What one bit alone comes to, by the polynomials in binary: 1111001 and 1011011.
        let mut content = [0; CONTENT];
        content[0] = 0x80;
        let coded: String = encode(&content)[..14]
            .iter()
            .map(|&bit| if bit { '1' } else { '0' })
            .collect();
        assert_eq!(coded, "11101111000111");
        // The check value of catalogues of CRCs.
        assert_eq!(checksum(b"123456789"), 0x29B1);
    }

    #[test]
    fn errors_are_made_good() {
        let mut content = [0; CONTENT];
        for (byte, value) in content.iter_mut().zip(1_u8..) {
            *byte = value.wrapping_mul(73);
        }
        let mut seen: Vec<f32> = encode(&content)
            .iter()
            .map(|&bit| if bit { -1.0 } else { 1.0 })
            .collect();
        assert_eq!(seen.len(), BITS);
        for (at, value) in seen.iter_mut().enumerate() {
            // One in twelve is wrong, and none is sure.
            *value *= if at % 12 == 5 { -0.4 } else { 0.6 };
        }
        assert_eq!(decode(&seen), content);
        assert_eq!(decode(&[]), [0; CONTENT]);
    }
}
