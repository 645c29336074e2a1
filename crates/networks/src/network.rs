//! A network, and running it over a plane of samples.

use std::fmt;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use fearless_simd::{Level, dispatch};

use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::kernel::{Body, Head};
use crate::layers::Convolution;
use crate::onnx;
use crate::tile::{self, Part, Tile, Workspace};

/// A network that makes a plane of samples better, or larger and better.
pub struct Network {
    first: First,
    /// All other layers; the last one has 4 results.
    body: Vec<Body>,
    level: Level,
}

/// The first layer, by the samples of a cell.
#[derive(PartialEq)]
enum First {
    /// One: the result is twice as wide and high.
    Enlarging(Box<Head<9>>),
    /// Two times two: the result is as large as the input.
    Keeping(Box<Head<36>>),
}

impl Network {
    /// Reads a network from the bytes of an ONNX file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or it is of another shape than the networks of this crate: a chain of
    /// convolutions over 32 channels that takes one plane and gives one of the same or of twice the
    /// size.
    pub fn from_onnx(file: &[u8]) -> Result<Self> {
        let layers = onnx::read(file)?;
        let others = layers.body.iter().chain([&layers.tail]);
        Ok(Self {
            body: others.map(Convolution::body).collect(),
            first: if layers.samples == 1 {
                First::Enlarging(Box::new(layers.head.head()))
            } else {
                First::Keeping(Box::new(layers.head.head()))
            },
            level: Level::new(),
        })
    }

    /// How many times as wide and high the result is: 1 or 2.
    pub const fn factor(&self) -> u32 {
        match self.first {
            First::Enlarging(_) => 2,
            First::Keeping(_) => 1,
        }
    }

    /// The most bytes that [`run`](Self::run) takes for up to three planes on so many threads, whatever the
    /// size of the
    /// planes.
    pub fn bytes(&self, threads: NonZero<usize>) -> u64 {
        let bytes = Workspace::<3>::bytes(self.body.len(), self.samples());
        u64::try_from(bytes.saturating_mul(threads.get())).unwrap_or(u64::MAX)
    }

    /// Samples on a side of a cell.
    const fn samples(&self) -> usize {
        match self.first {
            First::Enlarging(_) => 1,
            First::Keeping(_) => 2,
        }
    }

    /// Runs the network over each of `N` planes of `width` × `height` samples from 0 to 1.
    ///
    /// `read` gives the samples of a column and a row; `write` takes the parts of the result as they
    /// are finished, in any order. `is_cancelled` is asked between the parts.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; then some parts have been written and others have not.
    pub fn run<const N: usize>(
        &self,
        (width, height): (usize, usize),
        threads: NonZero<usize>,
        read: impl Fn(usize, usize) -> [f32; N] + Sync,
        write: impl FnMut(Part<'_, N>) + Send,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<()> {
        let samples = self.samples();
        let grid = Grid {
            width: width.div_ceil(samples),
            height: height.div_ceil(samples),
        };
        let tiles = grid.tiles(tile::SIDE);
        let threads = threads.get().min(tiles.clone().count());
        let (tiles, write) = (Mutex::new(tiles), Mutex::new(write));
        let stopped = AtomicBool::new(false);
        let work = |is_cancelled: &dyn Fn() -> bool| {
            let mut workspace = Workspace::<N>::default();
            while !stopped.load(Ordering::Relaxed) {
                if is_cancelled() {
                    stopped.store(true, Ordering::Relaxed);
                    break;
                }
                // The lock ends with the statement.
                let next = tiles.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(area) = next else { break };
                let tile = Tile {
                    area,
                    grid,
                    margin: self.body.len(),
                    samples,
                    size: (width, height),
                };
                tile.read(&read, &mut workspace);
                for plane in 0..N {
                    self.compute(&tile, plane, &mut workspace);
                }
                let part = tile.part(&workspace);
                write.lock().unwrap_or_else(PoisonError::into_inner)(part);
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                let builder = thread::Builder::new().name("tcloud-network".to_owned());
                // Where the system gives no further thread, those there are do it all.
                if builder.spawn_scoped(scope, || work(&|| false)).is_err() {
                    break;
                }
            }
            work(is_cancelled);
        });
        if stopped.into_inner() {
            return Err(Error::Cancelled);
        }
        Ok(())
    }

    fn compute<const N: usize>(&self, tile: &Tile, plane: usize, workspace: &mut Workspace<N>) {
        let Some(mut work) = workspace.plane(plane) else {
            return;
        };
        let body = &self.body;
        match &self.first {
            First::Enlarging(head) => {
                dispatch!(self.level, simd => tile.compute(simd, head, body, &mut work));
            }
            First::Keeping(head) => {
                dispatch!(self.level, simd => tile.compute(simd, head, body, &mut work));
            }
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("factor", &self.factor())
            .field("layers", &(self.body.len() + 1))
            .finish_non_exhaustive()
    }
}
