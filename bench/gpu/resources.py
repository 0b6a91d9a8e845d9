#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what ptxas says of each kernel as a Markdown table: registers, shared memory, spills.

usage: resources.py [--dynamic] LOG     exit status 1 when a kernel spills on sm_80 or sm_90a
LOG         output of a build with -DCMAKE_CUDA_FLAGS=-Xptxas=-v, for one architecture
--dynamic   adds what host sides ask for at launch (compiles and runs shared_memory.cu; needs nvcc, no GPU)
"""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SPARED = ("sm_80", "sm_90a")  # kernels are tuned for these; elsewhere a few words spill
KINDS = ("any", "out", "jaccard")  # kernels/supcon: enum class Kind


def kernels(text):
    """(mangled name, registers, static shared bytes, spilled bytes, architecture) of each kernel, in the log's order."""
    name, spills = None, 0
    for line in text.splitlines():
        if match := re.search(r"Compiling entry function '(\w+)' for '(\w+)'", line):
            name, architecture = match.groups()
        elif match := re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", line):
            spills = int(match.group(1)) + int(match.group(2))
        elif name and (match := re.search(r"Used (\d+) registers", line)):
            shared = re.search(r"(\d+) bytes smem", line)
            yield name, int(match.group(1)), int(shared.group(1)) if shared else 0, spills, architecture
            name = None


def readable(names):
    """Names with template arguments, without parameters and what all have in common."""
    out = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True).stdout
    for name in out.splitlines():
        name = re.sub(r"\(anonymous namespace\)::|pcd::kernels::|^void ", "", name).replace("__nv_bfloat16", "bf16")
        name = re.sub(r"\(supcon::Kind\)(\d)", lambda kind: KINDS[int(kind.group(1))], name)
        yield re.sub(r"\((?:bool|int)\)", "", name).split("(")[0]


def dynamic():
    """Kernel -> bytes at launch, as text."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "shared_memory")
        includes = [f"-I{os.path.join(ROOT, folder)}" for folder in ("kernels", "native/include", "native/src", ".")]
        source = os.path.join(ROOT, "bench", "gpu", "shared_memory.cu")
        subprocess.run(["nvcc", "-std=c++17", *includes, "-o", program, source], check=True)
        lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    fields = (line.split("\t") for line in lines)
    return {kernel: " to ".join(dict.fromkeys(sizes)) for kernel, *sizes in fields}


def main():
    arguments = sys.argv[1:]
    asked = {}
    if arguments[:1] == ["--dynamic"]:
        arguments = arguments[1:]
        asked = dynamic()
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.exit(__doc__)
    with open(arguments[0]) as file:
        found = list(kernels(file.read()))
    if not found:
        sys.exit(f"{arguments[0]}: says nothing of kernels; build with -DCMAKE_CUDA_FLAGS=-Xptxas=-v, and all of it")
    rows = sorted(set(zip(readable([k[0] for k in found]), *list(zip(*found))[1:])))
    columns = ["kernel", "registers", "static shared memory"] + (["dynamic"] if asked else []) + ["spilled bytes"]
    print("| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for name, registers, shared, spills, _ in rows:
        at_launch = [asked.get(name, "0")] if asked else []
        print("| " + " | ".join([f"`{name}`", str(registers), str(shared), *at_launch, str(spills)]) + " |")
    spilling = [row for row in rows if row[3]]
    print(f"\n{len(rows)} kernels, {len(spilling)} with spills.")
    sys.exit(1 if any(row[4] in SPARED for row in spilling) else 0)


if __name__ == "__main__":
    main()
