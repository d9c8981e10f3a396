"""What every target says of itself: its rows, what they carry, its limits, and how a record becomes a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from ...schemas.providers.conversation import RULES as ORDER
from ...schemas.providers.problems import GENERAL, RowProblem, Rule
from .layouts import JSONL, Layout
from .sidecars import Sidecar

Record = dict[str, Any]
"""A row of a version: row_id, content_id, messages and, where it has them, tools, rejected, label."""

SYSTEM = ("system", "developer")
"""Roles of turns that instruct."""

Kind = Literal["chat", "preference", "label"]
"""A conversation to learn, a winning and a losing answer, or an answer with a verdict."""
ALL_KINDS: frozenset[Kind] = frozenset({"chat", "preference", "label"})

UNCARRIED: dict[str, Rule] = {
    "preference_row": Rule("the row has a losing answer, which this format cannot carry", "the format"),
    "not_a_preference_row": Rule("the row has no losing answer", "the format"),
    "not_labelled": Rule("the row has no verdict on its answer", "the format"),
    "negative_label": Rule("the answer is labelled bad, and this format would teach it", "the format"),
    "reasoning_content": Rule("a turn has reasoning, which this format cannot carry", "the format"),
    "fractional_weight": Rule(
        "a turn has a weight between 0 and 1, which this format cannot carry", "the format"
    ),
    "zero_weight": Rule("a turn is not to be trained on, which this format cannot say", "the format"),
    "arguments_not_object": Rule("the arguments of a tool call are no JSON object", "the format"),
    "arguments_not_kept": Rule(
        "the arguments of a tool call have a member twice, or a number or character that JSON readers lose",
        "the format",
    ),
    "trained_prompt": Rule(
        "an answer before the last is to be trained on, and this format trains the last alone", "the format"
    ),
    "unclear_prompt": Rule(
        "where the prompt ends and the winning answer begins is not certain", "the format"
    ),
    "system_prompt": Rule("the row has a system prompt, which this format cannot carry", "the format"),
    "late_system_prompt": Rule(
        "a system turn stands later than first, which this format cannot carry", "the format"
    ),
    "several_turns": Rule("the row has more than one question and answer", "the format"),
    "roles_not_alternating": Rule("two turns in a row have the same role", "the format"),
    "tool_calls": Rule("the row calls tools, which this format cannot carry", "the format"),
    "tool_definitions": Rule("the row defines tools, which this format cannot carry", "the format"),
    "speaker_name": Rule("a turn names its speaker, which this format cannot carry", "the format"),
    "content_beside_calls": Rule(
        "a turn has both text and tool calls, which this format cannot carry", "the format"
    ),
    "several_losing_turns": Rule("the losing answer is more than one turn", "the format"),
    "answer_not_text": Rule(
        "the last turn is no answer in words, which this format needs as its reference",
        "the format",
        "end the row with an answer in words, or choose a target for conversations",
    ),
    "no_prompt": Rule(
        "there is no question before the answer", "the format", "write the question, or leave the row out"
    ),
    "in_both_splits": Rule(
        "a train row has the same content or the same first question, so a validation loss would mislead",
        "the export keeps train and validation apart",
        fix="leave the row out of one of the two files",
    ),
}
"""Why a row is refused before it is written; each code means the same for every target."""

CHANGES: dict[str, str] = {
    "developer_to_system": "developer turns became system turns, which the format has instead",
    "tool_name_left_out": "the names of tool turns were left out; their tool_call_id stays",
    "system_to_developer": "system turns became developer turns, which the format has instead",
    "label_left_out": "the verdict that the answer is good was left out",
    "full_weight_left_out": "weights of 1 were left out where the format trains on the turn anyway",
    "arguments_respelled": "the arguments of tool calls became objects, so spaces in their text are not kept",
    "tool_name_replaced": "tool turns have the name of the function called instead of their own",
    "tool_ids_left_out": "the ids of tool calls were left out; results follow in the order of the calls",
    "tool_ids_rewritten": "the ids of tool calls and of their answers became nine letters and digits",
    "tool_members_filled_in": "tools without a description or parameters were given empty ones",
    "tool_answers_reordered": "tool results were put in the order of their calls",
    "empty_content_left_out": "empty text beside tool calls was left out",
    "empty_parameters_left_out": "the parameters of a tool that takes none were left out",
    "schema_respelled": "the parameters of tools were told in the format's own words for the same thing",
    "schema_keyword_left_out": "a keyword that the format lacks was left out of the parameters of tools",
    "tool_member_left_out": "a member that the format lacks was left out of tool definitions",
    "prompt_weight_left_out": "weights of earlier answers were left out: the last alone is trained on",
}
"""What is told in another way without losing anything; `transforms.TRANSFORMS` are the user's to name.

A code may name what it touched after a colon, such as `schema_keyword_left_out:title`; see `change_sentence`.
"""


@dataclass(frozen=True)
class State:
    """Whether jobs can still be started.

    Args:
        word: `open`, `closing`, `closed`, or `unknown` where nothing recent says.
        source: Where this was read, and when.
        note: What closes when; "" where nothing closes.
        local: Whether it is a tool or format on the user's own machine, which bills no tokens.
    """

    word: Literal["open", "closing", "closed", "unknown"]
    source: str
    note: str = ""
    local: bool = False


LOCAL = State("open", "a local tool or file format: it has no service that could close", local=True)


@dataclass(frozen=True)
class Carries:
    """What a target's row can hold; what it cannot is refused, or changed by a transform that is named."""

    system: bool = True
    turns: bool = True
    tools: bool = False
    weights: bool = False
    names: bool = False
    reasoning: bool = False


EVERYTHING = Carries(tools=True, weights=True, names=True, reasoning=True)


@dataclass(frozen=True)
class Limits:
    """What a service takes; None is no limit that is known.

    Args:
        min_train_rows: Fewer are refused.
        max_train_rows: More are refused.
        max_validation_rows: More are refused.
        max_file_bytes: A larger file is refused.
        max_row_tokens: Tokens of one row.
        over_length: What the service does with a longer row.
        source: Where the limits were read, and when.
    """

    min_train_rows: int | None = None
    max_train_rows: int | None = None
    max_validation_rows: int | None = None
    max_file_bytes: int | None = None
    max_row_tokens: int | None = None
    over_length: Literal["cut", "refused", "unknown"] = "unknown"
    source: str = ""


@dataclass(frozen=True)
class Converted:
    """A row in a provider's shape.

    Args:
        row: The line, as JSON values in the order in which they are written.
        changes: Codes of `CHANGES` for what is told in another way.
    """

    row: dict[str, Any]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """One provider's format.

    Args:
        name: What `--to` takes.
        family: Its module in `schemas/providers`; targets of one family share its rules.
        summary: One line for a list.
        model: The model that every written line is checked against.
        rules: The provider's rules, with their sources.
        convert: A record in the provider's shape, or why that cannot be.
        kinds: The kinds of records that it takes.
        carries: What its rows can hold.
        limits: What the service takes.
        state: Whether jobs can still be started.
        layout: The files that the rows go to.
        sidecars: The files beside them: a README, a config, a script.
        always: Names of transforms that are part of the format, not a choice.
        tokenizer: What counts its tokens: a name of `tokens.TOKENIZERS`; None is the base model's own.
        notes: What the provider may object to where any written row has a feature: one of `Exported.has`
            to a sentence with its source.
    """

    name: str
    family: str
    summary: str
    model: type[BaseModel]
    rules: Mapping[str, Rule]
    convert: Callable[[Record], Converted | RowProblem]
    kinds: frozenset[Kind] = frozenset({"chat"})
    carries: Carries = field(default_factory=Carries)
    limits: Limits = field(default_factory=Limits)
    state: State = LOCAL
    layout: Layout = JSONL
    sidecars: tuple[Sidecar, ...] = ()
    always: tuple[str, ...] = ()
    tokenizer: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    def rule(self, code: str) -> Rule:
        """The rule with a code."""
        return {**GENERAL, **ORDER, **UNCARRIED, **self.rules}[code]

    def left_out(self, record: Record) -> set[str]:
        """Codes of `CHANGES` for what no row of the format has a place for: a verdict."""
        return {"label_left_out"} if record.get("label") is not None and "label" not in self.kinds else set()


def uncarried(code: str, where: str = "") -> RowProblem:
    """A row that a format cannot carry."""
    return RowProblem(code, where, UNCARRIED[code].sentence)


def change_sentence(code: str) -> str:
    """What a code of a change says, with what it names after its colon."""
    name, _, named = code.partition(":")
    return f"{CHANGES[name]}: {named}" if named else CHANGES[name]


def role_of(turn: Record, changes: set[str]) -> str:
    """The role, with developer as system.

    Source: the OpenAI API itself reads a developer turn as a system turn for models before o1
    (platform.openai.com/docs/guides/text, message roles, read 2026-11).
    """
    if turn["role"] != "developer":
        return turn["role"]
    changes.add("developer_to_system")
    return "system"


TURN_BYTES = 32
"""What a chat template puts around a turn: marks, role and line ends."""


def text_size(record: Record) -> int:
    """UTF-8 bytes of everything in a record that a model reads, and `TURN_BYTES` for each turn.

    A tokenizer that falls back to bytes never makes more tokens than there are bytes.
    """
    turns = [*record["messages"], *(record.get("rejected") or ())]
    size = TURN_BYTES * len(turns)
    for turn in turns:
        if turn.get("content"):
            size += _bytes(turn["content"])
        if len(turn) > 2 or "content" not in turn:  # more than role and content
            for member in ("reasoning_content", "name"):
                size += _bytes(turn.get(member) or "")
            if turn.get("tool_calls"):
                size += _bytes(str(turn["tool_calls"]))
    return size + (_bytes(str(record["tools"])) if record.get("tools") else 0)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
