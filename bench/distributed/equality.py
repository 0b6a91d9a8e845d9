#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares two training runs: largest relative difference of a step's loss, and of the parameters at the end.

usage: equality.py RUN OTHER [--json FILE]
"""
import argparse
import array
import json
import math
import pathlib
import struct


def lines(run):
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def tensor(run, name):
    """An F32 tensor of a run's checkpoint."""
    content = (run / "checkpoint.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    begin, end = json.loads(content[8 : 8 + length])[name]["data_offsets"]
    return array.array("f", content[8 + length + begin : 8 + length + end])


def relative(one, other):
    return 0.0 if one == other else abs(one - other) / abs(one)


def distance(one, other):
    """|other - one| / |one|."""
    difference = math.sqrt(math.fsum((a - b) ** 2 for a, b in zip(one, other)))
    return difference / math.sqrt(math.fsum(a * a for a in one))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    first, second = lines(arguments.run), lines(arguments.other)
    if len(first) != len(second):
        raise SystemExit(f"{len(first)} steps in {arguments.run}, {len(second)} in {arguments.other}")
    result = {"ranks": second[-1]["ranks"], "against": first[-1]["ranks"], "steps": len(first)}
    for name in ("loss", "reconstruction", "contrastive", "classifier"):
        result[name] = max(relative(a[name], b[name]) for a, b in zip(first, second))
    for name in ("parameters", "average"):
        result[name] = distance(tensor(arguments.run, name), tensor(arguments.other, name))
    print(
        f"{result['ranks']} ranks against {result['against']}, {result['steps']} steps, largest relative difference:"
    )
    for name in list(result)[3:]:
        print(f"  {name:<15}{result[name]:.2e}")
    if arguments.json:
        with arguments.json.open("a") as file:
            file.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
