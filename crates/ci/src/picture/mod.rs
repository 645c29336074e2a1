//! Pictures processed by a text: `GET /cat.jpg?imageMogr2/thumbnail/300x|watermark/2/text/…`.
//!
//! A [`Pipeline`] is made of operations ([`ImageMogr2`], [`TextWatermark`], …). From one description
//! come the query of a download, a rule of an upload ([`PicOperations`]) and the rule of a job; and
//! each of them can be read back.
//!
//! ```
//! use tcloud_ci::picture::{ImageMogr2, Pipeline, Quality, Step, Thumbnail};
//!
//! # fn main() -> Result<(), tcloud_ci::picture::Error> {
//! let pipeline: Pipeline = "imageMogr2/thumbnail/!50p/quality/90!/new-thing/7".parse()?;
//! let Some(Step::ImageMogr2(mogr2)) = pipeline.steps().first() else {
//!     panic!("an imageMogr2");
//! };
//! assert_eq!(mogr2.get_thumbnail(), Some(Thumbnail::Percent(50)));
//! assert_eq!(mogr2.get_quality(), Some(Quality::Exactly(90)));
//! // What the grammar does not know stays in its place.
//! assert_eq!(pipeline.unknown().collect::<Vec<_>>(), ["new-thing/7"]);
//! assert_eq!(pipeline.rule()?, "imageMogr2/thumbnail/!50p/quality/90!/new-thing/7");
//!
//! let error = Pipeline::from(ImageMogr2::new().rotate(400)).query().unwrap_err();
//! assert_eq!(error.to_string(), "ImageMogr2.rotate: Degrees must be from 0 to 360, got 400");
//! let error = "imageMogr2/rotate/left".parse::<Pipeline>().unwrap_err();
//! assert_eq!(error.offset(), Some(18));
//! # Ok(())
//! # }
//! ```
//!
//! The grammar itself is data, [`GRAMMAR`], made from `api-spec/ci/pictures`; the code here reads
//! and writes by it.

mod base64;
pub(crate) mod call;
mod error;
pub mod grammar;
mod operations;
mod order;
mod parse;
mod pipeline;
pub(crate) mod shape;
mod style;
mod value;
mod write;

pub use self::error::{Error, ErrorKind};
pub use self::operations::{PicOperations, Rule};
pub use self::pipeline::Pipeline;
pub use self::style::Separator;
pub use crate::generated::picture::*;
