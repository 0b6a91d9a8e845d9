#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recipe ``joint`` on a dump of prepare_ptbxl.py: what accuracy this network reaches in PyTorch.

usage: train_joint.py DUMP.json --out MODEL.safetensors [--size small|base|large] [--epochs 6] [--fold 9]
                      [--device cuda|cpu] [--precision fp32|tf32|bf16] [--seed 1] [--max-steps N]

Trains on folds 1-8 and prints, after each epoch, the moving average's error on all windows of --fold beside
ridge's, one JSON line each (mV): RMSE per window (mean over leads, then windows), pooled RMSE and
Pearson correlation (windows whose true deviation is below 0.01 mV left out).
"""

import argparse
import json
import sys
import time

import torch

from precordia_torch import NetworkShape, TunedReconstructor
from precordia_torch.checkpoint import write_safetensors
from precordia_torch.dumps import Dump
from precordia_torch.model import WIDTHS
from precordia_torch.recipe import GraphedStep, JointStep, one_cycle, set_precision
from precordia_torch.windows import Augmenter, Quality, grid, ridge_anchor

INPUTS, TARGETS = ["I", "II", "V2"], ["V1", "V3", "V4", "V5", "V6"]
BATCH = 128


def scores(y, target):
    """Error figures of reconstructions [W, T, leads] in mV."""
    error = (y - target).double()
    a, b = y.double() - y.double().mean(1, keepdim=True), target.double() - target.double().mean(1, keepdim=True)
    r = (a * b).sum(1) / (a.square().sum(1) * b.square().sum(1)).sqrt().clamp(min=1e-12)
    valid = b.square().mean(1).sqrt() >= 0.01
    return {
        "rmse_window": error.square().mean(1).sqrt().mean().item(),
        "rmse_pooled": error.square().mean().sqrt().item(),
        "pearson": r[valid].mean().item(),
    }


class Data:
    """A dump on the device, split by fold, with what recipe ``joint`` derives from the training folds."""

    def __init__(self, dump, fold, device):
        leads = dump.attributes["leads"]
        self.inputs = [leads.index(n) for n in INPUTS]
        self.targets = [leads.index(n) for n in TARGETS]
        signals = torch.from_numpy(dump["signals"].astype("float32") / 1000).to(device)
        folds = torch.from_numpy(dump["fold"].copy()).to(device)
        self.labels = torch.from_numpy(dump["labels"].astype("float32")).to(device)[folds <= 8]
        self.signals = signals[folds <= 8]
        windows = grid(self.signals)
        self.quality = Quality(windows)
        windows = windows[self.quality.accepts(windows)]
        self.count = len(windows)
        x = windows[:, self.inputs].double()
        self.mean = x.mean((0, 2)).float()
        self.deviation = x.std((0, 2), correction=0).float()
        self.anchor = ridge_anchor(*self.split(windows))
        self.held_out = self.split(grid(signals[folds == fold]).flatten(0, 1))

    def split(self, windows):
        """[B, leads, T] in mV -> (standardised inputs [B, T, 3], targets [B, T, 5])."""
        x = (windows[:, self.inputs] - self.mean[:, None]) / self.deviation[:, None]
        return x.transpose(1, 2).contiguous(), windows[:, self.targets].transpose(1, 2).contiguous()


def evaluate(model, x, target):
    with torch.no_grad():
        return scores(torch.cat([model(part).signal for part in x.split(512)]), target)


def train(arguments, data):
    device = arguments.device
    torch.manual_seed(arguments.seed)
    set_precision(arguments.precision)
    shape = NetworkShape(WIDTHS[arguments.size], labels=data.labels.shape[1])
    model = TunedReconstructor(shape, "gemm" if device == "cpu" else "cudnn").to(device)
    with torch.no_grad():
        model.anchor.weight.copy_(data.anchor[0])
        model.anchor.bias.copy_(data.anchor[1])
    smooth = TunedReconstructor(shape, "gemm").to(device).eval()
    cuda = device == "cuda"
    step = JointStep(model, precision=arguments.precision, fused=cuda, capturable=cuda)
    sampler = Augmenter(data.signals, data.quality, arguments.seed)
    groups = torch.arange(BATCH, device=device)
    per_epoch = data.count // BATCH
    steps = min(arguments.epochs * per_epoch, arguments.max_steps or sys.maxsize)
    run, begin = step, time.time()
    ridge = scores(torch.nn.functional.linear(data.held_out[0], data.anchor[0].squeeze(2), data.anchor[1]),
                   data.held_out[1])
    print(json.dumps({"row": "ridge", "fold": arguments.fold, **ridge}), flush=True)
    for i in range(steps):
        windows, records = sampler.draw(BATCH)
        x, target = data.split(windows)
        batch = (sampler.noise(x), target, data.labels[records], groups)
        if i == 0 and cuda:
            step.set_rate(0.0)  # the capture's warm-up steps must leave the weights alone
            run = GraphedStep(step, batch)
            for state in step.optimiser.state.values():
                for value in state.values():
                    value.zero_()
        step.set_rate(one_cycle(i, steps, step.recipe))
        loss = run.step(*batch)
        if (i + 1) % per_epoch == 0 or i + 1 == steps:
            smooth.load_state_dict(step.averaged_state())
            line = {"row": "model", "size": arguments.size, "precision": arguments.precision,
                    "seed": arguments.seed, "fold": arguments.fold, "step": i + 1,
                    "epoch": round((i + 1) / per_epoch, 2), "loss": loss.item(),
                    **evaluate(smooth, *data.held_out), "seconds": round(time.time() - begin, 1)}
            print(json.dumps(line), flush=True)
    return step.averaged_state()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump")
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", choices=WIDTHS, default="small")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--fold", type=int, default=9)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-steps", type=int)
    arguments = parser.parse_args()
    dump = Dump(arguments.dump)
    data = Data(dump, arguments.fold, arguments.device)
    state = train(arguments, data)
    write_safetensors(arguments.out, state, {
        "inputs": json.dumps(INPUTS), "targets": json.dumps(TARGETS), "rate": 100, "window": 256,
        "mean": json.dumps(data.mean.tolist()), "deviation": json.dumps(data.deviation.tolist()),
        "labels": json.dumps(dump.attributes["codes"]), "recipe": "joint", "written_by": "PyTorch peer",
    })
    return 0


if __name__ == "__main__":
    sys.exit(main())
