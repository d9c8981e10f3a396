"""Fixtures that every folder may use."""

from __future__ import annotations

import importlib.util
import sys
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
