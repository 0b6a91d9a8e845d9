#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures how fast data come in, and in how much memory. Appends JSON lines (bench/results/schema.json, stage
"data") to --results.

usage: measure.py prepare --results FILE --work DIR [--records 21799] [--rounds 5] [--preprocessing default]
       measure.py million --results FILE --work DIR [--records 1000000] [--heap 2g] [--steps 300]
       measure.py steps   --results FILE --work DIR [--turns 30] [--turn-steps 10]

prepare   `precordia prepare` on synthetic records in PTB-XL's layout (ptbxl_like.py, made once), in turns with `cat`
          of the same files; both after the files were read once, so neither waits for the disk
million   preparation of records that cost little to make (QuickRecords) into files of 1 GiB under a heap limit; then
          one pass of reading in shuffled blocks with a narrow network, and --steps steps of `small`
steps     a training step of `small` with 128 windows on resident data, beside the same step streamed from one file
          and from several in shuffled blocks, in turns (LoadingTurns)

Needs numpy, and Precordia built by ./mvnw package. Peaks are the kernel's: VmHWM of the process, and the largest
RssAnon that a look every 50 ms saw: VmHWM counts pages of mapped files too, which the kernel may take back at any
time."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
THREADS = os.cpu_count()


def memory(pid):
    """VmHWM and RssAnon of a process in bytes, or None when it is gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    if "VmHWM" not in values:
        return None
    return tuple(1024 * int(values[name].split()[0]) for name in ("VmHWM", "RssAnon"))


def run(command, options=""):
    """(standard output, seconds, peak resident bytes, peak anonymous bytes) of a command."""
    environment = {**os.environ, "PRECORDIA_JAVA_OPTS": options}
    begin = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True, env=environment)
    peaks = [0, 0]

    def watch():
        while process.poll() is None:
            seen = memory(process.pid)
            if seen:
                peaks[:] = [max(pair) for pair in zip(peaks, seen)]
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output = process.stdout.read()
    process.wait()
    seconds = time.monotonic() - begin
    watcher.join()
    if process.returncode:
        sys.exit(f"measure.py: {' '.join(map(str, command))} ended with {process.returncode}")
    return output, seconds, *peaks


def find_java():
    """The java of a JDK of version 25 or newer, as bench/jmh looks for it, or the one on PATH."""
    homes = [os.environ.get("JAVA_HOME", ""), *sorted(map(str, pathlib.Path("/usr/lib/jvm").glob("*")))]
    for home in filter(None, homes):
        release = pathlib.Path(home) / "release"
        if release.is_file() and re.search(r'^JAVA_VERSION="(2[5-9]|[3-9]\d)', release.read_text(), re.M):
            return f"{home}/bin/java"
    return shutil.which("java") or sys.exit("measure.py: no JDK 25: set JAVA_HOME")


def bench_main(name, *arguments, options=()):
    """The command that runs a main of bench/: Precordia on the module path, bench on the class path."""
    return [find_java(), *options, "--enable-native-access=org.precordia.bindings", "--module-path",
            ROOT / "java/target/modules", "--add-modules", "org.precordia", "-cp", ROOT / "bench/target/classes",
            f"org.precordia.bench.{name}", *arguments]


def figures(output):
    return {name: float(value) for name, value in (line.split() for line in output.splitlines() if line)}


class Results:
    def __init__(self, path):
        self.path = path

    def line(self, **fields):
        with open(self.path, "a") as file:
            file.write(json.dumps(fields) + "\n")

    def environment(self):
        def said(*command):
            try:
                text = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
            except OSError:
                return None
            return (text.stdout or text.stderr).strip().splitlines()[0] if text.returncode == 0 else None

        cpu = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        self.line(record="environment", date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                  commit=said("git", "rev-parse", "HEAD"), gpu=None, cpu=cpu[0] if cpu else platform.processor(),
                  cores=THREADS, load=os.getloadavg()[0], jdk=said(find_java(), "--version"),
                  system=f"{platform.system()} {platform.release()}")

    def measurement(self, subject, variant, shape, rounds, unit, seconds, **more):
        """rounds: the figure of each round; seconds: how long each took."""
        self.line(record="measurement", stage="data", subject=subject, variant=variant, precision=None, shape=shape,
                  median_ms=round(1000 * statistics.median(seconds), 3), repeats=len(rounds),
                  value=round(statistics.median(rounds), 3), unit=unit, rounds=[round(r, 3) for r in rounds], **more)


def measure_prepare(options, results):
    data = options.work / f"ptbxl-like-{options.records}"
    if not (data / "ptbxl_database.csv").exists():
        subprocess.run([sys.executable, HERE / "ptbxl_like.py", "--out", data, "--records", str(options.records)],
                       check=True)
    files = sorted(path for path in data.rglob("*") if path.is_file())
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    shape = {"records": options.records, "leads": 12, "samples": 1000, "files": len(files),
             "megabytes": round(megabytes, 1), "threads": THREADS, "preprocessing": options.preprocessing}
    prepare = [ROOT / "precordia", "prepare", "--ptb-xl", data, "--out", options.work / "measured.shard",
               "--preprocessing", options.preprocessing, "--json"]
    cat = ["sh", "-c", f"find '{data}' -type f -print0 | xargs -0 cat >/dev/null"]
    run(cat)
    cats, runs, rates = [], [], []
    peaks = [0, 0]
    for _ in range(options.rounds):
        cats.append(run(cat)[1])
        output, seconds, *seen = run(prepare)
        report = json.loads(output)
        assert report["records"] == options.records, report
        runs.append(seconds)
        rates.append(options.records / seconds)
        peaks = [max(pair) for pair in zip(peaks, seen)]
    results.measurement("cat", "cat", shape, [megabytes / s for s in cats], "MB/s", cats)
    results.measurement("prepare", "precordia", shape, [megabytes / s for s in runs], "MB/s", runs,
                        peak_bytes=peaks[0], anonymous_bytes=peaks[1],
                        ratio=round(statistics.median(c / r for c, r in zip(cats, runs)), 4),
                        note="whole command, start of the virtual machine included; ratio: MB/s over cat's")
    results.measurement("prepare", "precordia", shape, rates, "records/s", runs)


def measure_million(options, results):
    data = options.work / "million"
    shape = {"records": options.records, "leads": 12, "samples": 1000, "threads": THREADS, "heap": options.heap}
    heap = f"-Xmx{options.heap}"
    output, seconds, peak, anonymous = run(
        bench_main("QuickRecords", options.records, data, 1 << 30, THREADS, options=[heap]))
    assert figures(output)["records"] == options.records, output
    megabytes = sum(path.stat().st_size for path in data.iterdir()) / 1e6
    results.measurement("prepare many", "precordia", {**shape, "megabytes": round(megabytes, 1)},
                        [options.records / seconds], "records/s", [seconds], peak_bytes=peak,
                        anonymous_bytes=anonymous)
    _, seconds, peak, anonymous = run([ROOT / "precordia", "verify", data], heap)
    results.measurement("verify", "precordia", shape, [megabytes / seconds], "MB/s", [seconds], peak_bytes=peak,
                        anonymous_bytes=anonymous)
    for channels, steps in ((options.channels, options.records * 72 // 100 // 128), (64, options.steps)):
        output, seconds, peak, anonymous = run(
            bench_main("EpochReading", data, channels, steps, THREADS, options.work, options=[heap]))
        seen = figures(output)
        results.measurement("reading in blocks", f"{channels} channels",
                            {**shape, "steps": steps, "batch": 128, "windows": int(seen["windows"])},
                            [128 * 16e-3 * seen["steps"] / seen["steps_s"]], "MB/s", [seen["steps_s"]],
                            peak_bytes=peak, anonymous_bytes=anonymous,
                            note="of whole records; " + ", ".join(f"{k} {v:g}" for k, v in seen.items()))
    if not options.keep:
        shutil.rmtree(data)


def measure_steps(options, results):
    file, folder = options.work / "steps.shard", options.work / "steps"
    if not folder.exists():
        for target, more in ((file, []), (folder, ["--shard-size", "8MiB"])):
            run([ROOT / "precordia", "prepare", "--synthetic", 4000, "--out", target, *more])
    output, *_ = run(bench_main("LoadingTurns", file, folder, THREADS, options.turn_steps, options.turns, options.work))
    turns = {}
    for line in output.splitlines():
        variant, turn, value = line.split()
        turns.setdefault(variant, {})[int(turn)] = float(value)
    shape = {"width": 64, "batch": 128, "threads": THREADS, "steps": options.turn_steps}
    for variant, rounds in turns.items():
        ratios = sorted(value / turns["resident"][turn] for turn, value in rounds.items())
        middle = len(ratios) // 2
        # The order statistics that enclose the median with 95 % confidence.
        reach = round(0.98 * len(ratios) ** 0.5)
        low, high = ratios[max(0, middle - reach)], ratios[min(len(ratios) - 1, middle + reach)]
        values = [rounds[turn] for turn in sorted(rounds)]
        results.measurement("training step with loading", variant, shape, values, "ms", [v / 1000 for v in values],
                            ratio=round(statistics.median(ratios), 5),
                            note=f"ratio to resident, turn by turn: median within {low:.4f} to {high:.4f} (95 %)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["prepare", "million", "steps"])
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--records", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--preprocessing", default="default")
    parser.add_argument("--heap", default="2g")
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--turn-steps", type=int, default=10)
    parser.add_argument("--keep", action="store_true", help="keep the million records")
    options = parser.parse_args()
    options.records = options.records or {"prepare": 21799}.get(options.what, 1_000_000)
    options.work.mkdir(parents=True, exist_ok=True)
    results = Results(options.results)
    results.environment()
    {"prepare": measure_prepare, "million": measure_million, "steps": measure_steps}[options.what](options, results)


if __name__ == "__main__":
    main()
