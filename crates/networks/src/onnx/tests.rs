//! Files that are damaged, or made to be: each is refused by what does not fit.

use super::*;

/// A whole network, as it was exported.
const WHOLE: &[u8] = include_bytes!("../../models/denoise.onnx");

/// What becomes of the network once `change` has been done to its graph.
fn changed(change: impl FnOnce(&mut Graph)) -> Result<Layers> {
    let mut model = Model::decode(WHOLE).unwrap();
    change(model.graph.as_mut().unwrap());
    read(&model.encode_to_vec())
}

/// The message of a refusal.
fn refusal(change: impl FnOnce(&mut Graph)) -> String {
    match changed(change) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it was read"),
    }
}

fn weights(graph: &mut Graph) -> &mut Tensor {
    let mut tensors = graph.initializer.iter_mut();
    tensors.find(|tensor| tensor.dims.len() == 4).unwrap()
}

#[test]
fn the_whole_file_is_read_and_no_part_of_it() {
    assert!(changed(|_| {}).is_ok());
    let ends = (0..WHOLE.len()).step_by(997).chain([1, 2, WHOLE.len() - 1]);
    for end in ends {
        assert!(read(&WHOLE[..end]).is_err(), "{end}");
    }
}

#[test]
fn sizes_that_no_file_can_have_are_not_believed() {
    for dims in [
        vec![i64::MAX; 4],
        vec![1 << 32, 1 << 32, 1, 1],
        vec![-32, 32, 3, 3],
        vec![0, 0, 0, 0],
        vec![32; 9],
        Vec::new(),
    ] {
        let message = refusal(|graph| weights(graph).dims.clone_from(&dims));
        assert!(
            message.contains("sizes") || message.contains("convolution"),
            "{message}"
        );
    }
}

#[test]
fn wrong_shapes_are_named() {
    let message = refusal(|graph| weights(graph).dims.reverse());
    assert!(message.contains("weights of"), "{message}");
    let message = refusal(|graph| {
        let tensor = weights(graph);
        let length = tensor.raw.len();
        tensor.raw.truncate(length - 4);
    });
    assert!(
        message.contains("not as many as their sizes say"),
        "{message}"
    );
    let message = refusal(|graph| weights(graph).data_type = 10);
    assert!(message.contains("float32"), "{message}");
    let message = refusal(|graph| {
        let tensor = weights(graph);
        tensor.raw[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    });
    assert!(message.contains("finite"), "{message}");
}

#[test]
fn other_graphs_are_refused_by_their_nodes() {
    let message = refusal(|graph| graph.node[1].op_type = "Relu".to_owned());
    assert!(message.contains("Relu where a PRelu is due"), "{message}");
    let message = refusal(|graph| graph.node.truncate(3));
    assert!(message.contains("ends where"), "{message}");
    let message = refusal(|graph| graph.node.clear());
    assert!(message.contains("no graph"), "{message}");
    let message = refusal(|graph| graph.initializer.clear());
    assert!(
        message.contains("input") || message.contains("not in the file"),
        "{message}"
    );
    let message = refusal(|graph| graph.output.clear());
    assert!(message.contains("output"), "{message}");
    let message = refusal(|graph| {
        let last = graph.node.last().unwrap().clone();
        graph.node.push(last);
    });
    assert!(message.contains("goes on"), "{message}");
    // A node that feeds itself is no chain.
    let message = refusal(|graph| {
        let node = &mut graph.node[2];
        node.input[0].clone_from(&node.output[0]);
    });
    assert!(message.contains("follow the chain"), "{message}");
}

#[test]
fn a_layer_too_many_is_refused_before_it_is_kept() {
    // One pair of a convolution and its slope, over and over.
    let message = refusal(|graph| {
        let pair: Vec<Node> = graph.node[2..4].to_vec();
        let mut nodes = graph.node[..2].to_vec();
        for number in 0..=MAX_DEPTH {
            for mut node in pair.clone() {
                let last: &Node = nodes.last().unwrap();
                node.input[0].clone_from(&last.output[0]);
                node.output[0] = format!("{number} {}", node.op_type);
                nodes.push(node);
            }
        }
        graph.node = nodes;
    });
    assert!(message.contains("more than 64 layers"), "{message}");
}
