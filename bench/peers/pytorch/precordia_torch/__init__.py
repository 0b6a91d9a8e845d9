# SPDX-License-Identifier: Apache-2.0
"""Precordia's network, losses and recipe in PyTorch: the peer that the native backends are held against.

Parameter names and shapes equal those of a saved ``model.safetensors``, so a checkpoint written by
Precordia loads unchanged, and one written here loads in Precordia.
"""

from .checkpoint import load_model, read_safetensors
from .model import NetworkShape, Output, Reconstructor
from .tuned import TunedReconstructor
from .unet import UNet

__all__ = [
    "NetworkShape",
    "Output",
    "Reconstructor",
    "TunedReconstructor",
    "UNet",
    "load_model",
    "read_safetensors",
]
