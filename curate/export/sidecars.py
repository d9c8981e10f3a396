"""Files beside the rows of an export: a README, a config, a script that runs as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...schemas.recipe import TrainOptions


@dataclass(frozen=True)
class Exported:
    """What a sidecar may tell of.

    Args:
        target: The target's name.
        version: The version's name.
        folder: Where the export will stand, absolute.
        rows: Split to rows written.
        files: Split to the file that holds it.
        train: The recipe's training settings.
        given: Names of those settings that the recipe states; the others are defaults.
        seed: The recipe's seed.
        held_out: Rows of the test split, which no target gets.
        has: What any written row has: `tools`, `tool_calls`, `system`, `weights`, `several_turns`,
            `reasoning`, `content_beside_calls`.
        longest: Size of the longest row, as `shape.text_size` counts it; 0 where nobody counted.
        statistics: Figures for a dataset card, as `version_card.version_statistics` gives them.
        written: File name to rows, bytes and SHA-256.
        manifest_sha256: The hash that names the version.
    """

    target: str
    version: str
    folder: Path
    rows: Mapping[str, int]
    files: Mapping[str, str]
    train: TrainOptions
    given: frozenset[str] = frozenset()
    seed: int = 13
    held_out: int = 0
    has: frozenset[str] = frozenset()
    longest: int = 0
    statistics: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    manifest_sha256: str = ""


@dataclass(frozen=True)
class Sidecar:
    """One file beside the rows.

    Args:
        name: File name inside the folder.
        write: Its text.
        says: What it is for, one line.
    """

    name: str
    write: Callable[[Exported], str]
    says: str
