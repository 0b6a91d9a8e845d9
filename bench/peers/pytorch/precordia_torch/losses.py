# SPDX-License-Identifier: Apache-2.0
"""Losses (docs/model.md, section 3): reconstruction, supervised contrastive with three targets, classifier.

Supervised contrastive after Khosla et al., arXiv:2004.11362 (target "out"); "any" is the form of
arXiv:2603.17248, and "jaccard" weights positives by the overlap of their label sets.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

TARGETS = ("any", "out", "jaccard")
TEMPERATURE = 0.07


def reconstruction(y: Tensor, target: Tensor) -> Tensor:
    """0.8·MSE + 0.2·L1 in mV, means over batch, time and targets."""
    error = y - target
    return 0.8 * error.square().mean() + 0.2 * error.abs().mean()


def classifier(logits: Tensor, labels: Tensor) -> Tensor:
    """Sigmoid cross-entropy against multi-hot labels [B, K], mean over batch and labels."""
    return F.binary_cross_entropy_with_logits(logits, labels)


def unpack_masks(masks: np.ndarray) -> np.ndarray:
    """Label bit masks [N, words] of any unsigned width -> multi-hot uint8 [N, 8·bytes], bit 0 first."""
    return np.unpackbits(np.ascontiguousarray(masks).view(np.uint8), axis=1, bitorder="little")


def positive_weights(rows: slice, labels: Tensor, groups: Tensor, target: str) -> Tensor:
    """Weights w_ij >= 0 of anchor rows against all columns; positive where j is a positive of i.

    Row sums are not normalised here. labels: multi-hot [N, K] in a floating type that counts exactly;
    groups: the window a view was taken of. Views of one window weigh 1 whatever their labels.
    """
    ours, theirs = labels[rows], labels
    shared = ours @ theirs.T
    same = groups[rows, None] == groups[None, :]
    if target == "jaccard":
        union = ours.sum(1)[:, None] + theirs.sum(1)[None, :] - shared
        weights = torch.where(same, torch.ones_like(shared), shared / union.clamp(min=1))
    else:
        weights = ((shared > 0) | same).to(shared.dtype)
    index = torch.arange(labels.shape[0], device=labels.device)
    labelled = labels.sum(1) > 0
    take = (index[rows, None] != index[None, :]) & labelled[rows, None] & labelled[None, :]
    return weights * take


def supcon_reference(z: Tensor, labels: Tensor, groups: Tensor, target: str, temperature=TEMPERATURE):
    """The definition, written for fp64: log-sum-exp over explicit index sets. Slow, for judging."""
    if target not in TARGETS:
        raise ValueError(f"target must be one of {TARGETS}, not {target!r}")
    weights = positive_weights(slice(None), labels.to(z.dtype), groups, target)
    labelled = labels.sum(1) > 0
    others = labelled[None, :] & ~torch.eye(len(z), dtype=torch.bool, device=z.device)
    anchors = ((weights > 0).any(1) & labelled).nonzero().squeeze(1)
    if anchors.numel() == 0:
        return (z * 0).sum()
    s = z[anchors] @ z.T / temperature
    total = s.masked_fill(~others[anchors], -torch.inf).logsumexp(1)
    w = weights[anchors]
    if target == "any":
        value = total - s.masked_fill(w == 0, -torch.inf).logsumexp(1)
    else:
        value = total - (w / w.sum(1, keepdim=True) * s).sum(1)
    return value.mean()


def _row_losses(z, labels, groups, rows_index, target, temperature):
    """(sum of L_i, number of anchors) over the rows in rows_index, static shapes, fixed shift 1/τ."""
    count_type = torch.bfloat16 if z.is_cuda else torch.float32
    y = labels.to(count_type)
    ours = y[rows_index]
    shared = ours @ y.T
    same = groups[rows_index, None] == groups[None, :]
    sizes = labels.sum(1, dtype=torch.float32)
    labelled = sizes > 0
    index = torch.arange(z.shape[0], device=z.device)
    take = (rows_index[:, None] != index[None, :]) & labelled[None, :] & labelled[rows_index, None]
    positive = ((shared > 0) | same) & take
    shift = 1.0 / temperature
    s = (z[rows_index] @ z.T).float() * shift - shift
    total = (s.exp() * take).sum(1)
    if target == "any":
        other = (s.exp() * positive).sum(1)
        has = other > 0
        value = torch.where(has, total, 1.0).log() - torch.where(has, other, 1.0).log()
    else:
        w = positive.float()
        if target == "jaccard":
            union = sizes[rows_index, None] + sizes[None, :] - shared.float()
            w = torch.where(same & take, 1.0, shared.float() / union.clamp(min=1) * w)
        mass = w.sum(1)
        has = mass > 0
        value = torch.where(has, total, 1.0).log() - (w * s).sum(1) / torch.where(has, mass, 1.0)
        value = torch.where(has, value, 0.0)
    return value.sum(), has.sum()


def supcon(z, labels, groups, target="any", temperature=TEMPERATURE):
    """Loss over the whole N x N matrix, as PyTorch code usually has it; N² memory."""
    index = torch.arange(z.shape[0], device=z.device)
    value, anchors = _row_losses(z, labels, groups, index, target, temperature)
    return value / anchors.clamp(min=1)


def supcon_chunked(z, labels, groups, target="any", temperature=TEMPERATURE, rows=4096, row_losses=None):
    """The same loss in row chunks that the backward pass computes again: rows x N memory.

    The most a PyTorch user gets without a kernel of their own. row_losses: a compiled ``_row_losses``.
    """
    row_losses = row_losses or _row_losses
    values, anchors = [], []
    for index in torch.arange(z.shape[0], device=z.device).split(rows):
        value, count = checkpoint(
            row_losses, z, labels, groups, index, target, temperature, use_reentrant=False
        )
        values.append(value)
        anchors.append(count)
    return torch.stack(values).sum() / torch.stack(anchors).sum().clamp(min=1)
