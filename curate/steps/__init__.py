"""The built-in steps, by name; nothing registers itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..step import Step
from .balance import Balance
from .decontaminate import Decontaminate
from .defects import Defects
from .exact_duplicate import ExactDuplicate
from .human import Human
from .label import Label
from .label_errors import LabelErrors
from .language import Language
from .near_duplicate import NearDuplicate
from .pii import Pii
from .quality import Quality
from .select import Select
from .split import Split
from .structure import Structure
from .topic import Topic
from .toxicity import Toxicity

BUILTIN_STEPS: dict[str, Callable[[Any, int, Path], Step]] = {
    "structure": lambda _options, _seed, _folder: Structure(),
    "exact_duplicate": lambda _options, _seed, _folder: ExactDuplicate(),
    "defects": lambda options, _seed, _folder: Defects(skip=options.skip),
    "language": lambda options, _seed, _folder: Language(options.allow, detector=options.detector),
    "pii": lambda options, _seed, _folder: Pii(options),
    "toxicity": lambda options, _seed, _folder: Toxicity(options),
    "quality": lambda options, seed, _folder: Quality(options, seed=seed),
    "human": lambda _options, _seed, _folder: Human(),
    "near_duplicate": lambda options, seed, folder: NearDuplicate(options, seed=seed, folder=folder),
    "decontaminate": lambda options, _seed, folder: Decontaminate(options.against, folder=folder),
    "label_errors": lambda _options, seed, _folder: LabelErrors(seed=seed),
    "topic": lambda options, seed, _folder: Topic(options, seed=seed),
    "label": lambda options, seed, folder: Label(options, seed=seed, folder=folder),
    "balance": lambda options, seed, _folder: Balance(options, seed=seed),
    "select": lambda options, seed, folder: Select(options, seed=seed, folder=folder),
    "split": lambda options, seed, _folder: Split(options, seed=seed),
}
"""Name to a maker from the step's options, the recipe's seed and the recipe's folder."""
