"""The script for Modal, read by Modal's SDK and run here instead of there."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from tuneset.curate.export import export


def test_modal_runs_the_script_of_the_folder(small_out, monkeypatch) -> None:
    """The script as Modal's SDK reads it, and its function run here instead of there."""
    modal = pytest.importorskip("modal")
    folder = Path(export(small_out, to="modal").folder)
    names = runpy.run_path(str(folder / "modal_train.py"))
    assert isinstance(names["app"], modal.App)
    assert isinstance(names["train"], modal.Function)
    assert isinstance(names["image"], modal.Image)
    run: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: run.append(command))
    names["train"].local(max_steps=2)
    assert run == [
        [sys.executable, "/rows/train.py", "--output", "/adapters/modal-v1-adapter", "--max-steps", "2"]
    ]


def test_modal_names_a_gpu_that_holds_the_model(small_out) -> None:
    """16 bits a parameter: 8 billion take 16 GB of 48, 27 billion 54 of 80, 70 billion 140 of 141."""
    for base, gpu in [("qwen2.5-0.5b-instruct", "L4"), ("org/x-8B", "L40S"), ("org/x-27b-it", "H100")]:
        (small_out / "tuneset.yaml").write_text(f"train: {{base: {base}}}\n")
        folder = Path(export(small_out, to="modal").folder)
        assert f'GPU = "{gpu}"  # derived' in (folder / "modal_train.py").read_text()
