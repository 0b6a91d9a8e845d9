#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes synthetic records in the layout of PTB-XL: WFDB format 16, 12 leads, 10 s at 100 Hz, 500
records a folder, ptbxl_database.csv and scp_statements.csv. They are beats on noise and wander, of a
shape, rate and amplitude of their own: enough for filters, R-peak detector and search for copies to
do the work that they do on real records. Needs numpy."""

import argparse
import pathlib

import numpy as np

LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
STATEMENTS = {"NORM": "NORM", "IMI": "MI", "AMI": "MI", "NDT": "STTC", "CLBBB": "CD", "LVH": "HYP"}
SAMPLES = 1000
RATE = 100
# Deviation in s, place in s after the R peak and typical amplitude in mV of P, Q, R, S and T.
WAVES = [(0.020, -0.16, 0.10), (0.010, -0.03, -0.10), (0.012, 0.0, 1.0), (0.012, 0.03, -0.25),
         (0.045, 0.25, 0.25)]


def record(random):
    """[12, SAMPLES] in µV; limb leads follow from I and II."""
    time = np.arange(SAMPLES) / RATE
    interval = random.uniform(0.6, 1.1)
    beats = random.uniform(0, interval) + np.cumsum(random.normal(interval, 0.02, 20)) - interval
    independent = np.zeros((8, SAMPLES))
    for deviation, place, amplitude in WAVES:
        moments = beats + place
        near = np.exp(-0.5 * ((time[:, None] - moments[None, :]) / deviation) ** 2).sum(axis=1)
        independent += amplitude * random.normal(0.8, 0.4, 8)[:, None] * near
    independent += random.normal(0, 0.01, independent.shape)
    phase = random.uniform(0, 2 * np.pi, 8)[:, None]
    independent += random.uniform(0, 0.2) * np.sin(2 * np.pi * 0.25 * time + phase)
    one, two = np.rint(independent[:2] * 1000)
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.vstack([np.rint(limbs), np.rint(independent[2:] * 1000)]).astype("<i2")


def header(name, counts):
    lines = [f"{name} 12 {RATE} {SAMPLES}"]
    for lead, row in zip(LEADS, counts):
        checksum = np.int16(np.uint16(int(row.astype(np.int64).sum()) & 0xFFFF))
        lines.append(f"{name}.dat 16 1000.0(0)/mV 16 0 {row[0]} {checksum} 0 {lead}")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--records", type=int, default=21799)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    codes = list(STATEMENTS)
    rows = ["ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr"]
    for i in range(1, options.records + 1):
        folder = f"records100/{i // 1000 * 1000:05d}"
        name = f"{i:05d}_lr"
        path = options.out / folder
        path.mkdir(parents=True, exist_ok=True)
        counts = record(random)
        (path / f"{name}.dat").write_bytes(counts.T.tobytes())
        (path / f"{name}.hea").write_text(header(name, counts))
        patient = (i * 13) // 15
        code = codes[int(random.integers(len(codes)))]
        rows.append(
            f"{i},{patient}.0,{random.integers(20, 90)}.0,{i % 2},\"{{'{code}': 100.0, 'SR': 0.0}}\","
            f"{patient % 10 + 1},{folder}/{name},{folder.replace('100', '500')}/{i:05d}_hr")
    (options.out / "ptbxl_database.csv").write_text("\n".join(rows) + "\n")
    statements = [",description,diagnostic,form,rhythm,diagnostic_class"]
    statements += [f"{code},{code},1.0,,,{group}" for code, group in STATEMENTS.items()]
    statements.append("SR,sinus rhythm,,,1.0,")
    (options.out / "scp_statements.csv").write_text("\n".join(statements) + "\n")


if __name__ == "__main__":
    main()
