from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.cli.main import main
from tuneset.curate.export import TARGETS, check
from tuneset.curate.export.check.file_rules import FILE_RULES
from tuneset.curate.export.check.lines import Unreadable, parse
from tuneset.curate.export.shape import UNCARRIED
from tuneset.curate.readers.strict_json import members
from tuneset.schemas.errors import InputError, RecipeError
from tuneset.schemas.providers.conversation import RULES as ORDER
from tuneset.schemas.providers.problems import GENERAL
from tuneset.schemas.providers.remedies import ANY, REMEDIES, remedy


def turns(question: str = "q", answer: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer, **more}]
    }


GOOD = [json.dumps(turns(f"q{n}")).encode() for n in range(10)]


@pytest.fixture
def write(tmp_path: Path):
    """A function that writes ten good rows and then some lines."""

    def build(*lines: bytes, name: str = "f.jsonl", good: bool = True, end: bytes = b"\n") -> Path:
        path = tmp_path / name
        path.write_bytes(end.join([*(GOOD if good else []), *lines]) + end)
        return path

    return build


def codes(path: Path, **more: Any) -> dict[str, int]:
    result = check(path, target="openai", **more)
    return {kind.code: kind.found for kind in result.kinds if kind.severity == "error"}


BROKEN: list[tuple[bytes, str]] = [
    (b"", "blank_line"),
    (b" \t", "blank_line"),
    (b"{", "not_json"),
    (b'{"messages": [', "not_json"),
    (b"{'messages': []}", "not_json"),
    (GOOD[0] + b",", "not_json"),
    (GOOD[0] + GOOD[1], "not_json"),
    (GOOD[0].replace(b'"q0"', b'"\x01"'), "not_json"),
    (GOOD[0].replace(b'"q0"', b'"\xff"'), "not_utf8"),
    (GOOD[0].replace(b'"q0"', b'"\xed\xa0\x80"'), "not_utf8"),
    (GOOD[0].replace(b'"q0"', b'"\\ud83d"'), "lone_surrogate"),
    (GOOD[0].replace(b'"q0"', b'"\\ude00\\ud83d"'), "lone_surrogate"),
    (GOOD[0].replace(b'"q0"', b"NaN"), "nan_or_infinity"),
    (GOOD[0].replace(b'"q0"', b"-Infinity"), "nan_or_infinity"),
    (GOOD[0].replace(b'"q0"', b"1e999"), "nan_or_infinity"),
    (GOOD[0].replace(b'"role"', b'"role": "user", "role"', 1), "duplicate_key"),
    (GOOD[0].replace(b'"role"', b'"role"\t: "user", "role"', 1), "duplicate_key"),
    (GOOD[0].replace(b'"role"', b'"r\\u006fle"   : "user", "role"', 1), "duplicate_key"),
    (b"[" * 100_000, "nested_too_deep"),
    (b"[1]", "not_an_object"),
    (b'"text"', "not_an_object"),
    (b"null", "not_an_object"),
    (b"{}", "missing_member"),
    (json.dumps({"prompt": "a", "completion": "b"}).encode(), "other_shape"),
    (json.dumps({"conversations": [{"from": "human", "value": "a"}]}).encode(), "other_shape"),
    (json.dumps({**turns(), "id": 7}).encode(), "unknown_member"),
    (json.dumps(turns(weight=0.5)).encode(), "bad_weight"),
]


@pytest.mark.parametrize(("line", "code"), BROKEN)
def test_a_broken_line_is_told_with_line_offset_and_remedy(write, line: bytes, code: str) -> None:
    path = write(line, turn_line("after"))
    result = check(path, target="openai")
    (found,) = [f for kind in result.kinds for f in kind.listed if kind.severity == "error" and f.line]
    assert (found.code, found.line) == (code, 11)
    assert found.offset == sum(len(good) + 1 for good in GOOD)
    assert found.sentence
    assert found.fix not in ("", ANY)
    assert found.source
    assert not result.passed


def turn_line(question: str) -> bytes:
    return json.dumps(turns(question)).encode()


def test_a_good_file_passes(write) -> None:
    result = check(write(), target="openai")
    assert result.passed
    assert [(f.rows, f.refused) for f in result.files] == [(10, 0)]


def test_a_blank_line_is_wrong_and_no_row(write) -> None:
    result = check(write(b"", GOOD[0].replace(b"q0", b"q10")), target="openai")
    assert not result.passed
    assert [(f.rows, f.refused) for f in result.files] == [(11, 0)]


def test_the_last_line_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"\n".join(GOOD))
    assert codes(path) == {}


def test_colons_in_texts_are_no_members(write) -> None:
    """The count that finds repeated members is not misled by what stands inside texts."""
    text = 'a ": b": "c" : "\\": \\\\": {"x":1,"x":2}'
    assert codes(write(json.dumps(turns(text)).encode())) == {}


KEYS = st.text(alphabet='ab"\\: {', max_size=4)
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text(alphabet='x":\\ ', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.booleans(),
    st.sampled_from([None, (",", ":"), (" ,", "\t: ")]),
)
def test_any_json_parses_as_the_standard_library_reads_it(value: Any, escaped: bool, separators: Any) -> None:
    text = json.dumps(value, ensure_ascii=escaped, separators=separators)
    assert parse(text.encode()) == value


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=4), st.sampled_from([":", " :", "\t:", "  : "]))
def test_repeated_members_are_always_seen(pairs: list[tuple[str, Any]], colon: str) -> None:
    """Against a reader that is handed every pair."""
    text = "{" + ",".join(f"{json.dumps(k)}{colon}{json.dumps(v)}" for k, v in pairs) + "}"
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names):
        assert parse(text.encode()) == dict(pairs)
        return
    with pytest.raises(Unreadable) as raised:
        parse(text.encode())
    assert raised.value.problem.code == "duplicate_key"


def test_members_are_counted_at_every_depth() -> None:
    assert members({"a": {"b": [{"c": 1, "d": [{"e": {}}]}]}}) == 5


def test_the_marks_of_a_file(write, tmp_path: Path) -> None:
    marked = tmp_path / "bom.jsonl"
    marked.write_bytes(b"\xef\xbb\xbf" + b"\n".join(GOOD))
    assert codes(marked) == {"byte_order_mark": 1}
    ends = check(write(end=b"\r\n"), target="openai")
    assert ends.passed
    assert "crlf" in [kind.code for kind in ends.kinds]
    wide = tmp_path / "wide.jsonl"
    wide.write_bytes(b"\n".join(GOOD).decode().encode("utf-16"))
    assert codes(wide)["not_utf8"] == 1
    packed = tmp_path / "f.jsonl.gz"
    packed.write_bytes(b"\x1f\x8b\x08\x00")
    assert codes(packed)["compressed_file"] == 1


def test_an_array_and_spread_objects_are_read_and_told(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in GOOD]
    rows[3]["messages"][0]["role"] = "human"
    array = tmp_path / "a.json"
    array.write_text(json.dumps(rows, indent=2))
    assert codes(array) == {"json_array": 1, "unknown_role": 1, "too_few_rows": 1}
    spread = tmp_path / "s.jsonl"
    spread.write_text("\n".join(json.dumps(row, indent=2) for row in rows))
    assert codes(spread) == {"json_over_lines": 1, "unknown_role": 1, "too_few_rows": 1}
    old = tmp_path / "m.jsonl"
    old.write_bytes(b"\r".join(GOOD))
    assert codes(old) == {"carriage_returns": 1}


def test_limits_of_rows(write) -> None:
    assert codes(write(*GOOD[:9], good=False)) == {"too_few_rows": 1}
    assert codes(write(good=False)) == {"blank_line": 1, "no_rows": 1}


def test_limits_of_bytes_and_of_rows_at_most(write, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from tuneset.curate.export import targets

    few = replace(TARGETS["openai"].limits, max_train_rows=9, max_file_bytes=100)
    monkeypatch.setitem(targets.TARGETS, "openai", replace(TARGETS["openai"], limits=few))
    assert codes(write()) == {"too_many_rows": 1, "file_too_large": 1}


def test_repeated_rows_are_noted_by_content(write) -> None:
    spaced = json.dumps(dict(reversed(turns("q4").items())), indent=None, separators=(" , ", " : ")).encode()
    result = check(write(spaced), target="openai")
    assert result.passed
    (kind,) = [k for k in result.kinds if k.code == "duplicate_row"]
    assert [(f.line, f.sentence) for f in kind.listed] == [(11, "the same row stands in line 5")]


def test_rows_in_both_files_are_refused(write) -> None:
    train = write()
    other = write(turn_line("new"), turn_line("q7"), good=False, name="v.jsonl")
    result = check(train, target="openai", validation=other)
    (kind,) = [k for k in result.kinds if k.severity == "error"]
    assert kind.code == "row_in_both"
    assert [(f.file, f.line, f.sentence) for f in kind.listed] == [
        ("v.jsonl", 2, "the row is line 8 of f.jsonl too")
    ]
    assert [(f.name, f.refused) for f in result.files] == [("f.jsonl", 0), ("v.jsonl", 1)]


def test_mixed_shapes_are_told_once(write) -> None:
    found = codes(write(b'{"prompt":"a","completion":"b"}', b'{"prompt":"c","completion":"d"}'))
    assert found == {"other_shape": 2, "mixed_shapes": 1}


def test_nothing_acts_on_the_terminal(write) -> None:
    hostile = "\x1b[2J\u009b31m\u202e"
    row = {**turns(hostile), hostile: hostile}
    row["messages"][0]["role"] = hostile
    result = check(write(json.dumps(row).encode(), f'{{"{hostile[-1]}'.encode()), target="openai")
    told = result.text() + json.dumps(result.as_dict(), ensure_ascii=False)
    assert not any(mark in told for mark in hostile if not mark.isprintable())
    assert "\\x1b[2J" in told


def test_counts_are_exact_and_lists_are_limited(write, tmp_path: Path) -> None:
    path = write(*[b"{}"] * 30)
    result = check(path, target="openai", limit=4, problems=tmp_path / "all.jsonl")
    (kind,) = [k for k in result.kinds if k.code == "missing_member"]
    assert (kind.found, kind.rows, len(kind.listed)) == (30, 30, 4)
    every = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert [p["line"] for p in every if p["code"] == "missing_member"] == list(range(11, 41))


def test_the_verb_ends_with_one_where_a_row_is_refused(write, capsys) -> None:
    good, bad = write(), write(b"{}", name="b.jsonl")
    assert main(["check", str(good), "--for", "openai", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True
    assert main(["check", str(bad), "--for", "openai", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["kinds"]["missing_member"]["found"] == 1
    assert told["problems"][0]["line"] == 11
    assert main(["check", str(bad), "--for", "opnai"]) == 2
    assert "did you mean 'openai'" in capsys.readouterr().err
    assert main(["check", "missing.jsonl", "--for", "openai"]) == 2
    assert main(["check", str(good)]) == 2


@pytest.mark.parametrize("more", [{"limit": -1}, {"epochs": 0}, {"epochs": -1}, {"epochs": float("nan")}])
def test_numbers_without_a_meaning_are_refused(write, more: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        check(write(), target="openai", **more)


def test_no_finding_need_be_listed(write) -> None:
    result = check(write(b"{}"), target="openai", limit=0)
    assert [(k.code, k.found, k.listed) for k in result.kinds if k.severity == "error"] == [
        ("missing_member", 1, ())
    ]
    assert "1 more" in result.text()


def test_wrong_calls_are_told(tmp_path: Path, write) -> None:
    with pytest.raises(InputError, match="no export"):
        check(tmp_path, target="openai")
    with pytest.raises(RecipeError, match="no target"):
        check(write())


@pytest.mark.parametrize("name", TARGETS)
def test_every_rule_of_every_target_has_a_remedy_of_its_own(name: str) -> None:
    rules = {**GENERAL, **FILE_RULES, **UNCARRIED, **TARGETS[name].rules}
    assert [code for code, rule in rules.items() if remedy(code, rule) in ("", ANY)] == []


def test_every_remedy_of_the_table_is_somebodys() -> None:
    rules = [rules for target in TARGETS.values() for rules in (GENERAL, ORDER, UNCARRIED, target.rules)]
    needed = {code for some in rules for code, rule in some.items() if not rule.fix}
    assert REMEDIES.keys() - needed == set()


def test_a_row_with_a_warning_alone_counts_like_any_other(write: Any) -> None:
    """The target takes it, so it is trained on and paid for, and may stand there twice."""
    two = turns("q")
    two["messages"].insert(0, {"role": "user", "content": "Hello?"})
    line = json.dumps(two).encode()
    result = check(write(line, line), target="openai")
    found = {kind.code: (kind.severity, kind.found) for kind in result.kinds}
    assert found["two_user_turns"] == ("warning", 2)
    assert found["duplicate_row"] == ("note", 1)
    assert result.spend.splits["train"]["rows"] == 12


@pytest.mark.parametrize("name", TARGETS)
def test_a_code_of_a_file_is_none_of_a_row(name: str) -> None:
    """Else the report would tell the one with the sentence and the remedy of the other."""
    assert FILE_RULES.keys().isdisjoint(GENERAL | UNCARRIED | dict(TARGETS[name].rules))


def test_a_binary_file_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"a\0b\0c\0")
    assert "binary_file" in codes(path)
