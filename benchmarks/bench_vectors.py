"""Encoders and vector search beside their peers, on rows of yours.

    python benchmarks/bench_vectors.py ROWS.jsonl [--model FOLDER] [--rows N]

ROWS.jsonl has one JSON value a line; every string in it of 40 characters or more is a text. Peers that are
not installed are left out: tokenizers, model2vec, sentence-transformers (with --model), faiss. model2vec gets
the weights of our own static encoder, so that vectors can be compared. CPU seconds are those of the process,
all threads together.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from tuneset.curate.encoders import encoder_for
from tuneset.curate.encoders.static import FILE, StaticEncoder
from tuneset.curate.vectors import similar_pairs

PEERS = ("numpy", "scipy", "tokenizers", "model2vec", "torch", "sentence-transformers", "faiss-cpu")


def timed(label: str, n: int, work: Callable[[], Any]) -> tuple[Any, float]:
    """The result and the CPU seconds of a piece of work, after saying them."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"  {label:44} {cpu:8.2f} CPU s {wall:8.2f} s wall {n / cpu:10,.0f} rows a CPU s", flush=True)
    return result, cpu


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= 40:
            yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def texts_of(path: Path, most: int) -> list[str]:
    with open(path, encoding="utf-8") as f:
        return [text for line in f for text in strings(json.loads(line))][:most]


def bert_tokenizer(vocabulary: list[str]) -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    numbers = {piece: i for i, piece in enumerate([*vocabulary, "[UNK]"])}
    tool = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100))
    tool.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tool.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tool


def model2vec() -> Any:
    """The weights of the static encoder in model2vec."""
    from model2vec import StaticModel

    with np.load(FILE, allow_pickle=False) as arrays:
        vocabulary = arrays["pieces"].tobytes().decode().split("\n")
        packed, scale = arrays["vectors"].astype(np.float32), arrays["scale"]
    values = (np.hstack([packed % 16, packed // 16]) - 8) * scale
    rows = np.concatenate([values, np.zeros((1, len(scale)), np.float32)])
    return StaticModel(rows, bert_tokenizer(vocabulary), normalize=True, max_length=None)


def static(texts: list[str]) -> np.ndarray:
    print(f"\nstatic encoder: {len(texts):,} texts of {np.mean([len(t) for t in texts]):.0f} characters")
    encoder, _ = timed("load", 1, StaticEncoder)
    encoder.encode(texts[:100])
    ours, cpu = timed("encode", len(texts), lambda: encoder.encode(texts))
    if importlib.util.find_spec("model2vec") is None:
        return ours
    peer = model2vec()
    theirs, peer_cpu = timed(
        "model2vec, same weights", len(texts), lambda: peer.encode(texts, use_multiprocessing=False)
    )
    alike = (ours * theirs).sum(axis=1)
    print(f"  {peer_cpu / cpu:.1f} times as fast; cosine >= 0.999 for {(alike >= 0.999).mean():.4f} of them")
    return ours


def transformer(texts: list[str], folder: str) -> None:
    print(f"\ntransformer {Path(folder).name}: {len(texts):,} texts")
    encoder = encoder_for(folder)
    encoder.encode(texts[:20])
    ours, cpu = timed("ours", len(texts), lambda: encoder.encode(texts))
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(folder, device="cpu")
    theirs, peer_cpu = timed(
        "sentence-transformers, float32", len(texts), lambda: peer.encode(texts, normalize_embeddings=True)
    )
    print(f"  {peer_cpu / cpu:.1f} times as fast; lowest cosine {(ours * theirs).sum(axis=1).min():.4f}")


def search(vectors: np.ndarray, threshold: float) -> None:
    n = len(vectors)
    print(f"\npairs at {threshold}: {n:,} x {vectors.shape[1]}, {len(np.unique(vectors, axis=0)):,} distinct")
    most = 10**6
    exact, _ = timed(
        "every pair",
        n,
        lambda: similar_pairs(vectors, threshold, max_partners=most, method="exact", device="cpu"),
    )
    lists, _ = timed(
        "lists", n, lambda: similar_pairs(vectors, threshold, max_partners=most, method="lists", device="cpu")
    )
    timed("default", n, lambda: similar_pairs(vectors, threshold, device="cpu"))
    want = np.union1d(exact.left, exact.right)
    got = np.union1d(lists.left, lists.right)
    pairs = np.isin(exact.left * n + exact.right, lists.left * n + lists.right).mean() if len(want) else 1.0
    rows = np.isin(want, got).mean() if len(want) else 1.0
    print(f"  {lists.method}: row recall {rows:.5f} (it says {lists.recall}), pair recall {pairs:.5f}")
    if importlib.util.find_spec("faiss") is not None:
        faiss_lists(vectors, threshold, want)


def faiss_lists(vectors: np.ndarray, threshold: float, want: np.ndarray) -> None:
    import faiss

    def work() -> np.ndarray:
        n, dim = vectors.shape
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, int(4 * n**0.5), faiss.METRIC_INNER_PRODUCT)
        index.cp.seed = 13
        index.train(vectors)
        index.add(vectors)
        index.nprobe = 8
        limits, _, found = index.range_search(vectors, threshold)
        asked = np.repeat(np.arange(n), np.diff(limits.astype(np.int64)))
        return np.unique(asked[asked != found])

    got, _ = timed("faiss IVF range, 4 sqrt(n) lists, 8 probed", len(vectors), work)
    print(f"  row recall {np.isin(want, got).mean():.5f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", help="a sentence-transformers model to time as well")
    parser.add_argument("--rows", type=int, default=50_000, help="texts at most")
    parser.add_argument("--threshold", type=float, default=0.9)
    arguments = parser.parse_args()
    known = []
    for name in PEERS:
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            known.append(f"{name} not installed")
    print(f"Python {platform.python_version()}, {', '.join(known)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    texts = texts_of(arguments.file, arguments.rows)
    vectors = static(texts)
    search(vectors, arguments.threshold)
    if arguments.model:
        transformer(texts[:1000], arguments.model)


if __name__ == "__main__":
    main()
