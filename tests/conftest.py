"""Fixtures that every folder may use."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

_PATH = Path(__file__).with_name("workspaces.py")
_spec = importlib.util.spec_from_file_location("tuneset_test_workspaces", _PATH)
assert _spec is not None
assert _spec.loader is not None
_workspaces = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _workspaces
_spec.loader.exec_module(_workspaces)


@pytest.fixture(scope="session")
def workspaces() -> ModuleType:
    """The builders in `workspaces.py`."""
    return _workspaces


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The hand-worked workspace of eight rows."""
    return _workspaces.story(tmp_path / "out")


@pytest.fixture
def system_program() -> Callable[[str], str]:
    """The path of a program of the system; a test whose program is missing skips, and fails in CI."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing = f"the system package {name!r} is not installed"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
        return path

    return find
