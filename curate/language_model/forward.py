"""The likelihood of tokens, for many sequences at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .model import LanguageModel
from .passes import Pass

BATCH_TOKENS = {"cpu": 2_048, "cuda": 16_384}
"""Tokens of a batch, filling included."""

PART = {"cpu": 512, "cuda": 4_096}
"""Tokens whose logits are in memory at a time."""


def mean_losses(
    model: LanguageModel, passes: Sequence[Pass], *, batch_tokens: int | None = None
) -> list[list[float]]:
    """The mean negative log-likelihood of every span of every pass, in nats a token.

    Args:
        model: Reads them.
        passes: What to read; sequences of near length are read together, the longest first.
        batch_tokens: Tokens of a batch; None takes BATCH_TOKENS. It changes rounding alone.
    """
    device = model.device.partition(":")[0]
    budget = batch_tokens or BATCH_TOKENS[device]
    found: list[list[float]] = [[] for _ in passes]
    for chosen in _batches([len(p.ids) for p in passes], budget):
        for place, losses in zip(
            chosen, _read(model, [passes[i] for i in chosen], PART[device]), strict=True
        ):
            found[place] = losses
    return found


def _batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    first = 0
    while first < len(order):
        count = max(1, budget // max(lengths[order[first]], 1))
        yield order[first : first + count]
        first += count


def _read(model: LanguageModel, passes: Sequence[Pass], part: int) -> list[list[float]]:
    import torch

    longest = max(len(p.ids) for p in passes)
    ids = np.array([p.ids + p.ids[:1] * (longest - len(p.ids)) for p in passes], np.int64)
    rows = np.concatenate([np.full(b - a, i) for i, p in enumerate(passes) for a, b in p.spans])
    places = np.concatenate([np.arange(a, b) for p in passes for a, b in p.spans])
    sizes = [b - a for p in passes for a, b in p.spans]
    with torch.inference_mode():
        inputs = torch.from_numpy(ids).to(model.device)
        at = [torch.from_numpy(x).to(model.device) for x in (rows, places)]
        targets = inputs[at[0], at[1]]
        logits = model.logits(inputs, at[0], at[1] - 1)
        losses = [
            torch.nn.functional.cross_entropy(
                logits.part(i, i + part), targets[i : i + part], reduction="none"
            )
            for i in range(0, len(places), part)
        ]
        values = torch.cat(losses).double().cpu().numpy()
    means = iter(values[end - size : end].mean() for size, end in zip(sizes, np.cumsum(sizes), strict=True))
    return [[float(next(means)) for _ in p.spans] for p in passes]
