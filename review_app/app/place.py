"""The workspace and the record that this process serves: set once by the server, read by every page."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from ...schemas.errors import WorkspaceError
from ...schemas.workspace import Workspace
from ..store_pool import StorePool


@dataclass(frozen=True)
class Place:
    """What the app is about.

    Args:
        workspace: The folder of the run.
        record: The file or PostgreSQL address of the decisions.
        pool: Open connections to the record.
        exposed: Other machines reach the app.
    """

    workspace: Workspace
    record: str | Path
    pool: StorePool
    exposed: bool = False


_lock = threading.Lock()
_place: Place | None = None


def use(place: Place) -> None:
    """Serve this workspace from now on."""
    global _place
    with _lock:
        _place = place


def current() -> Place:
    """What this process serves.

    Raises:
        WorkspaceError: The app's script was started by itself.
    """
    if _place is None:
        raise WorkspaceError(
            f"the app serves {_place} workspace: it was started by itself",
            where="the app's script",
            fix="run: tuneset review OUT",
        )
    return _place
