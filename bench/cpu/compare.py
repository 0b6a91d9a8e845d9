# SPDX-License-Identifier: Apache-2.0
"""Measures the CPU backend and PyTorch in turns and writes JSON lines.

usage: compare.py --out DIR --build DIR [--threads 2] [--rounds 5] [--seconds 3] [--only REGEX] [--quick]
                  [--no-java]

--build is a native build with PCD_BENCH=ON. In a group every contestant prepares first (compiling is never timed);
then, round after round, each measures for --seconds, in an order that turns round every round. What the processor
reaches at most is a contestant like any other, so that shares of it are of the same minutes. A figure is the median
over all passes of all rounds. A group with a "done" line in DIR/cpu.jsonl is left out.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

from contestants import Jmh, Process, Refused

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WIDTHS = {"small": 64, "base": 128, "quick": 16}
LENGTH = 256
RECORD_WINDOWS = 13
CONTRAST_ENTRIES = 16384
PEERS = {"eager": {"form": "eager"}, "compiled": {"form": "compiled"},
         "compiled, channels last": {"form": "tuned", "convolution": "gemm"}}


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.out = Path(arguments.out).resolve()
        self.results, self.log = self.out / "cpu.jsonl", self.out / "log.txt"
        self.bench = Path(arguments.build).resolve() / "bench"
        self.library = Path(arguments.build).resolve() / "lib"
        self.finished = set()
        if self.results.exists():
            records = [json.loads(line) for line in self.results.read_text().splitlines()]
            self.finished = {r["task"] for r in records if r["record"] == "done"}

    def emit(self, record):
        with open(self.results, "a") as file:
            file.write(json.dumps(record) + "\n")

    # Contestants.

    def native(self, what, precision, threads, width, batch):
        command = [self.bench / "precordia_roofline", "--turns", what, "--threads", threads, "--channels", width,
                   "--batch", batch]
        if precision != "fp32":
            command += ["--precision", precision]
        return Process("precordia", precision, threads, command, self.log, ours=True)

    def java(self, variant, benchmark, threads, **parameters):
        return Jmh(variant, "fp32", threads, ROOT, benchmark, {**parameters, "threads": threads}, self.library,
                   self.log)

    def ceiling(self, kind, precision, threads):
        return Process(f"ceiling {kind}", precision, threads,
                       [self.bench / "precordia_ceilings", kind, threads], self.log)

    def peer(self, kind, variant, precision, threads, **config):
        config = {**PEERS[variant], "precision": precision, **config}
        return Process(variant, precision, threads,
                       [sys.executable, HERE / "torch_worker.py", kind, json.dumps(config), "--threads", threads],
                       self.log)

    # Groups.

    def groups(self):
        quick, threads = self.arguments.quick, self.arguments.threads
        for size in ("quick",) if quick else ("small", "base"):
            yield f"training {size}", lambda size=size: self.training(size, 4 if quick else 128, threads)
        for size, batches in (("quick", (2, 4)),) if quick else (("small", (16, 128, 512)), ("base", (128,))):
            for batch in batches:
                yield f"inference {size} {batch}", lambda size=size, batch=batch: self.inference(size, batch, threads)
        yield "record", lambda: self.record("quick" if quick else "small", threads)
        for target in ("any", "out", "jaccard"):
            yield f"supcon {target}", lambda target=target: self.contrast(target, threads)

    def training(self, size, batch, threads):
        width = WIDTHS[size]
        shape = {"size": size, "width": width, "batch": batch, "length": LENGTH}
        contestants = [self.ceiling("fma", "fp32", threads), self.ceiling("fma", "fp32", 1),
                       self.ceiling("fixed", "bf16", threads), self.ceiling("bf16", "bf16", threads),
                       self.ceiling("copy", None, threads)]
        contestants += [self.native("training", "fp32", threads, width, batch),
                        self.native("training", "fp32", 1, width, batch),
                        self.native("training", "bf16", threads, width, batch)]
        if not self.arguments.no_java:
            contestants.append(self.java("precordia from Java", "StepBenchmark.training", threads, width=width,
                                         batch=batch))
        contestants += [self.peer("training", variant, precision, threads, size=size, width=width, batch=batch)
                        for variant in PEERS for precision in ("fp32", "bf16")]
        self.measure("training step", shape, contestants, batch, "windows/s")

    def inference(self, size, batch, threads):
        width = WIDTHS[size]
        shape = {"size": size, "width": width, "batch": batch, "length": LENGTH}
        contestants = [self.ceiling("fma", "fp32", threads)]
        contestants += [self.native("inference", precision, threads, width, batch) for precision in ("fp32", "bf16")]
        if not self.arguments.no_java:
            contestants.append(self.java("precordia from Java", "StepBenchmark.inference", threads, width=width,
                                         batch=batch))
        contestants += [self.peer("inference", variant, precision, threads, size=size, width=width, batch=batch)
                        for variant in PEERS for precision in ("fp32", "bf16")
                        if precision == "fp32" or batch in (4, 128)]
        self.measure("inference", shape, contestants, batch, "windows/s")

    def record(self, size, threads):
        width = WIDTHS[size]
        shape = {"size": size, "width": width, "batch": RECORD_WINDOWS, "length": LENGTH}
        contestants = [self.native("inference", "fp32", threads, width, RECORD_WINDOWS),
                       self.native("inference", "fp32", 1, width, RECORD_WINDOWS),
                       self.native("inference", "bf16", threads, width, RECORD_WINDOWS)]
        for contestant in contestants:
            contestant.variant = "precordia, network alone"
        if not self.arguments.no_java:
            contestants += [self.java("precordia, windows to windows", "RecordBenchmark.predict", threads),
                            self.java("precordia, record to record", "RecordBenchmark.reconstruct", threads)]
        contestants += [self.peer("record", variant, "fp32", threads, size=size, width=width) for variant in PEERS]
        self.measure("one record of 10 s", shape, contestants, 1, "records/s")

    def contrast(self, target, threads):
        n = 512 if self.arguments.quick else CONTRAST_ENTRIES
        shape = {"n": n, "dimensions": 128}
        ours = Process(f"precordia {target}", "fp32", threads,
                       [self.bench / "precordia_contrast", target, n, 128, threads], self.log, ours=True)
        contestants = [self.ceiling("fma", "fp32", threads), ours]
        for form in ("eager", "eager chunked", "compiled", "compiled chunked"):
            config = {"target": target, "form": form, "n": n, "chunk_bytes": 1 << (16 if self.arguments.quick else 26)}
            contestants.append(Process(
                f"{form} {target}", "fp32", threads,
                [sys.executable, HERE / "torch_worker.py", "contrast", json.dumps(config), "--threads", threads],
                self.log))
        self.measure("supcon forward + backward", shape, contestants, 1, "passes/s", memory=True)

    # Measuring.

    def measure(self, subject, shape, contestants, count, unit, memory=False):
        rounds, seconds = self.arguments.rounds, self.arguments.seconds
        running = []
        for contestant in contestants:
            try:
                contestant.prepare()
                running.append(contestant)
            except Refused as refused:
                contestant.refusal = str(refused)
        for turn in range(rounds):
            shift = turn * max(1, len(running) // rounds) % max(1, len(running))
            for contestant in (running[shift:] + running[:shift])[:: -1 if turn % 2 else 1]:
                if contestant.refusal:
                    continue
                try:
                    contestant.turn(min(seconds, 0.3) if contestant.variant.startswith("ceiling") else seconds)
                except Refused as refused:
                    contestant.refusal = str(refused)
        for contestant in contestants:
            contestant.end()
        self.report(subject, shape, contestants, count, unit, memory)

    def report(self, subject, shape, contestants, count, unit, memory):
        # Activations stored as bf16 may be multiplied as floats, in fixed point or by the dot product: the fastest of
        # them bounds the precision.
        ceilings = {}
        for c in contestants:
            if c.values and c.variant in ("ceiling fma", "ceiling fixed", "ceiling bf16"):
                for precision in {c.precision, "bf16"}:
                    rate = ceilings.get((precision, c.threads), 0)
                    ceilings[precision, c.threads] = max(rate, max(c.values))
        operations = next((c.facts["operations"] for c in contestants if "operations" in c.facts), None)
        for c in contestants:
            line = {"record": "measurement", "stage": "cpu", "subject": subject, "variant": c.variant,
                    "precision": c.precision, "shape": {**shape, "threads": c.threads}}
            if c.refusal:
                unsupported = c.precision == "bf16" and (c.ours or c.variant.startswith("ceiling"))
                status = ("out-of-memory" if "memory ran out" in c.refusal else
                          "unsupported" if unsupported else "error")
                self.emit({**line, "status": status, "note": c.refusal})
                print(f"  {c.variant} {c.precision}: {status}: {c.refusal}", flush=True)
                continue
            if c.values:
                best = max(c.values)
                line.update(subject="ceiling", shape={"threads": c.threads}, value=best / 1e9, repeats=len(c.values),
                            unit="GB/s" if c.variant == "ceiling copy" else "GFLOP/s",
                            median_ms=1e3 * self.arguments.seconds, rounds=[v / 1e9 for v in c.values],
                            within=subject)
                self.emit(line)
                print(f"  {c.variant} {c.precision or ''} {c.threads} threads: {line['value']:.1f} {line['unit']}")
                continue
            times = [t for one in c.rounds for t in one]
            median = quantile(times, 0.5)
            line.update(median_ms=median, p10_ms=quantile(times, 0.1), p90_ms=quantile(times, 0.9),
                        p99_ms=quantile(times, 0.99), repeats=len(times), value=count * 1e3 / median, unit=unit,
                        rounds=[round(quantile(one, 0.5), 4) for one in c.rounds])
            if operations:
                line["gflops"] = operations / median / 1e6
                ceiling = ceilings.get((c.precision, c.threads))
                if ceiling:
                    line["percent_of_ceiling"] = 100e9 * line["gflops"] / ceiling
            if memory:
                line["peak_bytes"] = c.peak - c.facts.get("resident_bytes", 0)
                line["workspace_bytes"] = c.facts.get("workspace_bytes")
            self.emit(line)
            print(f"  {c.variant} {c.precision} {c.threads} threads: {median:.3f} ms, {line['value']:.4g} {unit}"
                  f", rounds {min(line['rounds']):.3f} to {max(line['rounds']):.3f} ms", flush=True)

    def run(self):
        only = re.compile(self.arguments.only)
        for name, group in self.groups():
            if name in self.finished or not only.search(name):
                continue
            print(f"[{time.strftime('%H:%M:%S')}] {name}", flush=True)
            begin = time.time()
            group()
            self.emit({"record": "done", "stage": "cpu", "task": name, "seconds": round(time.time() - begin)})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--quick", action="store_true", help="tiny shapes: a test of the script itself")
    parser.add_argument("--no-java", action="store_true")
    Run(parser.parse_args()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
