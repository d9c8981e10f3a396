"""Products of unit rows, twice: fast by blocks to propose pairs, and in one fixed way to score them.

A fast product may round: the float32 of a matrix library depends on the shape of the block, bfloat16 keeps 8
bits. So blocks propose every pair within `slack` of the threshold, and `scores` decides. What comes out does
not depend on blocks, threads or device.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

GATHER = 1 << 22  # values a batch of `scores`


class Candidates(NamedTuple):
    """Rows that may be near, with a product that is off by `slack` at most; left and right are int64."""

    left: np.ndarray
    right: np.ndarray
    rough: np.ndarray


class Kernel(NamedTuple):
    """A way to multiply blocks.

    Args:
        name: What reports call it.
        device: `cpu` or a device of torch.
        exact_rows: Rows of which every pair is looked at in seconds.
        slack: Most by which a product of two unit rows is off.
        block: Rows of a block.
        hits: From rows, other rows and a bound: positions in both, and products, of all products above it.
        load: Puts all rows where `hits` takes blocks of them.
    """

    name: str
    device: str
    exact_rows: int
    slack: float
    block: tuple[int, int]
    hits: Callable[..., Candidates]
    load: Callable[[np.ndarray], object]


def scores(
    vectors: np.ndarray, left: np.ndarray, right: np.ndarray, others: np.ndarray | None = None
) -> np.ndarray:
    """The product of each pair of rows, float32 and 1 at most; `right` counts in `others` where given."""
    result = np.empty(len(left), np.float32)
    others = vectors if others is None else others
    step = max(1, GATHER // max(1, vectors.shape[1]))
    for i in range(0, len(left), step):
        product = vectors[left[i : i + step]] * others[right[i : i + step]]
        result[i : i + step] = product.sum(axis=1)
    return np.minimum(result, np.float32(1), out=result)


def numpy_kernel() -> Kernel:
    """float32 products of the processor."""
    return Kernel(
        "float32 on the processor", "cpu", 50_000, 1e-5, (1024, 4096), _numpy_hits, lambda vectors: vectors
    )


def torch_kernel(device: str) -> Kernel:
    """bfloat16 products of torch."""
    import torch

    def load(vectors: np.ndarray) -> object:
        result = torch.empty(vectors.shape, dtype=torch.bfloat16, device=device)
        for i in range(0, len(vectors), 1 << 17):
            result[i : i + (1 << 17)] = torch.from_numpy(vectors[i : i + (1 << 17)]).to(device)
        return result

    # Two inputs and the result rounded to 8 bits: 3 * 2**-9 at most, by Cauchy and Schwarz.
    slack = 0.0059
    if device == "cpu":
        return Kernel("bfloat16 on the processor", device, 50_000, slack, (2048, 4096), _torch_hits, load)
    return Kernel("bfloat16 on the GPU", device, 4_000_000, slack, (16384, 16384), _torch_hits, load)


def kernel_for(device: str, rows: int) -> Kernel:
    """The kernel for `auto`, `cpu` (numpy, or torch where it is loaded and quicker) or a device of torch."""
    if device == "auto":
        device = "cuda" if rows >= 20_000 and _gpu() else "cpu"
    if device != "cpu":
        return torch_kernel(device)
    torch = sys.modules.get("torch")
    quick = getattr(getattr(torch, "cpu", None), "_is_amx_tile_supported", None)
    return torch_kernel("cpu") if quick is not None and quick() else numpy_kernel()


def _gpu() -> bool:
    """Whether torch sees a GPU; it is not loaded on a machine that has none."""
    if "torch" not in sys.modules and not any(Path("/dev").glob("nvidia[0-9]*")):
        return False
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


def all_pairs(vectors: np.ndarray, bound: float, kernel: Kernel) -> Iterator[Candidates]:
    """Candidates among all pairs left < right, each pair once."""
    loaded = kernel.load(vectors)
    high, wide = kernel.block
    for top in range(0, len(vectors), high):
        rows = loaded[top : top + high]  # type: ignore[index]
        for first in range(top, len(vectors), wide):
            found = kernel.hits(rows, loaded[first : first + wide], bound)  # type: ignore[index]
            left, right = found.left + top, found.right + first
            upper = left < right
            yield Candidates(left[upper], right[upper], found.rough[upper])


def _numpy_hits(rows: np.ndarray, others: np.ndarray, bound: float) -> Candidates:
    products = rows @ others.T
    flat = np.flatnonzero(products.ravel() >= np.float32(bound))
    left, right = np.divmod(flat, products.shape[1])
    return Candidates(left, right, products.ravel()[flat])


def _torch_hits(rows: object, others: object, bound: float) -> Candidates:
    import torch

    assert isinstance(rows, torch.Tensor)
    assert isinstance(others, torch.Tensor)
    with torch.inference_mode():
        products = rows @ others.T
        over = products.view(-1) >= bound
        if over.is_cuda:
            flat = torch.nonzero(over).view(-1)
        else:
            flat = torch.from_numpy(np.flatnonzero(over.numpy()))
        rough = products.view(-1)[flat].float().cpu().numpy()
        left, right = np.divmod(flat.cpu().numpy(), products.shape[1])
    return Candidates(left, right, rough)
