# SPDX-License-Identifier: Apache-2.0
"""Peer task: training steps and inference of the whole network, in windows a second.

config: size, precision (fp32 | tf32 | bf16), form:
  eager     the plain network as it stands
  compiled  the same under torch.compile, losses included, fused AdamW
  tuned     the channels-last network ("convolution": cudnn | gemm) under torch.compile, fused AdamW, the
            whole step in one CUDA graph; "autotune": torch.compile's max-autotune
"batches", and, to leave a part out, "train": false or "inference": false. Batches are on the device before the clock starts and rotate among four.
"""

import torch

from harness import Peak, emit, first_call, measure, recorded
from precordia_torch import NetworkShape, Reconstructor, TunedReconstructor
from precordia_torch.model import WIDTHS
from precordia_torch.recipe import GraphedStep, JointStep, set_precision

LENGTH = 256


def flop_per_window(width, leads=3, targets=5, length=LENGTH):
    """Model FLOP of one window's forward pass (2 a multiply-add), matrix work alone."""
    blocks = 14 * 8 * width * width * length
    stems = 2 * 2 * 7 * leads * width * length
    heads = 2 * (width + leads) * targets * length
    vectors = 2 * width * (width + 128 + 44 + 2 * width)
    return blocks + stems + heads + vectors


def random_batch(batch, device, seed):
    """x, target, multi-hot labels (44, one to three a window), groups: as recipe ``joint`` has them."""
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, LENGTH, 3, generator=g)
    target = 0.3 * torch.randn(batch, LENGTH, 5, generator=g)
    labels = torch.zeros(batch, 44)
    for _ in range(3):
        column = (44 * torch.rand(batch, generator=g) ** 3).long()
        labels[torch.arange(batch), column] = 1
    return [t.to(device) for t in (x, target, labels, torch.arange(batch))]


class TrainTask:
    def __init__(self, config, device, seconds):
        self.config, self.device, self.seconds = config, device, seconds
        self.form, self.precision = config["form"], config["precision"]
        self.variant = self.form
        if self.form == "tuned":
            self.variant += " " + config["convolution"] + (" max-autotune" if config.get("autotune") else "")

    def build(self):
        torch.manual_seed(1)
        shape = NetworkShape(self.config.get("width") or WIDTHS[self.config["size"]])
        if self.form == "tuned":
            model = TunedReconstructor(shape, self.config["convolution"])
        else:
            model = Reconstructor(shape)
        self.model = model.to(self.device)
        cuda = self.device == "cuda"
        self.step = JointStep(
            self.model, precision=self.precision, fused=self.form != "eager", capturable=cuda and self.form == "tuned"
        )
        if self.form != "eager":
            mode = "max-autotune-no-cudagraphs" if self.config.get("autotune") else None
            self.step.loss = torch.compile(self.step.loss, dynamic=False, mode=mode)
            self.forward = torch.compile(self._infer, dynamic=False, mode=mode)
        else:
            self.forward = self._infer

    def _infer(self, x):
        with torch.autocast(self.device, torch.bfloat16, enabled=self.precision == "bf16"):
            return self.model(x).signal

    def prepare(self):
        """Builds, and compiles everything that will be timed."""
        set_precision(self.precision)
        torch.backends.cudnn.benchmark = self.form == "tuned"
        self.build()
        if self.form == "eager":
            return
        for batch in self.config["batches"]:
            data = random_batch(batch, self.device, 0)

            def once():
                self.step.step(*data)
                self.step.optimiser.zero_grad(set_to_none=True)

            def infer():
                with torch.no_grad():
                    self.forward(data[0])

            if self.config.get("train", True):
                first_call(once, self.device)
            if self.config.get("inference", True):
                first_call(infer, self.device)

    def measure(self):
        for batch in self.config["batches"]:
            shape = {"size": self.config["size"], "width": self.model.shape.width, "batch": batch,
                     "length": LENGTH}
            head = {"record": "measurement", "stage": "peer", "variant": self.variant,
                    "precision": self.precision, "shape": shape}
            if self.config.get("train", True):
                with recorded({**head, "subject": "training step"}, self.device):
                    self._training(head, batch)
            if self.config.get("inference", True):
                with recorded({**head, "subject": "inference"}, self.device):
                    self._inference(head, batch)

    def _finish(self, head, subject, batch, timing, peak, passes):
        seconds = timing["median_ms"] / 1e3
        flop = passes * flop_per_window(self.model.shape.width) * batch
        emit({**head, "subject": subject, **timing, "value": batch / seconds, "unit": "windows/s",
              "model_tflops": flop / seconds / 1e12, "peak_bytes": peak.bytes()})

    def _training(self, head, batch):
        peak = Peak(self.device)
        data = [random_batch(batch, self.device, seed) for seed in range(4)]
        self.step.set_rate(1e-5)
        self.step.optimiser.zero_grad(set_to_none=True)
        step = self.step.step
        if self.form == "tuned" and self.device == "cuda":
            step = GraphedStep(self.step, data[0]).step
        timing = measure(lambda i, mark: step(*data[i % 4]), self.device, self.seconds)[0]
        self._finish(head, "training step", batch, timing, peak, 3)

    def _inference(self, head, batch):
        self.step.optimiser.zero_grad(set_to_none=True)
        peak = Peak(self.device)
        data = [random_batch(batch, self.device, seed)[0] for seed in range(4)]
        forward = self.forward
        with torch.no_grad():
            if self.form == "tuned" and self.device == "cuda":
                for _ in range(3):
                    forward(data[0])
                static, graph = data[0].clone(), torch.cuda.CUDAGraph()
                torch.cuda.synchronize()
                with torch.cuda.graph(graph):
                    forward(static)

                def forward(x):
                    static.copy_(x)
                    graph.replay()

            timing = measure(lambda i, mark: forward(data[i % 4]), self.device, self.seconds)[0]
        self._finish(head, "inference", batch, timing, peak, 1)
