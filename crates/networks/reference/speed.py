#!/usr/bin/env python3
"""Seconds that onnxruntime takes for a plane, beside examples/speed.rs.

    pip install onnxruntime numpy
    python reference/speed.py models/sr_x2.onnx [SIDE] [THREADS] [ROUNDS]
"""
import resource
import sys
import time

import numpy as np
import onnxruntime

side, threads, rounds = [int(a) for a in sys.argv[2:]] + [1000, 2, 5][len(sys.argv) - 2 :]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
plane = np.random.default_rng(1).random((1, 1, side, side), np.float32)
before = resource.getrusage(resource.RUSAGE_SELF)
best = float("inf")
for _ in range(rounds):
    start = time.time()
    session.run(None, {"y": plane})
    best = min(best, time.time() - start)
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(f"{best:.3f} s, {cpu / rounds:.3f} s of the processor, {after.ru_maxrss >> 10} MiB at most")
