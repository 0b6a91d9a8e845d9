# SPDX-License-Identifier: Apache-2.0
"""One process of the peer stage: prepares a task, says so, waits for its turn, measures, says so.

usage: worker.py NAME TASK CONFIG.json-text --device cuda|cpu --seconds S [--ready FILE]

With --ready the file is created when preparation is over, and measuring starts at a line on standard
input; without it, at once. Compiling is thus done side by side and measuring alone.
"""

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "peers" / "pytorch"))

import torch  # noqa: E402

from block import BlockTask  # noqa: E402
from contrast import ContrastTask  # noqa: E402
from gemm import GemmTask  # noqa: E402
from harness import emit, serialise_autotuning  # noqa: E402
from train import TrainTask  # noqa: E402

TASKS = {"train": TrainTask, "block": BlockTask, "contrast": ContrastTask, "gemm": GemmTask}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("config", type=json.loads)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=0.4)
    parser.add_argument("--ready")
    arguments = parser.parse_args()
    serialise_autotuning()
    # Compile the backward pass at the first forward call, so that no activations are held meanwhile.
    if hasattr(torch._functorch.config, "force_non_lazy_backward_lowering"):
        torch._functorch.config.force_non_lazy_backward_lowering = True
    # One function is compiled for many shapes and precisions on purpose.
    for name in ("recompile_limit", "cache_size_limit"):
        if hasattr(torch._dynamo.config, name):
            setattr(torch._dynamo.config, name, 64)
            break
    stage = "ceilings" if arguments.task == "gemm" else "peer"
    head = {"stage": stage, "task": arguments.name}
    begin = time.time()
    try:
        task = TASKS[arguments.task](arguments.config, arguments.device, arguments.seconds)
        task.prepare()
        prepared = time.time()
        if arguments.ready:
            Path(arguments.ready).touch()
            if not sys.stdin.readline():
                return 0
        started = time.time()
        task.measure()
    except Exception as error:
        traceback.print_exc()
        emit({"record": "failed", **head, "note": f"{type(error).__name__}: {error}"[:300]})
        return 1
    emit({"record": "done", **head, "prepare_s": round(prepared - begin, 1),
          "measure_s": round(time.time() - started, 1)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
