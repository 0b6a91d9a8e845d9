# SPDX-License-Identifier: Apache-2.0
"""Windows of filtered records on the device: grid, quality limits, standardisation, anchor, augmentation."""

import torch
from torch import Tensor

LENGTH = 256
HOP = 64


def grid(signals: Tensor) -> Tensor:
    """All evaluation windows [R, W, leads, 256] of records [R, leads, T]: every 64 samples and the last."""
    last = signals.shape[2] - LENGTH
    starts = list(range(0, last + 1, HOP))
    if starts[-1] != last:
        starts.append(last)
    return torch.stack([signals[:, :, s : s + LENGTH] for s in starts], dim=1)


def statistics(windows: Tensor) -> Tensor:
    """max |x| and RMS of each lead: [..., leads, T] -> [..., leads, 2]."""
    return torch.stack([windows.abs().amax(-1), windows.square().mean(-1).sqrt()], dim=-1)


class Quality:
    """Rejects training windows with more than three leads outside the 0.1 to 99.9 percentiles."""

    def __init__(self, windows: Tensor):
        flat = statistics(windows).flatten(0, 1).double()
        self.low, self.high = (torch.quantile(flat, q, dim=0).float() for q in (0.001, 0.999))

    def accepts(self, windows: Tensor) -> Tensor:
        s = statistics(windows)
        return ((s < self.low) | (s > self.high)).any(-1).sum(-1) <= 3


def ridge_anchor(inputs: Tensor, targets: Tensor, penalty=1e-3):
    """(weight [targets, leads, 1], bias) of (AᵀA + penalty·I)⁻¹AᵀT, fp64; rows are time steps."""
    a = inputs.reshape(-1, inputs.shape[-1]).double()
    a = torch.cat([a, torch.ones_like(a[:, :1])], dim=1)
    t = targets.reshape(-1, targets.shape[-1]).double()
    normal = a.T @ a + penalty * torch.eye(a.shape[1], dtype=a.dtype, device=a.device)
    solution = torch.linalg.solve(normal, a.T @ t).float()
    return solution[:-1].T.unsqueeze(2).contiguous(), solution[-1].contiguous()


class Augmenter:
    """Draws training windows: uniform records, free crops, one common gain, sometimes a time stretch."""

    def __init__(self, signals: Tensor, quality: Quality, seed: int):
        self.signals, self.quality = signals, quality
        self.generator = torch.Generator(signals.device).manual_seed(seed)

    def _normal(self, *shape):
        return torch.randn(shape, generator=self.generator, device=self.signals.device)

    def _uniform(self, *shape):
        return torch.rand(shape, generator=self.generator, device=self.signals.device)

    def draw(self, batch: int):
        """(windows [batch, leads, 256] in mV, record index of each)."""
        signals, n = self.signals, batch + batch // 4  # spares take the place of rejected windows
        records, _, samples = signals.shape
        index = (self._uniform(n) * records).long().clamp(max=records - 1)
        stretch = torch.where(self._uniform(n) < 0.5, (0.08 * self._normal(n)).exp(), 1.0)
        stretch = stretch.clamp(max=(samples - 2) / LENGTH)
        room = samples - 1 - stretch * (LENGTH - 1)
        start = (self._uniform(n) * room).where(stretch != 1.0, (self._uniform(n) * (room + 1)).floor())
        at = start[:, None] + stretch[:, None] * torch.arange(LENGTH, device=signals.device)
        left = at.floor().clamp(max=samples - 2).long()
        fraction = (at - left)[:, None, :]
        take = signals[index]
        left = left[:, None, :].expand(-1, take.shape[1], -1)
        windows = take.gather(2, left) * (1 - fraction) + take.gather(2, left + 1) * fraction
        keep = torch.argsort(~self.quality.accepts(windows), stable=True)[:batch]
        gain = (0.12 * self._normal(batch)).exp()
        return windows[keep] * gain[:, None, None], index[keep]

    def noise(self, x: Tensor) -> Tensor:
        return x + 0.02 * self._normal(*x.shape)
