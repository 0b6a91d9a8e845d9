# SPDX-License-Identifier: Apache-2.0
"""The U-Net and the LSTM-U-Net that the model is compared with (docs/model.md, "Networks to compare with").

Four halvings of the rate and four doublings; the pointwise convolution of a concatenation is written as
the sum of two, of which the transposed convolution contains the one.
"""

from torch import Tensor, nn

from .model import STEM_TAPS, DilatedBlock, NetworkShape, Output

LEVELS = 4
DOWN_TAPS = 4
UP_TAPS = 2


def channels(width: int, level: int) -> int:
    """Channels at a level of the U-Net that is compared with a model of that width."""
    return width // 2 << level // 2


class DownLevel(nn.Module):
    """A block, and the strided convolution to the level below."""

    def __init__(self, here: int, below: int):
        super().__init__()
        self.block = DilatedBlock(here, 1)
        self.down = nn.Conv1d(here, below, DOWN_TAPS, stride=2, padding=1)


class UpLevel(nn.Module):
    """The transposed convolution from the level below, what joins the skip, and a block."""

    def __init__(self, here: int, below: int):
        super().__init__()
        self.up = nn.ConvTranspose1d(below, here, UP_TAPS, stride=2)
        self.skip = nn.Conv1d(here, here, 1)
        self.block = DilatedBlock(here, 1)


class UNet(nn.Module):
    """Standardised input leads -> missing leads in mV; windows are a multiple of 16 samples long."""

    def __init__(self, shape: NetworkShape, lstm: bool = False):
        super().__init__()
        self.shape = shape
        widths = [channels(shape.width, level) for level in range(LEVELS + 1)]
        stem = nn.Conv1d(shape.leads, widths[0], STEM_TAPS, padding=STEM_TAPS // 2)
        self.waveform = nn.ModuleDict({"stem": stem})
        pairs = list(zip(widths, widths[1:]))
        self.encoder = nn.ModuleList(DownLevel(here, below) for here, below in pairs)
        if lstm:
            self.bottom = nn.LSTM(widths[-1], widths[-1] // 2, batch_first=True, bidirectional=True)
        else:
            self.bottom = DilatedBlock(widths[-1], 1)
        self.decoder = nn.ModuleList(UpLevel(here, below) for here, below in pairs)
        self.decoder_norm = nn.LayerNorm(widths[0], eps=1e-5)
        self.head = nn.Conv1d(widths[0], shape.targets, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        if shape.anchor:
            self.anchor = nn.Conv1d(shape.leads, shape.targets, 1)
            self.anchor.requires_grad_(False)

    def forward(self, x: Tensor) -> Output:
        x = x.transpose(1, 2)
        w = self.waveform["stem"](x)
        skips = []
        for level in self.encoder:
            skips.append(level.block(w))
            w = level.down(skips[-1])
        if isinstance(self.bottom, nn.LSTM):
            w = self.bottom(w.transpose(1, 2))[0].transpose(1, 2)
        else:
            w = self.bottom(w)
        for level, skip in zip(reversed(self.decoder), reversed(skips)):
            w = level.block(level.up(w) + level.skip(skip))
        w = self.decoder_norm(w.transpose(1, 2)).transpose(1, 2)
        y = self.head(w)
        if self.shape.anchor:
            y = y + self.anchor(x)
        return Output(y.transpose(1, 2), None, None, None)
