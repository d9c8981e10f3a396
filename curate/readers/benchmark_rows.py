"""Rows of benchmarks, which may have a question alone, options, or several names for an answer.

They are reference rows to compare with, never training rows.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

from .shapes import Draft
from .shapes.base import Turn

QUESTIONS = (
    "question",
    "problem",
    "prompt",
    "query",
    "goal",
    "ctx",
    "sentence",
    "instruction",
    "input",
    "text",
)
CONTEXTS = ("passage", "context", "article", "support")
OPTIONS = ("choices", "options", "endings", "candidates")
ANSWERS = (
    "canonical_solution",
    "solution",
    "answer",
    "answers",
    "best_answer",
    "correct_answer",
    "target",
    "output",
    "response",
    "completion",
    "reference",
    "code",
    "answerkey",
    "label",
)
LEAST_TEXT = 3


def benchmark_draft(row: Any, *, sure: bool) -> Draft | None:
    """A row of a benchmark as prompt and response; None where it has no text.

    Args:
        row: A parsed row.
        sure: Only rows whose options a training shape would pass over.
    """
    if isinstance(row, str):
        return None if sure or not row.strip() else _draft(row, "", {})
    if not isinstance(row, Mapping):
        return None
    cells = {str(k).strip().lower().replace(" ", "_"): v for k, v in row.items()}
    options = _options(cells)
    if sure and not options:
        return None
    question = _question(cells)
    if question is None:
        texts = [v for v in cells.values() if isinstance(v, str) and len(v.strip()) >= LEAST_TEXT]
        return _draft("\n\n".join(texts), "", dict(row)) if texts and not sure else None
    lines = [f"{letter}. {option}" for letter, option in zip(string.ascii_uppercase, options, strict=False)]
    return _draft("\n".join([question, *lines]), _answer(cells, options), dict(row))


def _draft(prompt: str, response: str, meta: dict[str, Any]) -> Draft:
    turns: list[Turn] = [{"role": "user", "content": prompt}]
    if response.strip():
        turns.append({"role": "assistant", "content": response})
    return Draft(turns, None, None, None, meta)


def _question(cells: Mapping[str, Any]) -> str | None:
    turns = cells.get("turns")
    if isinstance(turns, Sequence) and turns and all(isinstance(t, str) for t in turns):
        return "\n".join(turns)
    question = next((cells[k] for k in QUESTIONS if _is_text(cells.get(k))), None)
    if question is None:
        return None
    context = next((cells[k] for k in CONTEXTS if _is_text(cells.get(k))), None)
    return question if context is None else f"{context}\n\n{question}"


def _options(cells: Mapping[str, Any]) -> list[str]:
    given = next((cells[k] for k in OPTIONS if cells.get(k)), None)
    if isinstance(given, Mapping):
        given = given.get("text", list(given.values()))
    if isinstance(given, str) or not isinstance(given, Sequence):
        given = [cells[k] for k in ("option1", "option2", "sol1", "sol2") if _is_text(cells.get(k))]
        given += [cells[k] for k in cells if len(k) == 1 and k in "abcde" and _is_text(cells[k])]
    texts = [g.get("text") if isinstance(g, Mapping) else g for g in given]
    return [str(t) for t in texts if t is not None]


def _answer(cells: Mapping[str, Any], options: Sequence[str]) -> str:
    """The answer as text; a letter or a number that names an option gives the option."""
    value = next((cells[k] for k in ANSWERS if cells.get(k) is not None), "")
    if isinstance(value, Mapping):
        value = value.get("text", list(value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if value else ""
    named = _option_number(value, len(options))
    return str(value) if named is None else options[named]


def _option_number(value: Any, n: int) -> int | None:
    if isinstance(value, bool) or not n:
        return None
    if isinstance(value, str) and len(value.strip()) == 1 and value.strip().upper() in string.ascii_uppercase:
        value = string.ascii_uppercase.index(value.strip().upper())
    elif isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and 0 <= value < n else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
