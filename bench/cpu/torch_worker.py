# SPDX-License-Identifier: Apache-2.0
"""PyTorch as a contestant of compare.py: prepares one case (compiling it), then measures whenever it is told to.

usage: torch_worker.py KIND CONFIG.json-text --threads N

KIND is training, inference, record or contrast; CONFIG is that of bench/gpu/peer's tasks. Protocol (turns.h in
bench/native): {"ready": true, ...}, then for every line SECONDS one line {"ms": [...], "peak_bytes": ...}.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "gpu" / "peer"), str(HERE.parent / "peers" / "pytorch")]

import torch  # noqa: E402

from contrast import ContrastTask  # noqa: E402
from harness import first_call  # noqa: E402
from precordia_torch.recipe import set_precision  # noqa: E402
from precordia_torch.windows import HOP, LENGTH  # noqa: E402
from train import TrainTask, random_batch  # noqa: E402


def memory_status(field):
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return 1024 * int(line.split()[1])
    return 0


class Training:
    """Whole steps of recipe joint on batches that rotate among four."""

    def __init__(self, config):
        self.task = TrainTask({"inference": False, "batches": [config["batch"]], **config}, "cpu", 0)
        self.data = [random_batch(config["batch"], "cpu", seed) for seed in range(4)]
        self.turn = 0

    def prepare(self):
        self.task.prepare()
        self.task.step.set_rate(1e-5)

    def once(self):
        self.turn += 1
        self.task.step.step(*self.data[self.turn % 4])


class Inference:
    """The reconstruction of a batch of windows."""

    def __init__(self, config):
        self.task = TrainTask({"train": False, "batches": [config["batch"]], **config}, "cpu", 0)
        self.data = [random_batch(config["batch"], "cpu", seed)[0] for seed in range(4)]
        self.turn = 0

    def prepare(self):
        self.task.prepare()

    def forward(self, x):
        with torch.inference_mode():
            return self.task.forward(x)

    def once(self):
        self.turn += 1
        self.forward(self.data[self.turn % 4])


class Record(Inference):
    """One record of 10 s from samples to joined samples: windows, standardisation, network, overlap-add."""

    SAMPLES = 1000

    def __init__(self, config):
        last = self.SAMPLES - LENGTH
        starts = list(range(0, last, HOP)) + [last]
        super().__init__({**config, "batch": len(starts)})
        self.index = torch.tensor(starts)[:, None] + torch.arange(LENGTH)
        self.taper = torch.sin(torch.pi * (torch.arange(LENGTH) + 0.5) / LENGTH).square()
        self.weights = torch.zeros(self.SAMPLES).index_add_(
            0, self.index.flatten(), self.taper.repeat(len(starts)))
        self.signal = torch.randn(self.SAMPLES, 3, generator=torch.Generator().manual_seed(1)).numpy()
        self.mean, self.deviation = torch.zeros(3), torch.ones(3)

    def once(self):
        windows = (torch.from_numpy(self.signal)[self.index] - self.mean) / self.deviation
        out = self.forward(windows).float() * self.taper[None, :, None]
        joined = torch.zeros(self.SAMPLES, out.shape[2])
        joined.index_add_(0, self.index.flatten(), out.flatten(0, 1))
        return (joined / self.weights[:, None]).numpy()


class Contrast:
    """SupCon alone, forward and backward, on one set of embeddings."""

    def __init__(self, config):
        self.form = config["form"]
        self.task = ContrastTask(config, "cpu", 0)
        self.z, self.labels, self.groups = self.task._data(config["n"])
        set_precision("fp32")

    def prepare(self):
        if self.form.startswith("compiled"):
            first_call(self.once, "cpu")

    def once(self):
        self.z.grad = None
        self.task._loss(self.form, "fp32", self.z, self.labels, self.groups).backward()


KINDS = {"training": Training, "inference": Inference, "record": Record, "contrast": Contrast}


def serve(case):
    for line in sys.stdin:
        seconds = float(line)
        case.once()
        times = []
        begin = time.perf_counter()
        while not times or time.perf_counter() - begin < seconds:
            start = time.perf_counter()
            case.once()
            times.append(round(1e3 * (time.perf_counter() - start), 4))
        print(json.dumps({"ms": times, "peak_bytes": memory_status("VmHWM")}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("config", type=json.loads)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    # Where memory runs out, this process goes and not the machine.
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)
    case = KINDS[arguments.kind](arguments.config)
    resident = memory_status("VmRSS")
    # What compiling held is not the peak of running: 5 sets VmHWM back to what is resident.
    case.prepare()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    print(json.dumps({"ready": True, "resident_bytes": resident, "pid": os.getpid()}), flush=True)
    serve(case)
    return 0


if __name__ == "__main__":
    sys.exit(main())
