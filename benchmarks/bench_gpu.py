"""Vector search and transformer embedding on a GPU beside the bare work, in one run.

    python benchmarks/bench_gpu.py [--rows N] [--model FOLDER] [--texts N]

Prints the device, versions, settings and ratios. Rows are random unit vectors with planted near-duplicates;
texts are random words of the model's vocabulary, about 128 tokens each.
"""

from __future__ import annotations

import argparse
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tuneset.curate.vectors import similar_pairs

THRESHOLD = 0.9
DIM = 384
TOKENS = 128
BLOCK = 32_768


def planted(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Random unit rows; a tenth of them lie near an earlier row, cosine about 0.95."""
    draw = np.random.default_rng(seed)
    vectors = draw.standard_normal((rows, DIM), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    copies = rows // 10
    noise = draw.standard_normal((copies, DIM), np.float32) * np.float32(0.33 / np.sqrt(DIM))
    near = vectors[:copies] + noise
    vectors[-copies:] = near / np.linalg.norm(near, axis=1, keepdims=True)
    return vectors, np.stack([np.arange(copies), np.arange(rows - copies, rows)], axis=1)


def bare_pairs(vectors: np.ndarray) -> float:
    """Seconds of the same products in bfloat16 with a count above the threshold, and nothing else."""
    loaded = torch.from_numpy(vectors).cuda().bfloat16()
    torch.cuda.synchronize()
    started = time.perf_counter()
    count = torch.zeros((), dtype=torch.int64, device="cuda")
    for i in range(0, len(loaded), BLOCK):
        for j in range(i, len(loaded), BLOCK):
            count += (loaded[i : i + BLOCK] @ loaded[j : j + BLOCK].T >= THRESHOLD).sum()
    torch.cuda.synchronize()
    return time.perf_counter() - started


def pairs(rows: int) -> None:
    vectors, wanted = planted(rows)
    good = np.einsum("ij,ij->i", vectors[wanted[:, 0]], vectors[wanted[:, 1]]) >= THRESHOLD
    bare_pairs(vectors[: 4 * BLOCK])
    bare = bare_pairs(vectors)
    for run in ("first", "second"):
        started = time.perf_counter()
        found = similar_pairs(vectors, THRESHOLD)
        took = time.perf_counter() - started
        got = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
        hits = sum(tuple(pair) in got for pair in wanted[good].tolist())
        print(
            f"similar_pairs, {rows:,} x {DIM}, {run} run: {took:.1f} s ({found.method}); bare products"
            f" {bare:.1f} s; {hits:,} of {good.sum():,} planted pairs"
        )


def embedding(folder: Path, texts: int) -> None:
    from transformers import AutoModel
    from tuneset.curate.encoders import encoder_for

    vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    words = np.array([w for w in vocabulary if w.isalpha() and w.isascii() and len(w) > 1])
    draw = np.random.default_rng(3)
    made = [" ".join(row) for row in draw.choice(words, (texts, TOKENS - 2))]
    encoder = encoder_for(str(folder))
    encoder.encode(made[:4096])
    rates = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode(made)
        rates.append(texts / (time.perf_counter() - started))
    model = AutoModel.from_pretrained(folder, dtype=torch.bfloat16).cuda().eval()
    best = max(forward(model, batch) for batch in (256, 512, 1024, 2048))
    told = ", ".join(f"{r:,.0f}" for r in rates)
    print(
        f"embedding, {texts:,} texts of {TOKENS} tokens: {told} rows/s; bare forward {best:,.0f} rows/s;"
        f" median {np.median(rates) / best:.2f} of it"
    )


def forward(model: Any, batch: int) -> float:
    """Rows a second of the model alone on random token numbers."""
    ids = torch.randint(0, model.config.vocab_size, (batch, TOKENS), device="cuda")
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        for _ in range(5):
            model(input_ids=ids, attention_mask=mask)
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(50):
            model(input_ids=ids, attention_mask=mask)
        torch.cuda.synchronize()
    return 50 * batch / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--texts", type=int, default=200_000)
    args = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, torch {version('torch')}, numpy {version('numpy')}")
    pairs(args.rows)
    if args.model:
        print(f"transformers {version('transformers')}, model {args.model.name}")
        embedding(args.model, args.texts)


if __name__ == "__main__":
    main()
