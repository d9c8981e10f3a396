"""The step contract as a test that anyone can run on a step."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ..schemas.arrow import BESIDES, ROWS
from ..schemas.errors import StepError
from .measure import checked_measure, is_whole
from .pipeline import check_verdicts
from .pipeline import decide as decided
from .readers.shapes import Draft
from .readers.table import name_draft, rows_batch
from .rows import conversations
from .step import Step

SAMPLE: tuple[tuple[str, str], ...] = (
    ("What is the capital of France?", "Paris."),
    ("What is the capital of France?", "Paris."),
    ("Sum 2 and 3.", "5"),
    ("Translate to German: good morning 👋🏽", "Guten Morgen 👋🏽"),
    ("ما هي عاصمة مصر؟", "القاهرة هي عاصمة مصر."),
    ("Schreibe ein Gedicht.", "Rosen sind rot,\nVeilchen sind blau."),
    ("法国的首都是哪里？", "巴黎。"),
    ("Say nothing.", ""),
    ("A very long question? " * 40, "A long answer, with many words in it. " * 60),
    ("Zero\u200bwidth and e\u0301 accents", "Caf\u00e9 and cafe\u0301"),
    ("Write a loop in Python.", "```python\nfor i in range(3):\n    print(i)\n```"),
)


def sample_batch(pairs: Sequence[tuple[str, str]] = SAMPLE) -> pa.Table:
    """Canonical rows of prompt and response pairs, with emoji, right-to-left text and an empty answer."""
    drafts = []
    for row, (prompt, response) in enumerate(pairs, start=1):
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
        drafts.append(name_draft(Draft(turns, None, None, None, {"n": row}), f"sample:{row}", "sample", row))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def check_step(step: Step, batch: pa.Table | None = None) -> None:
    """Check that a step keeps the contract.

    One measure and one verdict a row, order kept, input unchanged, independent of batch size,
    deterministic, picklable, reasons declared, empty and one-row tables, emoji and right-to-left text.

    Args:
        step: The step.
        batch: Canonical rows to try it on. Default: `sample_batch()`.

    Raises:
        StepError: The contract is broken; the message says how.
    """
    rows = sample_batch() if batch is None else batch
    _check_declaration(step)
    before = rows.to_pylist()
    whole = _both(step, rows, rows.num_rows)
    if rows.to_pylist() != before:
        raise _broken(step, "measure or decide changed its input")
    if not _both(step, rows, rows.num_rows).equals(whole):
        raise _broken(step, "a second run gave other verdicts")
    for size in (1, 3):
        if not _both(step, rows, size).equals(whole):
            raise _broken(step, f"batches of {size} rows gave other verdicts")
    if not _both(_pickled(step), rows, rows.num_rows).equals(whole):
        raise _broken(step, "the unpickled step gave other verdicts")
    _both(step, rows.slice(0, 1), 1)
    checked_measure(step, rows.slice(0, 0))
    if step.decide(_for_decide(step, checked_measure(step, rows.slice(0, 0)))).num_rows:
        raise _broken(step, "an empty table gave verdicts")
    _check_edits(step, rows, whole)


def _check_declaration(step: Step) -> None:
    if not isinstance(step, Step):
        raise _broken(step, "it lacks name, reasons, measure or decide")
    for code, sentence in step.reasons.items():
        if not sentence.strip():
            raise _broken(step, f"the reason {code!r} has no sentence")


def _both(step: Step, rows: pa.Table, size: int) -> pa.Table:
    parts = [
        checked_measure(step, rows.slice(i, size).combine_chunks()) for i in range(0, rows.num_rows, size)
    ]
    verdicts = decided(step, _for_decide(step, pa.concat_tables(parts)))
    check_verdicts(step, verdicts, rows.column("row_id").combine_chunks())
    return verdicts


def _for_decide(step: Step, measures: pa.Table) -> pa.Table:
    """The measures as the pipeline hands them to `decide`: no proposals, and `alive` where asked for."""
    if getattr(step, "edits", False):
        whole = is_whole(measures.column_names)
        measures = measures.drop_columns(["messages", *(BESIDES if whole else ())])
    if not getattr(step, "sees_dropped", False):
        return measures
    return measures.append_column("alive", pa.array([True] * measures.num_rows, pa.bool_()))


def _pickled(step: Step) -> Any:
    try:
        return pickle.loads(pickle.dumps(step))  # noqa: S301  our own bytes, made on this line
    except Exception as error:
        raise _broken(step, f"it cannot be pickled ({error})") from error


def _check_edits(step: Step, rows: pa.Table, verdicts: pa.Table) -> None:
    if not getattr(step, "edits", False):
        return
    proposals = conversations(checked_measure(step, rows).column("messages"))
    for action, proposal in zip(verdicts.column("action").to_pylist(), proposals, strict=True):
        if action == "edit" and proposal is None:
            raise _broken(step, "an edit has no new messages")


def _broken(step: Any, what: str) -> StepError:
    name = getattr(step, "name", type(step).__name__)
    return StepError(what, where=f"step {name!r}, check_step", fix="see docs/steps/own.md for the contract")
