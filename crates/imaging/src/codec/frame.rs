//! What animations of all formats consist of.

use std::num::NonZeroU16;

use crate::Picture;

/// A whole picture of an animation.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) picture: Picture,
    /// For how long it is shown, in milliseconds.
    pub(crate) delay: u32,
}

/// How often an animation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plays {
    Forever,
    Times(NonZeroU16),
}

impl Plays {
    pub(crate) const ONCE: Self = Self::Times(NonZeroU16::MIN);
}
