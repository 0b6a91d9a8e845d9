# SPDX-License-Identifier: Apache-2.0
"""Prints one JSON line that says on what the following figures were measured."""

import datetime
import json
import os
import platform
import shutil
import subprocess


def command(*words):
    """First word's output, or None where the program is absent or fails."""
    if not shutil.which(words[0]):
        return None
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout.strip() or None if done.returncode == 0 else None


def torch_versions():
    try:
        import torch
    except ImportError:
        return {"torch": None}
    triton = None
    try:
        import triton as module

        triton = module.__version__
    except ImportError:
        pass
    return {
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if torch.cuda.is_available() else None,
        "triton": triton,
    }


def cpu_model():
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        return names[0] if names else platform.processor()
    except OSError:
        return platform.processor()


fields = "name,driver_version,clocks.max.sm,clocks.max.mem,power.limit,ecc.mode.current"
gpu = command("nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader")
nvcc = command("nvcc", "--version")
record = {
    "record": "environment",
    "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "commit": os.environ.get("PRECORDIA_COMMIT") or command("git", "rev-parse", "--verify", "HEAD"),
    "gpu": dict(zip(fields.split(","), (f.strip() for f in gpu.splitlines()[0].split(",")))) if gpu else None,
    "nvcc": nvcc.splitlines()[-1] if nvcc else None,
    "cpu": cpu_model(),
    "cores": os.cpu_count(),
    "python": platform.python_version(),
    **torch_versions(),
}
print(json.dumps(record))
