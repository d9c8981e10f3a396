"""Row shapes: how to see one, and how to turn it into a conversation.

To add a shape, write a module with `Shape` values and list them in `SHAPES`; the first one that matches a
row reads it, so special shapes stand before general ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....schemas.recipe import Columns
from . import annotation, conversation, converse, gemini, pairs, preference, text, trees, turns
from .base import Draft, RowProblem, Shape
from .columns import columns_shape

SHAPES: tuple[Shape, ...] = (
    *gemini.SHAPES,
    *annotation.SHAPES,
    *preference.SHAPES,
    *converse.SHAPES,
    *conversation.SHAPES,
    *turns.SHAPES,
    *trees.SHAPES,
    *pairs.SHAPES,
    *text.SHAPES,
)

__all__ = ["SHAPES", "Detection", "Draft", "RowProblem", "Shape", "detect", "shape_of"]


@dataclass(frozen=True)
class Detection:
    """The shape of a file and why we think so."""

    shape: Shape | None
    evidence: str


def shape_of(value: Any) -> Shape | None:
    """The first shape that matches one row."""
    for shape in SHAPES:
        if shape.matches(value):
            return shape
    return None


def detect(sample: Sequence[Any], columns: Columns | None = None) -> Detection:
    """The shape that most rows of a sample have.

    Args:
        sample: Parsed rows.
        columns: A mapping stated in the recipe; it wins where its columns are there.
    """
    if columns is not None:
        stated = columns_shape(columns)
        if any(stated.matches(value) for value in sample):
            return Detection(stated, f"stated in the recipe: {stated.describe}")
    counts = Counter(shape.name for shape in map(shape_of, sample) if shape is not None)
    if not counts:
        keys = _common_keys(sample)
        return Detection(None, f"no known shape among the keys {keys}" if keys else "rows are not objects")
    name, hits = counts.most_common(1)[0]
    shape = next(s for s in SHAPES if s.name == name)
    others = ", ".join(f"{n} {c}" for n, c in counts.most_common()[1:])
    also = f"; also {others}" if others else ""
    return Detection(shape, f"{hits} of {len(sample)} sampled rows have {shape.describe}{also}")


def _common_keys(sample: Sequence[Any]) -> str:
    keys = Counter(k for value in sample if isinstance(value, dict) for k in value)
    return ", ".join(repr(k) for k, _ in keys.most_common(8))
