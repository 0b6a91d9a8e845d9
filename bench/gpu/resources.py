#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what ptxas says of each kernel as a Markdown table: registers, shared memory, spills.

usage: resources.py LOG    LOG: output of a build with -DCMAKE_CUDA_FLAGS=-Xptxas=-v, for one architecture
"""

import re
import subprocess
import sys


def kernels(text):
    """(mangled name, registers, static shared bytes, spilled bytes) of each kernel, in the order of the log."""
    name, spills = None, 0
    for line in text.splitlines():
        if match := re.search(r"Compiling entry function '(\w+)'", line):
            name = match.group(1)
        elif match := re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", line):
            spills = int(match.group(1)) + int(match.group(2))
        elif name and (match := re.search(r"Used (\d+) registers", line)):
            shared = re.search(r"(\d+) bytes smem", line)
            yield name, int(match.group(1)), int(shared.group(1)) if shared else 0, spills
            name = None


def readable(names):
    out = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True).stdout
    for full in out.splitlines():
        short = re.sub(r"\(anonymous namespace\)::|pcd::kernels::|void ", "", full)
        yield re.sub(r"\((bool|int)\)", "", short.split("(")[0].replace("__nv_bfloat16", "bf16"))


def main():
    with open(sys.argv[1]) as file:
        found = list(kernels(file.read()))
    rows = sorted(set(zip(readable([k[0] for k in found]), *list(zip(*found))[1:])))
    print("| kernel | registers | static shared memory | spilled bytes |\n|---|---|---|---|")
    for name, registers, shared, spills in rows:
        print(f"| `{name}` | {registers} | {shared} | {spills} |")
    print(f"\n{len(rows)} kernels, {sum(1 for r in rows if r[3])} with spills.")


if __name__ == "__main__":
    main()
