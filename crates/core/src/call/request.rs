//! What a typed request says of itself.

use crate::node::Node;
use crate::operation::Operation;

/// A typed request of an operation.
pub trait Request: Node + Clone + Unpin + 'static {
    /// What is answered.
    type Response: Node + Default + Unpin + 'static;

    /// The operation.
    fn operation() -> &'static Operation;
}
