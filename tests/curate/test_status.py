from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tuneset.cli.main import main
from tuneset.curate.status import status
from tuneset.review_app import approve, freeze
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import WorkspaceError


@pytest.fixture
def ids(workspaces) -> dict[int, str]:
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


def _current(out: Path) -> pa.Table:
    with Store.reading(out / "review.db") as store:
        return store.current()


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(value))


def test_review_progress_shares_out_the_kept_rows(story: Path, ids) -> None:
    before = status(story, decisions=_current(story)).review
    assert before is not None
    assert (before.approved, before.rejected, before.changed, before.open, before.flagged) == (0, 0, 0, 6, 1)
    approve(story, where="split == 'train'", actor="ana")  # rows 1, 4, 8
    with Store.open(story / "review.db") as store:
        store.append_many(
            [Draft("approve", ids[5], "0" * 32), Draft("reject", ids[7], "c"), Draft("approve", ids[2], "c")],
            actor="ben",
        )
    after = status(story, decisions=_current(story)).review
    assert after is not None
    assert (after.approved, after.rejected, after.changed, after.open, after.flagged) == (3, 1, 1, 1, 1)


def test_without_decisions_there_is_no_progress(story: Path) -> None:
    assert status(story).review is None


def test_the_next_command_follows_the_chain(story: Path) -> None:
    def command() -> str:
        return status(story, decisions=_current(story)).next["command"].split()[1]

    steps = [command()]
    approve(story, where="split == 'train'", actor="ana")
    steps.append(command())
    freeze(story)
    steps.append(command())
    approve(story, where="true", actor="ana")
    steps.append(command())
    freeze(story)
    _write(story / "models/run1/manifest.json", {"run": "run1", "data": {"version": "v2"}})
    steps.append(command())
    _write(
        story / "evals/run1/summary.json",
        {"version": "v2", "split": "test", "verdict": "better", "sentence": "Yes."},
    )
    steps.append(command())
    assert steps == ["approve", "freeze", "train", "freeze", "eval", "export"]
    told = status(story, decisions=_current(story)).as_dict()
    assert told["models"] == [{"run": "run1", "version": "v2"}]
    assert told["evaluations"][0]["verdict"] == "better"
    assert [v["name"] for v in told["versions"]] == ["v1", "v2"]
    json.dumps(told, allow_nan=False)


def test_a_run_that_kept_nothing_points_to_its_report(workspaces, tmp_path: Path) -> None:
    out = workspaces.build(tmp_path / "o", [], [])
    assert "report" in status(out, decisions=_current(out)).next["command"]


def test_the_verb_prints_funnel_and_progress(story: Path, capsys) -> None:
    approve(story, where="true", actor="ana")
    freeze(story)
    capsys.readouterr()
    assert main(["status", str(story)]) == 0
    text = capsys.readouterr().out
    assert "near_duplicate" in text
    assert "rows         9 in = 6 kept + 2 dropped + 1 quarantined" in text
    assert "decisions    5 approved, 0 rejected, 1 open (1 for a person)" in text
    assert "version      v1: train 3, validation 1, test 1" in text
    assert main(["status", str(story), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["review"]["approved"] == 5
    assert told["funnel"][0]["step"] == "defects"


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        status(tmp_path)
