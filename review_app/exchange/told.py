"""What a reader of any shape hands on: one decision or preference, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...schemas.review_lines import DecisionLine, PreferenceLine
from .problems import Problem

Left = Literal["undecided", "draft", "discarded", "skipped"]
"""Why a line or record holds no decision and is still right."""


@dataclass(frozen=True, slots=True)
class Told:
    """One decision of a line, or of one annotator in a record.

    Args:
        number: The line, or the record of a JSON array; from 1.
        part: Which decision of it; from 0.
        line: The decision or preference; None where there is none.
        problems: What is wrong with it.
        left: Why there is none.
        typed: The answer stood in a form field, which trims: one that differs in outer space is unchanged.
    """

    number: int
    part: int = 0
    line: DecisionLine | PreferenceLine | None = None
    problems: tuple[Problem, ...] = ()
    left: Left | None = None
    typed: bool = False


Reader = Callable[[Path], Iterator[Told]]
