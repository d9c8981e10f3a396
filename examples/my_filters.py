"""Steps of one's own. docs/steps/own.md explains them; examples/own_filters.yaml uses them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from tuneset.curate import Opinion, Row, assign, drop, keep, review, row_filter, verdicts


@row_filter
def no_shouting(row: Row, *, max_ratio: float = 0.5) -> Opinion:
    """The answer is mostly capital letters."""
    letters = [c for c in row["response"] if c.isalpha()]
    ratio = sum(c.isupper() for c in letters) / max(len(letters), 1)
    return drop("shouting", score=ratio) if ratio > max_ratio else keep(score=ratio)


@row_filter(reasons={"length": "The length of the answer: short, medium or long."})
def length(row: Row) -> Opinion:
    """Label every row; `tuneset approve OUT --where "length == 'short'"` then finds them."""
    words = len(row["response"].split())
    return assign("short" if words < 20 else "medium" if words < 200 else "long", reason="length")


class CommonAnswer:
    """Sends rows to review whose answer stands in many rows: a step that has to see every row."""

    name = "common_answer"
    version = 1  # raise it when code changes that `measure` calls from elsewhere
    reasons = {"common_answer": "The same answer stands in many rows."}

    def __init__(self, max_rows: int = 10) -> None:
        self.max_rows = max_rows

    def measure(self, batch: pa.Table) -> pa.Table:
        """The last turn's text of each row; n rows in, n rows out, same order."""
        answers = [turns[-1]["content"] for turns in batch["messages"].to_pylist()]
        return pa.table({"row_id": batch["row_id"], "answer": pa.array(answers, pa.string())})

    def decide(self, measures: pa.Table) -> pa.Table:
        """One verdict a row, same order; here all rows of the run are seen at once."""
        counts = {c["values"]: c["counts"] for c in pc.value_counts(measures["answer"]).to_pylist()}
        opinions = [
            review("common_answer", score=counts[a]) if counts[a] > self.max_rows else keep()
            for a in measures["answer"].to_pylist()
        ]
        return verdicts(measures["row_id"], self.name, opinions)
