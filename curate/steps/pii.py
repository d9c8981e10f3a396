"""Personal data and secrets: found in every turn, and replaced, labelled or dropped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ...schemas.step_options import PiiOptions
from ..pii import (
    FAMILY_OF,
    BuiltinDetector,
    Hit,
    PresidioDetector,
    found_in,
    may_hold,
    nobodys,
    parts_of,
    placed,
    redacted,
    with_repeats,
)
from ..pii.spans import FAMILIES
from ..readers.table import messages_array
from ..rows import Turn, rows_of
from ..step import KEEP, Opinion, verdicts


class Pii:
    """Finds personal data and secrets in all turns of a row, in calls of tools and in their results.

    With `action: redact`, a value becomes a placeholder such as `[EMAIL_1]`, the same one wherever it stands
    in the conversation. A losing answer cannot be edited, so a preference row with a finding there goes to a
    person.

    Args:
        options: What is done, whether names are looked for, and by what.

    Raises:
        MissingExtraError: `detector: presidio` without the extra `pii`.
    """

    name = "pii"
    version = 1
    edits = True
    reasons = {
        "secret": "The row holds a key, a token, a password or a login.",
        "identity_number": "The row holds an official number of a person, such as for tax, health or travel.",
        "payment_data": "The row holds a card number, a bank account or a wallet.",
        "contact_data": "The row holds an e-mail, postal or internet address, a phone number or a user name.",
        "personal_data": "The row holds a date of birth or a name of a person.",
        "pii_in_rejected": "The losing answer holds personal data or a secret, and an edit cannot reach it.",
    }

    def __init__(self, options: PiiOptions) -> None:
        self.action = options.action
        make = PresidioDetector if options.detector == "presidio" else BuiltinDetector
        self.detector = make(names=options.names)
        self._quick = options.detector == "builtin" and not options.names
        self.measure_params = {"names": options.names, "detector": options.detector}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        rejected = rows.rejected()
        families: list[str | None] = []
        kinds: list[str | None] = []
        details: list[str | None] = []
        losing: list[int] = []
        proposals: list[list[Turn] | None] = []
        for i, turns in enumerate(rows.messages):
            hits = self._hits(turns) if self._may_hold(turns, rows.lowered[i], rows, i) else []
            families.append(_gravest(hits))
            kinds.append(",".join(sorted({h.found.kind for h in hits})) or None)
            details.append(_told(hits))
            proposals.append(redacted(turns, hits) if hits else None)
            losing.append(len(self._hits(rejected[i] or ())) if rejected[i] else 0)
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "family": pa.array(families, pa.string()),
                "kinds": pa.array(kinds, pa.string()),
                "detail": pa.array(details, pa.string()),
                "in_rejected": pa.array(losing, pa.int32()),
                "messages": messages_array(proposals),
            }
        )

    def _may_hold(self, turns: Sequence[Turn], lowered: tuple[str, str], rows: Any, index: int) -> bool:
        if not self._quick:
            return True
        if may_hold(lowered[0], rows.prompts[index]) or may_hold(lowered[1], rows.responses[index]):
            return True
        besides = [
            turn.get(field) for turn in turns if len(turn) > 2 for field in ("reasoning_content", "name")
        ]
        return any(text and may_hold(text.lower(), text) for text in besides)

    def _hits(self, turns: Sequence[Turn]) -> list[Hit]:
        found = [(part, found_in(part, self.detector.find)) for part in parts_of(turns)]
        kinds = {hit.kind for _, hits in found for hit in hits}
        if not kinds:
            return []
        left = nobodys((part.text for part, _ in found), kinds)
        return placed(with_repeats([(part, [h for h in hits if h.kind not in left]) for part, hits in found]))

    def decide(self, measures: pa.Table) -> pa.Table:
        cells = (measures.column(c).to_pylist() for c in ("family", "kinds", "detail", "in_rejected"))
        opinions = [self._opinion(*cell) for cell in zip(*cells, strict=True)]
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _opinion(
        self, family: str | None, kinds: str | None, detail: str | None, in_rejected: int
    ) -> Opinion:
        if self.action == "drop" and (family or in_rejected):
            return Opinion("drop", family or "pii_in_rejected", value=kinds, detail=detail)
        if in_rejected:
            told = json.dumps({"spans_in_rejected": in_rejected, **json.loads(detail or "{}")})
            return Opinion("review", "pii_in_rejected", value=kinds, detail=told)
        if family is None:
            return KEEP
        return Opinion("edit" if self.action == "redact" else "assign", family, value=kinds, detail=detail)


def _gravest(hits: Sequence[Hit]) -> str | None:
    present = {FAMILY_OF[h.found.kind] for h in hits}
    return next((family for family in FAMILIES if family in present), None)


def _told(hits: Sequence[Hit]) -> str | None:
    """Counts of kinds and the place of every span as JSON; never a value."""
    if not hits:
        return None
    spans = []
    for part, found, replacement in hits:
        span: dict[str, Any] = {"turn": part.turn, "start": found.start, "end": found.end, "kind": found.kind}
        if part.field != "content":
            span["field"] = part.field if part.call is None else f"tool_calls.{part.call}.arguments"
        spans.append({**span, "replacement": replacement})
    counts = Counter(h.found.kind for h in hits)
    return json.dumps({"kinds": dict(sorted(counts.items())), "spans": spans})
