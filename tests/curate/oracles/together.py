"""What Together AI's client says of a line: `check_file` of together 2.14.0, the last that checks rows."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def accepts(target: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """For each row None, or why the client refuses a file of it.

    Args:
        target: Any of Together's: the client sees the format itself.
        rows: Lines.

    Raises:
        ImportError: The client is not installed, or is one that checks no rows.
    """
    del target
    os.environ["TOGETHER_DISABLE_TQDM"] = "true"
    from together.lib.utils import files

    if not hasattr(files, "validate_messages"):
        raise ImportError("this together client does not check rows; 2.14.0 does")
    with tempfile.TemporaryDirectory() as folder:
        return [_says(files.check_file, Path(folder) / "train.jsonl", [row]) for row in rows]


def accepts_file(rows: list[dict[str, Any]]) -> str | None:
    """None, or why the client refuses one file of all rows.

    Raises:
        ImportError: The client is not installed.
    """
    os.environ["TOGETHER_DISABLE_TQDM"] = "true"
    from together.lib.utils import files

    with tempfile.TemporaryDirectory() as folder:
        return _says(files.check_file, Path(folder) / "train.jsonl", rows)


def _says(check: Any, file: Path, rows: list[dict[str, Any]]) -> str | None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    try:
        report = check(file)
    except (TypeError, AttributeError, KeyError, ValueError) as error:  # it fails on rows of a wrong type
        return f"check_file fails: {error!r}"
    return None if report["is_check_passed"] else str(report["message"])
