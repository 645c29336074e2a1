//! Finds what a picture file carries besides its picture, with exact byte positions.
//!
//! [`inspect`] walks the structure of the picture, accounts for every byte as picture,
//! metadata, benign extra or gap, and searches for payloads in what is not picture:
//!
//! ```
//! use tcloud_inspect::{PayloadType, demo, inspect};
//!
//! let report = inspect(&demo::png_with_mpeg_ts());
//! let payload = report.primary().expect("the demonstration file carries a payload");
//! assert_eq!(payload.payload, PayloadType::MpegTs);
//! assert_eq!(payload.end, report.size - 1);
//! assert!(!inspect(&demo::clean_png()).is_suspicious());
//! ```
//!
//! # What is searched where
//!
//! * Picture bytes are searched for one thing only: an MPEG transport stream that proves
//!   itself with a program table of correct checksum. No pixels look like that by chance.
//! * Metadata (comments, EXIF, text chunks ...) and benign extras (a second camera picture, a
//!   motion photo ...) are searched for payloads with a verifiable structure.
//! * Gaps, the bytes no format rule accounts for, are searched for everything, including
//!   further pictures and long unrecognisable high-entropy data.
//!
//! # Limits
//!
//! JPEG, PNG, GIF, WebP, BMP, HEIF, AVIF, TIFF, ICO, PSD and SVG are understood. Any other file has
//! no picture type and is one gap. Payloads cut into pieces (for example across GIF sub-blocks),
//! compressed or encrypted inside valid picture data, or hidden in pixel values are not found.
//!
//! Work and memory grow linearly with the file, whatever it holds: at most
//! [`Report::work_limit`] bytes are looked at. Checks that would exceed it are not made, and the
//! bytes they were for are reported as [`PayloadType::Unsearched`], never passed over in silence.
//! [`inspect_until`] can be ended from outside. Nothing is written and nothing is executed.

mod checksum;
pub mod demo;
mod inspection;
mod layout;
mod picture;
mod profile;
mod read;
mod report;
mod search;
mod trailer;
mod work;

pub use inspection::{Cancelled, inspect, inspect_until, inspect_with};
pub use profile::Profile;
pub use report::{
    BenignKind, Confidence, Finding, PayloadType, PictureType, Region, RegionKind, Report,
};
