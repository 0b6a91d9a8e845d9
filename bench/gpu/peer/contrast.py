# SPDX-License-Identifier: Apache-2.0
"""Peer task: the supervised contrastive loss, forward and backward, time and peak memory.

config: target, precisions, forms out of
  eager           the dense N x N loss
  eager chunked   row chunks, computed again in the backward pass
  compiled        the dense loss under torch.compile
  compiled chunked
counts (N), and optionally chunk_bytes, the size of a chunk of similarities (1 GiB). Embeddings have 128
dimensions; labels are 128 bits wide, one to three set, as in PTB-XL.
bf16 rounds the embeddings before the similarity product and lets its result come in bf16.
"""

import torch
import torch.nn.functional as F

from harness import Peak, emit, first_call, measure, recorded
from precordia_torch import losses
from precordia_torch.recipe import set_precision

DIMENSIONS = 128
LABELS = 128


class ContrastTask:
    def __init__(self, config, device, seconds):
        self.config, self.device, self.seconds = config, device, seconds
        self.compiled_rows = torch.compile(losses._row_losses, dynamic=False)
        self.compiled_dense = torch.compile(losses.supcon, dynamic=False)
        self.chunk_bytes = config.get("chunk_bytes", 1 << 30)

    def _data(self, n):
        g = torch.Generator().manual_seed(n)
        z = F.normalize(torch.randn(n, DIMENSIONS, generator=g), dim=1).to(self.device)
        labels = torch.zeros(n, LABELS)
        for _ in range(3):
            labels[torch.arange(n), (44 * torch.rand(n, generator=g) ** 3).long()] = 1
        return z.requires_grad_(), labels.to(self.device), torch.arange(n, device=self.device)

    def _loss(self, form, precision, z, labels, groups):
        target = self.config["target"]
        with torch.autocast(self.device, torch.bfloat16, enabled=precision == "bf16"):
            if form == "eager":
                return losses.supcon(z, labels, groups, target)
            if form == "compiled":
                return self.compiled_dense(z, labels, groups, target)
            rows = max(1, min(len(z), self.chunk_bytes // (4 * len(z))))
            function = self.compiled_rows if form.startswith("compiled") else None
            return losses.supcon_chunked(z, labels, groups, target, rows=rows, row_losses=function)

    def _combinations(self):
        for n in self.config["counts"]:
            for form in self.config["forms"]:
                if "chunked" in form and 4 * n * n <= self.chunk_bytes:
                    continue  # one chunk would be the dense loss
                for precision in self.config["precisions"]:
                    yield n, form, precision

    def prepare(self):
        for n, form, precision in self._combinations():
            if not form.startswith("compiled"):
                continue
            set_precision(precision)
            z, labels, groups = self._data(n)
            try:
                first_call(
                    lambda: self._loss(form, precision, z, labels, groups).backward(), self.device, tries=2
                )
            except Exception as error:  # recorded when its turn to be measured comes
                print(f"N = {n} {form} {precision}: {str(error)[:300]}")
            if self.device == "cuda":
                torch.cuda.empty_cache()

    def measure(self):
        for n, form, precision in self._combinations():
            set_precision(precision)
            head = {"record": "measurement", "stage": "peer", "subject": "supcon forward + backward",
                    "variant": f"{form} {self.config['target']}", "precision": precision,
                    "shape": {"n": n, "dimensions": DIMENSIONS}}
            with recorded(head, self.device):
                z, labels, groups = self._data(n)
                peak = Peak(self.device)

                def step(i, mark):
                    z.grad = None
                    self._loss(form, precision, z, labels, groups).backward()

                timing = measure(step, self.device, self.seconds, warm_up=1, minimum=3)[0]
                emit({**head, **timing, "value": timing["median_ms"], "unit": "ms",
                      "peak_bytes": peak.bytes()})
