# SPDX-License-Identifier: Apache-2.0
"""Prints where the GPU's time went in a trace of `--profile`, kernel by kernel, as a Markdown table.

usage: kernel_times.py TRACE.json[.gz]
"""

import collections
import gzip
import json
import re
import sys


def events(path):
    """The trace's events; a line of the array is one, and a trace that was cut short has no end."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = line.strip().lstrip("[").rstrip("],").strip()
            if text:
                yield json.loads(text)


def short(name):
    """Without what is the same in all names: namespaces, parameters."""
    name = re.sub(r"^void |\([\w:]+\)(?=\d)", "", name)  # and of template arguments the type of an enumerator
    return re.sub(r"pcd::kernels::|__nv_", "", name.split("(")[0] if not name.startswith("_Z") else name)


def main():
    times = collections.defaultdict(list)
    for event in events(sys.argv[1]):
        if event.get("cat") in ("kernel", "copy", "set") and event.get("dur", 0) > 0:
            times[short(event["name"])].append(event["dur"])
    total = sum(map(sum, times.values()))
    print("| kernel | launches | median [µs] | all [ms] | share [%] |\n|---|---|---|---|---|")
    for name, taken in sorted(times.items(), key=lambda item: -sum(item[1])):
        middle = sorted(taken)[len(taken) // 2]
        print(f"| `{name}` | {len(taken)} | {middle:.1f} | {sum(taken) / 1e3:.2f} | {100 * sum(taken) / total:.1f} |")


if __name__ == "__main__":
    main()
