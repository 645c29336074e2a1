//! One tile of a plane on its way through the layers.
//!
//! Each layer needs one cell more around a tile than it results in, so the first one covers the tile
//! with a margin of as many cells as there are further layers. What lies outside of the plane is zero for every layer,
//! as it was in training.

#![expect(
    clippy::indexing_slicing,
    reason = "loops over buffers that this module has sized by the same areas"
)]
#![expect(
    clippy::inline_always,
    reason = "instructions are chosen by the caller, into which all of this must be inlined"
)]

use std::mem;

use fearless_simd::Simd;

use crate::grid::{Area, Grid};
use crate::kernel::{Body, Head, Map, Scratch};

/// A finished part of the result.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Part<'a, const N: usize> {
    /// Its first column in the result.
    pub left: usize,
    /// Its first row in the result.
    pub top: usize,
    /// How many columns it has.
    pub width: usize,
    /// The samples of each plane, row by row. They are not held to any bounds.
    pub samples: [&'a [f32]; N],
}

/// Cells on a side of a tile. Larger ones compute less twice, smaller ones take less memory.
pub(crate) const SIDE: usize = 256;
/// Results on a side of a cell.
const RESULTS: usize = 2;

/// Which tile of what.
#[derive(Debug)]
pub(crate) struct Tile {
    pub(crate) area: Area,
    pub(crate) grid: Grid,
    /// Cells that the first layer covers around it.
    pub(crate) margin: usize,
    /// Samples on a side of a cell.
    pub(crate) samples: usize,
    /// Columns and rows of samples of the whole plane, which may end within the last cells.
    pub(crate) size: (usize, usize),
}

/// What a thread works in.
#[derive(Debug)]
pub(crate) struct Workspace<const N: usize> {
    /// The samples of the tile with its margin and one cell more, of each plane.
    inputs: [Vec<f32>; N],
    outputs: [Vec<f32>; N],
    maps: Maps,
}

/// What all planes share, one after the other.
#[derive(Debug, Default)]
struct Maps {
    from: Map,
    to: Map,
    scratch: Scratch,
}

/// What one plane is computed in.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    input: &'a [f32],
    output: &'a mut Vec<f32>,
    maps: &'a mut Maps,
}

impl<const N: usize> Default for Workspace<N> {
    fn default() -> Self {
        Self {
            inputs: [const { Vec::new() }; N],
            outputs: [const { Vec::new() }; N],
            maps: Maps::default(),
        }
    }
}

impl<const N: usize> Workspace<N> {
    /// The most bytes of one for a network of so many layers after the first.
    pub(crate) const fn bytes(margin: usize, samples: usize) -> usize {
        let side = SIDE + 2 * margin;
        let input = (side + 2) * (side + 2) * samples * samples * size_of::<f32>();
        let output = SIDE * SIDE * RESULTS * RESULTS * size_of::<f32>();
        N * (input + output) + 2 * Map::bytes(side, side) + Scratch::BYTES
    }

    /// To compute one of the planes.
    pub(crate) fn plane(&mut self, plane: usize) -> Option<Work<'_>> {
        Some(Work {
            input: self.inputs.get(plane)?,
            output: self.outputs.get_mut(plane)?,
            maps: &mut self.maps,
        })
    }
}

impl Tile {
    /// What the first layer covers.
    fn covered(&self) -> Area {
        self.area.with_margin(self.margin, self.grid)
    }

    /// Samples in a row of [`Workspace::inputs`].
    fn stride(&self) -> usize {
        (self.covered().width + 2) * self.samples
    }

    /// Fetches the samples.
    pub(crate) fn read<const N: usize>(
        &self,
        read: impl Fn(usize, usize) -> [f32; N],
        workspace: &mut Workspace<N>,
    ) {
        let (covered, samples) = (self.covered(), self.samples);
        let inputs = &mut workspace.inputs;
        inputs.iter_mut().for_each(Vec::clear);
        // A cell that is not full repeats its last column or row.
        let place = |at: usize, cells: usize, size: usize| {
            let at = at.checked_sub(samples)?;
            (at < cells * samples).then(|| at.min(size - 1))
        };
        for row in 0..(covered.height + 2) * samples {
            let y = place(covered.top * samples + row, self.grid.height, self.size.1);
            for column in 0..self.stride() {
                let x = place(
                    covered.left * samples + column,
                    self.grid.width,
                    self.size.0,
                );
                let values = match (x, y) {
                    (Some(x), Some(y)) => read(x, y),
                    _ => [0.0; N],
                };
                for (input, value) in inputs.iter_mut().zip(values) {
                    input.push(value);
                }
            }
        }
    }

    /// Goes through all layers.
    #[inline(always)]
    pub(crate) fn compute<S: Simd, const K: usize>(
        &self,
        simd: S,
        head: &Head<K>,
        body: &[Body],
        work: &mut Work<'_>,
    ) {
        let (covered, stride) = (self.covered(), self.stride());
        let window = 3 * self.samples;
        let (input, Maps { from, to, scratch }) = (work.input, &mut *work.maps);
        from.clear(covered);
        to.clear(covered);
        head.run(simd, covered, from, |x, y| {
            let corner = ((y - covered.top) * stride + (x - covered.left)) * self.samples;
            let mut around = [0.0; K];
            for (row, values) in around.chunks_exact_mut(window).enumerate() {
                let at = corner + row * stride;
                values.copy_from_slice(&input[at..at + window]);
            }
            around
        });
        for (index, layer) in body.iter().enumerate() {
            let area = self.area.with_margin(body.len() - 1 - index, self.grid);
            layer.run(simd, area, from, to, scratch);
            mem::swap(from, to);
        }
        self.add(input, from, work.output);
    }

    /// The results: what the layers say is to be added to the input.
    fn add(&self, input: &[f32], last: &Map, output: &mut Vec<f32>) {
        let (area, covered) = (self.area, self.covered());
        let (width, height) = self.result_size();
        output.clear();
        for row in 0..height {
            let y = area.top + row / RESULTS;
            // Where this row of results begins among the samples, which have a cell of margin.
            let line = ((y - covered.top + 1) * self.samples + row % RESULTS * (self.samples - 1))
                * self.stride();
            for column in 0..width {
                let x = area.left + column / RESULTS;
                let at =
                    (x - covered.left + 1) * self.samples + column % RESULTS * (self.samples - 1);
                let added = last.cell(x, y)[row % RESULTS * RESULTS + column % RESULTS];
                output.push(input[line + at] + added);
            }
        }
    }

    /// Columns and rows of results.
    fn result_size(&self) -> (usize, usize) {
        let end = |cells: usize, size: usize| (cells * RESULTS).min(size * RESULTS / self.samples);
        (
            end(self.area.right(), self.size.0) - self.area.left * RESULTS,
            end(self.area.bottom(), self.size.1) - self.area.top * RESULTS,
        )
    }

    /// The finished part of the result.
    pub(crate) fn part<'a, const N: usize>(&self, workspace: &'a Workspace<N>) -> Part<'a, N> {
        Part {
            left: self.area.left * RESULTS,
            top: self.area.top * RESULTS,
            width: self.result_size().0,
            samples: workspace.outputs.each_ref().map(Vec::as_slice),
        }
    }
}
