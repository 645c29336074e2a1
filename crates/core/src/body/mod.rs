//! Bodies of messages: what they are made from, and what looks at them while they move.
//!
//! | a body of | is made by | is sent again when an attempt fails |
//! | --- | --- | --- |
//! | bytes | `From`: `Bytes`, `Vec<u8>`, `String`, `&'static str`, … | yes |
//! | a file, or a range of it | `Body::from_path`, `Body::from_path_range` (feature `reqwest`) | yes |
//! | a stream that can be made again | [`Body::from_factory`] | yes |
//! | a stream | [`Body::from_stream`] | no |
//!
//! Bytes reach the transport as they are, without a copy, and the memory that the others take does
//! not grow with their length.

mod content;
mod crc64;
#[cfg(feature = "reqwest")]
mod file;
mod md5;
#[cfg(feature = "media-types")]
mod media_type;
mod progress;
mod sent;
mod watch;

/// What bodies are read in.
pub use bytes::Bytes;

pub use self::content::Body;
pub use self::crc64::{Crc64, crc64, crc64_combine};
#[cfg(feature = "media-types")]
pub use self::media_type::media_type;
pub use self::progress::OnProgress;
pub(crate) use self::sent::Sent;
pub(crate) use self::watch::Watch;
