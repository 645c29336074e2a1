#!/usr/bin/env python3
"""Writes what onnxruntime computes, for tests/reference.rs.

    pip install onnxruntime numpy
    python reference/tensors.py           # in crates/networks

tests/data/NAME.f32 holds the output as little-endian float32, row by row. The input is computed
alike on both sides: see `sample`.
"""
import numpy as np
import onnxruntime

WIDTH, HEIGHT = 43, 27


def sample(x, y):
    """Grey values of 8 bits with edges, slopes and noise in them."""
    noise = (x * 7919 + y * 104729 + x * y * 31) % 61
    return (40 + 3 * x + 2 * y + (90 if (x // 9 + y // 7) % 2 else 0) + noise) % 256


plane = np.array([[sample(x, y) for x in range(WIDTH)] for y in range(HEIGHT)], np.float32) / 255
for name in ("sr_x2", "sr_x2_robust", "denoise"):
    session = onnxruntime.InferenceSession(f"models/{name}.onnx", providers=["CPUExecutionProvider"])
    y = plane
    if name == "denoise":  # needs even sides: the last column and row are repeated, and cut off again
        y = np.pad(plane, ((0, HEIGHT % 2), (0, WIDTH % 2)), "edge")
    out = session.run(None, {"y": y[None, None]})[0][0, 0]
    if name == "denoise":
        out = out[:HEIGHT, :WIDTH]
    out.astype("<f4").tofile(f"tests/data/{name}.f32")
    print(name, out.shape, onnxruntime.__version__)
