"""What is wrong with a row of a provider's file: a code, a place and a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema


@dataclass(frozen=True)
class Rule:
    """One rule of a provider.

    Args:
        sentence: What a row that breaks it is, as a fact.
        source: Where the provider says so, and when it was read.
        fix: What to do about it, as an instruction; "" is what `remedies` says for the code.
    """

    sentence: str
    source: str
    fix: str = ""


@dataclass(frozen=True)
class RowProblem:
    """One broken rule in one row.

    Args:
        code: The rule's code.
        where: The member, such as `messages.2.weight`; "" is the row as a whole.
        sentence: What is wrong.
    """

    code: str
    where: str
    sentence: str


_SCHEMA = "the row schema of the format, with the sources of its rules"
GENERAL: dict[str, Rule] = {
    "missing_member": Rule("a required member is missing", _SCHEMA),
    "unknown_member": Rule("the row has a member that the format does not have", _SCHEMA),
    "wrong_type": Rule("a member has a value of another type than the format asks for", _SCHEMA),
    "unknown_role": Rule("a turn has a role that the format does not have", _SCHEMA),
    "unknown_kind": Rule(
        "a part of a list is of a kind that the format does not have",
        _SCHEMA,
        "use one of the kinds that the sentence names, or leave the row out",
    ),
}
"""What pydantic itself finds; the other codes are a family's own."""

_PYDANTIC = {
    "missing": "missing_member",
    "extra_forbidden": "unknown_member",
    "union_tag_invalid": "unknown_role",
    "union_tag_not_found": "missing_member",
}


def sourced(rules: Mapping[str, Rule], sources: Mapping[str, str]) -> dict[str, Rule]:
    """Rules of one family that hold in another, with the sources that say so there.

    Args:
        rules: The rules as they were first told.
        sources: Their codes, and where the other family has each from.
    """
    return {code: replace(rules[code], source=source) for code, source in sources.items()}


_ROLES = ("'role'", "'from'")
"""What tells turns apart, as pydantic writes it; other unions are of parts."""


def problems(model: type[BaseModel], row: Any) -> list[RowProblem]:
    """Every problem that a row model finds in a row, in the order of the row's members."""
    try:
        model.model_validate(row)
    except ValidationError as error:
        return problems_of(error, row)
    return []


def problems_of(error: ValidationError, row: Any) -> list[RowProblem]:
    """What a row model's error says of a row, in the order of the row's members."""
    return _of_one_branch(error.errors(include_url=False), row)


def broken(rules: Mapping[str, Rule], code: str, at: str = "") -> PydanticCustomError:
    """The error that a validator raises for a rule of its family.

    Args:
        rules: The family's rules.
        code: One of their codes.
        at: The place inside the validated member, such as `messages.2`.
    """
    return PydanticCustomError(code, "{sentence}", {"sentence": rules[code].sentence, "at": at})  # pyright: ignore[reportArgumentType]


class Fails:
    """What fails a further check in pydantic's core breaks a rule; no Python runs on a valid value.

    Args:
        rules: The family's rules.
        code: One of their codes.
        check: The further check.
    """

    def __init__(self, rules: Mapping[str, Rule], code: str, check: CoreSchema) -> None:
        self._sentence, self._code, self._check = rules[code].sentence, code, check

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        checked = core_schema.custom_error_schema(
            self._check,
            custom_error_type=self._code,
            custom_error_message="{sentence}",
            custom_error_context={"sentence": self._sentence, "at": ""},
        )
        return core_schema.chain_schema([handler(source), checked])


HAS_TEXT = core_schema.str_schema(pattern=r"[^\s\x1c-\x1f]")
"""A text of which `str.strip` leaves something."""


class Closed(BaseModel):
    """A row or a part of one; a member that is not named is refused."""

    model_config = ConfigDict(extra="forbid")


def _problem(found: ErrorDetails, row: Any) -> RowProblem:
    context = found.get("ctx", {})
    if "sentence" in context:
        where = [*_place(found["loc"], row), context["at"]]
        return RowProblem(found["type"], ".".join(w for w in where if w), context["sentence"])
    code = _PYDANTIC.get(found["type"], "wrong_type")
    if code == "unknown_role" and not any(name in context["discriminator"] for name in _ROLES):
        code = "unknown_kind"
    missing = [str(found["loc"][-1])] if found["type"] == "missing" else []
    detail = _detail(found)
    sentence = f"{GENERAL[code].sentence} ({detail})" if detail else GENERAL[code].sentence
    return RowProblem(code, ".".join([*_place(found["loc"], row), *missing]), sentence)


def _detail(found: ErrorDetails) -> str:
    """What pydantic says beside the rule's own sentence."""
    context = found.get("ctx", {})
    if found["type"] == "union_tag_invalid":
        return f"{context['tag']!r}; it has {context['expected_tags']}"
    if found["type"] == "union_tag_not_found":
        return f"{context['discriminator']}"
    if found["type"] in ("missing", "extra_forbidden"):
        return ""
    return found["msg"].replace("Input should be", "it should be", 1)


def _of_one_branch(errors: list[ErrorDetails], row: Any) -> list[RowProblem]:
    """The problems, without those of a union's branches that the value cannot have meant.

    A content that is a text or a list of parts is tried as both; a broken part is no text either.
    """
    found = [(_problem(error, row), error) for error in errors]
    said: dict[tuple[str, str], RowProblem] = {}
    for problem, error in found:
        others = (other for other, beside in found if beside is not error)
        if _other_branch(error) and any(_inside(other.where, problem.where) for other in others):
            continue
        said.setdefault((problem.code, problem.where), problem)
    return list(said.values())


def _other_branch(error: ErrorDetails) -> bool:
    """Whether a text was held against a list of parts, or a list against a text."""
    meant = {"string_type": list, "list_type": str}.get(error["type"])
    return meant is not None and isinstance(error["input"], meant)


def _inside(where: str, place: str) -> bool:
    return where == place or where.startswith(f"{place}.")


def _place(location: tuple[int | str, ...], row: Any) -> list[str]:
    """The members of the row on a location's path; the tags of unions are left out."""
    parts: list[str] = []
    value = row
    for i, step in enumerate(location):
        if _is_tag(value, step, location[i + 1 : i + 2]):
            continue
        known = isinstance(value, Mapping) and step in value
        if known or (isinstance(value, list) and isinstance(step, int)):
            parts.append(str(step))
            value = cast("Any", value)[step]
    return parts


def _is_tag(value: Any, step: int | str, then: tuple[int | str, ...]) -> bool:
    """Whether a step names a union's branch and no member: `text` of a part that has a member `text`, too."""
    if not isinstance(value, Mapping) or step not in (value.get("type"), value.get("role")):
        return False
    return bool(then) and then[0] in value and not isinstance(value.get(step), Mapping | list)


def strict_json(text: str) -> Any:
    """The value of a JSON text without NaN or infinities.

    Raises:
        ValueError: It is none.
        RecursionError: It is nested too deep.
    """
    return _DECODER.decode(text)


def is_json_object(text: str) -> bool:
    """Whether a text is one JSON object without NaN or infinities."""
    try:
        return isinstance(strict_json(text), dict)
    except (ValueError, RecursionError):
        return False


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
"""Made once: `json.loads` with a hook makes one for every text."""
