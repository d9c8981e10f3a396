"""Markdown of the reviewers' own texts, so that showing it asks no other host for anything."""

from __future__ import annotations

import re

IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]*)[^)]*\)|!\[([^\]]*)\]\[[^\]]*\]|<\s*img\b[^>]*>", re.IGNORECASE)
DIRECTIVE = re.compile(r":([a-z-]+)(?=\[|/)")
DOLLAR = re.compile(r"(?<!\\)\$")
FENCE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)


def safe_markdown(text: str) -> str:
    """The text with pictures told, not fetched, and without Streamlit's own colours, icons and formulas."""
    parts = FENCE.split(text)
    return "".join(part if i % 2 else _neutral(part) for i, part in enumerate(parts))


def _neutral(text: str) -> str:
    text = IMAGE.sub(
        lambda m: f"[picture: {m.group(1) or m.group(3) or m.group(2) or 'without a name'}]", text
    )
    return DOLLAR.sub(r"\\$", DIRECTIVE.sub(r"\\:\1", text))
