//! Luma and chroma, full range, by the weights of JPEG (ITU-R BT.601).

/// The luma of a colour, 0 to 1.
pub(crate) fn luma([r, g, b]: [u8; 3]) -> f32 {
    (0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)) / 255.0
}

/// Luma and both chromas of a colour, 0 to 1; the chromas of gray are in the middle.
pub(crate) fn separate(color: [u8; 3]) -> [f32; 3] {
    let y = luma(color);
    let [r, _, b] = color.map(|value| f32::from(value) / 255.0);
    [y, (b - y) / 1.772 + 0.5, (r - y) / 1.402 + 0.5]
}

/// The colour of luma and chromas.
pub(crate) fn join([y, cb, cr]: [f32; 3]) -> [f32; 3] {
    let (cb, cr) = (cb - 0.5, cr - 0.5);
    [
        y + 1.402 * cr,
        y - 0.344_136 * cb - 0.714_136 * cr,
        y + 1.772 * cb,
    ]
}

/// The byte nearest to a value from 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held to the range of a byte before"
)]
pub(crate) fn byte(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_separated_can_be_joined_again() {
        for color in [
            [0, 0, 0],
            [255, 255, 255],
            [255, 0, 0],
            [3, 200, 77],
            [9, 8, 250],
        ] {
            assert_eq!(join(separate(color)).map(byte), color);
        }
        let [_, cb, cr] = separate([90, 90, 90]);
        assert!((cb - 0.5).abs() < 1e-6 && (cr - 0.5).abs() < 1e-6);
    }
}
