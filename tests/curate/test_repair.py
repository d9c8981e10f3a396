from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuneset.cli.main import main
from tuneset.curate.export import check, fix
from tuneset.curate.export.repair import REPAIRS
from tuneset.curate.export.repair.places import find
from tuneset.schemas.errors import InputError, RecipeError

USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"id": "c1", "type": "function", "function": {"name": "bay", "arguments": '{"bay":4}'}}
ASKS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
PLAIN = {"messages": [USER, ANSWER]}
TOOLS = {"messages": [USER, ASKS, RESULT, ANSWER]}


def but(row: dict[str, Any], where: str, value: Any) -> dict[str, Any]:
    """The row with another value at a place; ... removes it."""
    changed = copy.deepcopy(row)
    at = find(changed, where)
    assert at is not None
    if value is ...:
        del at.parent[at.key]
    else:
        at.put(value)
    return changed


GOOD = [json.dumps({"messages": [{**USER, "content": f"q{n}"}, ANSWER]}) for n in range(10)]


@pytest.fixture
def mended(tmp_path: Path):
    """A function from lines to what the repair of a file with ten good rows before them gives."""

    def run(*lines: bytes | dict[str, Any], target: str = "openai", **more: Any):
        path = tmp_path / "f.jsonl"
        data = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path.write_bytes(b"\n".join([*(line.encode() for line in GOOD), *data]) + b"\n")
        result = fix(path, target=target, **more)
        rows = [json.loads(line) for line in Path(result.copy).read_bytes().splitlines()]
        return result, rows[10:]

    return run


CERTAIN: list[tuple[str, dict[str, Any] | bytes, dict[str, Any]]] = [
    ("comma_dropped", json.dumps(PLAIN).encode() + b" ,", PLAIN),
    ("python_to_json", str({**PLAIN, "parallel_tool_calls": True}).encode(), {**PLAIN, "parallel_tool_calls": True}),
    ("python_to_json", json.dumps(PLAIN).encode().replace(b'."}]', b'.",}]'), PLAIN),
    ("equal_member_once", json.dumps(PLAIN).encode().replace(b'"role"', b'"role": "user", "role"', 1), PLAIN),
    ("mark_removed", b"\xef\xbb\xbf" + json.dumps(PLAIN).encode(), PLAIN),
    ("empty_member_removed", {**PLAIN, "reasoning": None, "tool_choice": {}}, PLAIN),
    ("empty_member_removed", but(PLAIN, "messages.1.audio", None), PLAIN),
    ("unknown_member_removed", {**PLAIN, "id": 7, "meta": {"a": [1]}}, PLAIN),
    ("unknown_member_removed", but(PLAIN, "messages.1.index", 0), PLAIN),
    ("unknown_member_removed", b'{"score": NaN, ' + json.dumps(PLAIN).encode()[1:], PLAIN),
    ("tool_name_left_out", but(TOOLS, "messages.2.name", "bay"), TOOLS),
    ("members_renamed", {"messages": [{"from": "user", "value": USER["content"]}, ANSWER]}, PLAIN),
    ("role_named", but(but(PLAIN, "messages.0.role", "human"), "messages.1.role", "gpt"), PLAIN),
    ("role_named", but(PLAIN, "messages.0.role", " User"), PLAIN),
    ("number_to_text", but(PLAIN, "messages.0.content", 7.5), but(PLAIN, "messages.0.content", "7.5")),
    ("weight_to_whole", but(PLAIN, "messages.1.weight", 1.0), but(PLAIN, "messages.1.weight", 1)),
    ("weight_to_whole", but(PLAIN, "messages.1.weight", True), but(PLAIN, "messages.1.weight", 1)),
    ("weight_to_whole", but(PLAIN, "messages.1.weight", "1"), but(PLAIN, "messages.1.weight", 1)),
    ("weight_removed", but(PLAIN, "messages.0.weight", 0), PLAIN),
    ("weight_removed", but(PLAIN, "messages.0.weight", 0.5), PLAIN),
    ("arguments_to_text", but(TOOLS, "messages.1.tool_calls.0.function.arguments", {"bay": 4}), TOOLS),
    ("arguments_unwrapped", but(TOOLS, "messages.1.tool_calls.0.function.arguments", '"{\\"bay\\":4}"'), TOOLS),
    (
        "no_arguments",
        but(TOOLS, "messages.1.tool_calls.0.function.arguments", ""),
        but(TOOLS, "messages.1.tool_calls.0.function.arguments", "{}"),
    ),
    ("constant_added", but(TOOLS, "messages.1.tool_calls.0.type", ...), TOOLS),
    (
        "tool_wrapped",
        {**TOOLS, "tools": [{"name": "bay", "parameters": {"type": "object"}}]},
        {**TOOLS, "tools": [{"type": "function", "function": {"name": "bay", "parameters": {"type": "object"}}}]},
    ),
    ("ids_added", but(TOOLS, "messages.2.tool_call_id", ...), TOOLS),
    ("ids_added", but(TOOLS, "messages.1.tool_calls.0.id", ...), TOOLS),
    ("empty_system_dropped", {"messages": [{"role": "system", "content": " "}, USER, ANSWER]}, PLAIN),
    ("shape_rewritten", {"prompt": USER["content"], "completion": ANSWER["content"]}, PLAIN),
    (
        "shape_rewritten",
        {"conversations": [{"from": "human", "value": USER["content"]}, {"from": "gpt", "value": ANSWER["content"]}]},
        PLAIN,
    ),
    ("shape_rewritten", {"instruction": USER["content"], "input": "", "output": ANSWER["content"], "id": 3}, PLAIN),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "expected"), CERTAIN)
def test_what_is_certain_is_repaired_and_counted(mended, name: str, given: Any, expected: Any) -> None:
    result, rows = mended(given)
    assert rows == [expected]
    assert result.repairs.rows[name] == 1
    assert result.repairs.lines[name] == [11]
    assert not result.repairs.refused
    assert result.passed


UNCERTAIN: list[tuple[str, dict[str, Any] | bytes]] = [
    ("bad_weight", but(PLAIN, "messages.1.weight", 0.5)),
    ("unknown_role", but(PLAIN, "messages.0.role", "narrator")),
    ("wrong_type", but(PLAIN, "messages.0.content", None)),
    ("wrong_type", but(PLAIN, "messages.0.content", {"text": "x"})),
    ("empty_content", but(PLAIN, "messages.0.content", "")),
    ("unknown_member", but(PLAIN, "messages.1.reasoning_content", "because")),
    ("arguments_not_json", but(TOOLS, "messages.1.tool_calls.0.function.arguments", "bay=4")),
    ("tool_answer_without_call", but(TOOLS, "messages.2.tool_call_id", "c9")),
    ("last_turn_not_assistant", {"messages": [USER, ANSWER, USER]}),
    ("no_assistant", {"messages": [USER]}),
    ("duplicate_key", json.dumps(PLAIN).encode().replace(b'"role"', b'"role": "system", "role"', 1)),
    ("not_json", json.dumps(PLAIN).encode()[:-2]),
    ("not_utf8", json.dumps(PLAIN).encode().replace(b"bay", b"\xff")),
    ("lone_surrogate", but(PLAIN, "messages.0.content", "\ud83d")),
    ("not_an_object", b"[1]"),
    ("other_shape", {"text": "Where is bay 4? North dock."}),
]


@pytest.mark.parametrize(("code", "given"), UNCERTAIN)
def test_what_is_not_certain_is_left_out_with_its_reasons(mended, code: str, given: Any) -> None:
    result, rows = mended(given)
    assert rows == []
    assert result.repairs.refused == {code: 1}
    assert not result.passed
    (left,) = [json.loads(line) for line in Path(result.refused_file).read_text().splitlines()]
    assert left["line"] == 11
    assert left["reasons"][0]["code"] == code
    if code == "not_utf8":
        assert "base64" in left
    else:
        text = given.decode() if isinstance(given, bytes) else json.dumps(given)
        assert left["text"] == text


def test_ids_used_twice_get_names_of_their_own(mended) -> None:
    again = {"messages": [USER, ASKS, RESULT, {**ANSWER}, USER, ASKS, RESULT, ANSWER]}
    result, (row,) = mended(again)
    assert result.repairs.rows == {"ids_renamed": 1}
    ids = [turn["tool_calls"][0]["id"] for turn in row["messages"] if "tool_calls" in turn]
    assert ids == ["c1", "c1_2"]
    assert [turn["tool_call_id"] for turn in row["messages"] if turn["role"] == "tool"] == ids


def test_ids_that_mistral_does_not_take_are_renamed_alike(mended) -> None:
    tools = [
        {
            "type": "function",
            "function": {"name": "bay", "description": "d", "parameters": {"type": "object"}},
        }
    ]
    result, (row,) = mended({**TOOLS, "tools": tools}, target="mistral")
    assert result.repairs.rows == {"ids_renamed": 1}
    (call,) = row["messages"][1]["tool_calls"]
    assert row["messages"][2]["tool_call_id"] == call["id"]
    assert len(call["id"]) == 9
    assert call["id"].isalnum()
    assert {**call, "id": "c1"} == CALL


def test_two_calls_with_one_id_in_a_turn_are_not_guessed_at(mended) -> None:
    result, rows = mended(
        {"messages": [USER, {"role": "assistant", "tool_calls": [CALL, CALL]}, RESULT, ANSWER]}
    )
    assert rows == []
    assert result.repairs.refused == {"tool_call_twice": 1}


def test_rows_without_a_fault_stay_byte_for_byte(tmp_path: Path) -> None:
    odd = b'{ "messages" :[{"role":"user","content":"\\u00e9 \xc3\xa9"},{"content":"b","role":"assistant"}]}'
    path = tmp_path / "f.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + odd + b"\r\n\r\n" + odd + b"\n\n")
    result = fix(path, target="trl", output=tmp_path / "o.jsonl")
    assert (tmp_path / "o.jsonl").read_bytes() == odd + b"\n" + odd + b"\n"
    assert result.repairs.rows == {"mark_removed": 1, "line_ends": 1, "blank_dropped": 2}
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("how", ["array", "spread", "wide", "returns", "joined"])
def test_files_of_another_make_become_lines(tmp_path: Path, how: str) -> None:
    rows = [json.loads(line) for line in GOOD]
    rows[3]["messages"][0]["content"] = "é 🚢"
    path = tmp_path / "f.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    data = {
        "array": json.dumps(rows, indent=1).encode(),
        "spread": "\n".join(json.dumps(row, indent=2) for row in rows).encode(),
        "wide": "\r\n".join(lines).encode("utf-16"),
        "returns": "\r".join(lines).encode(),
        "joined": " ".join(lines).encode(),
    }[how]
    path.write_bytes(data)
    result = fix(path, target="openai")
    assert [json.loads(line) for line in Path(result.copy).read_bytes().splitlines()] == rows
    assert result.passed


def test_rows_of_the_validation_file_are_left_out(mended, tmp_path: Path) -> None:
    other = tmp_path / "v.jsonl"
    other.write_text(json.dumps(PLAIN) + "\n")
    result, rows = mended(but(PLAIN, "messages.0.role", "human"), validation=other)
    assert rows == []
    assert result.repairs.refused == {"row_in_both": 1}


def test_nothing_is_repaired_in_place(mended, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="the file itself"):
        mended(PLAIN, output=tmp_path / "f.jsonl")
    with pytest.raises(InputError):
        fix(tmp_path / "none.jsonl", target="openai")


def test_the_verb_says_what_it_changed(mended, tmp_path: Path, capsys) -> None:
    mended({**PLAIN, "id": 1}, but(PLAIN, "messages.1.weight", 0.5))
    assert main(["check", str(tmp_path / "f.jsonl"), "--for", "openai", "--fix", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["repairs"]["unknown_member_removed"]["rows"] == 1
    assert told["removed_members"] == {"id": 1}
    assert told["refused"] == {"bad_weight": 1}
    assert told["check"]["passed"]
    assert main(["check", str(tmp_path / "f.jsonl"), "--fix"]) == 2
    assert main(["check", str(tmp_path / "f.jsonl"), "--for", "openai", "-o", "x"]) == 2


def test_every_repair_has_a_sentence() -> None:
    assert all(REPAIRS.values())


DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "messages.0.role",
                "messages.1.role",
                "messages.2.role",
                "messages.0.content",
                "messages.3.content",
                "messages.1.tool_calls",
                "messages.1.tool_calls.0",
                "messages.1.tool_calls.0.id",
                "messages.1.tool_calls.0.type",
                "messages.1.tool_calls.0.function",
                "messages.2.tool_call_id",
                "messages.1.tool_calls.0.function.arguments",
                "messages.1.tool_calls.0.function.name",
                "messages.3.weight",
                "messages.0.weight",
                "messages",
                "extra",
                "messages.0.x\x1b",
                "tools",
                "prompt",
            ]
        ),
        st.sampled_from(
            [
                ...,
                None,
                "",
                "x",
                1,
                1.0,
                0.5,
                True,
                [],
                {},
                [1],
                {"a": 1},
                "human",
                "gpt",
                "tool",
                "developer",
                "{}",
            ]
        ),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DAMAGE, min_size=1, max_size=4), st.sampled_from(["openai", "trl"]))
def test_no_row_is_lost_and_the_copy_passes(tmp_path: Path, damages: list[Any], target: str) -> None:
    """Every row is in the copy or among those left out, whatever was done to it."""
    rows = []
    for damage in damages:
        row = copy.deepcopy(TOOLS)
        for where, value in damage:
            at = find(row, where)
            if at is None or (isinstance(at.parent, list) and not at.there):
                continue
            if value is ...:
                if at.there and not isinstance(at.parent, list):
                    del at.parent[at.key]
            else:
                at.put(copy.deepcopy(value))
        rows.append(json.dumps(row))
    path = tmp_path / "f.jsonl"
    path.write_text("\n".join([*GOOD, *rows]) + "\n")
    result = fix(path, target=target)
    assert result.repairs.written + sum(result.repairs.refused.values()) == len(GOOD) + len(rows)
    assert result.checked.passed
    before = check(path, target=target)
    assert (before.passed and not result.repairs.changed) or not before.passed or result.repairs.rows


def test_a_row_that_the_target_takes_with_a_warning_stays_in_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    line = json.dumps({"messages": [{"role": "user", "content": "Hello?"}, USER, ANSWER]})
    path.write_text("\n".join([*GOOD, line]) + "\n", encoding="utf-8")
    told = fix(path, target="openai")
    assert (told.repairs.written, told.repairs.refused, told.passed) == (11, {}, True)
    assert Path(told.copy).read_bytes() == path.read_bytes()
