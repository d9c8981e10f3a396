"""Records as Bedrock rows: hand-worked rows, true refusals, and the way back."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.export import TARGETS, export
from tuneset.curate.export.shape import Converted
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import canonical_json, content_id
from tuneset.schemas.providers.problems import RowProblem, problems

VERSION = "bedrock-conversation-2024"
FUNCTION = {"name": "find_bay", "description": "Finds a bay", "parameters": {"type": "object"}}
TOOL = {"type": "function", "function": FUNCTION}
SPEC = {"name": "find_bay", "description": "Finds a bay", "inputSchema": {"json": {"type": "object"}}}


def call(arguments: str = '{"bay":4}', name: str = "c1") -> dict[str, Any]:
    return {"id": name, "type": "function", "function": {"name": "find_bay", "arguments": arguments}}


def record(*turns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": list(turns), **more}


def says(role: str, content: str | None = None, **more: Any) -> dict[str, Any]:
    return {"role": role, **({} if content is None else {"content": content}), **more}


USER, ANSWER = says("user", "Bay 4?"), says("assistant", "North.")
SYSTEM = says("system", "Be brief.")
CHAT = record(SYSTEM, USER, ANSWER)
PLAIN = record(USER, ANSWER)
LONG = record(USER, ANSWER, says("user", "And 5?"), says("assistant", "South."))
TOOLS = record(
    USER,
    says("assistant", tool_calls=[call(), call(name="c2")]),
    says("tool", "north", tool_call_id="c1"),
    says("tool", "south", tool_call_id="c2"),
    says("user", "Thanks. Which is near?"),
    says("assistant", "North."),
    tools=[TOOL],
)
PAIR = record(SYSTEM, USER, ANSWER, rejected=[says("assistant", "No idea.")])


def text(value: str) -> list[dict[str, str]]:
    return [{"text": value}]


def use(name: str) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": name, "name": "find_bay", "input": {"bay": 4}}}


def result(name: str, value: str) -> dict[str, Any]:
    return {"toolResult": {"toolUseId": name, "content": text(value)}}


ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "bedrock-nova",
        CHAT,
        {
            "schemaVersion": VERSION,
            "system": text("Be brief."),
            "messages": [
                {"role": "user", "content": text("Bay 4?")},
                {"role": "assistant", "content": text("North.")},
            ],
        },
    ),
    (
        "bedrock-nova",
        TOOLS,
        {
            "schemaVersion": VERSION,
            "toolConfig": {"tools": [{"toolSpec": SPEC}]},
            "messages": [
                {"role": "user", "content": text("Bay 4?")},
                {"role": "assistant", "content": [use("c1"), use("c2")]},
                {
                    "role": "user",
                    "content": [
                        result("c1", "north"),
                        result("c2", "south"),
                        *text("Thanks. Which is near?"),
                    ],
                },
                {"role": "assistant", "content": text("North.")},
            ],
        },
    ),
    (
        "bedrock-nova-2",
        record(USER, {**ANSWER, "reasoning_content": "It is up there."}),
        {
            "schemaVersion": VERSION,
            "messages": [
                {"role": "user", "content": text("Bay 4?")},
                {
                    "role": "assistant",
                    "content": [
                        {"reasoningContent": {"reasoningText": {"text": "It is up there."}}},
                        {"text": "North."},
                    ],
                },
            ],
        },
    ),
    (
        "bedrock-nova-dpo",
        PAIR,
        {
            "schemaVersion": VERSION,
            "system": text("Be brief."),
            "messages": [
                {"role": "user", "content": text("Bay 4?")},
                {
                    "role": "assistant",
                    "candidates": [
                        {"content": text("North."), "preferenceLabel": "preferred"},
                        {"content": text("No idea."), "preferenceLabel": "non-preferred"},
                    ],
                },
            ],
        },
    ),
    ("bedrock-claude", CHAT, {"system": "Be brief.", "messages": [USER, ANSWER]}),
    (
        "bedrock-llama",
        CHAT,
        {
            "schemaVersion": VERSION,
            "system": text("Be brief."),
            "messages": [
                {"role": "user", "content": text("Bay 4?")},
                {"role": "assistant", "content": text("North.")},
            ],
        },
    ),
    ("bedrock-llama-3-1", PLAIN, {"prompt": "Bay 4?", "completion": "North."}),
    ("bedrock-titan", PLAIN, {"prompt": "Bay 4?", "completion": "North."}),
    (
        "bedrock-distillation",
        record(SYSTEM, USER),
        {
            "schemaVersion": VERSION,
            "system": text("Be brief."),
            "messages": [{"role": "user", "content": text("Bay 4?")}],
        },
    ),
    ("bedrock-rft", LONG, {"messages": LONG["messages"][:3], "reference_answer": "South."}),
    ("sagemaker", PLAIN, {"prompt": "Bay 4?", "completion": "North."}),
    ("sagemaker-chat", CHAT, {"dialog": [SYSTEM, USER, ANSWER]}),
]


@pytest.mark.parametrize(("target", "given_record", "row"), ROWS)
def test_records_become_these_rows(target: str, given_record: dict[str, Any], row: dict[str, Any]) -> None:
    converted = TARGETS[target].convert(given_record)
    assert converted == Converted(row)
    assert list(converted.row) == list(row)
    assert problems(TARGETS[target].model, row) == []


def refusal(target: str, given_record: dict[str, Any]) -> tuple[str, str] | None:
    converted = TARGETS[target].convert(given_record)
    if isinstance(converted, RowProblem):
        return converted.code, converted.where
    found = problems(TARGETS[target].model, converted.row)
    return (found[0].code, found[0].where) if found else None


CONVERSING = ("bedrock-nova", "bedrock-nova-2")
PLAIN_TEXT = ("bedrock-claude", "bedrock-llama", "bedrock-rft", "sagemaker-chat")
SINGLE = ("bedrock-llama-3-1", "bedrock-titan", "sagemaker")
ASKING = (*CONVERSING, *PLAIN_TEXT, *SINGLE, "bedrock-distillation")
LOST = [says("assistant", "No.")]
REFUSED: list[tuple[tuple[str, ...], dict[str, Any], str, str]] = [
    (ASKING, PAIR, "preference_row", "rejected"),
    (ASKING, {**PLAIN, "label": False}, "negative_label", "label"),
    (ASKING, record(USER, {**ANSWER, "weight": 0.0}), "zero_weight", "messages.1.weight"),
    (ASKING, record(USER, {**ANSWER, "weight": 0.5}), "fractional_weight", "messages.1.weight"),
    (ASKING, record({**USER, "name": "ana"}, ANSWER), "speaker_name", "messages.0.name"),
    (ASKING, record(USER, SYSTEM, ANSWER), "late_system_prompt", "messages.1"),
    (
        tuple(t for t in ASKING if t != "bedrock-nova-2"),
        record(USER, {**ANSWER, "reasoning_content": "r"}),
        "reasoning_content",
        "messages.1.reasoning_content",
    ),
    ((*PLAIN_TEXT, *SINGLE, "bedrock-distillation"), TOOLS, "tool_calls", "messages.1"),
    ((*PLAIN_TEXT, *SINGLE, "bedrock-distillation"), {**PLAIN, "tools": [TOOL]}, "tool_definitions", "tools"),
    (SINGLE, CHAT, "system_prompt", "messages.0"),
    ((*SINGLE, "bedrock-distillation"), LONG, "several_turns", "messages"),
    (("bedrock-llama-3-1",), record(USER, USER, ANSWER), "roles_not_alternating", "messages.1"),
    (("bedrock-llama-3-1",), record(ANSWER), "first_turn_not_user", "messages.0"),
    (("bedrock-llama-3-1",), record(USER), "last_turn_not_assistant", "messages.0"),
    (("bedrock-nova",), record(USER, USER, ANSWER), "roles_not_alternating", "messages.1"),
    (("bedrock-claude", "bedrock-llama"), record(USER, USER, ANSWER), "roles_not_alternating", "messages.1"),
    (("sagemaker-chat",), record(USER, USER, ANSWER), "roles_not_alternating", "dialog.1"),
    (("bedrock-rft",), record(USER), "last_turn_not_assistant", "messages.0"),
    (("bedrock-rft",), record(USER, ANSWER, ANSWER), "last_turn_not_user", "messages.1"),
    (("bedrock-nova-2",), TOOLS, "tools_unsupported", "tools"),
    (("bedrock-nova-dpo",), PLAIN, "not_a_preference_row", ""),
    (("bedrock-nova-dpo",), record(ANSWER, ANSWER, rejected=LOST), "unclear_prompt", "messages"),
    (("bedrock-nova-dpo",), record(USER, ANSWER, rejected=[USER]), "unclear_prompt", "rejected.0"),
    (("bedrock-nova-dpo",), record(USER, ANSWER, rejected=LOST * 2), "several_losing_turns", "rejected"),
    (("bedrock-nova-dpo",), {**PAIR, "tools": [TOOL]}, "tool_definitions", "tools"),
    (
        ("bedrock-nova",),
        record(USER, says("assistant", tool_calls=[call("[1]")]), tools=[TOOL]),
        "arguments_not_object",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        ("bedrock-nova",),
        record(USER, says("assistant", tool_calls=[call('{"a":1e400}')]), tools=[TOOL]),
        "arguments_not_kept",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        ("bedrock-nova",),
        record(USER, says("assistant", tool_calls=[call()]), says("assistant", "So."), tools=[TOOL]),
        "tool_call_unanswered",
        "messages.2",
    ),
    (
        ("bedrock-nova",),
        record(USER, says("tool", "north", tool_call_id="c1"), ANSWER, tools=[TOOL]),
        "tool_answer_without_call",
        "messages.1",
    ),
    (
        ("bedrock-nova",),
        record(USER, says("assistant", tool_calls=[{**call(), "id": None}]), tools=[TOOL]),
        "missing_member",
        "messages.1.content.0.toolUse.toolUseId",
    ),
    (
        ("bedrock-nova",),
        {**PLAIN, "tools": [{"type": "function", "function": {**FUNCTION, "returns": "a bay"}}]},
        "unknown_member",
        "toolConfig.tools.0.toolSpec.returns",
    ),
    (
        ("bedrock-nova",),
        {**PLAIN, "tools": [{"type": "function", "function": {"name": "find_bay"}}]},
        "tool_without_description",
        "toolConfig.tools.0.toolSpec.description",
    ),
    (
        ("bedrock-nova",),
        record(says("user", "Our operating system: Linux"), ANSWER),
        "refused_word",
        "messages.0.content.0.text",
    ),
]


@pytest.mark.parametrize(("targets", "given_record", "code", "where"), REFUSED)
def test_what_a_format_cannot_carry_is_refused_where_it_stands(
    targets: tuple[str, ...], given_record: dict[str, Any], code: str, where: str
) -> None:
    assert {target: refusal(target, given_record) for target in targets} == dict.fromkeys(
        targets, (code, where)
    )
    assert all(TARGETS[target].rule(code).sentence for target in targets)


CHANGED: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("bedrock-claude", record(says("developer", "Be brief."), USER, ANSWER), ("developer_to_system",)),
    ("bedrock-claude", record(USER, {**ANSWER, "weight": 1.0}), ("full_weight_left_out",)),
    (
        "bedrock-nova",
        record(
            USER,
            says("assistant", "", tool_calls=[call('{"bay": 4}')]),
            says("tool", "north", tool_call_id="c1", name="find_bay"),
            ANSWER,
            tools=[{"type": "function", "function": {"name": "find_bay", "description": "Finds a bay"}}],
        ),
        ("arguments_respelled", "empty_content_left_out", "tool_members_filled_in", "tool_name_left_out"),
    ),
]


@pytest.mark.parametrize(("target", "given_record", "changes"), CHANGED)
def test_what_is_told_in_another_way_is_counted(
    target: str, given_record: dict[str, Any], changes: tuple[str, ...]
) -> None:
    converted = TARGETS[target].convert(given_record)
    assert isinstance(converted, Converted)
    assert converted.changes == changes
    assert problems(TARGETS[target].model, converted.row) == []


def read_back(row: dict[str, Any]) -> str:
    """The content id of a row as `tuneset curate` reads it."""
    shape = shape_of(json.loads(json.dumps(row)))
    assert shape is not None
    draft = shape.convert(json.loads(json.dumps(row)))
    return content_id(draft.messages, tools=draft.tools, rejected=draft.rejected)


def id_of(given_record: dict[str, Any]) -> str:
    return content_id(
        given_record["messages"], tools=given_record.get("tools"), rejected=given_record.get("rejected")
    )


BACK = [row for row in ROWS if row[0] != "bedrock-rft"]


@pytest.mark.parametrize(("target", "given_record", "row"), BACK)
def test_rows_are_read_back_with_the_same_content_id(
    target: str, given_record: dict[str, Any], row: dict[str, Any]
) -> None:
    assert target in TARGETS
    assert read_back(row) == id_of(given_record)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters=":<["), min_size=1).filter(str.strip)
INPUT = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.lists(st.booleans()))


@st.composite
def chats(draw: st.DrawFn) -> dict[str, Any]:
    """Chats with tools, as records."""
    messages = [says("system", draw(TEXT))] if draw(st.booleans()) else []
    for n in range(draw(st.integers(1, 3))):
        messages.append(says("user", draw(TEXT)))
        if draw(st.booleans()):
            count = draw(st.integers(1, 2))
            calls = [call(canonical_json(draw(INPUT)), f"c{n}_{k}") for k in range(count)]
            spoken = {"content": draw(TEXT)} if draw(st.booleans()) else {}
            messages.append({"role": "assistant", **spoken, "tool_calls": calls})
            messages += [says("tool", draw(TEXT), tool_call_id=c["id"]) for c in calls]
            if draw(st.booleans()):
                messages.append(says("user", draw(TEXT)))
        messages.append(says("assistant", draw(TEXT)))
    return record(*messages, tools=[TOOL])


@given(chats())
def test_any_chat_with_tools_comes_back_from_nova_the_same(chat: dict[str, Any]) -> None:
    converted = TARGETS["bedrock-nova"].convert(chat)
    assert isinstance(converted, Converted)
    assert problems(TARGETS["bedrock-nova"].model, converted.row) == []
    assert converted.changes == ()
    assert read_back(converted.row) == id_of(chat)


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    """A function that freezes records: all in train, the last in validation."""

    def build(records: list[dict[str, Any]], recipe: str = "") -> Path:
        rows = [
            workspaces.row(n, r["messages"], **{k: v for k, v in r.items() if k != "messages"})
            for n, r in enumerate(records, start=1)
        ]
        told = [workspaces.verdict(r["row_id"], "split", "assign", value="train") for r in rows]
        told[-1]["value"] = "validation"
        out = workspaces.build(tmp_path / "w", rows, told)
        if recipe:
            (out / "recipe.yaml").write_text(recipe, encoding="utf-8")
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


def chats_of(number: int, **more: Any) -> list[dict[str, Any]]:
    return [record(says("user", f"Bay {n}?"), says("assistant", f"Dock {n}."), **more) for n in range(number)]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_nova_export_has_its_files_counts_and_warnings(frozen) -> None:
    out = frozen([TOOLS, CHAT, record(says("user", "User: hi"), ANSWER), PAIR, *chats_of(3)])
    result = export(out, to="bedrock-nova")
    folder = Path(result.folder)
    assert sorted(p.name for p in folder.iterdir()) == [
        "job.py", "refused.jsonl", "report.json", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip
    assert result.rows == {"train": 4, "validation": 1}
    assert result.refused == {"preference_row": 1, "refused_word": 1}
    assert lines(folder / "train.jsonl")[0]["toolConfig"] == {"tools": [{"toolSpec": SPEC}]}
    assert "4 training rows; bedrock-nova takes no fewer than 8" in result.warnings


def test_nova_2_takes_no_validation_file(frozen) -> None:
    out = frozen(chats_of(3))
    result = export(out, to="bedrock-nova-2")
    assert "1 validation rows; bedrock-nova-2 takes no more than 0" in result.warnings
    assert "validation" not in (Path(result.folder) / "job.py").read_text().partition("def token")[0]


def test_titan_says_that_it_is_closed(frozen) -> None:
    result = export(frozen(chats_of(3)), to="bedrock-titan")
    assert any(warning.startswith("bedrock-titan is closed") for warning in result.warnings)


def test_a_sagemaker_export_keeps_training_files_apart_from_the_others(frozen) -> None:
    """JumpStart trains on every .jsonl file of the training folder, so nothing else may stand there."""
    out = frozen([CHAT, *chats_of(3)])
    folder = Path(export(out, to="sagemaker").folder)
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == [
        "estimator.py", "refused.jsonl", "report.json",
        "training/template.json", "training/train.jsonl", "validation/validation.jsonl",
    ]  # fmt: skip
    template = json.loads((folder / "training/template.json").read_text())
    assert set(template) == {"prompt", "completion"}
    for row in lines(folder / "training/train.jsonl"):
        assert template["prompt"].format(**row) == row["prompt"]
        assert template["completion"].format(**row) == row["completion"]
    assert lines(folder / "validation/validation.jsonl") == [{"prompt": "Bay 2?", "completion": "Dock 2."}]


def test_every_script_is_python_that_says_what_it_needs(frozen) -> None:
    out = frozen([record(*chats_of(1)[0]["messages"], rejected=LOST), *chats_of(3), PAIR])
    for name, target in TARGETS.items():
        if target.family in ("bedrock", "sagemaker"):
            folder = Path(export(out, to=name).folder)
            for script in folder.glob("*.py"):
                tree = ast.parse(script.read_text(encoding="utf-8"))
                assert ast.get_docstring(tree)
                assert {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} >= {"main"}
