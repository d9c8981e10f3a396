"""Reference rows: any shape, benchmarks' own rows too; where files are looked for; errors; the run card."""

import json

import pytest
from tuneset.curate import curate
from tuneset.curate.reference import read_reference
from tuneset.curate.rows import prompt_of, response_of, rows_of
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import InputError


def write(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


CHOICE = "Which is largest?\nA. Earth\nB. Mars\nC. Saturn"


@pytest.mark.parametrize(
    ("row", "prompt", "response"),
    [
        ({"id": "q1", "question": "How many?", "answer": "Two. #### 2"}, "How many?", "Two. #### 2"),
        ({"text": "A text alone."}, "A text alone.", ""),
        ({"prompt": "Write a poem."}, "Write a poem.", ""),
        ({"question": "Who is it?"}, "Who is it?", ""),
        ({"input": "2 + 2", "target": "4"}, "2 + 2", "4"),
        ({"problem": "Find x.", "solution": "x = 3", "level": "5"}, "Find x.", "x = 3"),
        (
            {"question": "Which is largest?", "choices": ["Earth", "Mars", "Saturn"], "answer": 2},
            CHOICE,
            "Saturn",
        ),
        (
            {"question": "Which is largest?", "options": ["Earth", "Mars", "Saturn"], "answer": "C"},
            CHOICE,
            "Saturn",
        ),
        (
            {
                "question": "Which is largest?",
                "choices": {"text": ["Earth", "Mars", "Saturn"], "label": ["A", "B", "C"]},
                "answerKey": "C",
            },
            CHOICE,
            "Saturn",
        ),
        (
            {
                "task_id": "h/0",
                "prompt": "def one():\n",
                "canonical_solution": "    return 1\n",
                "test": "assert",
            },
            "def one():\n",
            "    return 1\n",
        ),
        (
            {"ctx": "A man sits", "endings": ["down.", "up."], "label": "1"},
            "A man sits\nA. down.\nB. up.",
            "up.",
        ),
        (
            {"goal": "Open it.", "sol1": "Push.", "sol2": "Pull.", "label": 0},
            "Open it.\nA. Push.\nB. Pull.",
            "Push.",
        ),
        ({"question": "Who?", "best_answer": "Nobody."}, "Who?", "Nobody."),
        ({"turns": ["First?", "Then?"], "reference": ["a", "b"]}, "First?\nThen?", "a"),
        ({"Frage": "Wie viele Beine?", "n": 3}, "Wie viele Beine?", ""),
        (
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]},
            "Hi",
            "Hello.",
        ),
    ],
)
def test_rows_of_benchmarks_are_read(tmp_path, row, prompt, response):
    table = read_reference([write(tmp_path / "b.jsonl", row)], tmp_path)
    assert table.schema.equals(ROWS)
    (turns,) = rows_of(table).messages
    assert (prompt_of(turns), response_of(turns)) == (prompt, response)


def test_rows_have_file_and_number_and_stable_names(tmp_path):
    path = write(tmp_path / "b.jsonl", {"text": "One text."}, {"n": 1}, {"text": "Two texts."})
    table = read_reference([path], tmp_path)
    assert table.column("source").to_pylist() == [{"file": "b.jsonl", "row": n} for n in (1, 3)]
    assert table.equals(read_reference(["b.jsonl"], tmp_path))
    twice = read_reference([path, path], tmp_path).column("row_id").to_pylist()
    assert len(set(twice)) == 4


def test_a_relative_path_begins_at_the_folder_else_where_we_are(tmp_path, monkeypatch):
    write(tmp_path / "recipes" / "near.jsonl", {"text": "near text"})
    write(tmp_path / "here" / "near.jsonl", {"text": "other text"})
    write(tmp_path / "here" / "far.jsonl", {"text": "far text"})
    monkeypatch.chdir(tmp_path / "here")
    table = read_reference(["near.jsonl", "far.jsonl"], tmp_path / "recipes")
    assert rows_of(table).prompts == ["near text", "far text"]


def test_a_frozen_version_is_its_three_splits(tmp_path):
    version = tmp_path / "versions" / "v1"
    for name in ("test", "train", "validation"):
        write(version / f"{name}.jsonl", {"prompt": f"{name} prompt", "completion": "Yes."})
    (version / "manifest.json").write_text('{"question": "no row"}', encoding="utf-8")
    table = read_reference([version], tmp_path)
    files = [s["file"] for s in table.column("source").to_pylist()]
    assert files == ["v1/train.jsonl", "v1/validation.jsonl", "v1/test.jsonl"]


def test_a_folder_gives_all_its_files(tmp_path):
    write(tmp_path / "set" / "a.jsonl", {"question": "One?"})
    write(tmp_path / "set" / "b" / "c.jsonl", {"question": "Two?"})
    assert rows_of(read_reference(["set"], tmp_path)).prompts == ["One?", "Two?"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jsonl", None, "does not exist"),
        ("empty.jsonl", b"", "is empty"),
        ("notes.bin", b"\x00\x01", "no known ending"),
        ("numbers.jsonl", b'{"a": 1}\n', "it has no text"),
        ("broken.jsonl", b"{\n", "no row of the reference"),
    ],
)
def test_what_cannot_be_read_says_what_where_and_what_to_do(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_reference([name], tmp_path)
    assert name in caught.value.what
    assert caught.value.where
    assert caught.value.fix


ITEM = {
    "question": "A baker sells 12 loaves in the morning and twice as many later. How many loaves is that?"
}
RECIPE = {"steps": [{"use": "decontaminate", "against": ["b.jsonl"]}]}


def test_the_run_card_records_reference_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "b.jsonl", ITEM, {"n": 1})
    rows = [{"prompt": ITEM["question"], "completion": "36"}, {"prompt": "Hi", "completion": "Hello."}]
    first = curate(rows, out=tmp_path / "o", recipe=RECIPE)
    (file,) = first.card.references
    assert (file.file, file.bytes) == ("b.jsonl", (tmp_path / "b.jsonl").stat().st_size)
    assert (file.rows, file.unreadable) == (1, 1)
    assert f"<code>{file.sha256}</code>" in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert (first.card.kept, first.card.dropped) == (1, 1)


def test_another_reference_is_measured_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path / "b.jsonl", {"question": "Something that no row of this run has in it, or ever will have?"}
    )
    rows = [{"prompt": ITEM["question"], "completion": "36"}]
    runs = [curate(rows, out=tmp_path / "o", recipe=RECIPE).card for _ in (1, 2)]
    write(tmp_path / "b.jsonl", ITEM)
    runs.append(curate(rows, out=tmp_path / "o", recipe=RECIPE).card)
    assert [(c.steps[0].cached_batches, c.dropped) for c in runs] == [(0, 0), (1, 0), (0, 1)]


def test_without_a_reference_the_step_does_not_run(tmp_path):
    card = curate([{"prompt": "Hi", "completion": "Hello."}], out=tmp_path / "o").card
    assert "decontaminate" not in [s.step for s in card.steps]
    assert card.references == []


def test_a_missing_reference_stops_the_run_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match=r"'b\.jsonl' does not exist"):
        curate([{"prompt": "Hi", "completion": "Hello."}], out=tmp_path / "o", recipe=RECIPE)
