"""Approximate search: the space in parts, each row compared with the rows of the parts it lies near.

The parts are those of k-means (Jégou et al. 2011 call them an inverted file). A row searches a part when it
lies near the plane between that part and its own: a partner at the threshold's angle must step over that
plane, and in many dimensions a step goes almost never straight towards it. `REACH` is the share of the step
that may.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .products import Candidates, Kernel, all_pairs, numpy_kernel, scores

REACH = 0.33
ROWS_A_LIST = 256
TRAINED_ON = 32  # rows a list
ROUNDS = 5
SAMPLE = 1000  # rows that recall is measured on
BLOCK = 4096


def near_lists(
    rows: np.ndarray, threshold: float, kernel: Kernel, *, seed: int
) -> tuple[str, Iterator[Candidates]]:
    """Candidates among rows that lie in neighbouring lists, each pair once.

    Where so many lists are near that looking at every pair is quicker, it does that.

    Args:
        rows: Distinct unit rows.
        threshold: Lowest product looked for.
        kernel: How blocks are multiplied.
        seed: Seed of the rows that the lists are trained on.

    Returns:
        What was done, as text, and the candidates.
    """
    bound = threshold - kernel.slack
    if len(rows) == 0:
        return "no rows", iter(())
    centres = _centres(rows, max(1, len(rows) // ROWS_A_LIST), seed)
    home, searched, searches = _neighbourhoods(rows, centres, threshold)
    sizes = np.bincount(home, minlength=len(centres))
    if (sizes * searches).sum() > len(rows) ** 2 / 4:
        return f"every pair, {kernel.name}", all_pairs(rows, bound, kernel)
    told = f"{len(centres):,} lists, {searches.sum() / len(rows):.1f} searched a row, {kernel.name}"
    return told, _candidates(rows, home, searched, bound, kernel)


def _centres(rows: np.ndarray, n_lists: int, seed: int) -> np.ndarray:
    """Unit centres of k-means on a sample; one that loses its rows keeps its place."""
    random = np.random.default_rng(seed)
    sample = rows[np.sort(random.choice(len(rows), min(len(rows), TRAINED_ON * n_lists), replace=False))]
    centres = sample[random.choice(len(sample), n_lists, replace=False)].copy()
    for _ in range(ROUNDS):
        home = np.concatenate(
            [(sample[i : i + BLOCK] @ centres.T).argmax(axis=1) for i in range(0, len(sample), BLOCK)]
        )
        order = np.argsort(home, kind="stable")
        used, first = np.unique(home[order], return_index=True)
        sums = np.add.reduceat(sample[order], first, axis=0)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres[used] = np.where(norms > 0, sums / np.maximum(norms, 1e-12), centres[used])
    return centres


def _neighbourhoods(
    rows: np.ndarray, centres: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The list of each row; which rows search which list, as bits; and how many rows search each.

    Returns:
        Shapes (n_rows,) int64; (n_lists, n_rows / 8) uint8, little end first; (n_lists,) int64.
    """
    apart = np.sqrt(np.maximum(2 - 2 * (centres @ centres.T), 0))
    margin = (REACH * np.sqrt(1 - threshold**2) / threshold * apart).astype(np.float32)
    home = np.empty(len(rows), np.int64)
    bits = np.empty((len(centres), -(-len(rows) // 8)), np.uint8)
    searches = np.zeros(len(centres), np.int64)
    for i in range(0, len(rows), BLOCK):
        products = rows[i : i + BLOCK] @ centres.T
        best = products.argmax(axis=1)
        home[i : i + BLOCK] = best
        own = products[np.arange(len(best)), best]
        asks = products + margin[best] >= own[:, None]
        searches += asks.sum(axis=0)
        bits[:, i // 8 : -(-(i + len(best)) // 8)] = np.packbits(asks.T, axis=1, bitorder="little")
    return home, bits, searches


def _candidates(
    rows: np.ndarray, home: np.ndarray, searched: np.ndarray, bound: float, kernel: Kernel
) -> Iterator[Candidates]:
    loaded = kernel.load(rows)
    members = np.argsort(home, kind="stable")
    starts = np.searchsorted(home[members], np.arange(len(searched) + 1))
    for part, bits in enumerate(searched):
        inside = members[starts[part] : starts[part + 1]]
        asking = np.flatnonzero(np.unpackbits(bits, count=len(rows), bitorder="little"))
        for i in range(0, len(asking), BLOCK):
            for j in range(0, len(inside), BLOCK):
                x, y = asking[i : i + BLOCK], inside[j : j + BLOCK]
                found = kernel.hits(loaded[x], loaded[y], bound)  # type: ignore[index]
                yield _once(x[found.left], y[found.right], found.rough, home, searched)


def _once(
    x: np.ndarray, y: np.ndarray, rough: np.ndarray, home: np.ndarray, searched: np.ndarray
) -> Candidates:
    """Pairs that no other list brings: where both rows search each other's list, the lower list brings it."""
    from_, to = home[x], home[y]
    both = (searched[from_, y >> 3] >> (y & 7).astype(np.uint8)) & 1
    kept = np.where(from_ == to, x < y, (from_ < to) | (both == 0))
    x, y = x[kept], y[kept]
    return Candidates(np.minimum(x, y), np.maximum(x, y), rough[kept])


def measured_recall(
    rows: np.ndarray, threshold: float, left: np.ndarray, right: np.ndarray, *, seed: int
) -> float:
    """Of a sample of rows with a partner, the share for which one was found; 1 where none has one."""
    exact = numpy_kernel()
    random = np.random.default_rng(seed + 1)
    sample = np.sort(random.choice(len(rows), min(SAMPLE, len(rows)), replace=False))
    has = np.zeros(len(rows), bool)
    for i in range(0, len(rows), BLOCK):
        found = exact.hits(rows[sample], rows[i : i + BLOCK], threshold - exact.slack)
        x, y = sample[found.left], found.right + i
        x, y = x[x != y], y[x != y]
        has[x[scores(rows, x, y) >= np.float32(threshold)]] = True
    paired = np.zeros(len(rows), bool)
    paired[left] = True
    paired[right] = True
    return float(paired[has].mean()) if has.any() else 1.0
