# SPDX-License-Identifier: Apache-2.0
"""Reads and writes safetensors, and builds the network a checkpoint belongs to from its shapes alone.

Format (https://github.com/huggingface/safetensors): a little-endian u64 header length, a JSON header
mapping each name to dtype, shape and byte offsets (relative to the end of the header), then the data.
Reading it needs nothing beyond NumPy, so a checkpoint can be inspected where the package is absent.
"""

import json
import os
import struct
from pathlib import Path

import numpy as np
import torch

from .model import NetworkShape, Reconstructor
from .unet import UNet

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read_safetensors(path):
    """Returns (tensors by name, metadata) of a safetensors file; ValueError names what is malformed."""
    data = Path(path).read_bytes()
    if len(data) < 8:
        raise ValueError(f"{path}: {len(data)} bytes, too short for a safetensors header")
    (length,) = struct.unpack_from("<Q", data)
    if length > len(data) - 8:
        raise ValueError(f"{path}: header of {length} bytes exceeds the file; it is cut short")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{path}: tensor {name} has dtype {entry['dtype']}, which is not supported")
        begin, end = (8 + length + o for o in entry["data_offsets"])
        values = np.frombuffer(data[begin:end], dtype=_DTYPES[entry["dtype"]])
        shape = entry["shape"]
        if end > len(data) or values.size != int(np.prod(shape, dtype=np.int64)):
            raise ValueError(f"{path}: tensor {name} does not hold the {shape} values it declares")
        tensors[name] = torch.from_numpy(values.reshape(shape).copy())
    return tensors, metadata


def write_safetensors(path, tensors, metadata):
    """Writes fp32 tensors by name; through a temporary file, so that a reader never sees half of one."""
    header, offset, blobs = {"__metadata__": {k: str(v) for k, v in metadata.items()}}, 0, []
    for name, tensor in tensors.items():
        blob = tensor.detach().cpu().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.part"
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(blobs)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def shape_of(tensors) -> NetworkShape:
    """The network shape that a checkpoint's tensors imply."""
    try:
        width, leads, _ = tensors["waveform.stem.weight"].shape
        targets = tensors["head.weight"].shape[0]
    except KeyError as missing:
        raise ValueError(f"not a Precordia checkpoint: tensor {missing} is absent") from None
    if "encoder.0.down.weight" in tensors:
        width *= 2  # a U-Net's stem has half the channels of the model it is compared with
    pathology = "pathology.stem.weight" in tensors
    labels = tensors["classifier.weight"].shape[0] if pathology else 0
    return NetworkShape(width, leads, targets, labels, pathology, "anchor.weight" in tensors)


def _network_of(tensors):
    """The class of a checkpoint's network; a U-Net and what is at its lowest rate by their tensors' names."""
    if "encoder.0.down.weight" not in tensors:
        return Reconstructor
    return lambda shape: UNet(shape, lstm="bottom.weight_ih_l0" in tensors)


def load_model(path, network=None, **arguments):
    """Builds the network of a checkpoint and loads it strictly: no name may be missing or left over.

    ``network`` is what builds it of a shape; None: the plain module of the checkpoint's architecture.
    Returns (network in eval mode, metadata). Optimiser and sampler state live in other files.
    """
    tensors, metadata = read_safetensors(path)
    model = (network or _network_of(tensors))(shape_of(tensors), **arguments)
    model.load_state_dict({k: v.float() for k, v in tensors.items()}, strict=True)
    return model.eval(), metadata
