"""The built-in steps, by name; nothing registers itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..step import Step
from .decontaminate import Decontaminate
from .defects import Defects
from .exact_duplicate import ExactDuplicate
from .language import Language
from .near_duplicate import NearDuplicate
from .split import Split
from .structure import Structure

BUILTIN_STEPS: dict[str, Callable[[Any, int], Step]] = {
    "structure": lambda _options, _seed: Structure(),
    "exact_duplicate": lambda _options, _seed: ExactDuplicate(),
    "defects": lambda options, _seed: Defects(skip=options.skip),
    "language": lambda options, _seed: Language(allow=options.allow),
    "near_duplicate": lambda options, seed: NearDuplicate(options, seed=seed),
    "decontaminate": lambda options, _seed: Decontaminate(options.against),
    "split": lambda options, seed: Split(options, seed=seed),
}
"""Name to a maker from the step's options and the recipe's seed."""
