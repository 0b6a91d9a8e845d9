#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads a Precordia checkpoint into the plain PyTorch network and compares outputs.

usage: check_model.py MODEL.safetensors DUMP.json [--tolerance 1e-4]

DUMP.json names ``inputs`` [B, L, leads] (standardised) and Precordia's results for them: ``outputs``
[B, L, targets] in mV and, where present, ``h`` [B, C], ``z`` [B, 128], ``logits`` [B, labels]. For each,
prints the largest difference relative to the range (max - min) of PyTorch's values, against PyTorch in
fp32 and in fp64. Exit code 0 when every fp32 difference is within the tolerance, 1 when one is not, 2 on
bad input.
"""

import argparse
import sys

import numpy as np
import torch

from precordia_torch import load_model
from precordia_torch.dumps import Dump

FIELDS = {"outputs": "signal", "h": "h", "z": "z", "logits": "logits"}


def compare(model, dump, dtype):
    """{tensor name: largest |difference| / range} of a dump against the network in dtype."""
    with torch.inference_mode():
        out = model.to(dtype)(torch.from_numpy(dump["inputs"].astype(np.float64)).to(dtype))
    result = {}
    for name, field in FIELDS.items():
        if name not in dump:
            continue
        want = getattr(out, field).double().numpy()
        have = dump[name].astype(np.float64)
        if want.shape != have.shape:
            raise ValueError(f"{dump.path}: {name} has shape {list(have.shape)}, PyTorch gives {list(want.shape)}")
        span = float(want.max() - want.min())
        difference = float(np.abs(want - have).max())
        result[name] = difference / span if span > 0 else (0.0 if difference == 0 else float("inf"))
    if "outputs" not in result:
        raise ValueError(f"{dump.path}: no tensor 'outputs' to compare")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("dump")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    try:
        model, _ = load_model(arguments.model)
        dump = Dump(arguments.dump)
        single = compare(model, dump, torch.float32)
        double = compare(model, dump, torch.float64)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        print(f"check_model: {error}", file=sys.stderr)
        return 2
    print(f"{'tensor':8} {'fp32 PyTorch':>14} {'fp64 PyTorch':>14}   largest difference / range")
    for name in single:
        print(f"{name:8} {single[name]:14.3e} {double[name]:14.3e}")
    # "not within", so that a NaN fails.
    failed = [n for n in single if not single[n] <= arguments.tolerance]
    print("OK" if not failed else f"FAILED beyond {arguments.tolerance:g}: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
