//! Small neural networks for pictures, run on the processor.
//!
//! Three networks are embedded: two that double a picture, for clean and for compressed input, and
//! one that takes out noise. `models/MODEL_CARD.md` says how they were trained, on what, and how
//! good they are. Others of the same shape can be read from ONNX files.
//!
//! ```
//! use tcloud_imaging::{Engine, Picture};
//! use tcloud_networks::{Enlarge, Model, Role};
//!
//! let engine = Enlarge::new(Model::embedded(Role::Enlarge)?)?;
//! let picture = Picture::from_rgb(20, 10, vec![200; 600])?;
//! let doubled = engine.run(&picture, &|| false)?;
//! assert_eq!((doubled.width(), doubled.height()), (40, 20));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The engine is this crate's own and knows one shape: 3 × 3 convolutions over 32 channels. They are
//! computed by Winograd's method with the vector instructions that the processor has, chosen at run
//! time. A picture goes through in tiles on several threads, so that memory depends on the number
//! of threads and not on the picture; it can be cancelled between tiles.

mod color;
mod denoise;
mod enlarge;
mod error;
mod grid;
mod kernel;
mod layers;
mod models;
mod network;
mod onnx;
mod tile;

use std::num::NonZero;
use std::thread;

use tcloud_imaging::Size;

pub use denoise::Denoise;
pub use enlarge::Enlarge;
pub use error::{Error, Result};
pub use models::{Model, Models, Role};
pub use network::Network;
pub use tile::Part;

/// Stacks and tables, whatever the size of the picture.
const OVERHEAD: u64 = 4 << 20;

/// As many threads as there are processors.
fn threads() -> NonZero<usize> {
    thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// Width and height, to count samples in memory.
fn sides(size: Size) -> (usize, usize) {
    let count = |side| usize::try_from(side).unwrap_or(usize::MAX);
    (count(size.width), count(size.height))
}

fn check_factor(model: &Model, factor: u32) -> tcloud_imaging::Result<()> {
    if model.network().factor() == factor {
        return Ok(());
    }
    Err(tcloud_imaging::Error::InvalidParameter {
        name: "network",
        found: format!(
            "{}, which enlarges {} times",
            model.name(),
            model.network().factor()
        ),
        expected: "one that enlarges as the task does",
    })
}

/// The one thing that can go wrong when a network runs.
fn given_up(_: Error) -> tcloud_imaging::Error {
    tcloud_imaging::Error::Cancelled
}
