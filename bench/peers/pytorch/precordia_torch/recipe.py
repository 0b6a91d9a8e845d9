# SPDX-License-Identifier: Apache-2.0
"""Recipe ``joint`` (docs/model.md, section 4): one step of forward, losses, backward, clip, AdamW, average."""

import math
from dataclasses import dataclass

import torch
from torch import nn

from . import losses


@dataclass(frozen=True)
class JointRecipe:
    """Hyper-parameters of ``joint``."""

    peak_rate: float = 1.5e-3
    warm_up: float = 0.1
    decay: float = 5e-2
    clip: float = 1.0
    average: float = 0.995
    supcon_weight: float = 0.01
    classifier_weight: float = 0.01
    target: str = "any"


def one_cycle(step: int, steps: int, recipe: JointRecipe) -> float:
    """One-cycle rate with PyTorch's constants: cosine from peak/25 up to peak, then down to peak/25e4."""
    start, end = recipe.peak_rate / 25, recipe.peak_rate / 25e4
    top = recipe.warm_up * steps - 1
    if step <= top:
        low, high, t = start, recipe.peak_rate, step / max(top, 1e-9)
    else:
        low, high, t = recipe.peak_rate, end, (step - top) / max(steps - 1 - top, 1e-9)
    return high + (low - high) * (1 + math.cos(math.pi * min(t, 1.0))) / 2


class JointStep:
    """Owns optimiser and moving average of a network and performs training steps.

    forward: what is called instead of the model (a compiled form of it). precision: "fp32", "tf32" or
    "bf16" (autocast); the fp32 flags are process-wide and set by ``set_precision``. capturable: keep
    every state on the device, so that the whole step can be captured in a CUDA graph.
    """

    def __init__(self, model: nn.Module, recipe=None, precision="fp32", fused=False, capturable=False,
                 forward=None):
        self.model = model
        self.forward = forward or model
        self.recipe = recipe or JointRecipe()
        self.precision = precision
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.average = [p.detach().clone() for p in self.parameters]
        device = self.parameters[0].device
        rate = self.recipe.peak_rate
        if capturable:
            rate = torch.tensor(rate, device=device)
        groups = [
            {"params": [p for p in self.parameters if p.dim() >= 2], "weight_decay": self.recipe.decay},
            {"params": [p for p in self.parameters if p.dim() < 2], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(
            groups, lr=rate, betas=(0.9, 0.999), eps=1e-8, fused=fused or None, capturable=capturable
        )

    def set_rate(self, rate: float):
        for group in self.optimiser.param_groups:
            if torch.is_tensor(group["lr"]):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def loss(self, x, target, labels, groups):
        """Total loss of a batch: x [B, L, leads], target [B, L, targets] mV, labels multi-hot [B, K]."""
        device = x.device.type
        with torch.autocast(device, torch.bfloat16, enabled=self.precision == "bf16"):
            out = self.forward(x)
        total = losses.reconstruction(out.signal.float(), target)
        if out.z is not None:
            r = self.recipe
            total = total + r.supcon_weight * losses.supcon(out.z.float(), labels, groups, r.target)
            total = total + r.classifier_weight * losses.classifier(out.logits.float(), labels)
        return total

    def step(self, x, target, labels, groups):
        """One training step; returns the loss (on the device, not synchronised)."""
        self.optimiser.zero_grad(set_to_none=True)
        value = self.loss(x, target, labels, groups)
        value.backward()
        nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip)
        self.optimiser.step()
        torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - self.recipe.average)
        return value.detach()

    def averaged_state(self):
        """state_dict of the network with the moving average in place of the trained parameters."""
        state = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        names = [n for n, p in self.model.named_parameters() if p.requires_grad]
        state.update({n: a.clone() for n, a in zip(names, self.average)})
        return state


def set_precision(precision: str):
    """Sets the process-wide fp32 flags: IEEE fp32 unless the precision is "tf32"."""
    if precision not in ("fp32", "tf32", "bf16"):
        raise ValueError(f"precision must be fp32, tf32 or bf16, not {precision!r}")
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


class GraphedStep:
    """A whole ``JointStep.step`` captured once in a CUDA graph and replayed on copied-in batches."""

    def __init__(self, step: JointStep, batch):
        self.static = [t.clone() for t in batch]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                step.step(*self.static)
        torch.cuda.current_stream().wait_stream(side)
        step.optimiser.zero_grad(set_to_none=True)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.value = step.step(*self.static)

    def step(self, *batch):
        for static, values in zip(self.static, batch):
            static.copy_(values)
        self.graph.replay()
        return self.value
