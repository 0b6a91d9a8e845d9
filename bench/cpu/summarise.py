#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints cpu.jsonl of run-all.sh as the markdown tables of docs/performance.md. usage: summarise.py FILE.jsonl

Ratios are of medians of the same group, whose contestants took turns.
"""

import json
import sys

PEERS = ("eager", "compiled", "compiled, channels last")


def read(path):
    records = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError as error:
                print(f"{path}:{number}: not a JSON line ({error}); skipped", file=sys.stderr)
    return records


class Results:
    def __init__(self, records):
        self.measured = [r for r in records if r["record"] == "measurement"]

    def select(self, subject, **shape):
        return [r for r in self.measured if r["subject"] == subject
                and all(r["shape"].get(k) == v for k, v in shape.items())]

    def shapes(self, subject):
        """The shapes of a subject without threads, in order of their first line."""
        seen = {}
        for r in self.select(subject):
            seen[tuple(sorted((k, v) for k, v in r["shape"].items() if k != "threads"))] = None
        return [dict(key) for key in seen]


def has(record):
    return record is not None and "status" not in record


def number(value, digits=3):
    return "–" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def table(head, rows):
    print("\n| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def find(lines, variant, precision, threads):
    return next((r for r in lines if (r["variant"], r["precision"], r["shape"]["threads"]) ==
                 (variant, precision, threads)), None)


def spread(record):
    """Lowest and highest round median against the median, in percent."""
    low, high = min(record["rounds"]), max(record["rounds"])
    return f"{100 * (low / record['median_ms'] - 1):+.0f} … {100 * (high / record['median_ms'] - 1):+.0f} %"


def rates(results, subject):
    """Whole steps or batches: one row a contestant."""
    for shape in results.shapes(subject):
        lines = results.select(subject, **shape)
        threads = max(r["shape"]["threads"] for r in lines)
        rows = []
        for r in lines:
            name = f"{r['variant']}, {r['precision']}, {r['shape']['threads']} threads"
            if not has(r):
                rows.append([name, r["status"] + ": " + r["note"], "", "", "", ""])
                continue
            ours = find(lines, "precordia", r["precision"], threads)
            ratio = f"{ours['value'] / r['value']:.2f} ×" if has(ours) and r["variant"] in PEERS else ""
            share = r.get("percent_of_ceiling")
            rows.append([name, number(r["value"]), spread(r), number(r.get("gflops")),
                         "–" if share is None else f"{share:.1f} %", ratio])
        print(f"\n**{subject}, {shape.get('size')}, batch {shape.get('batch')} × {shape.get('length')}**")
        table(["", "windows/s", "rounds", "GFLOP/s", "of the ceiling", "ours is faster by"], rows)
        quotients(lines, threads)


def quotients(lines, threads):
    ours, single = find(lines, "precordia", "fp32", threads), find(lines, "precordia", "fp32", 1)
    half, java = find(lines, "precordia", "bf16", threads), find(lines, "precordia from Java", "fp32", threads)
    if has(ours) and has(single) and threads > 1:
        print(f"\n{threads} threads against 1: {ours['value'] / single['value']:.2f} ×")
    if has(ours) and has(half):
        print(f"\nbf16 against fp32: {half['value'] / ours['value']:.2f} ×")
    if has(ours) and has(java):
        print(f"\nfrom Java: {100 * (java['median_ms'] / ours['median_ms'] - 1):+.1f} % time")


def ceilings(results):
    lines = [r for r in results.select("ceiling")]
    if lines:
        print("\n**Ceilings** (best of the rounds; the row says in which group)")
        table(["", "threads", "figure", "rounds"],
              [[r["variant"][8:] + " " + (r["precision"] or ""), r["shape"]["threads"],
                f"{number(r['value'])} {r['unit']}", f"{number(min(r['rounds']))} … {number(max(r['rounds']))}"]
               for r in lines])


def record_latency(results):
    lines = results.select("one record of 10 s")
    if lines:
        print("\n**One record of 10 s (13 windows)**")
        table(["", "p50 ms", "p90", "p99", "passes"],
              [[f"{r['variant']}, {r['precision']}, {r['shape']['threads']} threads"] +
               ([number(r["median_ms"]), number(r["p90_ms"]), number(r["p99_ms"]), r["repeats"]] if has(r)
                else [r["status"] + ": " + r["note"], "", "", ""]) for r in lines])


def contrast(results):
    for shape in results.shapes("supcon forward + backward"):
        lines = results.select("supcon forward + backward", **shape)
        print(f"\n**SupCon, forward and backward, N = {shape['n']:,}, D = {shape['dimensions']}, fp32**")
        table(["", "s", "GFLOP/s", "peak beyond z, MB", "workspace, MB"],
              [[r["variant"]] + ([number(r["median_ms"] / 1e3), number(r.get("gflops")), number(r["peak_bytes"] / 1e6),
                                  number(r["workspace_bytes"] / 1e6) if r.get("workspace_bytes") else ""] if has(r)
                                 else [r["status"] + ": " + r["note"], "", "", ""]) for r in lines])


def ops(results):
    for subject in ("ops of a training step", "ops of inference"):
        groups = {}
        for r in results.select(subject):
            groups.setdefault((r["precision"], r["shape"]["width"], r["shape"]["batch"]), []).append(r)
        for (precision, width, batch), lines in groups.items():
            print(f"\n**{subject}, {precision}, C = {width}, batch {batch}**")
            table(["op", "ms", "share", "GFLOP/s", "of the ceiling"],
                  [[r["variant"], number(r["median_ms"]), f"{r['value']:.1f} %", number(r.get("gflops")),
                    f"{r['percent_of_ceiling']:.1f} %" if "percent_of_ceiling" in r else "–"]
                   for r in sorted(lines, key=lambda r: -r["value"])])


def memory(results):
    lines = results.select("training run")
    if lines:
        print("\n**Peak memory of a training run**")
        table(["", "records", "steps", "peak, MB", "s"],
              [[r["variant"], r["shape"]["records"], r["shape"]["steps"]] +
               ([number(r["peak_bytes"] / 1e6), number(r["value"])] if has(r) else [r["note"], ""]) for r in lines])


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    records = read(sys.argv[1])
    results = Results(records)
    for r in records:
        if r["record"] == "environment":
            print(f"{r['cpu']}, {r['cores']} cores, {', '.join(r.get('cpu_flags', []))}, {r.get('cpu_mhz')} MHz, "
                  f"load {r.get('load')}; {r.get('compiler')}; {r.get('jdk')}; torch {r.get('torch')}; "
                  f"commit {r['commit']}, {r['date']}")
    ceilings(results)
    for subject in ("training step", "inference"):
        rates(results, subject)
    record_latency(results)
    contrast(results)
    memory(results)
    ops(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
