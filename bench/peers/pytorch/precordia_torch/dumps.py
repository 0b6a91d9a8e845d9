# SPDX-License-Identifier: Apache-2.0
"""Tensor dumps: raw little-endian files named by one JSON manifest (README.md, "Dumps")."""

import json
from pathlib import Path

import numpy as np

FORMAT = "precordia-dump"
VERSION = 1
_DTYPES = {
    "float32": "<f4", "float64": "<f8", "int16": "<i2", "int32": "<i4", "int64": "<i8",
    "uint8": "u1", "uint32": "<u4", "uint64": "<u8",
}


class Dump:
    """A manifest and its tensors; ``dump["z"]`` maps the file, ``"z" in dump`` asks for it."""

    def __init__(self, manifest):
        self.path = Path(manifest)
        self.manifest = json.loads(self.path.read_text())
        found = self.manifest.get("format"), self.manifest.get("version")
        if found != (FORMAT, VERSION):
            raise ValueError(f"{manifest}: format and version are {found}, want {(FORMAT, VERSION)}")
        self.attributes = self.manifest.get("attributes", {})

    def __contains__(self, name):
        return name in self.manifest["tensors"]

    def __getitem__(self, name) -> np.ndarray:
        if name not in self:
            have = ", ".join(sorted(self.manifest["tensors"]))
            raise ValueError(f"{self.path}: no tensor {name!r}; it has: {have}")
        entry = self.manifest["tensors"][name]
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{self.path}: tensor {name} has dtype {entry['dtype']!r}; known: {list(_DTYPES)}")
        file = self.path.parent / entry["file"]
        values = np.fromfile(file, dtype=_DTYPES[entry["dtype"]])
        if values.size != int(np.prod(entry["shape"], dtype=np.int64)):
            raise ValueError(f"{file}: {values.size} values, want shape {entry['shape']}")
        return values.reshape(entry["shape"])


def write_dump(manifest, tensors, attributes=None):
    """Writes arrays beside a manifest; file names are the tensors' names."""
    manifest = Path(manifest)
    manifest.parent.mkdir(parents=True, exist_ok=True)
    entries = {}
    for name, values in tensors.items():
        values = np.asarray(values)
        dtype = str(values.dtype)
        if dtype not in _DTYPES:
            raise ValueError(f"tensor {name} has dtype {dtype}; known: {list(_DTYPES)}")
        file = f"{manifest.stem}.{name}.bin"
        values.astype(_DTYPES[dtype]).tofile(manifest.parent / file)
        entries[name] = {"file": file, "dtype": dtype, "shape": list(values.shape)}
    text = json.dumps(
        {"format": FORMAT, "version": VERSION, "attributes": attributes or {}, "tensors": entries}, indent=1
    )
    manifest.write_text(text + "\n")
