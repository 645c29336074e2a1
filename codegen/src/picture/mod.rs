//! From the files of `pictures/` to the [grammar](crate::model::picture) of the model.

mod lower;
mod pattern;

pub(crate) use self::lower::kind;
pub use self::lower::lower;
pub use self::pattern::{Pattern, Piece, head, overlap};
