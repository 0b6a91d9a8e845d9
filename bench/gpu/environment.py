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


def cpu_flags():
    """Instruction sets that decide which path runs."""
    try:
        with open("/proc/cpuinfo") as file:
            line = next((line for line in file if line.startswith("flags")), ":")
    except OSError:
        return []
    known = line.split(":", 1)[1].split()
    return [flag for flag in ("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16") if flag in known]


def cpu_megahertz():
    """Clock as the kernel tells it now; on a virtual machine often the nominal one."""
    try:
        with open("/proc/cpuinfo") as file:
            clocks = [float(line.split(":")[1]) for line in file if line.startswith("cpu MHz")]
        return max(clocks) if clocks else None
    except OSError:
        return None


def first_line(text):
    return text.splitlines()[0] if text else None


def java_version():
    program = os.environ.get("PRECORDIA_JAVA", "java")
    if not shutil.which(program):
        return None
    return first_line(subprocess.run([program, "-version"], capture_output=True, text=True).stderr)


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
    "cpu_flags": cpu_flags(),
    "cpu_mhz": cpu_megahertz(),
    "cores": os.cpu_count(),
    "load": os.getloadavg()[0],
    "system": f"{platform.system()} {platform.release()}",
    "compiler": first_line(command("c++", "--version")),
    "jdk": java_version(),
    "python": platform.python_version(),
    **torch_versions(),
}
print(json.dumps(record))
