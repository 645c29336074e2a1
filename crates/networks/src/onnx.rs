//! Networks from ONNX files.
//!
//! Only what the networks of this crate consist of is read: `Conv`, `PRelu`, `Add` and
//! `DepthToSpace` in one chain. Anything else is refused by name.

use std::collections::HashMap;

use prost::Message;

use crate::error::{Error, Result};
use crate::kernel::CHANNELS;
use crate::layers::{Convolution, Layers};

/// Longest file.
const MAX_BYTES: usize = 64 << 20;
/// Most layers between the first and the last.
const MAX_DEPTH: usize = 64;

#[derive(Clone, PartialEq, Message)]
struct Model {
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
}

#[derive(Clone, PartialEq, Message)]
struct Graph {
    #[prost(message, repeated, tag = "1")]
    node: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<Value>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Node {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "3")]
    int: i64,
    #[prost(bytes = "vec", tag = "4")]
    text: Vec<u8>,
    #[prost(int64, repeated, tag = "8")]
    ints: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(float, repeated, tag = "4")]
    floats: Vec<f32>,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw: Vec<u8>,
}

/// Reads the layers of a network.
pub(crate) fn read(file: &[u8]) -> Result<Layers> {
    if file.len() > MAX_BYTES {
        return Err(Error::unreadable(format!(
            "it has {} bytes; at most {MAX_BYTES} are read",
            file.len()
        )));
    }
    let model = Model::decode(file).map_err(|error| Error::unreadable(error.to_string()))?;
    let graph = model
        .graph
        .filter(|graph| !graph.node.is_empty())
        .ok_or_else(|| Error::unreadable("it holds no graph".to_owned()))?;
    Chain::new(&graph)?.layers()
}

/// The nodes, in their order, and the tensors they name.
struct Chain<'a> {
    nodes: std::slice::Iter<'a, Node>,
    tensors: HashMap<&'a str, &'a Tensor>,
    input: &'a str,
    output: &'a str,
    /// The value that the next node has to take.
    value: &'a str,
}

impl<'a> Chain<'a> {
    fn new(graph: &'a Graph) -> Result<Self> {
        let tensors: HashMap<_, _> = graph
            .initializer
            .iter()
            .map(|tensor| (tensor.name.as_str(), tensor))
            .collect();
        // Files of old versions list the tensors among the inputs.
        let mut inputs = graph
            .input
            .iter()
            .map(|value| value.name.as_str())
            .filter(|name| !tensors.contains_key(name));
        let (Some(input), None) = (inputs.next(), inputs.next()) else {
            return Err(Error::unknown("it does not take exactly one input"));
        };
        let [output] = graph.output.as_slice() else {
            return Err(Error::unknown("it does not have exactly one output"));
        };
        Ok(Self {
            nodes: graph.node.iter(),
            tensors,
            input,
            output: &output.name,
            value: input,
        })
    }

    fn layers(mut self) -> Result<Layers> {
        let (mut head, samples) = self.head()?;
        head.slope = self.slope()?;
        let mut body = Vec::new();
        let tail = loop {
            let layer = self.convolution(CHANNELS)?;
            if layer.results() != CHANNELS {
                break layer;
            }
            if body.len() == MAX_DEPTH {
                return Err(Error::unknown(format!(
                    "it has more than {MAX_DEPTH} layers"
                )));
            }
            let slope = self.slope()?;
            body.push(Convolution { slope, ..layer });
        };
        if tail.results() != 4 {
            return Err(Error::unknown(format!(
                "a convolution has {} results; {CHANNELS} are computed, or 4 by the last one",
                tail.results()
            )));
        }
        // What is added to is as large as the cells are before, or as the samples after the shuffle.
        if samples == 1 {
            self.add()?;
            self.shuffle()?;
        } else {
            self.shuffle()?;
            self.add()?;
        }
        if self.nodes.next().is_some() || self.value != self.output {
            return Err(Error::unknown("it goes on after the sum and the shuffle"));
        }
        Ok(Layers {
            samples,
            head,
            body,
            tail,
        })
    }

    /// The next node, which has to be an `op` on what the last one gave.
    fn next(&mut self, op: &str) -> Result<&'a Node> {
        let node = self
            .nodes
            .next()
            .ok_or_else(|| Error::unknown(format!("it ends where a {op} is due")))?;
        if node.op_type != op {
            return Err(Error::unknown(format!(
                "it has a {} where a {op} is due",
                node.op_type
            )));
        }
        let follows = node.input.iter().any(|name| name == self.value);
        let (true, [output]) = (follows, node.output.as_slice()) else {
            return Err(Error::unknown(format!(
                "its {op} does not follow the chain"
            )));
        };
        self.value = output;
        Ok(node)
    }

    /// The first layer, and how many samples on a side a cell has.
    fn head(&mut self) -> Result<(Convolution, usize)> {
        let node = self.next("Conv")?;
        let ints = |name, default| ints(node, name, default);
        let samples = match ints("strides", &[1, 1]).as_slice() {
            [1, 1] => 1,
            [2, 2] => 2,
            other => {
                return Err(Error::unknown(format!(
                    "its first convolution has the strides {other:?}; 1 or 2 are computed"
                )));
            }
        };
        let layer = self.weights(node, 1, 3 * samples, samples)?;
        if layer.results() != CHANNELS {
            return Err(Error::unknown(format!(
                "its first convolution has {} results; {CHANNELS} are computed",
                layer.results()
            )));
        }
        Ok((layer, samples))
    }

    fn convolution(&mut self, inputs: usize) -> Result<Convolution> {
        let node = self.next("Conv")?;
        self.weights(node, inputs, 3, 1)
    }

    /// The weights of a convolution of `side` × `side` with `inputs` and the padding that keeps the
    /// number of cells.
    fn weights(
        &self,
        node: &Node,
        inputs: usize,
        side: usize,
        stride: usize,
    ) -> Result<Convolution> {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let expected: [(&str, Vec<i64>, &[i64]); 4] = [
            ("pads", vec![whole(stride); 4], &[0; 4]),
            ("strides", vec![whole(stride); 2], &[1, 1]),
            ("dilations", vec![1, 1], &[1, 1]),
            (
                "kernel_shape",
                vec![whole(side); 2],
                &[whole(side), whole(side)],
            ),
        ];
        for (name, due, default) in expected {
            let found = ints(node, name, default);
            if found != due {
                return Err(Error::unknown(format!(
                    "a convolution has the {name} {found:?}; {due:?} are computed"
                )));
            }
        }
        let refused = |name: &str| node.attribute.iter().find(|it| it.name == name);
        if refused("group").is_some_and(|group| group.int != 1) {
            return Err(Error::unknown("a convolution is in groups"));
        }
        if refused("auto_pad").is_some_and(|pad| pad.text != b"NOTSET") {
            return Err(Error::unknown("a convolution pads automatically"));
        }
        let [_, weights, bias @ ..] = node.input.as_slice() else {
            return Err(Error::unknown("a convolution has no weights"));
        };
        let (dims, kernels) = self.tensor(weights)?;
        let [results, given, height, width] = dims.as_slice() else {
            return Err(Error::unknown("a convolution is not of two dimensions"));
        };
        if [*given, *height, *width] != [inputs, side, side] || *results == 0 {
            return Err(Error::unknown(format!(
                "a convolution has weights of {dims:?}; {inputs} inputs and {side} x {side} are due"
            )));
        }
        let bias = match bias {
            [] => vec![0.0; *results],
            [name, ..] => self.tensor(name)?.1,
        };
        if bias.len() != *results {
            return Err(Error::unknown("a convolution has another number of biases"));
        }
        Ok(Convolution {
            kernels,
            slope: vec![1.0; *results],
            bias,
        })
    }

    /// What negative results of a layer are multiplied by.
    fn slope(&mut self) -> Result<Vec<f32>> {
        let node = self.next("PRelu")?;
        let name = node.input.get(1).map_or("", String::as_str);
        let (_, slope) = self.tensor(name)?;
        match slope.as_slice() {
            [one] => Ok(vec![*one; CHANNELS]),
            all if all.len() == CHANNELS => Ok(slope),
            other => Err(Error::unknown(format!(
                "a PRelu has {} slopes; 1 or {CHANNELS} are computed",
                other.len()
            ))),
        }
    }

    fn add(&mut self) -> Result<()> {
        let node = self.next("Add")?;
        if node.input.len() != 2 || !node.input.iter().any(|name| name == self.input) {
            return Err(Error::unknown("its Add does not add the input"));
        }
        Ok(())
    }

    fn shuffle(&mut self) -> Result<()> {
        let node = self.next("DepthToSpace")?;
        let attribute = |name: &str| node.attribute.iter().find(|it| it.name == name);
        let twice = attribute("blocksize").is_some_and(|size| size.int == 2);
        // With one channel both modes mean the same.
        if !twice {
            return Err(Error::unknown("its DepthToSpace is not by 2"));
        }
        Ok(())
    }

    /// The sizes and the numbers of a tensor.
    fn tensor(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        const FLOAT: i32 = 1;
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| Error::unknown(format!("the weights {name:?} are not in the file")))?;
        if tensor.data_type != FLOAT {
            return Err(Error::unknown(format!(
                "the weights {name:?} are not float32"
            )));
        }
        let values = if tensor.raw.is_empty() {
            tensor.floats.clone()
        } else {
            let (values, _) = tensor.raw.as_chunks::<4>();
            values.iter().copied().map(f32::from_le_bytes).collect()
        };
        let dims: Option<Vec<usize>> = tensor
            .dims
            .iter()
            .map(|&side| usize::try_from(side).ok())
            .collect();
        let dims = dims.filter(|dims| {
            let count = dims
                .iter()
                .try_fold(1_usize, |all, &side| all.checked_mul(side));
            count == Some(values.len())
        });
        let dims = dims.ok_or_else(|| {
            Error::unreadable(format!(
                "the weights {name:?} are not as many as their sizes say"
            ))
        })?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::unreadable(format!(
                "the weights {name:?} are not all finite"
            )));
        }
        Ok((dims, values))
    }
}

fn ints(node: &Node, name: &str, default: &[i64]) -> Vec<i64> {
    let found = node.attribute.iter().find(|it| it.name == name);
    found.map_or_else(|| default.to_vec(), |it| it.ints.clone())
}

#[cfg(test)]
mod tests;
