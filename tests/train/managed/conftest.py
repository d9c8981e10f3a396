"""Frozen workspaces, and providers on the loopback."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tuneset.review_app import approve, freeze


def _load(name: str) -> ModuleType:
    known = f"tuneset_test_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return sys.modules[known]


_load("provider")  # which both files of stand-ins import
KEY = "sk-loopback-0123456789abcdef"


@pytest.fixture
def stand_in() -> ModuleType:
    """The stand-in's module."""
    pytest.importorskip("openai")
    return _load("stand_in")


@pytest.fixture
def other_stand_ins() -> ModuleType:
    """The module of the other providers' stand-ins."""
    return _load("other_stand_ins")


@pytest.fixture
def freeze_rows(workspaces: ModuleType, tmp_path: Path) -> Callable[[int, int, int], Path]:
    """Makes a workspace with version v1 of so many training, validation and test rows with short answers."""

    def build(train: int, validation: int, test: int) -> Path:
        split = ["train"] * train + ["validation"] * validation + ["test"] * test
        rows = [
            workspaces.row(n, workspaces.turns(f"question {n} é", f"answer {n}"))
            for n in range(1, len(split) + 1)
        ]
        told = [
            workspaces.verdict(row["row_id"], "split", "assign", value=to)
            for row, to in zip(rows, split, strict=True)
        ]
        out = workspaces.build(tmp_path / "w", rows, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


@pytest.fixture
def frozen(freeze_rows: Callable[[int, int, int], Path]) -> Path:
    """A workspace with version v1: 20 training, 4 validation and 12 test rows."""
    return freeze_rows(20, 4, 12)


@pytest.fixture
def provider(stand_in: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An OpenAI on the loopback, and the environment that names it."""
    with stand_in.served(stand_in.StandIn()) as state:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{state.url}/v1")
        for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_VERSION"):
            monkeypatch.delenv(name, raising=False)
        yield state
