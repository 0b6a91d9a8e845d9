# SPDX-License-Identifier: Apache-2.0
"""Ratios of figures of one run: Precordia against the floors of the GPU, against PyTorch, cuDNN, and itself."""

BYTES = {"bf16": 2, "fp32": 4}


def _figures(records, subject):
    return [r for r in records if r.get("subject") == subject and "value" in r]


def _ours(record):
    return record["variant"].startswith("precordia")


def ceilings(records):
    """({precision: matrix TFLOP/s}, TB/s of device memory), as far as they were measured.

    The matrix rate is the best decile's: its median follows the power limit and whatever else runs.
    """
    matrix = {r["precision"]: r["value"] * r["median_ms"] / r["p10_ms"]
              for r in _figures(records, "matrix product") if r["variant"] == "8192^3"}
    memory = max((r["value"] for r in _figures(records, "device memory")), default=None)
    return matrix, memory


def blocks(records):
    """Share of its floor that a block reaches: each activation moved once, nothing computed again."""
    matrix, memory = ceilings(records)
    for subject, passes in (("block forward", 1), ("block backward", 2)):
        for r in filter(_ours, _figures(records, subject)):
            width, precision = r["shape"]["width"], r["precision"]
            if memory is None or precision not in matrix:
                continue
            moved = (1 + passes) * width * BYTES[precision] / memory * 1e-3
            product = passes * 8 * width * width / matrix[precision] * 1e-3
            floor = max(moved, product)
            yield f"{subject} C={width} {precision}: {floor / r['value']:.0%} of the floor, {floor:.3f} ns/row"


def training(records):
    matrix, _ = ceilings(records)
    # Those of the benchmarks of the command are named by width and have the trainer around them.
    steps = [r for r in _figures(records, "training step") if "size" in r["shape"]]
    best = {}
    for r in (r for r in steps if r["variant"] == "precordia"):
        key = r["shape"]["size"], r["precision"]
        if key not in best or r["value"] > best[key]["value"]:
            best[key] = r
    for (size, precision), ours in best.items():
        text = f"training step {size} {precision}: {ours['value']:,.0f} windows/s at batch {ours['shape']['batch']}"
        if precision in matrix:
            text += f", {ours['model_tflops'] / matrix[precision]:.1%} of the matrix rate"
        peers = [r for r in steps if not _ours(r) and (r["shape"]["size"], r["precision"]) == (size, precision)]
        eager = max((r["value"] for r in peers if r["variant"] == "eager"), default=None)
        if eager:
            text += f", {ours['value'] / eager:.2f} × eager"
        if peers:
            fastest = max(peers, key=lambda r: r["value"])
            text += f", {ours['value'] / fastest['value']:.2f} × the fastest peer ({fastest['variant']})"
        yield text


def launches(records):
    """The replay of a step's graph against its ops issued one by one."""
    steps = list(filter(_ours, _figures(records, "training step")))
    graphs = {(str(r["shape"]), r["precision"]): r for r in steps if r["variant"] == "precordia"}
    for r in steps:
        graph = graphs.get((str(r["shape"]), r["precision"]))
        if r["variant"] == "precordia op by op" and graph:
            shape = r["shape"]
            yield (f"graph replay {shape['size']} {r['precision']} batch {shape['batch']}: "
                   f"{graph['median_ms']:.3f} ms, op by op {r['median_ms']:.3f} ms, "
                   f"{r['median_ms'] / graph['median_ms']:.2f} ×")


def contrast(records):
    losses = _figures(records, "supcon forward + backward")
    for r in filter(_ours, losses):
        n, target = r["shape"]["n"], r["variant"].split()[-1]
        same = [p for p in losses if not _ours(p) and p["shape"]["n"] == n and p["precision"] == r["precision"]
                and p["variant"].split()[-1] == target]
        if same:
            fastest = min(same, key=lambda p: p["median_ms"])
            memory = fastest["peak_bytes"] / r["peak_bytes"] if fastest.get("peak_bytes") else None
            yield (f"supcon N={n} {target} {r['precision']}: {fastest['median_ms'] / r['median_ms']:.2f} × the fastest "
                   f"peer ({fastest['variant']})" + (f", in 1/{memory:.0f} of the memory" if memory else ""))


def yardstick(records):
    for subject in ("yardstick forward", "yardstick backward"):
        for r in _figures(records, subject):
            if "ratio" in r:
                yield (f"{subject} C={r['shape']['width']} {r['precision']}: our whole block at {r['ratio']:.2f} × the "
                       "speed of cuDNN's convolution alone")


def lines(records):
    for part in (blocks, training, launches, contrast, yardstick):
        yield from part(records)
