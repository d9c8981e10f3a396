"""Guard rails: groups by hand, what counts, and a run that stops, can be looked at, and goes on."""

import hashlib
import json
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.cli.main import main
from tuneset.curate import Ledger, curate, drop, explain, keep, row_filter
from tuneset.curate.guard import BAND_STARTS, MIN_ROWS, answer_lengths, band_names, large_drops
from tuneset.curate.status import status
from tuneset.schemas.arrow import ROWS, VERDICTS
from tuneset.schemas.errors import GuardError, TunesetError, WorkspaceError
from tuneset.schemas.recipe import Recipe


@pytest.fixture(autouse=True)
def _groups_of_fifty_rows(monkeypatch):
    monkeypatch.setattr("tuneset.curate.guard.MIN_ROWS", 50)


def said(step, actions):
    """Verdicts from (action, reason) pairs, rows named f:0, f:1, ..."""
    lines = [
        {"row_id": f"f:{i}", "step": step, "action": action, "reason": reason}
        for i, (action, reason) in enumerate(actions)
    ]
    return pa.Table.from_pylist(lines, schema=VERDICTS)


def of(**columns):
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def drops(n, total, reason="near_duplicate"):
    return [("drop", reason)] * n + [("keep", None)] * (total - n)


def test_a_group_by_hand():
    # a.jsonl: 60 of 100 rows go; b.jsonl: 100 of 200 go, which is not more than half
    actions = drops(60, 100) + drops(100, 200)
    groups = of(source=["a.jsonl"] * 100 + ["b.jsonl"] * 200)
    (found,) = large_drops(said("near_duplicate", actions), groups, 0.5)
    assert (found.kind, found.group, found.rows, found.dropped, found.share) == (
        "source", "a.jsonl", 100, 60, 0.6,
    )  # fmt: skip
    assert found.reasons == {"near_duplicate": 60}
    assert [e.row_id for e in found.examples] == ["f:10", "f:30", "f:50"]  # beginning, middle and end
    assert len(large_drops(said("near_duplicate", actions), groups, 0.49)) == 2


def test_small_groups_and_rows_without_a_group_are_not_judged():
    assert MIN_ROWS == 100  # the fixture makes it 50
    assert large_drops(said("defects", drops(49, 49, "loop")), of(source=["a"] * 49), 0.5) == []
    assert large_drops(said("defects", drops(50, 50, "loop")), of(source=["a"] * 50), 0.5)
    assert large_drops(said("structure", drops(90, 90, "empty_response")), of(length=[None] * 90), 0.5) == []


def test_each_kind_of_group_is_judged_by_itself():
    actions = drops(80, 80, "loop") + drops(0, 120)
    groups = of(
        source=["a"] * 200, language=["de"] * 80 + ["en"] * 120, length=["short"] * 160 + ["long"] * 40
    )
    found = large_drops(said("defects", actions), groups, 0.5)
    assert [(f.kind, f.group, f.dropped, f.rows) for f in found] == [("language", "de", 80, 80)]
    # of the short answers, 80 of 160 go: half is not more than half


@pytest.mark.parametrize(
    ("step", "reason"),
    [("exact_duplicate", "exact_duplicate"), ("balance", "over_cap"), ("select", "not_selected")],
)
def test_what_loses_nothing_or_was_ordered_never_counts(step, reason):
    assert large_drops(said(step, drops(100, 100, reason)), of(source=["a"] * 100), 0.5) == []
    # another step's reason of the same name counts
    assert large_drops(said("my_filter", drops(100, 100, reason)), of(source=["a"] * 100), 0.5)


def test_lossless_drops_leave_the_group_before_it_is_judged():
    # of 100 rows 40 are copies; of the other 60, 31 go: 31/60 is more than half, 31/100 is not
    actions = [("drop", "exact_duplicate")] * 40 + drops(31, 60, "other")
    (found,) = large_drops(said("exact_duplicate", actions), of(source=["a"] * 100), 0.5)
    assert (found.rows, found.dropped, found.reasons) == (60, 31, {"other": 31})


def test_a_language_filter_counts_only_where_a_whole_source_goes():
    groups = of(source=["de.jsonl"] * 60 + ["mixed.jsonl"] * 100, language=["de"] * 155 + ["en"] * 5)
    actions = drops(60, 60, "wrong_language") + drops(95, 100, "wrong_language")
    found = large_drops(said("language", actions), groups, 0.5)
    assert [(f.kind, f.group, f.share) for f in found] == [("source", "de.jsonl", 1.0)]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["keep", "drop"])), min_size=0, max_size=400),
    st.floats(0, 1),
)
def test_against_counting_one_by_one(rows, ratio):
    expected = []
    for group in "abc":
        mine = [action for name, action in rows if name == group]
        if len(mine) >= 50 and mine.count("drop") > ratio * len(mine):
            expected.append((group, len(mine), mine.count("drop")))
    verdicts = said("defects", [(a, "loop" if a == "drop" else None) for _, a in rows])
    found = large_drops(verdicts, of(source=[name for name, _ in rows]), ratio)
    assert sorted((f.group, f.rows, f.dropped) for f in found) == expected


def test_answer_lengths_count_characters_of_the_last_answer(workspaces):
    turn = workspaces.turns
    table = pa.Table.from_pylist(
        [
            workspaces.row(1, turn("Hi", "Grüße 👋")),
            workspaces.row(2, turn("Hi", "One", "Again")),  # ends with the user
            workspaces.row(3, []),
            workspaces.row(4, [{"role": "user", "content": "x"}, {"role": "assistant", "content": None}]),
            workspaces.row(5, turn("a", "bb", "c", "dddd")),
        ],
        schema=ROWS,
    )
    column = table.column("messages").combine_chunks()
    assert answer_lengths(column).tolist() == [7, 0, 0, 0, 4]
    assert answer_lengths(column.slice(3, 2)).tolist() == [0, 4]


def test_bands_meet_without_a_gap():
    assert len(band_names()) == len(BAND_STARTS)
    assert band_names()[0] == "answers of 1 to 15 characters"
    assert band_names()[-1] == "answers of 4,096 or more characters"
    codes = np.searchsorted(BAND_STARTS, [0, 1, 15, 16, 4095, 4096], side="right") - 1
    assert codes.tolist() == [-1, 0, 0, 1, 4, 5]


@row_filter
def no_a(row):
    "The question begins with A."
    return drop("begins_with_a") if row["prompt"].startswith("A") else keep()


def write(path: Path, letter: str, n: int) -> Path:
    lines = [
        json.dumps({"prompt": f"{letter} question {i}?", "completion": f"Answer {i * 7919}."})
        for i in range(n)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def hashes(out: Path) -> dict[str, str]:
    files = [p for p in out.rglob("*") if p.is_file() and "measures" not in p.parts and p.name != ".lock"]
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture
def inputs(tmp_path):
    return [write(tmp_path / "a.jsonl", "A", 60), write(tmp_path / "b.jsonl", "B", 60)]


def test_a_stopped_run_leaves_everything_as_it_was_and_can_be_looked_at(inputs, tmp_path):
    out = tmp_path / "out"
    curate(inputs[1], out=out)
    before = hashes(out)
    with pytest.raises(GuardError) as caught:
        curate(inputs, out=out, steps=[no_a])
    error = caught.value
    assert error.exit_code == 1
    assert {k: v for k, v in hashes(out).items() if not k.startswith("stopped/")} == before
    assert [(f["step"], f["kind"], f["group"], f["dropped"], f["rows"]) for f in error.findings] == [
        ("no_a", "source", "a.jsonl", 60, 60)
    ]
    assert [(e["file"], e["row"]) for e in error.findings[0]["examples"]] == [
        ("a.jsonl", 11), ("a.jsonl", 31), ("a.jsonl", 51),
    ]  # fmt: skip
    assert "A question 10? -> Answer 79190." in error.what
    assert "--accept-drops" in error.fix
    assert explain(out / "stopped", "a.jsonl:11").text().count("begins_with_a")
    assert 'id="guard"' in (out / "stopped" / "report.html").read_text(encoding="utf-8")
    assert Ledger.open(out / "stopped").card.guard.stopped
    assert status(out).next["command"] == f"tuneset report {out}/stopped"


def test_accepting_goes_on_from_the_cache_and_says_so(inputs, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(GuardError):
        curate(inputs, out=out, steps=[no_a])
    with pytest.raises(WorkspaceError, match="a guard rail stopped it"):
        Ledger.open(out)
    card = curate(inputs, out=out, steps=[no_a], accept_drops=True).card
    assert (card.steps[0].cached_batches, card.steps[0].measured_batches) == (1, 0)
    assert (card.kept, card.dropped) == (60, 60)
    assert card.guard.accepted
    assert [f.group for f in card.guard.findings] == ["a.jsonl"]
    assert not (out / "stopped").exists()


def test_the_same_verdicts_with_and_without_a_stop(inputs, tmp_path):
    with pytest.raises(GuardError):
        curate(inputs, out=tmp_path / "x", steps=[no_a])
    curate(inputs, out=tmp_path / "y", steps=[no_a], accept_drops=True)
    for name in ("rows.parquet", "verdicts.parquet", "edits.parquet"):
        assert (tmp_path / "x" / "stopped" / name).read_bytes() == (tmp_path / "y" / name).read_bytes()


def test_a_quiet_run_takes_an_earlier_stop_away_and_leaves_what_is_not_of_it(inputs, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(GuardError):
        curate(inputs, out=out, steps=[no_a])
    (out / "stopped" / "notes.txt").write_text("mine")
    card = curate(inputs[1], out=out, steps=[no_a]).card
    assert not card.guard.findings
    assert not card.guard.accepted
    assert [p.name for p in (out / "stopped").iterdir()] == ["notes.txt"]


def test_the_ratio_is_a_knob_and_none_is_off(inputs, tmp_path):
    assert Recipe().max_drop_ratio == 0.5
    curate(inputs, out=tmp_path / "out", recipe={"max_drop_ratio": None}, steps=[no_a])
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text(inputs[0].read_text() + inputs[1].read_text())  # half of one file: not more than half
    curate(mixed, out=tmp_path / "out", steps=[no_a])
    with pytest.raises(GuardError):
        curate(mixed, out=tmp_path / "out", recipe={"max_drop_ratio": 0.4}, steps=[no_a])


def test_one_of_two_files_that_is_a_copy_does_not_stop_the_run(inputs, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_text(inputs[1].read_text())
    card = curate([inputs[1], copy], out=tmp_path / "out", recipe={"steps": ["exact_duplicate"]}).card
    assert (card.dropped, card.guard.findings) == (60, [])


def test_the_command_line_exits_with_1_and_goes_on_when_told(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    recipe = tmp_path / "fr.yaml"
    recipe.write_text("steps: [{use: language, allow: [fr]}]\n")
    words = [f"What is the weather like in the town number {i} today?" for i in range(60)]
    lines = [
        json.dumps({"prompt": w, "completion": "The weather there is fine and rather warm."}) for w in words
    ]
    (tmp_path / "en.jsonl").write_text("\n".join(lines) + "\n")
    command = ["curate", "en.jsonl", "-o", "out", "--recipe", "fr.yaml", "-q"]
    assert main([*command, "--json"]) == 1
    printed = capsys.readouterr()
    data = json.loads(printed.out)
    assert data["error"] == "GuardError"
    assert (data["stopped"], data["findings"][0]["group"]) == ("out/stopped", "en.jsonl")
    assert data["findings"][0]["reasons"] == {"wrong_language": 60}
    assert "language would drop 60 of 60 rows (100.0 %) of the source 'en.jsonl'" in printed.err
    assert main(["approve", "out/stopped", "--where", "true"]) == 2
    assert "stopped by a guard rail" in capsys.readouterr().err
    assert main([*command, "--accept-drops"]) == 0
    assert "accepted: language would drop 60 of 60 rows" in capsys.readouterr().out


def test_the_error_survives_pickling():
    error = GuardError("w", where="x", fix="f", findings=[{"step": "s"}], stopped="out/stopped")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, TunesetError)
    assert again.as_dict() == error.as_dict()
