"""Our verdict on lines beside OpenAI's and Together's own: what we accept, they accept.

Each member of some lines is left out, made null, given values of other types, doubled and reversed; so no
list of faults is needed. The oracles stand in `oracles/`.
"""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import TARGETS
from tuneset.schemas.providers.problems import problems

CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {
    "type": "function",
    "function": {"name": "find_bay", "description": "d", "parameters": {"type": "object"}, "strict": True},
}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Bay 4?"}
ANSWER = {"role": "assistant", "content": "North.", "weight": 1}
ASKS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "north"}
LOOKS = {
    "role": "user",
    "content": [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aaaa"}},
    ],
}
SEES = {"role": "assistant", "content": [{"type": "text", "text": "A crane."}]}
GOOD = {"role": "assistant", "content": "North."}
CHAT = [
    {"messages": [SYSTEM, USER, ANSWER]},
    {"messages": [USER, ASKS, RESULT, ANSWER], "tools": [TOOL]},
    {"messages": [LOOKS, SEES]},
]
OLD = {
    "messages": [
        {**USER, "name": "ana"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "north"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}], "refusal": "No."},
    ],
    "functions": [{"name": "f", "parameters": {}}],
    "parallel_tool_calls": True,
}
PAIR = {
    "input": {"messages": [SYSTEM, USER, ANSWER, USER], "tools": [TOOL]},
    "preferred_output": [GOOD],
    "non_preferred_output": [{"role": "assistant", "tool_calls": [CALL]}],
}
PROMPT = {
    "messages": [{**SYSTEM, "role": "developer"}, USER, ASKS, RESULT, ANSWER, USER],
    "tools": [TOOL],
    "reference_answer": "north",
}
THINKS = {**ANSWER, "reasoning_content": "It is always north."}
LINES: dict[str, list[dict[str, Any]]] = {
    "openai": [*CHAT, OLD],
    "openai-dpo": [PAIR],
    "openai-rft": [PROMPT],
    "azure": [*CHAT, OLD],
    "azure-dpo": [PAIR],
    "azure-rft": [PROMPT],
    "fireworks": [*CHAT, {"messages": [USER, THINKS], "weight": 0.5}],
    "fireworks-dpo": [PAIR],
    "fireworks-rft": [{"messages": [SYSTEM, USER], "ground_truth": "north"}],
    "together": [*CHAT, {"messages": [{**USER, "weight": 0}, THINKS]}],
    "together-prompt": [
        {"prompt": "q", "completion": "a"},
        {"prompt": LOOKS["content"], "completion": SEES["content"]},
    ],
    "together-dpo": [PAIR],
}
VALUES = [
    None, 0, 1, 5, 0.5, True, False, "", " ", "x", "x" * 70, [], [1], ["x"], [[]], [{}], {}, {"a": 1},
    "assistant", "user", "system", "tool", "developer", "human", "data:image/gif;base64,aaaa",
]  # fmt: skip
EXTRA = {
    "id": "7", "weight": 0.5, "name": None, "content": None, "refusal": None, "tool_calls": None,
    "tools": None, "parallel_tool_calls": None, "text": "t", "prompt": "p", "completion": "c",
}  # fmt: skip


def _oracle(family: str) -> Any:
    """The oracle of a family; a test that cannot ask it skips."""
    path = Path(__file__).with_name("oracles") / f"{family}.py"
    found = importlib.util.spec_from_file_location(f"tuneset_oracle_{family}", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _accepts(target: str, rows: list[Any]) -> list[str | None]:
    try:
        return _oracle(TARGETS[target].family).accepts(target, rows)
    except ImportError as error:
        pytest.skip(str(error))


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    for key, one in inside:
        yield from _places(one, (*at, key))


def _at(value: Any, at: tuple[Any, ...]) -> Any:
    for key in at:
        value = value[key]
    return value


def _changed(row: Any) -> Iterator[Any]:
    for at in _places(row):
        if at:
            for value in VALUES:
                other = copy.deepcopy(row)
                _at(other, at[:-1])[at[-1]] = copy.deepcopy(value)
                yield other
            other = copy.deepcopy(row)
            del _at(other, at[:-1])[at[-1]]
            yield other
        yield from _more(row, at)


def _more(row: Any, at: tuple[Any, ...]) -> Iterator[Any]:
    here = _at(row, at)
    for key, value in EXTRA.items() if isinstance(here, dict) else ():
        other = copy.deepcopy(row)
        _at(other, at)[key] = value
        yield other
    for change in ("double", "reverse") if isinstance(here, list) else ():
        other = copy.deepcopy(row)
        given = _at(other, at)
        given.reverse() if change == "reverse" else given.extend(copy.deepcopy(given[-1:]))
        yield other


@pytest.mark.parametrize("target", LINES)
def test_what_we_accept_is_accepted(target: str) -> None:
    rows = [*LINES[target], *(other for row in LINES[target] for other in _changed(row))]
    model = TARGETS[target].model
    taken = [row for row in rows if not problems(model, row)]
    assert taken[: len(LINES[target])] == LINES[target]
    assert len(LINES[target]) < len(taken) < len(rows)
    refused = [(row, says) for row, says in zip(taken, _accepts(target, taken), strict=True) if says]
    assert refused == []


PLANTED: list[tuple[str, Any]] = [
    ("no messages", {"messages": []}),
    ("no assistant", {"messages": [SYSTEM, USER]}),
    ("the user last", {"messages": [USER, ANSWER, USER]}),
    ("a weight between", {"messages": [USER, {**ANSWER, "weight": 0.5}]}),
    ("a weight that is true", {"messages": [USER, {**ANSWER, "weight": True}]}),
    ("a weight in words", {"messages": [USER, {**ANSWER, "weight": "1"}]}),
    ("nothing trained", {"messages": [USER, {**ANSWER, "weight": 0}]}),
    ("empty content", {"messages": [{**USER, "content": ""}, ANSWER]}),
    ("null content", {"messages": [{**USER, "content": None}, ANSWER]}),
    ("a number as content", {"messages": [{**USER, "content": 4}, ANSWER]}),
    ("no role", {"messages": [{"content": "Bay 4?"}, ANSWER]}),
    ("an unknown role", {"messages": [{**USER, "role": "human"}, ANSWER]}),
    ("an unknown member", {"messages": [USER, ANSWER], "id": "7"}),
    ("an unknown member of a turn", {"messages": [{**USER, "lang": "en"}, ANSWER]}),
    (
        "arguments as an object",
        {
            "messages": [
                USER,
                {
                    "role": "assistant",
                    "tool_calls": [{**CALL, "function": {"name": "find_bay", "arguments": {"bay": 4}}}],
                },
            ]
        },
    ),
    (
        "arguments that are no JSON",
        {
            "messages": [
                USER,
                {
                    "role": "assistant",
                    "tool_calls": [{**CALL, "function": {"name": "find_bay", "arguments": "{bay"}}],
                },
            ]
        },
    ),
    ("a call without a name", {"messages": [USER, {**ASKS, "tool_calls": [{**CALL, "function": {}}]}]}),
    (
        "two calls of one id",
        {"messages": [USER, {**ASKS, "tool_calls": [CALL, CALL]}, RESULT, RESULT, ANSWER]},
    ),
    ("a call without an answer", {"messages": [USER, ASKS, ANSWER]}),
    ("an answer without a call", {"messages": [USER, RESULT, ANSWER]}),
    ("an answer to another call", {"messages": [USER, ASKS, {**RESULT, "tool_call_id": "c2"}, ANSWER]}),
    (
        "a call of no declared tool",
        {"messages": [USER, ASKS], "tools": [{"type": "function", "function": {"name": "go"}}]},
    ),
    ("another format", {"prompt": "q", "completion": "a"}),
    ("two formats", {"messages": [USER, ANSWER], "prompt": "q", "completion": "a"}),
    ("no object", [USER, ANSWER]),
]


@pytest.mark.parametrize("target", ["openai", "azure", "together", "fireworks"])
@pytest.mark.parametrize(("fault", "row"), PLANTED, ids=[fault for fault, _ in PLANTED])
def test_planted_faults_are_refused(target: str, fault: str, row: Any) -> None:
    assert problems(TARGETS[target].model, row), fault


def test_together_takes_one_format_a_file() -> None:
    """So a file of ours, which holds one target's lines alone, is taken as a whole."""
    oracle = _oracle("together")
    try:
        assert oracle.accepts_file(LINES["together"]) is None
        assert oracle.accepts_file(LINES["together-dpo"]) is None
        oracle.accepts("together", LINES["together"])
    except ImportError as error:
        pytest.skip(str(error))
    assert oracle.accepts_file([*LINES["together"], *LINES["together-prompt"]]) is not None
