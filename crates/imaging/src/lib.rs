//! Reads, scales, cuts, turns, retouches and writes pictures within stated limits.
//!
//! Every entry point first reads the header and compares it with [`Limits`]. What the whole chain
//! takes at its peak is predicted from it as well, so a small file that claims an enormous picture,
//! or a request for an enormous result, is refused before memory is set aside for it. Decoders meet
//! files from strangers: a panic inside one is caught and reported as [`Error::Corrupt`], which
//! needs the default `panic = "unwind"`.
//!
//! Pixels are 8-bit sRGB with or without alpha. Gray and palettes are spread out to RGB, an
//! embedded RGB colour profile is applied, and the orientation a camera noted is applied as well,
//! because metadata is not carried over to the output, but by [`keep_metadata`]. Samples of 16 bits are kept from PNG and TIFF
//! to PNG while pixels are only scaled, cut or turned; otherwise they are narrowed. An animation in
//! GIF or WebP stays one in these two formats, every frame for its time; of others the first frame
//! is read. What a result does not keep is reported as [`Loss`].
//!
//! HEIF, and AVIF that is read, are left to an [`ExternalCodec`] of the caller's; without one they
//! are probed, and refused by their names.
//!
//! All calls are synchronous and busy the processor; run them on a thread meant for blocking, and
//! bound how many run together by [`Pipeline::estimated_bytes`].
//!
//! ```
//! use tcloud_imaging::{Format, Limits, Operation, Picture, Pipeline, Quality, Resize};
//!
//! let png = Picture::from_rgb(4, 2, vec![200; 24])?.encode(Format::Png, Quality::default())?;
//! let operations = [
//!     Operation::Resize(Resize::scale(0.5)?),
//!     Operation::Format(Format::WebP),
//!     Operation::Quality(Quality::new(75)?),
//! ];
//! let outcome = Pipeline::new(Limits::default(), operations).run(&png)?;
//! assert_eq!((outcome.width, outcome.height), (2, 1));
//! # Ok::<(), tcloud_imaging::Error>(())
//! ```

mod blind;
mod blur;
mod codec;
#[cfg(feature = "codes")]
mod codes;
mod color;
mod convert;
mod cut;
mod deep;
mod detail;
mod engine;
mod error;
mod external;
mod figures;
mod foreign;
mod format;
mod geometry;
mod gravity;
mod info;
mod inpaint;
mod levels;
mod limits;
mod loss;
mod low_light;
mod mask;
mod memory;
mod metadata;
mod mosaic;
mod moving;
mod oklab;
mod operation;
mod overlay;
mod picture;
mod pipeline;
mod probe;
mod quality;
mod region;
mod rgb;
mod salient;
mod scale;
mod sharpen;
mod step;
#[cfg(feature = "text")]
mod text;
mod tone;
mod turn;

pub use blind::{BlindWatermark, Found};
pub use blur::{Blur, Sharpen};
#[cfg(feature = "codes")]
pub use codes::{Code, CodeKind};
pub use cut::Cut;
pub use engine::{Engine, Lanczos3};
pub use error::{CodecWork, Error, Result, Subject};
pub use external::{Allowance, ExternalCodec};
pub use figures::Figures;
pub use format::Format;
pub use geometry::{Mode, Plan, Rect, Resize, Size};
pub use gravity::Gravity;
pub use info::Info;
pub use inpaint::Inpaint;
pub use levels::AutoLevels;
pub use limits::Limits;
pub use loss::Loss;
pub use low_light::LowLight;
pub use metadata::keep_metadata;
pub use mosaic::Mosaic;
pub use operation::Operation;
pub use overlay::{Measure, Overlay, Oversize};
pub use picture::Picture;
pub use pipeline::{Outcome, Pipeline};
pub use probe::probe;
pub use quality::Quality;
pub use region::Region;
pub use rgb::Rgb;
#[cfg(feature = "text")]
pub use text::Text;
pub use tone::Percent;
pub use turn::Flip;
