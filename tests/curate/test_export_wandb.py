"""The folder for Weights & Biases, logged by its own script, offline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tuneset.curate.export import export
from tuneset.review_app import approve, freeze


@pytest.fixture
def folder(workspaces, tmp_path: Path) -> Path:
    rows = [workspaces.row(1, workspaces.turns("q", "a")), workspaces.row(2, workspaces.turns("r", "b"))]
    rows.append(workspaces.row(3, workspaces.turns("s", "c"), rejected=workspaces.turns("", "d")[1:]))
    told = [
        workspaces.verdict(r["row_id"], "split", "assign", value="validation" if n == 1 else "train")
        for n, r in enumerate(rows)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    return Path(export(out, to="wandb", output=tmp_path / "artifact").folder)


FILES = [
    "README.md",
    "data/train-00000-of-00001.parquet",
    "data/validation-00000-of-00001.parquet",
    "preferences/train-00000-of-00001.parquet",
]


def test_the_script_logs_the_folder_offline(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("wandb", reason="not installed: pip install wandb")
    away = {
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(tmp_path),
        "WANDB_SILENT": "true",
        "HOME": str(tmp_path),
    }
    away |= {"WANDB_DATA_DIR": str(tmp_path), "WANDB_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, str(folder / "log_artifact.py")],
        env={**os.environ, **away},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (log,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    data = log.read_bytes()
    for said in ("tuneset-v1", "dataset", *FILES, "manifest_sha256"):
        assert said.encode() in data


def test_the_sdk_takes_name_and_metadata(folder: Path) -> None:
    wandb = pytest.importorskip("wandb", reason="not installed: pip install wandb")
    script: dict[str, object] = {"__name__": "log_artifact", "__file__": str(folder / "log_artifact.py")}
    code = compile((folder / "log_artifact.py").read_text("utf-8"), "log_artifact.py", "exec")
    exec(code, script)
    artifact = wandb.Artifact(str(script["NAME"]), type="dataset", metadata=script["METADATA"])
    for file in FILES:
        artifact.add_file(str(folder / file), name=file)
    assert script["FILES"] == FILES
    assert sorted(artifact.manifest.entries) == sorted(FILES)
    assert artifact.metadata["rows"] == {"train": 2, "validation": 1}
