//! Which part of a picture is kept.

/// A place in a grid of three by three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gravity {
    /// Upper left.
    NorthWest,
    /// Upper middle.
    North,
    /// Upper right.
    NorthEast,
    /// Middle left.
    West,
    /// The middle.
    #[default]
    Center,
    /// Middle right.
    East,
    /// Lower left.
    SouthWest,
    /// Lower middle.
    South,
    /// Lower right.
    SouthEast,
}

impl Gravity {
    /// How much of what is cut off lies at the left and at the top, from 0 to 1.
    pub(crate) const fn shares(self) -> (f64, f64) {
        let across = match self {
            Self::NorthWest | Self::West | Self::SouthWest => 0.0,
            Self::North | Self::Center | Self::South => 0.5,
            Self::NorthEast | Self::East | Self::SouthEast => 1.0,
        };
        let down = match self {
            Self::NorthWest | Self::North | Self::NorthEast => 0.0,
            Self::West | Self::Center | Self::East => 0.5,
            Self::SouthWest | Self::South | Self::SouthEast => 1.0,
        };
        (across, down)
    }
}
