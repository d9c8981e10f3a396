"""Lines of Vertex AI tuning files for Gemini: conversations and preferences.

Members may be written in camelCase or in snake_case, as in every JSON form of a protocol buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StrictFloat, StrictInt, StrictStr, model_validator

from .problems import broken
from .vertex_rules import MAX_DECLARATIONS, RULES
from .vertex_tools import FunctionCall, FunctionResponse, Strict, Tool

__all__ = ["RULES", "ChatRow", "PreferenceRow"]


class FileData(Strict):
    """A file in Cloud Storage."""

    mime_type: StrictStr
    file_uri: StrictStr


class InlineData(Strict):
    """A file in the row, base64."""

    mime_type: StrictStr
    data: StrictStr


class UserPart(Strict):
    """One of its members."""

    text: StrictStr | None = None
    file_data: FileData | None = None
    inline_data: InlineData | None = None
    function_response: FunctionResponse | None = None


class ModelPart(Strict):
    """One of its members."""

    text: StrictStr | None = None
    function_call: FunctionCall | None = None


class TextPart(Strict):
    """A text."""

    text: StrictStr


class SystemInstruction(Strict):
    """Instructions; the role is ignored."""

    role: StrictStr | None = None
    parts: Annotated[list[TextPart], Field(min_length=1)]


class UserTurn(Strict):
    """What the user says, or what functions gave back."""

    role: Literal["user"]
    parts: Annotated[list[UserPart], Field(min_length=1)]


class ModelTurn(Strict):
    """What the model learns to say."""

    role: Literal["model"]
    parts: Annotated[list[ModelPart], Field(min_length=1)]


Turn = Annotated[UserTurn | ModelTurn, Discriminator("role")]


class ChatRow(Strict):
    """One line of a supervised tuning file."""

    system_instruction: SystemInstruction | None = None
    contents: Annotated[list[Turn], Field(min_length=1)]
    tools: list[Tool] | None = None

    @model_validator(mode="after")
    def _conversation(self) -> ChatRow:
        _check_parts(self.system_instruction, self.contents)
        if all(turn.role != "model" for turn in self.contents):
            raise broken(RULES, "no_model_turn", "contents")
        if self.contents[-1].role != "model":
            raise broken(RULES, "last_turn_not_model", f"contents.{len(self.contents) - 1}")
        _check_calls(self.contents, _declared(self.tools) if self.tools else None)
        return self


class Completion(Strict):
    """An answer and whether it is the better one."""

    score: StrictInt | StrictFloat
    completion: ModelTurn


class PreferenceRow(Strict):
    """One line of a preference tuning file: a prompt and two answers, all text."""

    system_instruction: SystemInstruction | None = None
    contents: Annotated[list[Turn], Field(min_length=1)]
    completions: Annotated[list[Completion], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _pair(self) -> PreferenceRow:
        _check_parts(self.system_instruction, self.contents)
        if self.contents[-1].role != "user":
            raise broken(RULES, "prompt_not_ending_with_user", f"contents.{len(self.contents) - 1}")
        if sorted(answer.score for answer in self.completions) != [0, 1]:
            raise broken(RULES, "scores_not_one_and_zero", "completions")
        _check_text([(f"contents.{i}", turn) for i, turn in enumerate(self.contents)])
        answers = [(f"completions.{i}.completion", c.completion) for i, c in enumerate(self.completions)]
        for at, turn in answers:
            _check_turn(turn, at)
        _check_text(answers)
        return self


def _check_parts(system: SystemInstruction | None, turns: list[Turn]) -> None:
    """Every part holds one thing, and the roles alternate, the user first."""
    if system is not None:
        _check_turn(system, "systemInstruction")
    for i, turn in enumerate(turns):
        if turn.role != ("model" if i % 2 else "user"):
            code = "turns_not_alternating" if i else "first_turn_not_user"
            raise broken(RULES, code, f"contents.{i}")
        _check_turn(turn, f"contents.{i}")


def _check_turn(turn: UserTurn | ModelTurn | SystemInstruction, at: str) -> None:
    for k, part in enumerate(turn.parts):
        held = [getattr(part, name) for name in part.model_fields_set]
        if len(held) != 1 or held[0] is None:
            raise broken(RULES, "part_not_one", f"{at}.parts.{k}")
        if part.text is not None and not part.text.strip():
            raise broken(RULES, "empty_content", f"{at}.parts.{k}.text")


def _check_text(turns: Sequence[tuple[str, UserTurn | ModelTurn]]) -> None:
    for at, turn in turns:
        for k, part in enumerate(turn.parts):
            if part.text is None:
                raise broken(RULES, "part_not_text", f"{at}.parts.{k}")


def _declared(tools: list[Tool]) -> set[str]:
    names: set[str] = set()
    for i, tool in enumerate(tools):
        for k, function in enumerate(tool.function_declarations):
            if function.name in names:
                raise broken(RULES, "function_declared_twice", f"tools.{i}.functionDeclarations.{k}")
            names.add(function.name)
    if len(names) > MAX_DECLARATIONS:
        raise broken(RULES, "too_many_functions", "tools")
    return names


def _check_calls(turns: list[Turn], declared: set[str] | None) -> None:
    """Every call is of a declared function and answered in the turn after it; the last may stay open."""
    waiting: list[str] = []
    for i, turn in enumerate(turns):
        if isinstance(turn, ModelTurn):
            waiting = [p.function_call.name for p in turn.parts if p.function_call is not None]
            if declared is not None and not declared.issuperset(waiting):
                raise broken(RULES, "undeclared_function", f"contents.{i}")
            continue
        given = [p.function_response.name for p in turn.parts if p.function_response is not None]
        if given and not set(given) <= set(waiting):
            raise broken(RULES, "response_without_call", f"contents.{i}")
        if sorted(given) != sorted(waiting):
            code = "call_unanswered" if len(given) < len(waiting) else "response_without_call"
            raise broken(RULES, code, f"contents.{i}")
