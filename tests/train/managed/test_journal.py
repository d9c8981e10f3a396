"""The journal holds what was written, and loses no more than an unfinished line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.schemas.errors import WorkspaceError
from tuneset.train.managed.journal import Journal, read_journal


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "m" / "launch.jsonl")
    journal.write("plan", key="k", text="é\u2028\n")
    journal.write("intent", call="start")
    again = Journal(journal.path)
    assert again.lines == journal.lines == read_journal(journal.path)
    assert [line["event"] for line in again.lines] == ["plan", "intent"]
    assert again.lines[0]["text"] == "é\u2028\n"
    assert all(line["at"].endswith("+00:00") for line in again.lines)


@given(cut=st.integers(min_value=0, max_value=200))
def test_a_cut_file_keeps_its_finished_lines(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("j") / "launch.jsonl"
    whole = b"".join(json.dumps({"at": "t", "event": "state", "n": n}).encode() + b"\n" for n in range(5))
    path.write_bytes(whole[:cut])
    finished = whole[:cut].count(b"\n")
    journal = Journal(path)
    assert [line["n"] for line in journal.lines] == list(range(finished))
    journal.write("state", n="new")
    assert [line["n"] for line in Journal(path).lines] == [*range(finished), "new"]


def test_reading_touches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "launch.jsonl"
    path.write_bytes(b'{"event": "plan"}\n{"event": "int')
    assert read_journal(path) == [{"event": "plan"}]
    assert path.read_bytes().endswith(b'"int')


@pytest.mark.parametrize("damage", [b"nonsense\n", b"[1]\n", b"\n", b"\xff\n"])
def test_a_damaged_line_is_told(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "launch.jsonl"
    path.write_bytes(b'{"event": "plan"}\n' + damage + b'{"event": "end"}\n')
    with pytest.raises(WorkspaceError, match=r"a line of 'launch.jsonl' is damaged") as error:
        Journal(path)
    assert error.value.where.endswith("line 2")


def test_what_stands_before_the_last_plan_is_history(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "launch.jsonl")
    for event, facts in (
        ("plan", {"n": 1}),
        ("intent", {"call": "upload", "split": "train"}),
        ("result", {"call": "upload", "split": "train", "id": "a"}),
        ("intent", {"call": "start"}),
        ("refused", {"call": "start"}),
    ):
        journal.write(event, **facts)
    assert not journal.may_have_started
    journal.write("plan", n=2)
    assert journal.first("result", call="upload") is None
    assert journal.first("plan", n=1) is None
    journal.write("intent", call="start")
    assert journal.may_have_started
    assert journal.is_open(call="start")
    journal.write("result", call="start", id="j")
    assert (journal.is_open(call="start"), journal.may_have_started) == (False, True)
