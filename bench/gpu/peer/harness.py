# SPDX-License-Identifier: Apache-2.0
"""Timing and recording shared by the peer tasks: events, warm-up, medians, one JSON line a figure."""

import contextlib
import fcntl
import gc
import json
import os
import sys
import time

import torch

RESULTS_VARIABLE = "PRECORDIA_BENCH_RESULTS"
LOCK_VARIABLE = "PRECORDIA_BENCH_GPU_LOCK"


def emit(record: dict):
    """Appends one line to the results file (one write, so that lines of two processes never mix)."""
    line = json.dumps(record) + "\n"
    path = os.environ.get(RESULTS_VARIABLE)
    if path:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
    else:
        sys.stdout.write(line)
        sys.stdout.flush()


@contextlib.contextmanager
def gpu_lock():
    """Holds the device for one process of the run: while others compile, one may run or autotune."""
    path = os.environ.get(LOCK_VARIABLE)
    if not path:
        yield
        return
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def serialise_autotuning():
    """Makes torch.compile's autotuner time its candidates under ``gpu_lock``.

    Without it, processes that autotune side by side time each other. Reaches into torch._inductor, so
    a version that has moved the function is left as it is, with a note.
    """
    try:
        from torch._inductor.runtime.benchmarking import benchmarker

        inner = benchmarker.benchmark_gpu

        def locked(*arguments, **keywords):
            with gpu_lock():
                return inner(*arguments, **keywords)

        benchmarker.benchmark_gpu = locked
    except (ImportError, AttributeError) as error:
        print(f"autotuning is not serialised: {error}", file=sys.stderr)


def synchronise(device: str):
    if device == "cuda":
        torch.cuda.synchronize()


def _quantile(values, q):
    values = sorted(values)
    return values[int(q * (len(values) - 1) + 0.5)]


class _Marks:
    """Points in time inside a timed iteration: CUDA events, or a clock on the CPU."""

    def __init__(self, device):
        self.device = device
        self.points = []

    def __call__(self):
        if self.device == "cuda":
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            self.points.append(event)
        else:
            self.points.append(time.perf_counter())

    def segments(self):
        pairs = list(zip(self.points, self.points[1:]))
        if self.device == "cuda":
            return [a.elapsed_time(b) for a, b in pairs]
        return [(b - a) * 1e3 for a, b in pairs]


def measure(step, device, seconds, warm_up=3, minimum=5, maximum=300):
    """Times step(i, mark), which may call mark() between its parts; returns one dict a part.

    All iterations are queued without a synchronisation between them, so short kernels are timed at the
    rate the host can issue them, as in use. Each dict: median_ms, p10_ms, p90_ms, repeats.
    """
    nothing = lambda: None
    for i in range(warm_up):
        step(i, nothing)
    synchronise(device)
    begin = time.perf_counter()
    step(warm_up, nothing)
    synchronise(device)
    once = max(time.perf_counter() - begin, 1e-6)
    repeats = int(min(maximum, max(minimum, seconds / once)))
    runs = []
    for i in range(repeats):
        marks = _Marks(device)
        marks()
        step(i, marks)
        marks()
        runs.append(marks)
    synchronise(device)
    columns = list(zip(*(m.segments() for m in runs)))
    return [
        {
            "median_ms": _quantile(column, 0.5),
            "p10_ms": _quantile(column, 0.1),
            "p90_ms": _quantile(column, 0.9),
            "repeats": repeats,
        }
        for column in columns
    ]


class Peak:
    """Peak device memory since construction, beyond what was allocated then."""

    def __init__(self, device):
        self.device = device
        if device == "cuda":
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
            self.before = torch.cuda.memory_allocated()

    def bytes(self):
        return torch.cuda.max_memory_allocated() - self.before if self.device == "cuda" else None


def is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()


@contextlib.contextmanager
def recorded(head: dict, device: str):
    """Turns an exception into a record of status "out-of-memory" or "error", and goes on."""
    # The traceback of an earlier failure is a cycle that keeps that attempt's tensors alive.
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    try:
        yield
    except Exception as error:  # a peer that fails in one shape must not cost the others
        status = "out-of-memory" if is_out_of_memory(error) else "error"
        text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        emit({**head, "status": status, "note": text})
        print(f"{head}: {text}", file=sys.stderr)


def first_call(call, device, tries=6):
    """Makes the call that compiles; again later when neighbours left too little device memory."""
    for attempt in range(tries):
        try:
            call()
            break
        except Exception as error:
            if not is_out_of_memory(error) or attempt == tries - 1:
                raise
        torch.cuda.empty_cache()
        time.sleep(3)
    synchronise(device)
    if device == "cuda":
        torch.cuda.empty_cache()
