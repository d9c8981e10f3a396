"""The reasons of a built-in step, each with a row that has it and what the step says of that row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from tuneset.curate.measure import checked_measure
from tuneset.curate.pipeline import decide
from tuneset.curate.readers.shapes import shape_of
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.standing import Decided
from tuneset.curate.step import Step
from tuneset.curate.steps import BUILTIN_STEPS
from tuneset.curate.steps.defects import SIGNALS
from tuneset.curate.steps.human import Human
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.recipe import Recipe
from tuneset.schemas.review import DECISIONS, EDITIONS
from tuneset.schemas.step_options import BUILTIN_OPTIONS
from tuneset.schemas.workspace import Workspace

EXAMPLES = Path(__file__).with_name("steps") / "examples"
PROTECTED = {"against": [str(EXAMPLES / "protected.jsonl")]}
EARLIER = {"keep_from": "earlier_splits.jsonl"}
KINDS = {
    "name": "kind",
    "labels": {
        "refund": "The customer wants their money back.",
        "delivery": "The customer asks when a parcel arrives.",
    },
}
SHOWN_ROWS = 6
EXAMPLE_OPTIONS: dict[str, dict[str, Any]] = {
    "low_quality": {"min_score": 0.5},
    "wrong_language": {"allow": ["en"]},
    "leak": PROTECTED,
    "partial_leak": PROTECTED,
    "kept_split": EARLIER,
    "between_splits": EARLIER,
    "over_cap": {"max_rows": 1},
    "not_selected": {"tokens": 16},
    "label": KINDS,
    "no_label": KINDS,
}
DROPPED_BY_PEOPLE = {"near_rejected": 1}
"""Reason to how many of its rows, the first ones, the step `human` dropped."""
INTRODUCTION = "A row for each reason, and what the step says of it:"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in (header, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(header), *lines[1:]])


def _cell(value: object) -> str:
    text = str(value).replace("|", "\\|").replace("\n", " ")
    return text if text.startswith("`") else text.replace("<", "&lt;")


def code(value: object) -> str:
    """A value as inline code."""
    return f"`{value}`"


def reasons(step: str) -> str:
    """The reasons of a built-in step, each with a row that has it and what the step says of that row."""
    examples = json.loads((EXAMPLES / f"{step}.json").read_text(encoding="utf-8"))
    sources = {signal.code: signal.source for signal in SIGNALS} if step == "defects" else {}
    rows: list[list[str]] = []
    shown: list[str] = []
    for reason, sentence in built(step).reasons.items():
        given = examples[reason]
        made = built(step, EXAMPLE_OPTIONS.get(reason, {}))
        verdict = verdict_on_last(made, given, DROPPED_BY_PEOPLE.get(reason, 0))
        if verdict["reason"] != reason:
            raise SystemExit(f"{EXAMPLES}/{step}.json: the example of {reason} got {verdict['reason']}")
        rows.append([code(reason), verdict["action"], sentence, *([sources[reason]] if sources else [])])
        shown.append("\n".join([*_lines(given), _told(verdict)]))
    header = ["reason", "action", "sentence", *(["source"] if sources else [])]
    told = "\n\n".join(shown).replace("\u202e", "\\u202e")  # a page shows what the row hides
    return f"{table(header, rows)}\n\n{INTRODUCTION}\n\n```text\n{told}\n```"


def built(step: str, options: Mapping[str, Any] | None = None) -> Step:
    """A built-in step with some options."""
    if step == "human":
        return Human(Decided(_examples("decisions", DECISIONS), _examples("editions", EDITIONS)))
    made = BUILTIN_STEPS[step](BUILTIN_OPTIONS[step](**(options or {})), Recipe().seed, Path())
    if hasattr(made, "prepare"):
        made.prepare(EXAMPLES, Workspace.at(EXAMPLES / "none"))
    return made


def _examples(name: str, schema: pa.Schema) -> pa.Table:
    """What reviewers decided on the example rows of `human`."""
    lines = (EXAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return pa.Table.from_pylist([json.loads(line) for line in lines], schema=schema)


def verdict_on_last(step: Step, rows: Sequence[Any], rejected: int = 0) -> dict[str, Any]:
    """What a step says of the last of some input rows, of which reviewers rejected the first ones.

    They are named rows:1, rows:2, ...
    """
    drafts = []
    for number, row in enumerate(rows, start=1):
        shape = shape_of(row)
        assert shape is not None, row
        drafts.append(name_draft(shape.convert(row), f"rows:{number}", "rows", number))
    measures = checked_measure(step, pa.Table.from_batches([rows_batch(drafts)], ROWS))
    alive = [number >= rejected for number in range(len(drafts))]
    measures = measures.append_column("alive", pa.array(alive, pa.bool_()))
    if rejected:
        human = [None if lives else "rejected" for lives in alive]
        measures = measures.append_column("human", pa.array(human, pa.string()))
    return decide(step, measures).to_pylist()[-1]


def _lines(given: Sequence[Any]) -> list[str]:
    """The rows as JSON; of many, the first two and the last."""
    lines = [json.dumps(row, ensure_ascii=False) for row in given]
    if len(lines) <= SHOWN_ROWS:
        return lines
    return [*lines[:2], f"... {len(lines) - 3} more rows like these", lines[-1]]


def _told(verdict: Mapping[str, Any]) -> str:
    parts = [
        f"{name}={verdict[name]}" for name in ("value", "score", "related_id") if verdict[name] is not None
    ]
    detail = f": {verdict['detail']}" if verdict["detail"] else ""
    return f"-> {verdict['action']} {' '.join([verdict['reason'], *parts])}{detail}"
