# SPDX-License-Identifier: Apache-2.0
"""Ceiling task: matrix products by cuBLAS through PyTorch, on random data.

8192³ in bf16, TF32 and fp32, and the shapes of this network in bf16: a dilated convolution as [M, 3C] x
[3C, C], the pointwise product [M, C] x [C, C], and both weight gradients, with M = 2^20 rows.
"""

import torch

from harness import emit, measure, recorded
from precordia_torch.recipe import set_precision


class GemmTask:
    def __init__(self, config, device, seconds):
        self.config, self.device, self.seconds = config, device, seconds

    def prepare(self):
        pass

    def _products(self):
        side = self.config.get("side", 8192)
        for precision in ("bf16", "tf32", "fp32"):
            yield f"{side}^3", precision, side, side, side
        rows = self.config.get("rows", 1 << 20)
        for c in self.config.get("widths", (64, 128, 256)):
            yield f"convolution C = {c}", "bf16", rows, c, 3 * c
            yield f"pointwise C = {c}", "bf16", rows, c, c
            yield f"convolution weight gradient C = {c}", "bf16", 3 * c, c, rows
            yield f"pointwise weight gradient C = {c}", "bf16", c, c, rows

    def measure(self):
        for name, precision, m, n, k in self._products():
            head = {"record": "measurement", "stage": "ceilings", "subject": "matrix product",
                    "variant": name, "precision": precision, "shape": {"m": m, "n": n, "k": k}}
            with recorded(head, self.device):
                set_precision(precision)
                dtype = torch.bfloat16 if precision == "bf16" else torch.float32
                # Three sets in rotation, and the weight gradients' operands stored row-major as saved.
                wide = k > m
                a = [torch.randn((k, m) if wide else (m, k), device=self.device, dtype=dtype)
                     for _ in range(3)]
                b = torch.randn((k, n), device=self.device, dtype=dtype)
                step = lambda i, mark: torch.mm(a[i % 3].T if wide else a[i % 3], b)
                timing = measure(step, self.device, self.seconds)[0]
                seconds = timing["median_ms"] / 1e3
                size = dtype.itemsize * (m * k + k * n + m * n)
                emit({**head, **timing, "value": 2.0 * m * n * k / seconds / 1e12, "unit": "TFLOP/s",
                      "terabytes_per_second": size / seconds / 1e12})
