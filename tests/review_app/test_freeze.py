from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from tuneset.curate.version_files import open_version
from tuneset.review_app.approve import approve
from tuneset.review_app.freeze import freeze
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import RecipeError, TunesetError, VersionError, WorkspaceError
from tuneset.schemas.example import content_id
from tuneset.schemas.version import VersionManifest
from tuneset.schemas.workspace import Workspace


@pytest.fixture
def ids(workspaces) -> dict[int, str]:
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


def _lines(folder: Path, split: str) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_hand_worked_version(story: Path, workspaces, ids) -> None:
    approve(story, where="true", actor="ana")
    result = freeze(story)
    folder = story / "versions" / "v1"
    assert (result.name, result.rows, result.counts) == ("v1", 5, {"train": 3, "validation": 1, "test": 1})
    assert [r["row_id"] for r in _lines(folder, "train")] == [ids[1], ids[4], ids[8]]
    assert _lines(folder, "train")[1] == {
        "row_id": ids[4],
        "content_id": content_id(workspaces.turns("Who do I ask?", "Write to <EMAIL> today.")),
        "messages": workspaces.turns("Who do I ask?", "Write to <EMAIL> today."),
    }
    assert _lines(folder, "train")[2]["label"] is False
    assert _lines(folder, "validation")[0]["messages"][0]["content"] == "Où est la gare ?"
    assert _lines(folder, "test")[0]["rejected"] == [{"role": "assistant", "content": "Yo"}]
    for split in ("train", "validation", "test"):
        for line in (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert line == json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            told = {k: row.get(k) for k in ("tools", "rejected", "label")}
            assert row["content_id"] == content_id(row["messages"], **told)


def test_the_manifest_names_every_decision(story: Path, ids) -> None:
    with Store.open(story / "review.db") as store:
        store.append_many(
            [Draft("approve", ids[6], _content(story, ids[6]))], actor="zoe", at="2026-02-03T00:00:00Z"
        )
    approve(story, where="split == 'train'", actor="ana")
    freeze(story, name="first")
    folder = story / "versions" / "first"
    manifest = VersionManifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest.name == "first"
    assert [(r.row_id, r.decision, r.actor, r.rule) for r in manifest.rows] == [
        (ids[1], 2, "ana", "split == 'train'"),
        (ids[4], 3, "ana", "split == 'train'"),
        (ids[6], 1, "zoe", None),
        (ids[8], 4, "ana", "split == 'train'"),
    ]
    assert manifest.decisions == {"split == 'train'": 3, "zoe": 1}
    assert manifest.counts == {"train": 4, "validation": 0, "test": 0}
    for name, listed in manifest.files.items():
        data = (folder / name).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data.splitlines())) == (listed.sha256, listed.rows)
    assert sorted(p.name for p in folder.iterdir()) == [
        "README.md", "manifest.json", "test.jsonl", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip


def _content(out: Path, row_id: str) -> str:
    from tuneset.curate.ledger import Ledger

    return Ledger.open(out).row(row_id, edited=True)["content_id"]


def test_only_standing_approvals_of_the_present_content_are_taken(story: Path, ids) -> None:
    approve(story, where="true or review", actor="ana")
    with Store.open(story / "review.db") as store:
        seq = {e.row_id: e.seq for e in store.events()}
        store.append_many(
            [
                Draft("undo", ids[1], "c", supersedes=seq[ids[1]]),
                Draft("reject", ids[5], _content(story, ids[5])),
                Draft("approve", ids[4], "0" * 32),  # other content than today's
                Draft("approve", ids[2], _content_of_dropped(story, ids[2])),
                Draft("approve", "nowhere:1", "0" * 32),
            ],
            actor="ben",
        )
    result = freeze(story)
    taken = {r.row_id for r in open_version(story).listed()}
    assert taken == {ids[6], ids[7], ids[8]}
    assert (result.changed_since, result.dropped_since) == (1, 1)
    assert "left out 1: their content changed" in result.text()


def _content_of_dropped(out: Path, row_id: str) -> str:
    return _content(out, row_id)


def test_names_count_up_and_are_never_taken_twice(story: Path) -> None:
    approve(story, where="true", actor="ana")
    assert [freeze(story).name, freeze(story).name, freeze(story, name="v4").name] == ["v1", "v2", "v4"]
    assert freeze(story).name == "v3"
    assert freeze(story).name == "v5"
    with pytest.raises(WorkspaceError, match="'v2' is there already"):
        freeze(story, name="v2")
    assert open_version(story).name == "v5"


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "x" * 65, "a\\b", "v1.", "é"])
def test_a_name_stays_in_its_folder(story: Path, name: str) -> None:
    with pytest.raises(RecipeError):
        freeze(story, name=name)


def test_equal_input_gives_equal_files(story: Path, tmp_path: Path) -> None:
    approve(story, where="true", actor="ana")
    other = tmp_path / "copy"
    shutil.copytree(story, other)
    freeze(story)
    freeze(other)
    for name in ("train.jsonl", "validation.jsonl", "test.jsonl", "README.md"):
        assert (story / "versions/v1" / name).read_bytes() == (other / "versions/v1" / name).read_bytes()


def test_nothing_approved_is_an_error_and_leaves_nothing(story: Path) -> None:
    with pytest.raises(VersionError) as error:
        freeze(story)
    assert "tuneset approve" in error.value.fix
    assert Workspace.at(story).versions() == []
    assert not list(story.glob(".v*"))


def test_changed_run_files_are_refused(story: Path) -> None:
    approve(story, where="true", actor="ana")
    data = (story / "rows.parquet").read_bytes()
    (story / "rows.parquet").write_bytes(data + b"\0")
    with pytest.raises(WorkspaceError, match=r"rows\.parquet"):
        freeze(story)


def test_a_broken_record_is_refused(story: Path) -> None:
    import sqlite3

    approve(story, where="true", actor="ana")
    plain = sqlite3.connect(story / "review.db")
    plain.execute("DROP TRIGGER event_is_final")
    plain.execute("UPDATE event SET content_id = 'x' WHERE seq = 3")
    plain.commit()
    plain.close()
    with pytest.raises(WorkspaceError, match="does not hold"):
        freeze(story)


def test_rows_without_a_split_go_to_train(workspaces, tmp_path: Path) -> None:
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a")) for n in (1, 2)]
    out = workspaces.build(tmp_path / "o", rows, [workspaces.verdict(r["row_id"], "s") for r in rows])
    approve(out, where="true", actor="ana")
    result = freeze(out)
    assert (result.counts["train"], result.without_split) == (2, 2)
    assert "2 rows had no split" in result.text()


def test_a_strange_split_is_refused(workspaces, tmp_path: Path) -> None:
    row = workspaces.row(1, workspaces.turns("q", "a"))
    told = [workspaces.verdict(row["row_id"], "split", "assign", value="../x")]
    out = workspaces.build(tmp_path / "o", [row], told)
    approve(out, where="true", actor="ana")
    with pytest.raises(VersionError, match=r"'\.\./x'"):
        freeze(out)


def test_tools_keep_their_nulls(workspaces, tmp_path: Path) -> None:
    tools = [
        {"type": "function", "function": {"name": "f", "parameters": {"default": None, "enum": [None, 1]}}}
    ]
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "r"},
        {"role": "assistant", "content": "a", "weight": 1.0},
    ]
    row = workspaces.row(1, messages, tools=tools)
    out = workspaces.build(tmp_path / "o", [row], [workspaces.verdict(row["row_id"], "s")])
    approve(out, where="true", actor="ana")
    freeze(out)
    (line,) = _lines(out / "versions/v1", "train")
    assert line["tools"] == tools
    assert line["messages"] == messages


def test_the_card_reads_as_the_hub_reads_it(story: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    approve(story, where="true", actor="ana <b>|x")
    freeze(story)
    folder = story / "versions/v1"
    text = (folder / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---")[1])
    assert front["license"] == "unknown"
    assert front["language"] == ["en", "fr"]
    assert front["size_categories"] == ["n<1K"]
    assert "ana" not in text
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {k: v.num_rows for k, v in loaded.items()} == {"train": 3, "validation": 1, "test": 1}
    for split, rows in loaded.items():
        for row, line in zip(rows, _lines(folder, split), strict=True):
            assert {k: v for k, v in row.items() if v is not None} == line


def test_the_card_neutralises_what_rows_and_rules_say(workspaces, tmp_path: Path) -> None:
    row = workspaces.row(
        1, workspaces.turns("q", "a"), file="a|b<script>.jsonl", meta={"license": "cc|by\n# x"}
    )
    out = workspaces.build(tmp_path / "o", [row], [workspaces.verdict(row["row_id"], "s")])
    approve(out, where="source.file != '<img src=x>|\\n# h'", actor="ana")
    freeze(out)
    body = (out / "versions/v1/README.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    assert "<script>" not in body
    assert "<img" not in body
    assert "\n# x" not in body
    assert r"cc\|by" in body


def test_empty_splits_are_no_part_of_the_card(workspaces, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    row = workspaces.row(1, workspaces.turns("q", "a"))
    out = workspaces.build(tmp_path / "o", [row], [workspaces.verdict(row["row_id"], "s")])
    approve(out, where="true", actor="ana")
    freeze(out)
    loaded = datasets.load_dataset(str(out / "versions/v1"), cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["train"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("Five.", "Four."), "other content"),
        (lambda text: text + "\n", "a line is no row"),
        (lambda text: "".join(reversed(text.splitlines(keepends=True))), "added, removed or moved"),
        (lambda text: text.split("\n", 1)[1], "added, removed or moved"),
        (lambda _: None, "is missing"),
    ],
)
def test_a_changed_version_is_refused_by_name(story: Path, change, says: str) -> None:
    approve(story, where="true", actor="ana")
    freeze(story)
    path = story / "versions/v1/train.jsonl"
    text = change(path.read_text(encoding="utf-8"))
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    with pytest.raises(VersionError) as error:
        open_version(story, "v1").verify()
    assert says in error.value.what


def test_versions_are_found_or_missed_by_name(story: Path) -> None:
    with pytest.raises(WorkspaceError, match="no frozen version"):
        open_version(story)
    approve(story, where="true", actor="ana")
    freeze(story)
    with pytest.raises(WorkspaceError) as error:
        open_version(story, "v2")
    assert "known: v1" in error.value.fix
    (story / "versions/v1/manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(VersionError, match="cannot be read"):
        open_version(story)


def test_a_killed_freeze_leaves_no_version_and_no_litter(workspaces, tmp_path: Path) -> None:
    """kill -9 at different moments: every version that is there is whole, and the next freeze cleans up."""
    rows = [workspaces.row(n, workspaces.turns(f"question {n}", "answer " * 40)) for n in range(1, 3001)]
    out = workspaces.build(tmp_path / "o", rows, [workspaces.verdict(r["row_id"], "s") for r in rows])
    approve(out, where="true", actor="ana")
    code = "import sys; from tuneset.review_app import freeze; print('go', flush=True); freeze(sys.argv[1])"
    for delay in (0.1, 0.2, 0.3, 0.4):
        worker = subprocess.Popen([sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE)
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(delay)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        for name in Workspace.at(out).versions():
            assert open_version(out, name).verify().total == 3000
    left = next(iter(out.glob(".v*.tmp")), None) or out / f".v{_next(out)}.999999999.tmp"
    left.mkdir(exist_ok=True)
    shutil.copy(out / "run.json", left / "manifest.json")
    assert Workspace.at(out).versions() == [v for v in Workspace.at(out).versions() if not v.startswith(".")]
    name = freeze(out).name
    assert open_version(out, name).verify().total == 3000
    assert not list(out.glob(f".{name}.*.tmp"))


def _next(out: Path) -> int:
    return len(Workspace.at(out).versions()) + 1


def test_a_full_disk_is_one_message(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from tuneset.curate import folders

    def full(_file: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    approve(story, where="true", actor="ana")
    monkeypatch.setattr(folders, "_sync", full)
    with pytest.raises(TunesetError, match="disk is full"):
        freeze(story)
    assert Workspace.at(story).versions() == []


def test_the_verb_prints_the_shares(story: Path, capsys) -> None:
    from tuneset.cli.main import main

    assert main(["freeze", str(story)]) == 2
    assert "no row is approved" in capsys.readouterr().err
    main(["approve", str(story), "--where", "true"])
    capsys.readouterr()
    assert main(["freeze", str(story), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["counts"]) == ("v1", {"train": 3, "validation": 1, "test": 1})


QUESTION = "When does the museum of the town open on working days?"
ANSWER = "It opens at nine in the morning and closes at six in the evening."


def _leaky(out: Path, workspaces, changed: str) -> Path:
    """Three rows, one a split; the test row's answer nearly is the train row's."""
    w = workspaces
    texts = [
        (QUESTION, ANSWER),
        ("Where is the railway station?", "Behind the park."),
        (QUESTION + " " + changed, ANSWER),
    ]
    rows = [w.row(n, w.turns(*pair)) for n, pair in enumerate(texts, start=1)]
    splits = ("train", "validation", "test")
    verdicts = [w.verdict(r["row_id"], "split", "assign", value=s) for r, s in zip(rows, splits, strict=True)]
    w.build(out, rows, verdicts)
    approve(out, where="true", actor="ana")
    return out


def test_the_manifest_certifies_what_leaks(tmp_path: Path, workspaces, ids) -> None:
    result = freeze(_leaky(tmp_path / "out", workspaces, "Please."))
    folder = tmp_path / "out" / "versions" / "v1"
    manifest = VersionManifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
    found = manifest.leak_certificate
    assert found is not None
    assert found == result.leaks
    assert (found.splits["test"].at_threshold, found.splits["validation"].at_threshold) == (1, 0)
    assert (found.pairs[0].row_id, found.pairs[0].train_row_id) == (ids[3], ids[1])
    assert found.threshold == 0.7
    assert "warning: 1 of 1 test rows reach similarity 0.7 to a train row; highest 0." in result.text()
    assert f"closest: {ids[3]} and {ids[1]} of train" in result.text()
    assert "validation: no row repeats a train row; highest similarity 0." in result.text()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "## Held-out rows beside train rows" in card
    assert f"| test | {ids[3]} | {ids[1]} | 0." in card
    assert json.loads(json.dumps(result.as_dict()))["leaks"]["pairs"][0]["split"] == "test"
    from tuneset.train.version import load_version

    assert load_version(tmp_path / "out").manifest.leak_certificate == found


def test_the_threshold_is_the_recipes(tmp_path: Path, workspaces) -> None:
    out = _leaky(tmp_path / "out", workspaces, "And why is that so, and who says it?")
    card = json.loads((out / "run.json").read_text(encoding="utf-8"))
    card["recipe"]["steps"] = [{"use": "near_duplicate", "threshold": 0.95}]
    (out / "run.json").write_text(json.dumps(card), encoding="utf-8")
    result = freeze(out)
    assert result.leaks is not None
    assert (result.leaks.threshold, result.leaks.splits["test"].at_threshold) == (0.95, 0)
    assert "warning" not in result.text()


def test_a_version_from_before_certificates_still_loads(story: Path) -> None:
    from tuneset.train.version import load_version

    approve(story, where="true", actor="ana")
    freeze(story)
    path = story / "versions" / "v1" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["leak_certificate"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert load_version(story).manifest.leak_certificate is None
    assert open_version(story).verify().total == 5
