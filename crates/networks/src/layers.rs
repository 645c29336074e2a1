//! The layers of a network, as a file describes them.

use crate::kernel::{Activation, Body, CHANNELS, Cell, Head, LANES, Panel};

/// One convolution, with what follows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Convolution {
    /// A kernel, row by row, for each result and of that for each input.
    pub(crate) kernels: Vec<f32>,
    /// One a result.
    pub(crate) bias: Vec<f32>,
    /// What negative sums are multiplied by, one a result.
    pub(crate) slope: Vec<f32>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layers {
    /// Samples of the input on a side of a cell, 1 or 2. A cell always results in 2 × 2 samples.
    pub(crate) samples: usize,
    pub(crate) head: Convolution,
    pub(crate) body: Vec<Convolution>,
    pub(crate) tail: Convolution,
}

impl Convolution {
    pub(crate) fn results(&self) -> usize {
        self.bias.len()
    }

    fn activation(&self) -> Activation {
        Activation {
            bias: cell(&self.bias),
            slope: cell(&self.slope),
        }
    }

    /// The layer for cells of 32 channels.
    pub(crate) fn body(&self) -> Body {
        let (kernels, _) = self.kernels.as_chunks::<9>();
        Body::new(self.results(), self.activation(), |result, input| {
            let at = result * CHANNELS + input;
            kernels.get(at).copied().unwrap_or_default()
        })
    }

    /// The layer for `K` samples.
    pub(crate) fn head<const K: usize>(&self) -> Head<K> {
        let mut weights = [[[0.0; LANES]; K]; CHANNELS / LANES];
        let panels: &mut [Panel<K>] = &mut weights;
        for (kernels, panel) in self.kernels.chunks(K * LANES).zip(panels) {
            for (lane, kernel) in kernels.as_chunks::<K>().0.iter().enumerate() {
                for (weight, row) in kernel.iter().zip(panel.iter_mut()) {
                    if let Some(slot) = row.get_mut(lane) {
                        *slot = *weight;
                    }
                }
            }
        }
        Head {
            weights,
            activation: self.activation(),
        }
    }
}

/// As many values as a cell has; those without a value are zero.
fn cell(values: &[f32]) -> Cell {
    let mut cell = [0.0; CHANNELS];
    for (slot, value) in cell.iter_mut().zip(values) {
        *slot = *value;
    }
    cell
}
