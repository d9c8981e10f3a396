"""Versions as a Weights & Biases artifact: the dataset folder of `hf`, and a script that logs it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from ..shape import Target
from ..sidecars import Exported, Sidecar
from .hf import CARD, HF

NAME = re.compile(r"[^A-Za-z0-9_.-]")
"""What an artifact's name may not hold. Source: wandb 0.31.0, sdk/artifacts/_validators.py, read 2026-11."""

SCRIPT = '''"""Log this folder as a Weights & Biases artifact.

    pip install wandb
    python log_artifact.py --project PROJECT
    WANDB_MODE=offline python log_artifact.py    # and later: wandb sync wandb/offline-run-*

The same content logged again is the same version of the artifact.
"""

import argparse
from pathlib import Path

import wandb

FOLDER = Path(__file__).resolve().parent
NAME = {name}
FILES = {files}
METADATA = {metadata}


def main() -> None:
    """Log the files, with what they are as metadata."""
    parser = argparse.ArgumentParser(description="Log this folder as a Weights & Biases artifact.")
    parser.add_argument("--project", default="tuneset")
    parser.add_argument("--entity", help="user or team; your default where it is left out")
    parser.add_argument("--name", default=NAME, help="of the artifact")
    args = parser.parse_args()
    artifact = wandb.Artifact(args.name, type="dataset", metadata=METADATA)
    for file in FILES:
        artifact.add_file(str(FOLDER / file), name=file)
    with wandb.init(project=args.project, entity=args.entity, job_type="dataset") as run:
        run.log_artifact(artifact, aliases=[METADATA["version"]])


if __name__ == "__main__":
    main()
'''


def script(told: Exported) -> str:
    """The script, with the names of the files and what they are."""
    metadata = {
        "version": told.version,
        "manifest_sha256": told.manifest_sha256,
        "rows": dict(told.rows),
        "files": {
            name: {"rows": file["rows"], "sha256": file["sha256"]} for name, file in told.written.items()
        },
    }
    return SCRIPT.format(
        name=json.dumps(f"tuneset-{NAME.sub('-', told.version)}"),
        files=_literal([CARD.name, *told.written]),
        metadata=_literal(metadata),
    )


def _literal(value: object) -> str:
    """A value of texts, numbers, lists and mappings as Python text, one member a line."""
    return json.dumps(value, ensure_ascii=False, indent=4)


WANDB = replace(
    HF,
    name="wandb",
    summary="Weights & Biases artifact: the dataset folder of hf and a script that logs it",
    sidecars=(
        CARD,
        Sidecar("log_artifact.py", script, "logs the folder: python log_artifact.py --project NAME"),
    ),
)
TARGETS: tuple[Target, ...] = (WANDB,)
