//! What an answer is read into.

use crate::codec::Document;
use crate::node::Node;

/// A structure that an answer is read into, and that is emptied before another answer is: that of
/// an attempt may turn out to be a refusal only when a part of it has been read.
pub trait Output: Node {
    /// Empties the structure.
    fn clear(&mut self);
}

impl<T: Node + Default> Output for T {
    fn clear(&mut self) {
        *self = T::default();
    }
}

impl Output for Document {
    fn clear(&mut self) {
        *self = Self::new(self.structure());
    }
}
