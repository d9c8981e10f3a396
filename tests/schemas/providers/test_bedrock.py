"""Rows of Bedrock's files: what AWS's checkers and the Converse operation take, and each rule broken once."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tuneset.schemas.providers.bedrock import (
    RULES,
    ClaudeRow,
    DistillationRow,
    LlamaRow,
    PairRow,
    RftRow,
)
from tuneset.schemas.providers.nova import Nova2Row, NovaPreferenceRow, NovaRow
from tuneset.schemas.providers.problems import problems
from tuneset.schemas.providers.remedies import ANY, remedy

VERSION = "bedrock-conversation-2024"
IMAGE = {"format": "png", "source": {"s3Location": {"uri": "s3://b/a.png", "bucketOwner": "123456789012"}}}
VIDEO = {"format": "mp4", "source": {"s3Location": {"uri": "s3://b/a.mp4"}}}
DOCUMENT = {"format": "pdf", "name": "plan", "source": {"s3Location": {"uri": "s3://b/a.pdf"}}}
REASONING = {"reasoningContent": {"reasoningText": {"text": "Bay 4 is in the north."}}}
SPEC = {"name": "find_bay", "description": "Finds a bay", "inputSchema": {"json": {"type": "object"}}}
CONFIG = {"tools": [{"toolSpec": SPEC}]}


def use(name: str = "c1", tool: str = "find_bay", **more: Any) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": name, "name": tool, "input": {"bay": 4}, **more}}


def result(name: str = "c1", text: str = "north") -> dict[str, Any]:
    return {"toolResult": {"toolUseId": name, "content": [{"text": text}]}}


def turns(*contents: Any) -> list[dict[str, Any]]:
    """User and assistant turns, alternating; a text is one block."""
    return [
        {"role": ("user", "assistant")[i % 2], "content": [{"text": c}] if isinstance(c, str) else c}
        for i, c in enumerate(contents)
    ]


def row(*contents: Any, **more: Any) -> dict[str, Any]:
    return {"schemaVersion": VERSION, "messages": turns(*contents), **more}


def pair(*candidates: Any, **more: Any) -> dict[str, Any]:
    told = row("Bay 4?", **more)
    told["messages"].append({"role": "assistant", "candidates": list(candidates)})
    return told


def candidate(label: str, text: str = "North.") -> dict[str, Any]:
    return {"content": [{"text": text}], "preferenceLabel": label}


GOOD, BAD = candidate("preferred"), candidate("non-preferred", "No idea.")
CALLS = ("Bay 4?", [use()], [result()], "North.")

VALID: list[tuple[Any, dict[str, Any]]] = [
    (NovaRow, row("Bay 4?", "North.")),
    (NovaRow, row("Bay 4?", "North.", system=[{"text": "Be brief."}, {"text": "Be kind."}])),
    (NovaRow, row(*CALLS, toolConfig=CONFIG)),
    (NovaRow, row("Bay 4?", [{"text": "Let me look."}, use()], toolConfig=CONFIG)),
    (
        NovaRow,
        row(
            "4 and 5?",
            [use(), use("c2")],
            [result("c2"), result(), {"text": "And 6?"}],
            "So.",
            toolConfig=CONFIG,
        ),
    ),
    (NovaRow, row("Hi", "Hello.", toolConfig=CONFIG)),
    (NovaRow, row([{"text": "What is it?"}, {"image": IMAGE}, {"document": DOCUMENT}], "A dock.")),
    (NovaRow, row([{"video": VIDEO}, {"text": "?"}], "A dock.")),
    (NovaRow, row("The systematic user bots: fine", "assistants <img>")),
    (Nova2Row, row("Bay 4?", [REASONING, {"text": "North."}])),
    (NovaPreferenceRow, pair(GOOD, BAD)),
    (
        NovaPreferenceRow,
        pair(BAD, GOOD, candidate("preferred", "In the north."), system=[{"text": "Be brief."}]),
    ),
    (
        ClaudeRow,
        {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "Human: b"}]},
    ),
    (
        ClaudeRow,
        {"system": "s", "messages": [{"role": r, "content": "a"} for r in ("user", "assistant") * 2]},
    ),
    (LlamaRow, row([{"text": "a"}, {"image": IMAGE}], "b", system=[{"text": "System: all allowed here"}])),
    (PairRow, {"prompt": "a", "completion": "b"}),
    (DistillationRow, row("a")),
    (DistillationRow, row([{"text": "a", "type": "text"}], "b", system=[{"text": "s"}])),
    (RftRow, {"messages": [{"role": "user", "content": "a"}], "reference_answer": "b"}),
    (
        RftRow,
        {"messages": [{"role": "user", "content": "a"}], "reference_answer": {"n": 1}, "ground_truth": "72"},
    ),
]


@pytest.mark.parametrize(("model", "good"), VALID)
def test_valid_rows_are_taken(model: Any, good: dict[str, Any]) -> None:
    assert problems(model, good) == []


def _tools(**changes: Any) -> dict[str, Any]:
    return {"tools": [{"toolSpec": {**SPEC, **changes}}]}


TWO = "North."
INVALID: list[tuple[Any, dict[str, Any], str, str]] = [
    (NovaRow, {"messages": turns("a", "b")}, "missing_member", "schemaVersion"),
    (NovaRow, {**row("a", "b"), "schemaVersion": "2024"}, "wrong_type", "schemaVersion"),
    (NovaRow, row("a", "b", id=1), "unknown_member", "id"),
    (NovaRow, row(), "wrong_type", "messages"),
    (NovaRow, {**row("a"), "messages": turns("a", "b")[1:]}, "first_turn_not_user", "messages.0"),
    (NovaRow, {**row(), "messages": turns("a") * 2}, "roles_not_alternating", "messages.1"),
    (NovaRow, row("a", "b", "c"), "last_turn_not_assistant", "messages.2"),
    (
        NovaRow,
        {**row(), "messages": [{"role": "tool", "content": [{"text": "a"}]}]},
        "wrong_type",
        "messages.0.role",
    ),
    (NovaRow, row("a", " "), "empty_content", "messages.1.content.0.text"),
    (NovaRow, row("a", "b", system=[{"text": ""}]), "empty_content", "system.0.text"),
    (NovaRow, row("a", []), "wrong_type", "messages.1.content"),
    (NovaRow, row("a", [{}]), "block_of_no_kind", "messages.1.content.0"),
    (NovaRow, row("a", [{"text": None}]), "wrong_type", "messages.1.content.0.text"),
    (NovaRow, row("a", "b", toolConfig=None), "wrong_type", "toolConfig"),
    (NovaRow, row([{"text": "a", "image": IMAGE}], "b"), "block_of_no_kind", "messages.0.content.0"),
    (NovaRow, row("a", [{"image": IMAGE}]), "block_of_other_role", "messages.1.content.0.image"),
    (NovaRow, row([use()], "b", toolConfig=CONFIG), "block_of_other_role", "messages.0.content.0.toolUse"),
    (NovaRow, row([REASONING], "b"), "block_of_other_role", "messages.0.content.0.reasoningContent"),
    (
        NovaRow,
        row("a", [REASONING, {"text": "b"}]),
        "reasoning_unsupported",
        "messages.1.content.0.reasoningContent",
    ),
    (NovaRow, row([{"image": IMAGE}] * 11, "b"), "too_much_media", "messages.0.content"),
    (NovaRow, row([{"video": VIDEO}] * 2, "b"), "too_much_media", "messages.0.content"),
    (NovaRow, row([{"video": VIDEO}, {"document": DOCUMENT}], "b"), "too_much_media", "messages.0.content"),
    (
        NovaRow,
        row([{"document": DOCUMENT}], "b", [{"document": DOCUMENT}], "c"),
        "too_much_media",
        "messages",
    ),
    (
        NovaRow,
        row([{"image": {**IMAGE, "source": {"s3Location": {"uri": "https://b/a"}}}}], "b"),
        "wrong_type",
        "messages.0.content.0.image.source.s3Location.uri",
    ),
    (
        NovaRow,
        row(*CALLS, toolConfig=_tools(name="find bay")),
        "bad_function_name",
        "toolConfig.tools.0.toolSpec.name",
    ),
    (
        NovaRow,
        row(*CALLS, toolConfig=_tools(name="f" * 65)),
        "bad_function_name",
        "toolConfig.tools.0.toolSpec.name",
    ),
    (
        NovaRow,
        row(*CALLS, toolConfig=_tools(description=" ")),
        "tool_without_description",
        "toolConfig.tools.0.toolSpec.description",
    ),
    (
        NovaRow,
        row(*CALLS, toolConfig=_tools(inputSchema={"json": {"properties": {}}})),
        "schema_without_type",
        "toolConfig.tools.0.toolSpec.inputSchema.json",
    ),
    (
        NovaRow,
        row(*CALLS, toolConfig={"tools": CONFIG["tools"] * 2}),
        "tool_defined_twice",
        "toolConfig.tools.1.toolSpec.name",
    ),
    (NovaRow, row(*CALLS), "undeclared_tool", "messages.1.content.0.toolUse.name"),
    (
        NovaRow,
        row("a", [use(tool="lose_bay")], toolConfig=CONFIG),
        "undeclared_tool",
        "messages.1.content.0.toolUse.name",
    ),
    (
        NovaRow,
        row("a", [use("a b")], toolConfig=CONFIG),
        "bad_tool_call_id",
        "messages.1.content.0.toolUse.toolUseId",
    ),
    (
        NovaRow,
        row("a", [use(), use()], toolConfig=CONFIG),
        "tool_call_twice",
        "messages.1.content.1.toolUse.toolUseId",
    ),
    (
        NovaRow,
        row("a", [use()], [result("c2")], "b", toolConfig=CONFIG),
        "tool_answer_without_call",
        "messages.2.content.0.toolResult.toolUseId",
    ),
    (NovaRow, row("a", [use()], "c", "b", toolConfig=CONFIG), "tool_call_unanswered", "messages.2"),
    (
        NovaRow,
        row("a", [use(input="{}")], toolConfig=CONFIG),
        "wrong_type",
        "messages.1.content.0.toolUse.input",
    ),
    (
        NovaRow,
        row("a", [use()], [{"toolResult": {"toolUseId": "c1", "content": [{}]}}], "b", toolConfig=CONFIG),
        "block_of_no_kind",
        "messages.2.content.0.toolResult.content.0",
    ),
    (Nova2Row, row(*CALLS, toolConfig=CONFIG), "tools_unsupported", "toolConfig"),
    (Nova2Row, row("a", [REASONING]), "empty_content", "messages.1.content"),
    (
        Nova2Row,
        row("a", [{"reasoningContent": {"reasoningText": {"text": ""}}}, {"text": "b"}]),
        "empty_content",
        "messages.1.content.0.reasoningContent",
    ),
    (NovaPreferenceRow, row("a", "b"), "candidates_not_last", "messages.1"),
    (
        NovaPreferenceRow,
        {**pair(GOOD, BAD), "messages": pair(GOOD, BAD)["messages"][1:] + turns("a", "b")},
        "candidates_not_last",
        "messages.0",
    ),
    (NovaPreferenceRow, pair(GOOD), "too_few_candidates", "messages.1.candidates"),
    (NovaPreferenceRow, pair(GOOD, GOOD), "too_few_candidates", "messages.1.candidates"),
    (
        NovaPreferenceRow,
        pair(GOOD, candidate("worse")),
        "wrong_type",
        "messages.1.candidates.1.preferenceLabel",
    ),
    (
        NovaPreferenceRow,
        pair(GOOD, candidate("non-preferred", "User: x")),
        "refused_word",
        "messages.1.candidates.1.content.0.text",
    ),
    (
        NovaPreferenceRow,
        pair(GOOD, {**BAD, "content": [use()]}),
        "undeclared_tool",
        "messages.1.candidates.1.content.0",
    ),
    (
        NovaPreferenceRow,
        pair(GOOD, {**BAD, "content": [REASONING, {"text": "a"}]}),
        "reasoning_unsupported",
        "messages.1.candidates.1.content.0",
    ),
    (
        NovaPreferenceRow,
        {
            **pair(GOOD, BAD),
            "messages": [{"role": "user", "content": [{"video": VIDEO}]}, *pair(GOOD, BAD)["messages"][1:]],
        },
        "video_unsupported",
        "messages.0.content.0.video",
    ),
    (ClaudeRow, {"messages": [{"role": "user", "content": "a"}]}, "last_turn_not_assistant", "messages.0"),
    (ClaudeRow, {"messages": [{"role": "assistant", "content": "a"}]}, "first_turn_not_user", "messages.0"),
    (ClaudeRow, {"messages": [{"role": "user", "content": "a"}] * 2}, "roles_not_alternating", "messages.1"),
    (ClaudeRow, {"messages": [{"role": "system", "content": "a"}]}, "wrong_type", "messages.0.role"),
    (
        ClaudeRow,
        {"messages": [{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": "a"}]},
        "wrong_type",
        "messages.0.content",
    ),
    (
        ClaudeRow,
        {"messages": [{"role": "user", "content": "a\nHuman: b"}, {"role": "assistant", "content": "a"}]},
        "reserved_keyword",
        "messages.0.content",
    ),
    (
        ClaudeRow,
        {"system": "\nAssistant:", "messages": [{"role": r, "content": "a"} for r in ("user", "assistant")]},
        "reserved_keyword",
        "system",
    ),
    (
        ClaudeRow,
        {"messages": [{"role": "user", "content": "a" * 96_003}, {"role": "assistant", "content": "a"}]},
        "row_too_long",
        "messages",
    ),
    (
        ClaudeRow,
        {"id": 1, "messages": [{"role": r, "content": "a"} for r in ("user", "assistant")]},
        "unknown_member",
        "id",
    ),
    (LlamaRow, row("a", [{"image": IMAGE}]), "block_of_other_role", "messages.1.content.0.image"),
    (LlamaRow, row("a", "b", system=[{"text": "a"}] * 2), "wrong_type", "system"),
    (LlamaRow, row("a", "b", system=[{"text": " "}]), "empty_content", "system.0.text"),
    (LlamaRow, row("a", [use()]), "unknown_member", "messages.1.content.0.toolUse"),
    (LlamaRow, row("a", [{}]), "block_of_no_kind", "messages.1.content.0"),
    (PairRow, {"prompt": "a", "completion": ""}, "empty_answer", "completion"),
    (PairRow, {"prompt": "\n", "completion": "b"}, "empty_content", "prompt"),
    (PairRow, {"prompt": "a"}, "missing_member", "completion"),
    (PairRow, {"prompt": "a", "completion": "b", "id": 1}, "unknown_member", "id"),
    (DistillationRow, row("a", "b", "c"), "wrong_type", "messages"),
    (DistillationRow, row([{"text": "a"}] * 2), "wrong_type", "messages.0.content"),
    (DistillationRow, {**row(), "messages": turns("a", "b")[1:]}, "first_turn_not_user", "messages.0"),
    (DistillationRow, {**row(), "messages": turns("a") * 2}, "roles_not_alternating", "messages.1"),
    (DistillationRow, row("a", toolConfig=CONFIG), "unknown_member", "toolConfig"),
    (RftRow, {"messages": [{"role": "user", "content": "a"}]}, "missing_member", "reference_answer"),
    (
        RftRow,
        {"messages": [{"role": "system", "content": "a"}], "reference_answer": "b"},
        "no_user",
        "messages",
    ),
    (
        RftRow,
        {"messages": [{"role": r, "content": "a"} for r in ("user", "assistant")], "reference_answer": "b"},
        "last_turn_not_user",
        "messages.1",
    ),
    (
        RftRow,
        {"messages": [{"role": "user", "content": "a"}], "reference_answer": {}},
        "wrong_type",
        "reference_answer",
    ),
    (
        RftRow,
        {"messages": [{"role": "tool", "content": "a"}], "reference_answer": "b"},
        "wrong_type",
        "messages.0.role",
    ),
]


@pytest.mark.parametrize(("model", "bad", "code", "where"), INVALID)
def test_invalid_rows_are_refused_with_their_rule_and_place(
    model: Any, bad: dict[str, Any], code: str, where: str
) -> None:
    found = problems(model, bad)
    assert (found[0].code, found[0].where) == (code, where)


WORDS = ("System:", "user:", "BOT:", "Assistant:", "Thought:", "[EOS]", "<image>", "<video>", "<unk>")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", ["system", "user", "assistant", "result"])
def test_nova_refuses_its_words_wherever_a_text_is(word: str, place: str) -> None:
    text = f"The operating {word} Linux"
    told = row(*CALLS, toolConfig=CONFIG)
    if place == "system":
        told["system"] = [{"text": text}]
    elif place == "result":
        told["messages"][2]["content"] = [result(text=text)]
    else:
        told["messages"][0 if place == "user" else 3]["content"] = [{"text": text}]
    assert [p.code for p in problems(NovaRow, told)] == ["refused_word"]


def test_every_rule_is_broken_above() -> None:
    assert {code for _, _, code, _ in INVALID} | {"refused_word"} >= set(RULES)


def test_a_row_model_leaves_the_row_as_it_is() -> None:
    told = row(*CALLS, toolConfig=CONFIG)
    before = copy.deepcopy(told)
    problems(NovaRow, told)
    assert told == before


def test_every_rule_says_what_to_do() -> None:
    assert {code: remedy(code, rule) for code, rule in RULES.items() if remedy(code, rule) == ANY} == {}
