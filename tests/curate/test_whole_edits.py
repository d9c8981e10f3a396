"""Edits that replace a row's tools, losing answer and label as well as its turns."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tuneset.curate import Opinion, curate
from tuneset.curate.contents import Contents, records
from tuneset.curate.ledger import Ledger
from tuneset.curate.step import KEEP, verdicts
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import EDITS, MESSAGES
from tuneset.schemas.example import content_id
from tuneset.schemas.workspace import Workspace

WINNER = [{"role": "user", "content": "Say hello"}, {"role": "assistant", "content": "Yo"}]
LOSER = [{"role": "assistant", "content": "Hello, how can I help?"}]


class Swap:
    """Swaps the two answers of a preference row, and takes its label away."""

    name = "swap"
    edits = True
    reasons = {"swapped": "The losing answer is the better one."}

    def measure(self, batch):
        messages, rejected = [], []
        for row in records(batch):
            swaps = row["rejected"] is not None
            messages.append([*row["messages"][:-1], *row["rejected"]] if swaps else None)
            rejected.append(row["messages"][-1:] if swaps else None)
        n = batch.num_rows
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "swaps": pa.array([m is not None for m in messages], pa.bool_()),
                "messages": pa.array(messages, MESSAGES),
                "tools": pa.nulls(n, pa.string()),
                "rejected": pa.array(rejected, MESSAGES),
                "label": pa.nulls(n, pa.bool_()),
            }
        )

    def decide(self, measures):
        assert not {"messages", "tools", "rejected", "label"} & set(measures.column_names)
        told = [Opinion("edit", "swapped") if s else KEEP for s in measures.column("swaps").to_pylist()]
        return verdicts(measures.column("row_id"), self.name, told)


class Seen:
    """Remembers in the verdict which content it saw."""

    name = "seen"
    reasons = {}

    def measure(self, batch):
        rejected = [json.dumps(r["rejected"]) for r in records(batch)]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "content_id": batch.column("content_id"),
                "rejected_text": pa.array(rejected, pa.string()),
            }
        )

    def decide(self, measures):
        cells = zip(*(measures.column(c).to_pylist() for c in ("content_id", "rejected_text")), strict=True)
        told = [Opinion("assign", value=content, detail=text) for content, text in cells]
        return verdicts(measures.column("row_id"), self.name, told)


@pytest.fixture
def out(tmp_path):
    rows = [
        {"prompt": [WINNER[0]], "chosen": [WINNER[1]], "rejected": LOSER},
        {"prompt": "What is 2 + 2?", "completion": "4"},
    ]
    return curate(rows, out=tmp_path / "out", steps=[Swap(), Seen()]).workspace.root


SWAPPED = [WINNER[0], *LOSER]


def test_later_steps_and_readers_see_the_whole_edit(out):
    ledger = Ledger.open(out)
    first, second = (row for table in ledger.content() for row in records(table))
    assert (first["messages"], first["rejected"], first["label"]) == (SWAPPED, WINNER[1:], None)
    assert first["content_id"] == content_id(SWAPPED, rejected=WINNER[1:])
    assert second["messages"][-1]["content"] == "4"
    assert ledger.content_ids()["content_id"].to_pylist() == [first["content_id"], second["content_id"]]
    seen = ledger.step_verdicts("seen", ["value", "detail"]).to_pylist()
    assert seen[0] == {"value": first["content_id"], "detail": json.dumps(WINNER[1:])}
    original = ledger.row(first["row_id"])
    assert (original["messages"], original["rejected"]) == (WINNER, LOSER)


def test_rows_as_they_came_to_the_step(out):
    before = Contents(Workspace.at(out), without="swap")
    assert next(records(before.at(np.array([0]))))["messages"] == WINNER


def test_an_older_file_of_edits_still_reads(workspaces, tmp_path):
    row = workspaces.row(1, workspaces.turns("q", "a"), rejected=LOSER)
    edit = {"row_id": row["row_id"], "step": "pii", "messages": workspaces.turns("q", "b")}
    out = workspaces.build(
        tmp_path / "o",
        [row],
        [workspaces.verdict(row["row_id"], "pii", "edit", reason="email")],
        edits=[edit],
    )
    path = out / "edits.parquet"
    old = pa.schema([EDITS.field(name) for name in ("row_id", "step", "messages")])
    pq.write_table(pa.Table.from_pylist([edit], schema=old), path)
    found = Ledger.open(out).row(row["row_id"], edited=True)
    assert (found["messages"], found["rejected"]) == (workspaces.turns("q", "b"), LOSER)


def test_messages_come_from_the_last_edit_and_the_rest_from_the_last_whole_one(workspaces, tmp_path):
    row = workspaces.row(1, workspaces.turns("q", "a"), label=True)
    name = row["row_id"]
    edits = [
        {
            "row_id": name,
            "step": "one",
            "messages": workspaces.turns("q", "b"),
            "whole": True,
            "rejected": LOSER,
        },
        {"row_id": name, "step": "two", "messages": workspaces.turns("q", "c"), "whole": False},
    ]
    told = [workspaces.verdict(name, step, "edit", reason="x") for step in ("one", "two")]
    out = workspaces.build(tmp_path / "o", [row], told, edits=edits)
    found = Ledger.open(out).row(name, edited=True)
    assert (found["messages"], found["rejected"], found["label"]) == (workspaces.turns("q", "c"), LOSER, None)
    assert found["content_id"] == content_id(workspaces.turns("q", "c"), rejected=LOSER)


def test_the_step_keeps_the_contract():
    check_step(Swap())
