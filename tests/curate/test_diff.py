from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tuneset.cli.main import main
from tuneset.curate.diff import diff
from tuneset.review_app import approve, freeze
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import RecipeError


@pytest.fixture
def ids(workspaces) -> dict[int, str]:
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


@pytest.fixture
def two_versions(story: Path) -> Path:
    """v1 has rows 1, 4, 5, 7, 8; v2 has 1, 4, 5, 6, 7."""
    approve(story, where="true", actor="ana")
    freeze(story)
    approve(story, where="review == true", actor="ana")
    with Store.open(story / "review.db") as store:
        eighth = max(store.events(), key=lambda e: int(e.row_id.split(":")[1]))
        store.append_many(
            [Draft("undo", eighth.row_id, eighth.content_id, supersedes=eighth.seq)], actor="ana"
        )
    freeze(story)
    return story


def test_versions_differ_by_rows(two_versions: Path, ids) -> None:
    found = diff(two_versions, "v1", "v2").as_dict()
    assert found["a"] == {"name": "v1", "kind": "version", "rows": 5}
    assert found["same"] == 4
    assert [r["row_id"] for r in found["changes"]["only_a"]] == [ids[8]]
    assert [r["row_id"] for r in found["changes"]["only_b"]] == [ids[6]]
    assert found["counts"] == {"only_a": 1, "only_b": 1, "moved": 0, "content": 0, "split": 0, "verdict": 0}


def test_a_version_is_the_same_as_itself(two_versions: Path) -> None:
    found = diff(two_versions, "v1", str(two_versions / "versions" / "v1"))
    assert found.same == 5
    assert not any(found.changes.values())


@pytest.fixture
def two_runs(workspaces, tmp_path: Path) -> tuple[Path, Path]:
    """Ten rows and two runs over them; what differs is written beside each row."""
    rows = {n: workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(1, 9)}
    ids = {n: rows[n]["row_id"] for n in rows}
    twin = workspaces.row(1, workspaces.turns("q8", "a8"), file="other.jsonl")  # row 8 under another id
    fresh = workspaces.row(2, workspaces.turns("new", "row"), file="other.jsonl")
    verdict = workspaces.verdict

    def run(name, chosen, drops, flagged, splits, edits):
        told = [
            verdict(r, "defects", "drop", reason=drops[r])
            if r in drops
            else verdict(r, "defects", "review" if r in flagged else "keep")
            for r in chosen
        ]
        told += [
            verdict(r, "split", "assign", value=splits.get(r, "train")) for r in chosen if r not in drops
        ]
        every = [*rows.values(), twin, fresh]
        some = [r for r in every if r["row_id"] in chosen]
        return workspaces.build(tmp_path / name, some, told, edits=edits)

    edit = [{"row_id": ids[3], "step": "defects", "messages": workspaces.turns("q3", "edited")}]
    a = run("a", [ids[n] for n in range(1, 9)], {ids[4]: "refusal", ids[5]: "echo"}, {ids[7]}, {}, [])
    b = run(
        "b",
        [*(ids[n] for n in range(1, 8)), twin["row_id"], fresh["row_id"]],
        {ids[5]: "loop", ids[6]: "echo"},
        set(),
        {ids[2]: "test", twin["row_id"]: "test"},
        edit,
    )
    return a, b


def test_runs_differ_by_content_split_and_verdict(two_runs, workspaces, ids) -> None:
    a, b = two_runs
    found = diff(a, str(a), str(b))
    changes = found.changes
    assert (found.a["kind"], found.a["rows"], found.b["rows"]) == ("run", 8, 9)
    assert [c["row_id"] for c in changes["content"]] == [ids[3]]
    assert changes["split"] == [
        {"row_id": ids[2], "split": ["train", "test"]},
        {"row_id": ids[4], "split": [None, "train"]},
        {"row_id": ids[6], "split": ["train", None]},
    ]
    assert changes["verdict"] == [
        {
            "row_id": ids[4],
            "state": ["dropped", "kept"],
            "step": ["defects", None],
            "reason": ["refusal", None],
        },
        {"row_id": ids[5], "reason": ["echo", "loop"]},
        {"row_id": ids[6], "state": ["kept", "dropped"], "step": [None, "defects"], "reason": [None, "echo"]},
        {"row_id": ids[7], "state": ["review", "kept"]},
    ]
    twin = workspaces.row(1, [], file="other.jsonl")["row_id"]
    assert changes["moved"] == [{"row_id": ids[8], "now": twin, "split": ["train", "test"]}]
    assert changes["only_a"] == []
    assert [r["row_id"] for r in changes["only_b"]] == [workspaces.row(2, [], file="other.jsonl")["row_id"]]
    assert found.same == 1  # row 1


def test_a_version_is_compared_with_the_kept_rows_of_a_run(two_versions: Path, ids) -> None:
    found = diff(two_versions, "v1", str(two_versions))
    assert (found.a["rows"], found.b["rows"], found.same) == (5, 6, 5)
    assert [r["row_id"] for r in found.changes["only_b"]] == [ids[6]]
    assert found.changes["verdict"] == []


def test_equal_contents_are_paired_one_to_one(workspaces, tmp_path: Path) -> None:
    turns = workspaces.turns("q", "a")
    sides = []
    for name, n in (("a", 3), ("b", 2)):
        rows = [workspaces.row(i, turns, file=f"{name}.jsonl") for i in range(1, n + 1)]
        sides.append(
            workspaces.build(tmp_path / name, rows, [workspaces.verdict(r["row_id"], "s") for r in rows])
        )
    found = diff(sides[0], *map(str, sides)).changes
    assert [(m["row_id"].split(":")[1], m["now"].split(":")[1]) for m in found["moved"]] == [
        ("1", "1"),
        ("2", "2"),
    ]
    assert len(found["only_a"]) == 1
    assert found["only_b"] == []


def test_empty_runs_compare(workspaces, tmp_path: Path) -> None:
    out = workspaces.build(tmp_path / "o", [], [])
    assert diff(out, str(out), str(out)).same == 0


def test_an_unknown_name_is_refused(two_versions: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as error:
        diff(two_versions, "v1", "v22")
    assert "did you mean 'v2'?" in error.value.fix
    with pytest.raises(RecipeError, match="neither a version nor"):
        diff(tmp_path, "a", "b")


def test_the_verb_prints_counts_and_the_first_rows(two_runs, ids, capsys) -> None:
    a, b = two_runs
    assert main(["diff", str(a), str(a), str(b)]) == 0
    text = capsys.readouterr().out
    assert f"A: {a} (run, 8 rows)" in text
    assert "        1  the same" in text
    assert f"           {ids[5]}  reason echo -> loop" in text
    assert main(["diff", str(a), str(a), str(b), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["verdict"] == 4


def test_long_lists_are_cut_in_the_text_alone(workspaces, tmp_path: Path) -> None:
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a")) for n in range(1, 31)]
    told = [workspaces.verdict(r["row_id"], "s") for r in rows]
    a = workspaces.build(tmp_path / "a", rows, told)
    b = workspaces.build(tmp_path / "b", [], [])
    found = diff(a, str(a), str(b))
    assert "and 25 more; --json lists all" in found.text()
    assert len(found.as_dict()["changes"]["only_a"]) == 30
    shutil.rmtree(b)
