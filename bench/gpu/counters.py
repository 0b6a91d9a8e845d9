# SPDX-License-Identifier: Apache-2.0
"""Prints Nsight Compute's raw page, one kernel a line: time, memory, tensor cores, occupancy, what warps wait for.

usage: counters.py FILE…   FILE: output of `ncu --page raw --csv PROGRAM`, the program's own lines in it
"""

import csv
import re
import sys

SCALE = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "byte/s": 1e-9, "Kbyte/s": 1e-6, "Mbyte/s": 1e-3, "Gbyte/s": 1.0,
         "Tbyte/s": 1e3}
# Heading, and the counters of which the largest counts: their names differ between versions.
COLUMNS = (
    ("time [us]", r"gpu__time_duration\.sum$"),
    ("DRAM [GB/s]", r"dram__bytes\.sum\.per_second$"),
    ("DRAM [%]", r"dram__throughput\.avg\.pct"),
    ("L2 [%]", r"lts__throughput\.avg\.pct"),
    ("L1 [%]", r"l1tex__throughput\.avg\.pct"),
    ("tensor [%]", r"sm__.*pipe_tensor.*pct"),
    ("issue slots [%]", r"(issue|inst_issued).*active.*pct"),
    ("warps [%]", r"sm__warps_active\.avg\.pct"),
    ("registers", r"launch__registers_per_thread$"),
)
STALL = re.compile(r"issue_stalled_(\w+?)_per_(?:warp|issue)_active\.ratio")


def number(text):
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def largest(names, units, row, pattern):
    found = [number(value) * SCALE.get(unit, 1.0) for name, unit, value in zip(names, units, row)
             if re.search(pattern, name) and number(value) is not None]
    return f"{max(found):.4g}" if found else "–"


def lines(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if line.startswith('"')))
    if len(rows) < 3:
        print(f"{path}: no counters in it", file=sys.stderr)
        return
    names, units = rows[0], rows[1]
    kernel = names.index("Kernel Name")
    for row in rows[2:]:
        stalls = sorted(((number(value) or 0.0, STALL.search(name).group(1))
                         for name, value in zip(names, row) if STALL.search(name)), reverse=True)
        cells = [largest(names, units, row, pattern) for _, pattern in COLUMNS]
        waits = ", ".join(f"{reason} {cycles:.2f}" for cycles, reason in stalls[:3])
        yield f"| `{row[kernel].split('(')[0].removeprefix('void ')}` | " + " | ".join(cells) + f" | {waits} |"


def main():
    print("| kernel | " + " | ".join(heading for heading, _ in COLUMNS) + " | warps wait for |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for path in sys.argv[1:]:
        for line in lines(path):
            print(line)


if __name__ == "__main__":
    main()
