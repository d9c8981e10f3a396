"""The main job as a whole: accounts for rows, resumes, and gives the same bytes however it is run."""

import hashlib
import json
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from tuneset.curate import Opinion, RowStep, curate, drop, keep, row_filter
from tuneset.schemas.errors import InputError, RecipeError, StepError, WorkspaceError
from tuneset.schemas.workspace import Workspace

FINAL = ("rows.parquet", "verdicts.parquet", "edits.parquet", "quarantine.jsonl", "tuneset.yaml")


def rows(n=60):
    made = [
        {"prompt": f"What is {i} plus {i}?", "completion": f"It is {i + i}, as anyone can count."}
        for i in range(n)
    ]
    return [
        *made,
        made[0],
        {"prompt": "Nothing?", "completion": ""},
        {"prompt": "End?", "completion": "Yes</s>"},
    ]


def write(path, values):
    path.write_text(
        "".join((v if isinstance(v, str) else json.dumps(v)) + "\n" for v in values), encoding="utf-8"
    )
    return path


def hashes(out):
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FINAL}


@pytest.fixture
def data(tmp_path):
    return write(tmp_path / "data.jsonl", [*rows(), '{"prompt": "cut', {"prompt": "x"}])


def test_every_row_is_accounted_for(data, tmp_path):
    card = curate(data, out=tmp_path / "out").card
    assert (card.rows_in, card.rows, card.quarantined) == (65, 63, 2)
    assert card.rows_in == card.kept + card.dropped + card.quarantined
    assert (card.dropped, card.edited) == (2, 1)
    lost = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()]
    assert [(q["row"], q["line"]) for q in lost] == [(64, 64), (65, 65)]
    assert lost[0]["text"] == '{"prompt": "cut'


def test_one_verdict_a_row_and_step_until_it_is_dropped(data, tmp_path):
    result = curate(data, out=tmp_path / "out")
    verdicts = pq.read_table(tmp_path / "out" / "verdicts.parquet").to_pandas()
    assert not verdicts.duplicated(["row_id", "step"]).any()
    for step in result.card.steps:
        assert (verdicts["step"] == step.step).sum() == step.rows_in
    dropped = verdicts[verdicts["action"] == "drop"].set_index("row_id")["step"]
    last = verdicts.groupby("row_id")["step"].last()
    assert (last[dropped.index] == dropped).all()


def test_edits_are_seen_by_later_steps_and_the_original_stays(data, tmp_path):
    result = curate(data, out=tmp_path / "out")
    edits = pq.read_table(tmp_path / "out" / "edits.parquet").to_pylist()
    assert [e["messages"][1]["content"] for e in edits] == ["Yes"]
    original = pq.read_table(tmp_path / "out" / "rows.parquet").to_pylist()[62]
    assert original["messages"][1]["content"] == "Yes</s>"
    assert result.to_pandas().iloc[-1]["messages"][1]["content"] == "Yes"


@pytest.mark.parametrize(("workers", "batch_rows"), [(1, 7), (2, 11), (2, 1000)])
def test_workers_and_batches_never_change_a_byte(data, tmp_path, workers, batch_rows):
    curate(data, out=tmp_path / "a")
    curate(data, out=tmp_path / "b", workers=workers, batch_rows=batch_rows)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_a_second_run_measures_nothing_and_changes_nothing(data, tmp_path):
    first = curate(data, out=tmp_path / "out")
    before = hashes(tmp_path / "out")
    again = curate(data, out=tmp_path / "out")
    assert hashes(tmp_path / "out") == before
    assert all(s.measured_batches == 0 for s in again.card.steps)
    assert all(s.measured_batches > 0 for s in first.card.steps)


def test_another_threshold_measures_nothing_again(data, tmp_path):
    curate(data, out=tmp_path / "out")
    steps = [{"use": "structure"}, {"use": "near_duplicate", "threshold": 0.9}]
    again = curate(data, out=tmp_path / "out", recipe={"steps": steps})
    assert all(s.measured_batches == 0 for s in again.card.steps)


def test_the_same_file_twice_gives_distinct_row_ids(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        write(tmp_path / name, rows(5))
    curate([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], out=tmp_path / "out")
    ids = pq.read_table(tmp_path / "out" / "rows.parquet", columns=["row_id"]).column(0).to_pylist()
    assert len(set(ids)) == len(ids) == 16


def test_rows_in_memory_are_an_input(tmp_path):
    result = curate(rows(3), out=tmp_path / "out")
    assert result.card.rows_in == 6
    assert result.card.inputs[0].file == "rows"


def test_files_of_a_folder_that_hold_no_rows_are_named(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "data.jsonl", rows(3))
    (folder / "manifest.json").write_text('[{"file": "data.jsonl", "bytes": 1}]')
    card = curate(folder, out=tmp_path / "out").card
    assert [s.file for s in card.skipped] == ["manifest.json"]
    assert "'file', 'bytes'" in card.skipped[0].why


def test_a_named_file_without_readable_rows_is_refused(tmp_path):
    path = write(tmp_path / "odd.jsonl", [{"frage": "a", "antwort": "b"}])
    with pytest.raises(InputError, match="'frage', 'antwort'"):
        curate(path, out=tmp_path / "out")
    result = curate(
        path, out=tmp_path / "out", recipe={"columns": {"prompt": "frage", "response": "antwort"}}
    )
    assert result.card.kept == 1


def test_nothing_is_half_written_after_an_error(data, tmp_path):
    @row_filter
    def breaks(_row):
        """Never mind."""
        raise ValueError("no")

    with pytest.raises(StepError, match="ValueError: no") as caught:
        curate(data, out=tmp_path / "out", steps=[breaks])
    assert "row " in caught.value.where
    assert not [name for name in FINAL if (tmp_path / "out" / name).exists()]


@row_filter
def no_seven(row, *, digit: str = "7"):
    """The prompt holds a digit that we do not want."""
    return drop("has_digit", detail=digit) if digit in row["prompt"] else keep()


def test_a_users_filter(data, tmp_path):
    assert no_seven.reasons == {"has_digit": "The prompt holds a digit that we do not want."}
    result = curate(
        data, out=tmp_path / "out", steps=[no_seven, no_nine := _named(no_seven(digit="9"), "no_nine")]
    )
    assert no_nine.params == {"digit": "9"}
    assert result.card.steps[0].reasons["drop"] == {"has_digit": 6}
    assert len(result.kept) + len(result.dropped) == 63


def _named(step, name):
    step.name = name
    return step


def test_a_users_filter_from_a_recipe_runs_only_when_allowed(data, tmp_path):
    filters = tmp_path / "my_filters.py"
    filters.write_text(
        "from tuneset.curate import drop, keep, row_filter\n\n\n"
        "@row_filter\ndef no_nine(row, *, digit='9'):\n"
        '    """The prompt holds a nine."""\n'
        '    return drop("has_nine") if digit in row["prompt"] else keep()\n'
    )
    recipe = tmp_path / "tuneset.yaml"
    recipe.write_text("steps:\n  - use: structure\n  - use: my_filters.py:no_nine\n    with: {digit: '8'}\n")
    with pytest.raises(RecipeError, match="wants to run code"):
        curate(data, out=tmp_path / "out", recipe=recipe)
    result = curate(
        data, out=tmp_path / "out", recipe=recipe, allow=["my_filters.py"], workers=2, batch_rows=10
    )
    assert result.card.steps[1].reasons == {"drop": {"has_nine": 6}}


class _Forgets(RowStep):
    name = "forgets"
    reasons = {}

    def opinion(self, _row):
        return Opinion("drop", "undeclared")


def test_an_undeclared_reason_stops_the_run(data, tmp_path):
    with pytest.raises(StepError, match="undeclared reason"):
        curate(data, out=tmp_path / "out", steps=[_Forgets()])


def test_two_writers_do_not_meet(data, tmp_path):
    from tuneset.curate.lock import locked

    with (
        locked(Workspace.at(tmp_path / "out").lock),
        pytest.raises(WorkspaceError, match="another tuneset process"),
    ):
        curate(data, out=tmp_path / "out")


def test_curate_from_a_script_without_a_main_guard(data, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from tuneset.curate import curate, drop, keep, row_filter\n\n"
        "@row_filter\ndef short(row):\n"
        '    """Short."""\n'
        '    return drop("short") if len(row["prompt"]) < 8 else keep()\n\n'
        f"r = curate({str(data)!r}, out={str(tmp_path / 'out')!r}, steps=[short], workers=2, batch_rows=9)\n"
        "print(r.card.dropped)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "1"


def test_an_edited_step_of_the_users_own_is_measured_again(data, tmp_path):
    filters = tmp_path / "mine.py"
    text = (
        "from tuneset.curate import RowStep, drop, keep\n\n\n"
        "class Long(RowStep):\n"
        "    name = 'long'\n"
        "    reasons = {'long': 'Too long.'}\n\n"
        "    def opinion(self, row):\n"
        "        return drop('long') if len(row['prompt']) > 18 else keep()\n"
    )
    recipe = {"steps": [{"use": "mine.py:Long"}], "max_drop_ratio": None}
    script = "import sys; from tuneset.curate import curate; print(curate(*sys.argv[1:2], out=sys.argv[2], recipe={}, allow=[]).card.dropped)"
    filters.write_text(text)
    dropped = []
    for limit in ("18", "0"):
        filters.write_text(text.replace("> 18", f"> {limit}"))
        code = script.replace("recipe={}", f"recipe={recipe!r}").replace("allow=[]", "allow=['mine.py']")
        done = subprocess.run(
            [sys.executable, "-c", code, str(data), "out"],
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        )
        dropped.append(int(done.stdout))
    assert dropped[0] < dropped[1] == 63
