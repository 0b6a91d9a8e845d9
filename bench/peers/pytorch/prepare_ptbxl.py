#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PTB-XL (100 Hz) to a dump for train_joint.py, with scipy: an independent way from files to windows.

usage: prepare_ptbxl.py PTBXL_DIR OUT.json

Filter as docs/model.md, section 1: butter(4, [0.5, 45]) as second-order sections, sosfiltfilt, odd padding
of 27 samples, whole record. Tensors: ``signals`` int16 [R, 8, 1000] in µV (I, II, V1-V6), ``labels`` uint8
[R, K] (diagnostic SCP codes with likelihood >= 80, or 0 = unknown), ``fold``, ``patient``. Attribute
``codes`` names the K columns.
"""

import argparse
import ast
import csv
import sys
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfiltfilt

from precordia_torch.dumps import write_dump

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
RATE = 100.0


def read_record(path):
    """Eight leads [8, T] in mV of a format-16 record, found by name; gain and baseline from the header."""
    lines = [s for s in Path(f"{path}.hea").read_text().splitlines() if s.strip() and s[0] != "#"]
    _, signals, rate, samples = lines[0].split()[:4]
    if float(rate) != RATE:
        raise ValueError(f"{path}.hea: {rate} Hz, want {RATE:g}")
    raw = np.fromfile(f"{path}.dat", dtype="<i2").reshape(int(samples), int(signals)).T
    millivolt = {}
    for row, line in zip(raw, lines[1:]):
        fields = line.split()
        gain, _, rest = fields[2].partition("(")
        baseline = float(rest.partition(")")[0]) if rest else float(fields[4])
        millivolt[fields[8].upper()] = (row - baseline) / float(gain.split("/")[0])
    missing = [name for name in LEADS if name not in millivolt]
    if missing:
        raise ValueError(f"{path}.hea: lead {', '.join(missing)} is missing")
    return np.stack([millivolt[name] for name in LEADS])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("out")
    arguments = parser.parse_args()
    with open(arguments.ptbxl / "scp_statements.csv", newline="") as file:
        diagnostic = {row[""] for row in csv.DictReader(file) if row["diagnostic"] == "1.0"}
    with open(arguments.ptbxl / "ptbxl_database.csv", newline="") as file:
        table = list(csv.DictReader(file))
    chosen = []
    for row in table:
        codes = ast.literal_eval(row["scp_codes"])
        chosen.append({c for c, p in codes.items() if c in diagnostic and (p >= 80 or p == 0)})
    codes = sorted(set().union(*chosen))
    sections = butter(4, [0.5, 45.0], "band", fs=RATE, output="sos")
    signals = np.empty((len(table), len(LEADS), 1000), dtype=np.int16)
    for i, row in enumerate(table):
        record = read_record(arguments.ptbxl / row["filename_lr"])
        filtered = sosfiltfilt(sections, record, axis=1, padtype="odd", padlen=27)
        signals[i] = np.clip(np.rint(1000 * filtered), -32767, 32767)
    tensors = {
        "signals": signals,
        "labels": np.array([[c in chosen[i] for c in codes] for i in range(len(table))], dtype=np.uint8),
        "fold": np.array([int(row["strat_fold"]) for row in table], dtype=np.int32),
        "patient": np.array([int(float(row["patient_id"])) for row in table], dtype=np.int64),
    }
    write_dump(arguments.out, tensors, {"leads": LEADS, "rate": RATE, "codes": codes})
    print(f"{len(table)} records, {len(codes)} codes -> {arguments.out}")


if __name__ == "__main__":
    sys.exit(main())
