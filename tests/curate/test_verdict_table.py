"""Verdicts by row, counted or looked up, against the ledger's own answers."""

import pyarrow.parquet as pq
import pytest
from tuneset.curate.ledger import Ledger
from tuneset.curate.verdict_table import VerdictTable
from tuneset.schemas.arrow import VERDICTS


def plain(told):
    return [{k: v for k, v in t.items() if k not in ("row_id", "row")} for t in told]


def test_the_verdicts_of_every_row_are_the_ledgers(story):
    ledger = Ledger.open(story)
    for position, row_id in enumerate(ledger.row_ids.to_pylist()):
        assert ledger.verdict_table.of(position) == plain(ledger.verdicts_of(row_id))


@pytest.mark.parametrize("change", ["backwards", "a line too many"])
def test_a_file_in_another_order_is_looked_up_by_name(story, change):
    path = Ledger.open(story).workspace.verdicts
    lines = pq.read_table(path).to_pylist()
    lines = lines[::-1] if change == "backwards" else [*lines[:3], lines[0], *lines[3:]]
    pq.write_table(pq.read_table(path).from_pylist(lines, schema=VERDICTS), path)
    ledger = Ledger.open(story)
    for position, row_id in enumerate(ledger.row_ids.to_pylist()):
        assert ledger.verdict_table.of(position) == plain(ledger.verdicts_of(row_id))


def test_who_names_a_row(story):
    table = Ledger.open(story).verdict_table
    assert [(row, told["reason"]) for row, told in table.naming(0)] == [(1, "near_duplicate")]
    assert table.naming(1) == []


def test_masks_and_their_rows(story):
    table = Ledger.open(story).verdict_table
    told = table.where(table.equal("action", "drop"))
    assert list(zip(told["row"].to_pylist(), told["step"].to_pylist(), strict=True)) == [
        (2, "defects"), (1, "near_duplicate"),
    ]  # fmt: skip
    assert table.where(table.equal("step", "none")).num_rows == 0
    assert int(table.valid("related_id").sum()) == 1


def test_no_verdicts(workspaces, tmp_path):
    out = workspaces.build(tmp_path / "out", [workspaces.row(1, workspaces.turns("q", "a"))], [])
    ledger = Ledger.open(out)
    table = VerdictTable(ledger.workspace.verdicts, ledger.row_ids)
    assert table.of(0) == []
    assert table.naming(0) == []
