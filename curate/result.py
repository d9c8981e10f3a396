"""What `curate` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..schemas.run import RunCard
from ..schemas.workspace import Workspace


@dataclass(frozen=True)
class Curation:
    """A finished curation that answers questions; its files are the workspace's."""

    workspace: Workspace
    card: RunCard
