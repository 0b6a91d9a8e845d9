# SPDX-License-Identifier: Apache-2.0
"""Runs `precordia train` and prints its pace as a JSON line for bench/results.

usage: epoch.py --data NAME --run FOLDER -- COMMAND…   COMMAND: a train command with --json whose --out is FOLDER

The value is windows a second over all of the run's training time, sampling and validation included; the median is of
the steps alone, from the pace that the trainer notes (smoothed over steps).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--run", required=True, type=Path)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    done = subprocess.run(arguments.command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return done.returncode
    result = json.loads(done.stdout)
    config = json.loads((arguments.run / "config.json").read_text())
    batch = config["recipe"]["stages"][0]["sampler"]["windows"]
    metrics = [json.loads(line) for line in (arguments.run / "metrics.jsonl").read_text().splitlines()]
    steps_ms = sorted(1e3 * batch / line["windows_per_s"] for line in metrics)
    print(json.dumps({
        "record": "measurement", "stage": "train", "subject": "training epoch", "variant": "precordia train",
        "precision": config["options"]["precision"].lower(),
        "shape": {"data": arguments.data, "width": config["options"]["width"], "batch": batch,
                  "steps": result["steps"]},
        "median_ms": steps_ms[len(steps_ms) // 2], "p10_ms": steps_ms[len(steps_ms) // 10],
        "p90_ms": steps_ms[9 * len(steps_ms) // 10], "repeats": len(steps_ms),
        "value": result["steps"] * batch / result["seconds"], "unit": "windows/s",
    }))
    return 0


if __name__ == "__main__":
    sys.exit(main())
