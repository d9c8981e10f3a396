"""What a frozen version's own dataset card tells: licence, languages, and the sections on its making."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ..version_files import VersionFiles

SECTIONS = ("Licence", "Sources", "Curation", "Approval", "Held-out rows beside train rows")
"""Headings of the sections that hold for an export as well."""
CARD = "README.md"


def version_statistics(frozen: VersionFiles) -> Mapping[str, Any]:
    """Figures for a dataset card: `license`, `languages`, `sections` (heading to Markdown).

    Everything is empty where the version has no card, or one that somebody has rewritten.
    """
    path = frozen.folder / CARD
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    front, body = _parted(text)
    languages = front.get("language")
    return {
        "license": front["license"] if isinstance(front.get("license"), str) else "unknown",
        "languages": [str(code) for code in languages] if isinstance(languages, list) else [],
        "sections": {name: found for name, found in _sections(body).items() if name in SECTIONS},
    }


def _parted(text: str) -> tuple[dict[str, Any], str]:
    """Front matter and the rest."""
    parts = text.split("---\n", 2)
    if not text.startswith("---\n") or len(parts) < 3:
        return {}, text
    try:
        front = yaml.safe_load(parts[1])
    except yaml.YAMLError:
        front = None
    return (front if isinstance(front, dict) else {}), parts[2]


def _sections(body: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in ("\n" + body).split("\n## ")[1:]:
        heading, _, rest = part.partition("\n")
        found[heading.strip()] = rest.strip("\n")
    return found
