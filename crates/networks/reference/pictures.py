#!/usr/bin/env python3
"""Cuts the test pictures out of free photographs and halves them as the networks were trained.

    pip install scikit-image pillow numpy
    python reference/pictures.py          # in crates/networks

Taken from scikit-image's own data folder; the documentation of `skimage.data` states whose they are:
astronaut.png: NASA, public domain; chelsea.png: Stefan van der Walt, CC0; coffee.png: Rachel
Michetti, CC0; rocket.jpg: SpaceX, public domain. None of them was trained on.
"""
import pathlib

import numpy as np
import skimage
from PIL import Image

PARTS = {"astronaut.png": (150, 30), "chelsea.png": (110, 60), "coffee.png": (230, 150), "rocket.jpg": (250, 120)}
SIDE = 128


def matrix(n, m):
    """m x n: MATLAB's imresize(..., 'bicubic') along one axis; as `imresize_matrix` in train.py."""
    scale = m / n
    width = 4 / scale
    u = np.arange(1, m + 1) / scale + 0.5 * (1 - 1 / scale)
    index = np.floor(u - width / 2)[:, None] + np.arange(int(np.ceil(width)) + 2)[None]
    x = np.abs(scale * (u[:, None] - index))
    w = np.where(x <= 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x <= 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))
    w /= w.sum(1, keepdims=True)
    mirrored = np.concatenate([np.arange(n), np.arange(n)[::-1]])
    index = mirrored[np.mod(index.astype(int) - 1, 2 * n)]
    a = np.zeros((m, n))
    for row in range(m):
        np.add.at(a[row], index[row], w[row])
    return a


halve = matrix(SIDE, SIDE // 2)
folder = pathlib.Path(skimage.__file__).parent / "data"
for file, (left, top) in PARTS.items():
    picture = np.asarray(Image.open(folder / file).convert("RGB"))[top : top + SIDE, left : left + SIDE]
    small = np.einsum("yh,hwc,xw->yxc", halve, picture.astype(float), halve)
    small = np.clip(np.rint(small), 0, 255).astype(np.uint8)
    name = pathlib.Path(file).stem
    Image.fromarray(picture).save(f"tests/data/{name}.png", optimize=True)
    Image.fromarray(small).save(f"tests/data/{name}_half.png", optimize=True)
    Image.fromarray(small).save(f"tests/data/{name}_half_75.jpg", quality=75)
