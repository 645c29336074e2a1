//! Convolutions of 3 × 3 over maps of 32 channels.
//!
//! Winograd's F(4 × 4, 3 × 3) after Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks" (2015): 16 results take 36 products a pair of channels instead of 144. What remains are
//! products of small matrices, and these keep the multipliers of the processor busy.

#![expect(
    clippy::indexing_slicing,
    reason = "inner loops over arrays and maps that this module has sized; no length comes from outside"
)]
#![expect(
    clippy::needless_range_loop,
    clippy::many_single_char_names,
    reason = "loops of constant bounds over two indices are unrolled, which iterators are not; the \
              letters are those of the method's paper"
)]
#![expect(
    clippy::inline_always,
    reason = "instructions are chosen by the caller, into which all of this must be inlined"
)]

use fearless_simd::{Simd, SimdBase, SimdFloat, f32x8, f32x16};

use crate::grid::Area;

/// Channels of a map between two layers.
pub(crate) const CHANNELS: usize = 32;
/// Results that the product of matrices computes together.
pub(crate) const LANES: usize = 16;
/// Rows that the product of matrices computes together: with 16 results each, they fill the
/// registers of AVX2.
const ROWS: usize = 6;
/// Results on a side of one step.
pub(crate) const STEP: usize = 4;
/// Inputs on a side of one step.
const PATCH: usize = STEP + 2;
/// Products a step.
const PRODUCTS: usize = PATCH * PATCH;
/// Steps done together.
const BLOCK: usize = 4 * ROWS;
/// Places for them: one more, so that the same step of all products does not fall on the same few
/// lines of the cache.
const PITCH: usize = BLOCK + 1;

/// What one place of a map holds.
pub(crate) type Cell = [f32; CHANNELS];

/// The weights of one group of 16 results, each for `K` inputs.
pub(crate) type Panel<const K: usize> = [[f32; LANES]; K];

/// A patch, or the products of a step, for eight channels.
type Square<S> = [[f32x8<S>; PATCH]; PATCH];

/// A part of a map, with a border of one cell and room for steps that reach beyond its end.
#[derive(Debug, Default)]
pub(crate) struct Map {
    stride: usize,
    cells: Vec<Cell>,
    /// The cell of the whole map that comes first, moved by one for the border.
    left: usize,
    top: usize,
}

impl Map {
    /// Makes it an empty map of `area`.
    pub(crate) fn clear(&mut self, area: Area) {
        self.stride = area.width + 1 + STEP;
        self.left = area.left;
        self.top = area.top;
        self.cells.clear();
        self.cells
            .resize(self.stride * (area.height + 1 + STEP), [0.0; CHANNELS]);
    }

    /// Most bytes of a map of `width` × `height` cells.
    pub(crate) const fn bytes(width: usize, height: usize) -> usize {
        (width + 1 + STEP) * (height + 1 + STEP) * size_of::<Cell>()
    }

    /// Where the cell left of and above the one at `x` and `y` is.
    fn before(&self, x: usize, y: usize) -> usize {
        (y - self.top) * self.stride + (x - self.left)
    }

    /// The cell at `x` and `y`.
    pub(crate) fn cell(&self, x: usize, y: usize) -> &Cell {
        &self.cells[self.before(x, y) + self.stride + 1]
    }

    fn cell_mut(&mut self, x: usize, y: usize) -> &mut Cell {
        let at = self.before(x, y) + self.stride + 1;
        &mut self.cells[at]
    }
}

/// What is added to a result, and what a negative sum is multiplied by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Activation {
    pub(crate) bias: Cell,
    pub(crate) slope: Cell,
}

impl Activation {
    #[inline(always)]
    fn apply<S: Simd>(&self, simd: S, eighth: usize, sum: f32x8<S>) -> f32x8<S> {
        let bias = f32x8::from_slice(simd, eight(&self.bias, eighth));
        let slope = f32x8::from_slice(simd, eight(&self.slope, eighth));
        let sum = sum + bias;
        let zero = f32x8::splat(simd, 0.0);
        sum.min(zero).mul_add(slope, sum.max(zero))
    }
}

/// A first layer: `K` inputs, all samples of 3 × 3 cells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head<const K: usize> {
    pub(crate) weights: [Panel<K>; CHANNELS / LANES],
    pub(crate) activation: Activation,
}

impl<const K: usize> Head<K> {
    /// Fills `area` of `map` from what `read` gives of the 3 × 3 cells around each.
    #[inline(always)]
    pub(crate) fn run<S: Simd>(
        &self,
        simd: S,
        area: Area,
        map: &mut Map,
        read: impl Fn(usize, usize) -> [f32; K],
    ) {
        let mut inputs = [[0.0; K]; ROWS];
        let mut sums = [[0.0; LANES]; ROWS];
        for y in area.top..area.bottom() {
            for left in (area.left..area.right()).step_by(ROWS) {
                let count = ROWS.min(area.right() - left);
                for (offset, input) in inputs.iter_mut().enumerate().take(count) {
                    *input = read(left + offset, y);
                }
                for (group, panel) in self.weights.iter().enumerate() {
                    multiply(simd, &inputs, panel, &mut sums);
                    for (offset, sums) in sums.iter().enumerate().take(count) {
                        let cell = map.cell_mut(left + offset, y);
                        for half in 0..2 {
                            let sum = f32x8::from_slice(simd, eight(sums, half));
                            let at = 2 * group + half;
                            let sum = self.activation.apply(simd, at, sum);
                            sum.store_slice(eight_mut(cell, at));
                        }
                    }
                }
            }
        }
    }
}

/// A layer of 32 inputs and 16 results a group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Body {
    /// For each of the products, the panels of all groups.
    weights: Vec<Panel<CHANNELS>>,
    groups: usize,
    activation: Activation,
}

/// What is computed between the transformations of a block.
#[derive(Debug)]
pub(crate) struct Scratch {
    inputs: Vec<Cell>,
    sums: Vec<[f32; LANES]>,
}

impl Scratch {
    pub(crate) const BYTES: usize = 2 * PRODUCTS * PITCH * size_of::<Cell>();
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            inputs: vec![[0.0; CHANNELS]; PRODUCTS * PITCH],
            sums: vec![[0.0; LANES]; PRODUCTS * PITCH * CHANNELS / LANES],
        }
    }
}

impl Body {
    /// The layer with `kernel(result, input)`, row by row, for each of `results` results.
    pub(crate) fn new(
        results: usize,
        activation: Activation,
        kernel: impl Fn(usize, usize) -> [f32; 9],
    ) -> Self {
        let groups = results.div_ceil(LANES);
        let mut weights = vec![[[0.0; LANES]; CHANNELS]; PRODUCTS * groups];
        for result in 0..results {
            for input in 0..CHANNELS {
                let products = transform_kernel(&kernel(result, input));
                for (product, weight) in products.into_iter().enumerate() {
                    let panel = &mut weights[product * groups + result / LANES];
                    panel[input][result % LANES] = weight;
                }
            }
        }
        Self {
            weights,
            groups,
            activation,
        }
    }

    /// Fills `area` of `to` from `from`.
    #[inline(always)]
    pub(crate) fn run<S: Simd>(
        &self,
        simd: S,
        area: Area,
        from: &Map,
        to: &mut Map,
        scratch: &mut Scratch,
    ) {
        for y in (area.top..area.bottom()).step_by(STEP) {
            for left in (area.left..area.right()).step_by(STEP * BLOCK) {
                let steps = (area.right() - left).div_ceil(STEP).min(BLOCK);
                for step in 0..steps {
                    for eighth in 0..CHANNELS / 8 {
                        let corner = from.before(left + step * STEP, y);
                        let mut patch = [[f32x8::splat(simd, 0.0); PATCH]; PATCH];
                        for row in 0..PATCH {
                            let cells = &from.cells[corner + row * from.stride..][..PATCH];
                            for column in 0..PATCH {
                                let cell = eight(&cells[column], eighth);
                                patch[row][column] = f32x8::from_slice(simd, cell);
                            }
                        }
                        let factors = spread(patch);
                        for row in 0..PATCH {
                            for column in 0..PATCH {
                                let at = (row * PATCH + column) * PITCH + step;
                                let cell = &mut scratch.inputs[at];
                                factors[row][column].store_slice(eight_mut(cell, eighth));
                            }
                        }
                    }
                }
                let rows = steps.next_multiple_of(ROWS);
                for (number, panel) in self.weights.iter().enumerate() {
                    let input = number / self.groups * PITCH;
                    let sum = number * PITCH;
                    multiply(
                        simd,
                        &scratch.inputs[input..input + rows],
                        panel,
                        &mut scratch.sums[sum..sum + rows],
                    );
                }
                for step in 0..steps {
                    let x = left + step * STEP;
                    let width = STEP.min(area.right() - x);
                    let height = STEP.min(area.bottom() - y);
                    for eighth in 0..self.groups * LANES / 8 {
                        let (group, half) = (eighth / 2, eighth % 2);
                        let mut products = [[f32x8::splat(simd, 0.0); PATCH]; PATCH];
                        for row in 0..PATCH {
                            for column in 0..PATCH {
                                let product = row * PATCH + column;
                                let at = (product * self.groups + group) * PITCH + step;
                                let sum = eight(&scratch.sums[at], half);
                                products[row][column] = f32x8::from_slice(simd, sum);
                            }
                        }
                        let results = gather(products);
                        for row in 0..STEP {
                            for column in 0..STEP {
                                if row < height && column < width {
                                    let value = results[row][column];
                                    let value = self.activation.apply(simd, eighth, value);
                                    let cell = to.cell_mut(x + column, y + row);
                                    value.store_slice(eight_mut(cell, eighth));
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The product of `inputs`, one a row, and `weights`.
#[inline(always)]
fn multiply<S: Simd, const K: usize>(
    simd: S,
    inputs: &[[f32; K]],
    weights: &Panel<K>,
    sums: &mut [[f32; LANES]],
) {
    let (inputs, _) = inputs.as_chunks::<ROWS>();
    let (sums, _) = sums.as_chunks_mut::<ROWS>();
    for (inputs, sums) in inputs.iter().zip(sums) {
        let mut totals = [f32x16::splat(simd, 0.0); ROWS];
        for (k, weight) in weights.iter().enumerate() {
            let weight = f32x16::from_slice(simd, weight);
            for (total, input) in totals.iter_mut().zip(inputs) {
                *total = f32x16::splat(simd, input[k]).mul_add(weight, *total);
            }
        }
        for (total, sum) in totals.iter().zip(sums) {
            total.store_slice(sum);
        }
    }
}

/// `G g Gᵀ`: a kernel as the factors of the products.
fn transform_kernel(kernel: &[f32; 9]) -> [f32; PRODUCTS] {
    const FACTORS: [[f64; 3]; PATCH] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    std::array::from_fn(|product| {
        let (rows, columns) = (FACTORS[product / PATCH], FACTORS[product % PATCH]);
        let mut sum = 0.0;
        for (at, weight) in kernel.iter().enumerate() {
            sum += rows[at / 3] * columns[at % 3] * f64::from(*weight);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "computed with more digits than it is kept with"
        )]
        let sum = sum as f32;
        sum
    })
}

/// `Bᵀ d B`: a patch as the other factors of the products.
#[inline(always)]
fn spread<S: Simd>(patch: Square<S>) -> Square<S> {
    let mut columns = patch;
    for at in 0..PATCH {
        let mut column = patch[0];
        for row in 0..PATCH {
            column[row] = patch[row][at];
        }
        columns[at] = spread_line(column);
    }
    let mut factors = patch;
    for at in 0..PATCH {
        let mut row = patch[0];
        for column in 0..PATCH {
            row[column] = columns[column][at];
        }
        factors[at] = spread_line(row);
    }
    factors
}

/// `Bᵀ d` for a column of a patch.
#[inline(always)]
fn spread_line<S: Simd>(d: [f32x8<S>; PATCH]) -> [f32x8<S>; PATCH] {
    let (a, b) = (d[4] - d[2] * 4.0, d[3] - d[1] * 4.0);
    let (c, e) = (d[4] - d[2], (d[3] - d[1]) * 2.0);
    [
        d[0] * 4.0 - d[2] * 5.0 + d[4],
        a + b,
        a - b,
        c + e,
        c - e,
        d[1] * 4.0 - d[3] * 5.0 + d[5],
    ]
}

/// `Aᵀ m A`: the results of a step from its products.
#[inline(always)]
fn gather<S: Simd>(products: Square<S>) -> [[f32x8<S>; STEP]; STEP] {
    let mut columns = [[products[0][0]; STEP]; PATCH];
    for at in 0..PATCH {
        let mut column = products[0];
        for row in 0..PATCH {
            column[row] = products[row][at];
        }
        columns[at] = gather_line(column);
    }
    let mut results = [[products[0][0]; STEP]; STEP];
    for at in 0..STEP {
        let mut row = products[0];
        for column in 0..PATCH {
            row[column] = columns[column][at];
        }
        results[at] = gather_line(row);
    }
    results
}

/// `Aᵀ m` for a column of products.
#[inline(always)]
fn gather_line<S: Simd>(m: [f32x8<S>; PATCH]) -> [f32x8<S>; STEP] {
    let (a, b) = (m[1] + m[2], m[1] - m[2]);
    let (c, d) = (m[3] + m[4], m[3] - m[4]);
    [m[0] + a + c, b + d * 2.0, a + c * 4.0, b + d * 8.0 + m[5]]
}

#[inline(always)]
fn eight<const N: usize>(values: &[f32; N], at: usize) -> &[f32; 8] {
    &values.as_chunks::<8>().0[at]
}

#[inline(always)]
fn eight_mut<const N: usize>(values: &mut [f32; N], at: usize) -> &mut [f32; 8] {
    &mut values.as_chunks_mut::<8>().0[at]
}
