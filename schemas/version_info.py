"""The version of the installed package, and a hash of its source files."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def _version() -> str:
    try:
        return version("tuneset")
    except PackageNotFoundError:
        return "0+unknown"


VERSION = _version()
PORTIONS = ("cli", "curate", "review_app", "schemas", "train")


@cache
def code_sha256() -> str:
    """SHA-256 over the package's Python files, by path and content."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for portion in PORTIONS:
        for path in sorted((root / portion).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
