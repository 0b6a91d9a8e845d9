#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints result files as short tables. usage: summarise.py FILE.jsonl..."""

import json
import sys

import ratios


def read(paths):
    records = []
    for path in paths:
        with open(path) as file:
            for number, line in enumerate(file, 1):
                try:
                    records.append(json.loads(line))
                except json.JSONDecodeError as error:
                    print(f"{path}:{number}: not a JSON line ({error}); skipped", file=sys.stderr)
    return records


def shape_text(shape):
    return " ".join(f"{k}={v}" for k, v in shape.items() if k not in ("length", "dilation", "dimensions"))


def main():
    records = read(sys.argv[1:])
    for r in records:
        if r["record"] == "environment" and r.get("gpu"):
            print(f"{r['gpu']['name']}, driver {r['gpu']['driver_version']}, torch {r.get('torch')}, {r['date']}")
            break
    measured = [r for r in records if r["record"] == "measurement"]
    subjects = list(dict.fromkeys(r["subject"] for r in measured))
    for subject in subjects:
        print(f"\n{subject}")
        for r in (r for r in measured if r["subject"] == subject):
            name = f"{r['variant']:38.38} {r.get('precision') or '':5} {shape_text(r['shape']):42.42}"
            if r.get("status"):
                print(f"  {name} {r['status']}")
                continue
            spread = f"±{(r['p90_ms'] - r['p10_ms']) / r['median_ms'] * 50:4.1f}%" if "p90_ms" in r else 6 * " "
            peak = f" {r['peak_bytes'] / 1e9:7.2f} GB" if r.get("peak_bytes") else ""
            print(f"  {name} {r['value']:12.4g} {r['unit']:9} {spread}{peak}")
    compared = list(ratios.lines(measured))
    if compared:
        print("\nRatios of this run")
        for line in compared:
            print(f"  {line}")
    done = {(r["stage"], r["task"]) for r in records if r["record"] == "done"}
    failures = {(r["stage"], r["task"]): r for r in records if r["record"] == "failed"}
    for key, r in failures.items():
        # What failed first and succeeded when it was run again is no failure.
        if key not in done:
            print(f"not done: {r['stage']} {r['task']}: {r.get('note', '')}")


if __name__ == "__main__":
    main()
