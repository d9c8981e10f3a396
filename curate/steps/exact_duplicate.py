"""The same prompt and the same response after normalisation: the first row stays."""

from __future__ import annotations

import pyarrow as pa

from ..rows import rows_of
from ..step import KEEP, Opinion, verdicts
from ..text import digest, normalise


class ExactDuplicate:
    """Drops rows whose normalised prompt and response both equal those of an earlier, kept row.

    Rows of different kinds (other tools, preference rows with other losers, feedback with another label) are
    not duplicates. Comparison is by 128-bit cryptographic digest of the whole normalised text.
    """

    name = "exact_duplicate"
    version = 1
    reasons = {"exact_duplicate": "Prompt and response are the same as in a row that is kept."}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        labels = batch.column("label").to_pylist()
        tools = batch.column("tools").to_pylist()
        rejected = rows.rejected()
        digests = [
            digest(normalise(prompt), normalise(response), tool or "", _kind(label, losers))
            for prompt, response, tool, label, losers in zip(
                rows.prompts, rows.responses, tools, labels, rejected, strict=True
            )
        ]
        return pa.table({"row_id": batch.column("row_id"), "digest": pa.array(digests, pa.binary(16))})

    def decide(self, measures: pa.Table) -> pa.Table:
        first: dict[bytes, str] = {}
        opinions: list[Opinion] = []
        ids = measures.column("row_id").to_pylist()
        for row_id, key in zip(ids, measures.column("digest").to_pylist(), strict=True):
            kept = first.setdefault(key, row_id)
            same = kept != row_id
            opinions.append(Opinion("drop", "exact_duplicate", score=1.0, related_id=kept) if same else KEEP)
        return verdicts(measures.column("row_id"), self.name, opinions)


def _kind(label: bool | None, losers: list[dict[str, object]] | None) -> str:
    lost = "" if losers is None else "\n".join(normalise(str(turn.get("content") or "")) for turn in losers)
    return f"{label}\n{lost}"
