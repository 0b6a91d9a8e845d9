# SPDX-License-Identifier: Apache-2.0
"""The same network, written for speed: activations stay [batch, time, channel] throughout.

Layer norm then acts on the innermost dimension without a transpose, the pointwise convolution is a
Linear, and the dilated convolution is either cuDNN's on a channels-last view ("cudnn") or one matrix
product over the three shifted copies ("gemm"). Parameters, names and shapes are the plain network's,
so either loads the other's checkpoint.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .model import STEM_TAPS, DilatedBlock, NetworkShape, Output, Reconstructor

CONVOLUTIONS = ("cudnn", "gemm")


def dilated_conv_cudnn(x: Tensor, weight: Tensor, bias: Tensor, dilation: int) -> Tensor:
    """3-tap dilated convolution of x [B, L, C] through a channels-last 2-D convolution."""
    y = F.conv2d(
        x.transpose(1, 2).unsqueeze(2),
        weight.unsqueeze(2).contiguous(memory_format=torch.channels_last),
        bias,
        padding=(0, dilation),
        dilation=(1, dilation),
    )
    return y.squeeze(2).transpose(1, 2)


def dilated_conv_gemm(x: Tensor, weight: Tensor, bias: Tensor, dilation: int) -> Tensor:
    """The same as one product [B·L, 3C] x [3C, C]."""
    length = x.shape[1]
    padded = F.pad(x, (0, 0, dilation, dilation))
    taps = [padded[:, k * dilation : k * dilation + length] for k in range(3)]
    return F.linear(torch.cat(taps, dim=2), weight.transpose(1, 2).flatten(1), bias)


class TunedBlock(DilatedBlock):
    """``DilatedBlock`` on [B, L, C]."""

    convolution = "cudnn"

    def forward(self, x: Tensor) -> Tensor:
        conv = dilated_conv_cudnn if self.convolution == "cudnn" else dilated_conv_gemm
        y = self.norm(conv(x, self.conv.weight, self.conv.bias, self.dilation))
        y = F.gelu(y, approximate="tanh")
        return x + F.linear(y, self.pointwise.weight.squeeze(2), self.pointwise.bias)


class TunedReconstructor(Reconstructor):
    """``Reconstructor`` with the faster forward pass; ``convolution`` is one of ``CONVOLUTIONS``."""

    block = TunedBlock

    def __init__(self, shape: NetworkShape, convolution: str = "cudnn"):
        if convolution not in CONVOLUTIONS:
            raise ValueError(f"convolution must be one of {CONVOLUTIONS}, not {convolution!r}")
        super().__init__(shape)
        for module in self.modules():
            if isinstance(module, TunedBlock):
                module.convolution = convolution

    def _stem(self, encoder, x: Tensor) -> Tensor:
        # With 3 input leads a matrix product over the 7·leads neighbourhood beats any convolution call.
        half = STEM_TAPS // 2
        hood = F.pad(x, (0, 0, half, half)).unfold(1, STEM_TAPS, 1).flatten(2)
        return F.linear(hood, encoder.stem.weight.flatten(1), encoder.stem.bias)

    def _encode(self, encoder, x: Tensor) -> Tensor:
        x = self._stem(encoder, x)
        for block in encoder.blocks:
            x = block(x)
        return x

    def forward(self, x: Tensor) -> Output:
        w = self._encode(self.waveform, x)
        h = z = logits = None
        if self.shape.pathology:
            h = self.pathology_norm(self._encode(self.pathology, x)).mean(dim=1)
            z = self.embed(h)
            logits = self.classifier(h)
            g, b = self.film(h).unsqueeze(1).chunk(2, dim=2)
            w = w * (1 + g) + b
        y = F.linear(self.decoder_norm(self.decoder(w)), self.head.weight.squeeze(2), self.head.bias)
        if self.shape.anchor:
            y = y + F.linear(x, self.anchor.weight.squeeze(2), self.anchor.bias)
        return Output(y, h, z, logits)
