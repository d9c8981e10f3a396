"""The files of a finished run take their names: the run card goes first out and last in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..schemas.files import sync_folder, write_json
from ..schemas.run import RunCard
from ..schemas.workspace import Workspace

FINAL = ("rows.parquet", "quarantine.jsonl", "edits.parquet", "verdicts.parquet", "tuneset.yaml")


def publish(card: RunCard, staged: Mapping[str, Path], space: Workspace) -> None:
    """Move finished files to their names in a workspace, and write its run card.

    Args:
        card: The run card.
        staged: Name to finished file, on the same file system.
        space: The workspace; its folder is made where it is not there.
    """
    space.root.mkdir(exist_ok=True)
    space.run_card.unlink(missing_ok=True)
    for name, path in staged.items():
        os.replace(path, space.root / name)
    sync_folder(space.root)
    write_json(space.run_card, card.model_dump(mode="json"))


def remove_stopped(space: Workspace) -> None:
    """Take away the run that a guard rail stopped before; what is not of a run stays."""
    stopped = Workspace.at(space.stopped)
    for path in (stopped.run_card, *(stopped.root / name for name in FINAL), stopped.report):
        path.unlink(missing_ok=True)
    if stopped.root.is_dir() and not any(stopped.root.iterdir()):
        stopped.root.rmdir()
