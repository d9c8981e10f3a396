"""Markdown of the reviewers' own texts, so that showing it asks no other host for anything."""

from __future__ import annotations

import re

IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]*)[^)]*\)|!\[([^\]]*)\]\[[^\]]*\]|<\s*img\b[^>]*>", re.IGNORECASE)
DIRECTIVE = re.compile(r":([a-z-]+)(?=\[|/)")
HEADING = re.compile(r"^(#{1,4}) ", re.MULTILINE)
DOLLAR = re.compile(r"(?<!\\)\$")
FENCE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)


def safe_markdown(text: str) -> str:
    """The text with pictures told, not fetched, and without Streamlit's own colours, icons and formulas.

    Its headings come below those of the page.
    """
    parts = FENCE.split(text)
    return "".join(part if i % 2 else _neutral(part) for i, part in enumerate(parts))


def _neutral(text: str) -> str:
    told = IMAGE.sub(_picture, text).replace("![", r"!\[")
    told = HEADING.sub(r"##\1 ", told)
    return DOLLAR.sub(r"\\$", DIRECTIVE.sub(r"\\:\1", told))


def _picture(found: re.Match[str]) -> str:
    name = found.group(1) or found.group(3) or found.group(2) or "without a name"
    return f"[picture: {name}]"
