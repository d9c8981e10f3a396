"""The nearest rows of each query."""

from __future__ import annotations

from typing import Any

import numpy as np

from .products import kernel_for, scores

BLOCK = 1 << 25  # products held at a time


def nearest(
    queries: np.ndarray, vectors: np.ndarray, k: int, *, device: str = "auto"
) -> tuple[np.ndarray, np.ndarray]:
    """The k rows with the highest products for each query, exactly; of equal ones the lower number first.

    Args:
        queries: Rows of length 1 or 0, shape (n_queries, dim), float32.
        vectors: The rows searched, likewise, shape (n_rows, dim).
        k: Rows a query; where there are fewer rows, all of them.
        device: `auto`, `cpu`, or a device of torch.

    Returns:
        Row numbers, int64, and products, float32, both (n_queries, min(k, n_rows)), best first.
    """
    queries, vectors = (np.ascontiguousarray(each, np.float32) for each in (queries, vectors))
    k = min(k, len(vectors))
    indices = np.empty((len(queries), k), np.int64)
    best = np.empty((len(queries), k), np.float32)
    if k == 0:
        return indices, best
    kernel = kernel_for(device, len(vectors))
    loaded_queries, loaded = kernel.load(queries), kernel.load(vectors)
    step = max(1, BLOCK // len(vectors))
    for i in range(0, len(queries), step):
        block: Any = loaded_queries[i : i + step]  # type: ignore[index]
        row, index = _near_best(block, loaded, k, 2 * kernel.slack)
        score = scores(queries[i : i + step], row, index, vectors)
        order = np.lexsort([index, -score, row])
        starts = np.searchsorted(row[order], np.arange(len(block)))
        chosen = order[starts[:, None] + np.arange(k)]
        indices[i : i + step], best[i : i + step] = index[chosen], score[chosen]
    return indices, best


def _near_best(queries: Any, vectors: Any, k: int, slack: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions of all products that may be among the k best of their query."""
    products = queries @ vectors.T
    if isinstance(products, np.ndarray):
        last = np.partition(products, -k, axis=1)[:, -k]
        flat = np.flatnonzero((products >= last[:, None] - np.float32(slack)).ravel())
    else:
        last = products.float().topk(k, dim=1).values[:, -1]
        flat = (products.float() >= last[:, None] - slack).view(-1).nonzero().view(-1).cpu().numpy()
    row, index = np.divmod(flat, products.shape[1])
    return row, index
