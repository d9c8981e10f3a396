"""Cells of a spreadsheet: texts that a spreadsheet program would run as a formula, made harmless and back.

Source: OWASP, "CSV Injection": = + - @ tab and carriage return begin a formula; so do the full-width forms
in some languages, and a line feed ends a cell in some readers.
"""

from __future__ import annotations

import re

FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
QUOTE = "'"
NUMBER = re.compile(r"\d+(e\d+)?", re.IGNORECASE)
"""A hash that a spreadsheet program would take for a number, and round."""
LONGEST = 32_767
"""Characters that a cell of Excel holds; longer ones are cut when the file is opened."""


def harmless(text: str) -> str:
    """The text with an apostrophe before it, where it begins as a formula does.

    A text that begins with apostrophes and then as a formula gets one more, so that `original` finds every
    text again.
    """
    return QUOTE + text if text.lstrip(QUOTE)[:1] in FORMULA and text.lstrip(QUOTE) else text


def original(cell: str) -> str:
    """The text of a cell that `harmless` made; what a person typed stays as it is."""
    rest = cell.lstrip(QUOTE)
    return cell[1:] if cell.startswith(QUOTE) and rest[:1] in FORMULA and rest else cell


def identifier(name: str) -> str:
    """The cell of a row_id or content_id: one that looks like a number gets an apostrophe."""
    return QUOTE + name if NUMBER.fullmatch(name) else harmless(name)


def identity(cell: str) -> str:
    """The row_id or content_id of a cell; neither begins with an apostrophe."""
    return cell.strip().lstrip(QUOTE)
