"""What can be wrong with a line of an import: a code, the member, a sentence and a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

REMEDIES: dict[str, str] = {
    "bad_text": "write the text without half characters (lone surrogates) and NUL",
    "bad_time": "write it as ISO 8601 with a time zone, such as 2026-03-01T09:30:00Z, or leave it out",
    "cut_cell": "give this row's answer in another shape: spreadsheets hold 32,767 characters a cell",
    "dropped_row": "leave the line out: the run drops this row, so there is nothing to decide",
    "duplicate_line": "keep one line of the two",
    "edit_hash": "leave edited.content_id out, or write the content that it is the hash of",
    "future_time": "correct the clock that wrote it, or leave `at` out",
    "json_min": "export again as JSON, not JSON-MIN: only JSON says who decided and what was skipped",
    "missing_field": "add the member, as the line model in the documentation has it",
    "no_answer_turn": "edit this row in the app: its last turn is not an answer with text",
    "no_decision": "choose approve or reject, or skip the item",
    "no_status": (
        "export with dataset.records.to_datasets().to_json(...), which says what was submitted, "
        "or confirm with --all-submitted that every response in the file was"
    ),
    "not_final": "leave `final` out, or give the person the role adjudicator",
    "not_json": "write one JSON object a line",
    "not_object": "write one JSON object a line: {...}",
    "other_content": "export the queue anew and decide on the row as it is now",
    "reason_of_approval": "leave the reason out: only a rejection has one; use the note",
    "sides": "name chosen and rejected rows for a and b alone, as the line model has it",
    "two_decisions": "leave one of the two choices",
    "two_edits": "give edited or edited_answer",
    "unknown_action": "write approve or reject, or leave it empty",
    "unknown_actor": "add the person with `tuneset users add`, or map the name with --name THEIRS=OURS",
    "unknown_field": "remove the member, or correct its name",
    "unknown_kind": "write decision, preference or row",
    "unknown_reason": "use one of the reject codes: {reasons}",
    "unknown_row": "check that file and workspace belong to the same run",
    "wrong_role": "have a reviewer decide: a viewer's decisions do not count",
    "wrong_type": "write the value as the line model in the documentation has it",
}
"""Code of a problem to what puts it right."""

_PYDANTIC = {"missing": "missing_field", "extra_forbidden": "unknown_field"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one line.

    Args:
        number: The line of the file, or the record of a JSON array; from 1.
        field: The member, such as `edited.messages.1.role`; "" is the line as a whole.
        reason: A code of `REMEDIES`.
        sentence: What is wrong, with the value.
        remedy: What puts it right.
    """

    number: int
    field: str
    reason: str
    sentence: str
    remedy: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def problem(number: int, field: str, reason: str, sentence: str, *, reasons: Sequence[str] = ()) -> Problem:
    """A problem with the remedy of its code.

    Args:
        number: The line or record.
        field: The member.
        reason: A code of `REMEDIES`.
        sentence: What is wrong.
        reasons: The reject codes that the remedy names.
    """
    remedy = REMEDIES[reason].replace("{reasons}", ", ".join(reasons))
    return Problem(number, field, reason, sentence, remedy)


def read_line(
    model: type[BaseModel], value: dict[str, Any], number: int
) -> tuple[BaseModel | None, list[Problem]]:
    """A line by its model, or what is wrong with it, member by member."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [_of(e["type"], e["loc"], e["msg"], number) for e in found]


def _of(kind: str, place: tuple[int | str, ...], told: str, number: int) -> Problem:
    reason = kind if kind in REMEDIES else _PYDANTIC.get(kind, "wrong_type")
    return problem(number, ".".join(map(str, place)), reason, told[:1].lower() + told[1:])


def shown(value: Any, limit: int = 60) -> str:
    """A value as a sentence quotes it; long ones are cut."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
