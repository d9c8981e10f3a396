"""`tuneset review export` and `import`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tuneset.cli.main import main
from tuneset.review_app.store import Store


def _run(capsys, *arguments) -> tuple[int, str, str]:
    code = main([str(a) for a in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def _decide(file: Path, *told: dict) -> None:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for line, more in zip(lines, told, strict=False):
        line |= more
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_the_queue_goes_out_and_decisions_come_in(story: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "q.jsonl"
    code, out, _ = _run(capsys, "review", "export", story, "--what", "queue", "-o", file)
    assert (code, out) == (0, f"exported 6 rows to {file}\n")
    _decide(file, {"action": "approve", "actor": "7"}, {"action": "reject", "reason": "ugly"})
    code, out, _ = _run(capsys, "review", "import", story, file, "--as", "ben")
    assert code == 1
    assert "line 2, reason: no reject code 'ugly' [unknown_reason]" in out
    assert not (story / "review.db").exists()
    code, out, _ = _run(
        capsys, "review", "import", story, file, "--as", "ben", "--name", "7=ana", "--skip-bad", "--json"
    )
    told = json.loads(out)
    assert (code, told["decisions"], told["bad"], told["importer"]) == (0, 1, 1, "ben")
    with Store.reading(story / "review.db") as store:
        assert store.current()["actor"].to_pylist() == ["ana"]


@pytest.mark.parametrize(("shape", "beside"), [("argilla", "settings.json"), ("label-studio", "config.xml")])
def test_tools_get_their_settings_beside_the_rows(story: Path, capsys, shape: str, beside: str) -> None:
    code, out, _ = _run(capsys, "review", "export", story, "--shape", shape, "--json")
    files = [Path(f) for f in json.loads(out)["files"]]
    assert code == 0
    assert [f.name for f in files] == [f"review-queue-{shape}.json", f"review-queue-{shape}.{beside}"]
    assert all(f.parent == story / "exports" and f.stat().st_size for f in files)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["export", "OUT", "--shape", "xml"], "no shape 'xml'"),
        (["export", "OUT", "--what", "votes"], "'votes'"),
        (["export", "OUT", "--shape", "argilla", "--what", "decisions"], "carries the queue"),
        (["import", "OUT", "missing.jsonl"], "cannot be read"),
        (["import", "OUT", "missing.jsonl", "--name", "ana"], "no pair of names"),
        (["export", "OUT", "--database", "mysql://x"], "database address"),
    ],
)
def test_wrong_arguments_are_told(story: Path, capsys, arguments: list[str], says: str) -> None:
    code, _, err = _run(capsys, "review", *[str(story) if a == "OUT" else a for a in arguments])
    assert code == 2
    assert says in err
