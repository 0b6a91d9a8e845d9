#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares Precordia's supervised contrastive loss and gradient with PyTorch's autograd in fp64.

usage: check_supcon.py DUMP.json [--tolerance 1e-5]

DUMP.json names ``z`` [N, D], ``labels`` (unsigned bit masks [N, words], bit 0 of word 0 is label 0),
``groups`` [N] (equal for views of one window) and, for each target in any, out, jaccard that is to be
checked, ``loss_TARGET`` [1] and ``dz_TARGET`` [N, D], the derivative with respect to z as given (not
through its normalisation). Attribute ``temperature`` (default 0.07). Prints the relative error of the
loss and ‖dz - dz64‖ / ‖dz64‖; exit code as check_model.py.
"""

import argparse
import sys

import numpy as np
import torch

from precordia_torch.dumps import Dump
from precordia_torch.losses import TARGETS, TEMPERATURE, supcon_reference, unpack_masks


def relative(have, want):
    """‖have - want‖ / ‖want‖, or ‖have‖ where want is zero."""
    norm = np.linalg.norm(want)
    return float(np.linalg.norm(have - want) / norm) if norm > 0 else float(np.linalg.norm(have))


def check(dump):
    """Yields (target, relative loss error, relative dz error, number of windows)."""
    labels = torch.from_numpy(unpack_masks(dump["labels"]).astype(np.float64))
    groups = torch.from_numpy(dump["groups"].astype(np.int64).reshape(-1))
    temperature = float(dump.attributes.get("temperature", TEMPERATURE))
    targets = [t for t in TARGETS if f"loss_{t}" in dump]
    if not targets:
        raise ValueError(f"{dump.path}: names no loss_any, loss_out or loss_jaccard")
    for target in targets:
        z = torch.from_numpy(dump["z"].astype(np.float64)).requires_grad_()
        loss = supcon_reference(z, labels, groups, target, temperature)
        loss.backward()
        have = dump[f"loss_{target}"].astype(np.float64).reshape(-1)
        gradient = dump[f"dz_{target}"].astype(np.float64)
        yield target, relative(have, np.array([loss.item()])), relative(gradient, z.grad.numpy()), len(z)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()
    try:
        rows = list(check(Dump(arguments.dump)))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        print(f"check_supcon: {error}", file=sys.stderr)
        return 2
    print(f"{'target':8} {'N':>7} {'loss':>12} {'dz':>12}   relative error against fp64 autograd")
    failed = []
    for target, loss, gradient, n in rows:
        print(f"{target:8} {n:7d} {loss:12.3e} {gradient:12.3e}")
        # "not within", so that a NaN fails.
        if not (loss <= arguments.tolerance and gradient <= arguments.tolerance):
            failed.append(target)
    print("OK" if not failed else f"FAILED beyond {arguments.tolerance:g}: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
