# SPDX-License-Identifier: Apache-2.0
"""Peer task: one residual block, forward and backward, in nanoseconds a row (a row is one time step).

config: width, precisions, variants out of
  eager                 the plain block, [B, C, L]
  compiled              the same under torch.compile
  tuned cudnn|gemm      the [B, L, C] block under torch.compile; "max-autotune" may follow
  cudnn convolution     the dilated convolution alone, channels-last, as cuDNN runs it
Parameters and activations are held in the precision itself (no autocast), which is PyTorch's fastest.
Tensors of 256 MiB (bf16), several times the L2, three of them in rotation; dilation 4.
"""

import torch

from harness import Peak, emit, first_call, measure, recorded
from precordia_torch.model import DilatedBlock
from precordia_torch.recipe import set_precision
from precordia_torch.tuned import TunedBlock, dilated_conv_cudnn

LENGTH = 256
DILATION = 4


class BlockTask:
    def __init__(self, config, device, seconds):
        self.config, self.device, self.seconds = config, device, seconds
        self.width = config["width"]
        self.batch = config.get("batch") or (256 << 20) // (LENGTH * self.width * 2)
        self.functions = {}

    def _function(self, variant, precision):
        """(callable on x, whether x is [B, C, L])."""
        torch.manual_seed(1)
        words = variant.split()
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        if words[0] in ("tuned", "cudnn"):
            block = TunedBlock(self.width, DILATION)
        else:
            block = DilatedBlock(self.width, DILATION)
        block = block.to(self.device, dtype)
        function = block
        if words[0] == "cudnn":
            conv = block.conv
            block.parameters_used = [conv.weight, conv.bias]
            function = lambda x: dilated_conv_cudnn(x, conv.weight, conv.bias, DILATION)
        else:
            block.parameters_used = list(block.parameters())
            if words[0] == "tuned":
                block.convolution = words[1]
            if words[0] != "eager":
                mode = "max-autotune-no-cudagraphs" if "max-autotune" in words else None
                function = torch.compile(block, dynamic=False, mode=mode)
        return function, block, words[0] in ("eager", "compiled")

    def _input(self, precision, channels_first, seed):
        g = torch.Generator(self.device).manual_seed(seed)
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        shape = (self.batch, self.width, LENGTH) if channels_first else (self.batch, LENGTH, self.width)
        return torch.randn(shape, generator=g, device=self.device, dtype=dtype)

    def prepare(self):
        torch.backends.cudnn.benchmark = True
        for precision in self.config["precisions"]:
            set_precision(precision)
            for variant in self.config["variants"]:
                entry = self._function(variant, precision)
                self.functions[variant, precision] = entry
                if variant.startswith(("compiled", "tuned")):
                    function, _, first = entry
                    x = self._input(precision, first, 0).requires_grad_()

                    def both():
                        with torch.no_grad():
                            function(x)
                        function(x).sum().backward()

                    first_call(both, self.device)
                    x.grad = None

    def measure(self):
        rows = self.batch * LENGTH
        for (variant, precision), (function, block, first) in self.functions.items():
            set_precision(precision)
            shape = {"width": self.width, "rows": rows, "length": LENGTH, "dilation": DILATION}
            head = {"record": "measurement", "stage": "peer", "variant": variant, "precision": precision,
                    "shape": shape}
            with recorded({**head, "subject": "block"}, self.device):
                self._one(head, rows, function, block, first, precision)

    def _one(self, head, rows, function, block, first, precision):
        peak = Peak(self.device)
        inputs = [self._input(precision, first, seed) for seed in range(3)]
        dy = self._input(precision, first, 9)

        def infer(i, mark):
            with torch.no_grad():
                function(inputs[i % 3])

        forward = measure(infer, self.device, self.seconds)[0]
        for x in inputs:
            x.requires_grad_()

        def train(i, mark):
            x = inputs[i % 3]
            y = function(x)
            mark()
            torch.autograd.grad(y, [x, *block.parameters_used], dy)

        training, backward = measure(train, self.device, self.seconds)
        for subject, timing in (
            ("block forward", forward),
            ("block forward, saving for backward", training),
            ("block backward", backward),
        ):
            emit({**head, "subject": subject, **timing, "value": timing["median_ms"] * 1e6 / rows,
                  "unit": "ns/row", "peak_bytes": peak.bytes()})
