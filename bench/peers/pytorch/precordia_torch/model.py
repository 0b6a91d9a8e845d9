# SPDX-License-Identifier: Apache-2.0
"""The network as plain PyTorch modules (docs/model.md, section 2).

Activations enter and leave as [batch, time, channel]; inside, ``nn.Conv1d`` wants [batch, channel, time].
Nothing here is tuned: this is what a reader of the paper would write, and what "PyTorch eager" means in
the benchmarks. ``tuned.py`` holds the same parameters behind a faster forward pass.
"""

from dataclasses import dataclass
from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = {"small": 64, "base": 128, "large": 256}
PATHOLOGY_DILATIONS = (1, 2, 4, 8, 16, 32)
WAVEFORM_DILATIONS = (1, 2, 4, 8)
DECODER_DILATIONS = (8, 4, 2, 1)
STEM_TAPS = 7
EMBEDDING = 128


@dataclass(frozen=True)
class NetworkShape:
    """What determines every tensor shape of the network."""

    width: int
    leads: int = 3
    targets: int = 5
    labels: int = 44
    pathology: bool = True
    anchor: bool = True


class Output(NamedTuple):
    """Reconstruction [B, L, targets] in mV; h [B, C]; z [B, 128], unit length; logits [B, labels]."""

    signal: Tensor
    h: Optional[Tensor]
    z: Optional[Tensor]
    logits: Optional[Tensor]


class DilatedBlock(nn.Module):
    """x + Pointwise(GELU(LN(DilatedConv(x)))), all width -> width, on [B, C, L]."""

    def __init__(self, width: int, dilation: int):
        super().__init__()
        self.dilation = dilation
        self.conv = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.norm = nn.LayerNorm(width, eps=1e-5)
        self.pointwise = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv(x).transpose(1, 2)).transpose(1, 2)
        return x + self.pointwise(F.gelu(y, approximate="tanh"))


class Encoder(nn.Module):
    """Stem convolution (7 taps, leads -> C) and a stack of blocks; [B, leads, L] -> [B, C, L]."""

    def __init__(self, leads: int, width: int, dilations, block=DilatedBlock):
        super().__init__()
        self.stem = nn.Conv1d(leads, width, STEM_TAPS, padding=STEM_TAPS // 2)
        self.blocks = nn.ModuleList(block(width, d) for d in dilations)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x


class Decoder(nn.Module):
    """The blocks of the decoder on [B, C, L]; its norm and head belong to the network."""

    def __init__(self, width: int, dilations, block=DilatedBlock):
        super().__init__()
        self.blocks = nn.ModuleList(block(width, d) for d in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Reconstructor(nn.Module):
    """Standardised input leads -> missing leads in mV, with the pathology embedding beside them.

    ``shape.pathology = False`` leaves the pathology encoder, projection, classifier and FiLM out (the
    "no h" control); ``shape.anchor = False`` leaves the ridge anchor out.
    """

    block = DilatedBlock

    def __init__(self, shape: NetworkShape):
        super().__init__()
        self.shape = shape
        c = shape.width
        if shape.pathology:
            self.pathology = Encoder(shape.leads, c, PATHOLOGY_DILATIONS, self.block)
            self.pathology_norm = nn.LayerNorm(c, eps=1e-5)
            self.projection = nn.ModuleList([nn.Linear(c, c), nn.Linear(c, EMBEDDING)])
            self.classifier = nn.Linear(c, shape.labels)
        self.waveform = Encoder(shape.leads, c, WAVEFORM_DILATIONS, self.block)
        if shape.pathology:
            self.film = nn.Linear(c, 2 * c)
            nn.init.zeros_(self.film.weight)
            nn.init.zeros_(self.film.bias)
        self.decoder = Decoder(c, DECODER_DILATIONS, self.block)
        self.decoder_norm = nn.LayerNorm(c, eps=1e-5)
        self.head = nn.Conv1d(c, shape.targets, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        if shape.anchor:
            self.anchor = nn.Conv1d(shape.leads, shape.targets, 1)
            self.anchor.requires_grad_(False)

    def embed(self, h: Tensor) -> Tensor:
        """h [B, C] -> unit embedding z [B, 128]."""
        p = self.projection[1](F.gelu(self.projection[0](h), approximate="tanh"))
        return F.normalize(p.float() if p.dtype == torch.bfloat16 else p, dim=1, eps=1e-12)

    def forward(self, x: Tensor) -> Output:
        x = x.transpose(1, 2)
        w = self.waveform(x)
        h = z = logits = None
        if self.shape.pathology:
            e = self.pathology(x)
            h = self.pathology_norm(e.transpose(1, 2)).mean(dim=1)
            z = self.embed(h)
            logits = self.classifier(h)
            g, b = self.film(h).unsqueeze(2).chunk(2, dim=1)
            w = w * (1 + g) + b
        w = self.decoder_norm(self.decoder(w).transpose(1, 2)).transpose(1, 2)
        y = self.head(w)
        if self.shape.anchor:
            y = y + self.anchor(x)
        return Output(y.transpose(1, 2), h, z, logits)
