# SPDX-License-Identifier: Apache-2.0
"""The peer stage: starts the workers, lets them compile side by side and measures them one at a time.

usage: schedule.py --results FILE.jsonl --log FILE --budget-s N [--only REGEX] [--device cuda|cpu] [--quick]

First the eager forms, which need no compiling, then the compiled ones. A worker that has not finished
compiling within its share of the budget is ended and recorded as a time-out. Tasks with a "done" line
in the results file are left out, so that an interrupted stage goes on where it stopped.
"""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Embeddings of SupCon; at the last one a matrix takes 69 GB in fp32.
COUNTS = [1024, 4096, 16384, 65536, 131072]


def eager_tasks(quick):
    sizes = {"quick": 16} if quick else {"small": None, "base": None, "large": None}
    batches = [4] if quick else [128, 512, 2048]
    for size, width in sizes.items():
        for precision in ("bf16", "tf32", "fp32"):
            yield f"eager {size} {precision}", "train", {
                "size": size, "width": width, "precision": precision, "form": "eager", "batches": batches}
    for width in (16,) if quick else (64, 128, 256):
        yield f"eager block {width}", "block", {
            "width": width, "precisions": ["bf16", "tf32", "fp32"],
            "variants": ["eager", "cudnn convolution"], "batch": 4 if quick else None}
    for target in ("any", "out", "jaccard"):
        yield f"eager supcon {target}", "contrast", {
            "target": target, "precisions": ["fp32", "bf16"], "forms": ["eager", "eager chunked"],
            "counts": [64] if quick else COUNTS,
            "chunk_bytes": 4096 if quick else 1 << 30}


def compiled_tasks(quick):
    """The compiled forms, one task a compilation, what matters most first."""
    sizes = {"quick": 16} if quick else {"base": None, "small": None, "large": None}
    main = next(iter(sizes))
    few, many = (4, 6) if quick else (128, 1024)

    def train(form, size, precision, what, batch, autotune=False):
        name = " ".join([("autotuned " if autotune else "") + form, size, precision, what, str(batch)])
        kind, _, convolution = form.partition(" ")
        return name, "train", {
            "size": size, "width": sizes[size], "precision": precision, "form": kind,
            "convolution": convolution or None, "autotune": autotune, "batches": [batch],
            "train": what == "training", "inference": what == "inference"}

    def block(width, *variants):
        return f"{variants[0]} block {width}", "block", {
            "width": width, "precisions": ["bf16"], "variants": variants, "batch": 4 if quick else None}

    widths = (16,) if quick else (128, 64, 256)
    for size in sizes:
        yield train("tuned cudnn", size, "bf16", "training", many)
    yield train("compiled", main, "bf16", "training", many)
    for size in sizes:
        yield train("tuned cudnn", size, "bf16", "inference", many)
    for width in widths:
        yield block(width, "compiled", "tuned cudnn", "tuned gemm")
    for form, precision in itertools.product(("compiled", "compiled chunked"), ("bf16", "fp32")):
        for target in ("any", "out", "jaccard"):
            yield f"{form} supcon {target} {precision}", "contrast", {
                "target": target, "precisions": [precision], "forms": [form],
                "counts": [64] if quick else COUNTS,
                "chunk_bytes": 4096 if quick else 1 << 30}
    for size in sizes:
        yield train("tuned cudnn", size, "bf16", "training", few)
    for precision in ("tf32", "fp32"):
        yield train("tuned cudnn", main, precision, "training", many)
    yield train("compiled", main, "bf16", "training", few)
    for size in sizes:
        yield train("tuned gemm", size, "bf16", "training", many)
    for size in list(sizes)[1:]:
        yield train("compiled", size, "bf16", "training", many)
    for width in widths:
        yield block(width, "tuned cudnn max-autotune", "tuned gemm max-autotune")
    for size in sizes:
        yield train("tuned cudnn", size, "bf16", "training", many, autotune=True)
        yield train("tuned gemm", size, "bf16", "training", many, autotune=True)


class Stage:
    def __init__(self, arguments):
        self.arguments = arguments
        self.deadline = time.time() + arguments.budget_s
        self.results = Path(arguments.results).resolve()
        self.log = open(arguments.log, "a")
        self.only = re.compile(arguments.only)
        self.finished = set()
        if self.results.exists():
            for line in self.results.read_text().splitlines():
                record = json.loads(line)
                if record["record"] == "done":
                    self.finished.add(record["task"])

    def say(self, text):
        print(f"[{time.strftime('%H:%M:%S')}, {self.deadline - time.time():.0f} s left] {text}", flush=True)

    def record(self, task, note):
        with open(self.results, "a") as file:
            file.write(json.dumps({"record": "failed", "stage": "peer", "task": task, "note": note}) + "\n")

    def start(self, folder, index, name, task, config):
        environment = dict(os.environ)
        environment["PRECORDIA_BENCH_RESULTS"] = str(self.results)
        environment["PRECORDIA_BENCH_GPU_LOCK"] = str(folder / "gpu.lock")
        # The workers are parallel among themselves; autotuning alone has many candidates to compile.
        environment["TORCHINDUCTOR_COMPILE_THREADS"] = "4" if "autotune" in name else "2"
        environment.setdefault("OMP_NUM_THREADS", "2")
        environment["PYTHONUNBUFFERED"] = "1"
        ready = folder / f"ready.{index}"
        command = [sys.executable, str(HERE / "worker.py"), name, task, json.dumps(config),
                   "--device", self.arguments.device, "--ready", str(ready),
                   "--seconds", "0.02" if self.arguments.quick else "0.4"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, text=True, env=environment
        )
        return {"name": name, "process": process, "ready": ready, "state": "preparing"}

    def wave(self, title, tasks, prepare_s, at_once):
        """Runs one wave: at most at_once workers alive, ready within prepare_s, then one by one."""
        tasks = [t for t in tasks if t[0] not in self.finished and self.only.search(t[0])]
        if not tasks:
            return
        self.say(f"{title}: {len(tasks)} tasks")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            limit = min(time.time() + prepare_s, self.deadline)
            waiting = list(enumerate(tasks))
            alive, ready = [], []
            while (waiting or alive) and time.time() < limit:
                while waiting and len(alive) < at_once:
                    index, task = waiting.pop(0)
                    alive.append(self.start(folder, index, *task))
                for worker in list(alive):
                    if worker["ready"].exists():
                        alive.remove(worker)
                        ready.append(worker)
                    elif worker["process"].poll() is not None:
                        alive.remove(worker)  # it has recorded why
                time.sleep(0.1)
            for worker in alive:
                self.end(worker, "not compiled in time")
            for _, task in waiting:
                self.record(task[0], "not started in time")
            self.say(f"{title}: {len(ready)} ready")
            order = {t[0]: i for i, t in enumerate(tasks)}
            for worker in sorted(ready, key=lambda w: order[w["name"]]):
                self.turn(worker)

    def turn(self, worker):
        process, left = worker["process"], self.deadline - time.time()
        if left < 2:
            self.end(worker, "no time left to measure")
            return
        try:
            process.stdin.write("go\n")
            process.stdin.flush()
            process.wait(timeout=min(left, 60))
        except subprocess.TimeoutExpired:
            self.end(worker, "measuring took too long")
        except BrokenPipeError:
            self.end(worker, "ended early")

    def end(self, worker, why):
        worker["process"].kill()
        worker["process"].wait()
        self.record(worker["name"], why)
        self.say(f"{worker['name']}: {why}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--budget-s", type=float, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--quick", action="store_true", help="tiny shapes: a test of the script itself")
    parser.add_argument("--only", default="", metavar="REGEX", help="only tasks whose name matches")
    arguments = parser.parse_args()
    stage = Stage(arguments)
    at_once = max(2, (os.cpu_count() or 2) // 2)
    # Eager workers only import PyTorch before their turn.
    stage.wave("eager", list(eager_tasks(arguments.quick)), arguments.budget_s / 3, 2 * at_once)
    left = stage.deadline - time.time()
    stage.wave("compiled", list(compiled_tasks(arguments.quick)), 0.75 * left, at_once)
    stage.say("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
