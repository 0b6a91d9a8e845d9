# SPDX-License-Identifier: Apache-2.0
"""Peak memory of a whole training run, ours beside PyTorch's: same records, same steps, a process each.

usage: training_memory.py --results FILE.jsonl --library DIR --work DIR --steps N --threads N [--ptb-xl DIR]
                          [--java PROGRAM]

`precordia train` and bench/peers/pytorch/train_joint.py read the same PTB-XL records, train the recipe `joint` at
`small` and validate. Without --ptb-xl both get as many made-up records (what is in them does not matter to memory).
The peak is the kernel's (ru_maxrss): run time, data and validation are in it.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEER = ROOT / "bench" / "peers" / "pytorch"
RECORDS = 1500


def run(command, log, environment=None):
    """(exit status, peak resident bytes, seconds) of a command, its children's included."""
    begin = time.time()
    with open(log, "a") as file:
        process = subprocess.Popen([str(word) for word in command], stdout=file, stderr=file,
                                   env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, 1024 * usage.ru_maxrss, time.time() - begin


def made_up_dump(path):
    import numpy as np

    sys.path.insert(0, str(PEER))
    from precordia_torch.dumps import write_dump

    generator = np.random.default_rng(1)
    write_dump(path, {
        "signals": generator.normal(0, 300, (RECORDS, 8, 1000)).astype(np.int16),
        "labels": (generator.random((RECORDS, 44)) < 0.05).astype(np.uint8),
        "fold": (np.arange(RECORDS) % 10 + 1).astype(np.int32),
        "patient": np.arange(RECORDS, dtype=np.int64),
    }, {"leads": ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"], "rate": 100.0,
        "codes": [f"c{i}" for i in range(44)]})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--ptb-xl", type=Path)
    parser.add_argument("--java", default="java")
    parser.add_argument("--log", required=True)
    arguments = parser.parse_args()
    work, log = arguments.work, arguments.log
    shard, dump = work / "records.shard", work / "records.json"
    precordia = [arguments.java, "-XX:+UseParallelGC", "--enable-native-access=org.precordia.bindings",
                 f"-Dprecordia.library={arguments.library}", "--module-path", ROOT / "java" / "target" / "modules",
                 "--module", "org.precordia/org.precordia.cli.Main"]
    source = ["--ptb-xl", arguments.ptb_xl] if arguments.ptb_xl else ["--synthetic", RECORDS]
    status = run(precordia + ["prepare", *source, "--out", shard], log)[0]
    if status == 0 and arguments.ptb_xl:
        status = run([sys.executable, PEER / "prepare_ptbxl.py", arguments.ptb_xl, dump], log)[0]
    elif status == 0:
        made_up_dump(dump)
    if status != 0:
        print(f"  the data were not prepared (exit status {status}), see {log}")
        return 1
    threads = {"OMP_NUM_THREADS": str(arguments.threads)}
    subjects = {
        "precordia train": (precordia + ["train", "--data", shard, "--out", work / "run", "--max-steps",
                                         arguments.steps, "--backend", "cpu", "--threads", arguments.threads], {}),
        "PyTorch train_joint.py": ([sys.executable, PEER / "train_joint.py", dump, "--out", work / "m.safetensors",
                                    "--device", "cpu", "--max-steps", arguments.steps], threads),
    }
    for name, (command, environment) in subjects.items():
        status, peak, seconds = run(command, log, environment)
        line = {"record": "measurement", "stage": "cpu", "subject": "training run", "variant": name,
                "precision": "fp32", "shape": {"size": "small", "batch": 128, "steps": arguments.steps,
                                               "threads": arguments.threads,
                                               "records": "PTB-XL" if arguments.ptb_xl else "made up"}}
        if status == 0:
            line.update(median_ms=1e3 * seconds, repeats=1, value=seconds, unit="s", peak_bytes=peak)
        else:
            line.update(status="error", note=f"exit status {status}")
        with open(arguments.results, "a") as file:
            file.write(json.dumps(line) + "\n")
        print(f"  {name}: {peak / 1e6:.0f} MB, {seconds:.1f} s, exit status {status}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
