"""The values that a line means, where it is not strict JSON but has one meaning alone."""

from __future__ import annotations

import ast
import codecs
import json
from typing import Any

from ....schemas.providers.problems import RowProblem
from ...readers.raw import MAX_ROW_BYTES
from ..check.lines import Unreadable, parse

MAX_LITERAL_BYTES = 1 << 20
_PLAIN = (dict, list, str, int, float, bool, type(None))


def values_of(line: bytes) -> tuple[list[Any], set[str], RowProblem | None]:
    """The values of a line, the repairs that reading them took, and what is wrong with it.

    NaN, infinities and half surrogate pairs come through, with what is wrong: they go with the member that
    holds them, or the row is refused.
    """
    done: set[str] = set()
    if line.startswith(codecs.BOM_UTF8):
        line = line.removeprefix(codecs.BOM_UTF8)
        done.add("mark_removed")
    try:
        return [parse(line)], done, None
    except Unreadable as unreadable:
        problem = unreadable.problem
    if problem.code == "blank_line":
        return [], {*done, "blank_dropped"}, None
    if problem.code in ("not_utf8", "nested_too_deep", "line_too_long") or len(line) > MAX_ROW_BYTES:
        return [], done, problem
    values, more = _read(line.decode("utf-8").strip())
    if not more:
        return [], done, problem
    return values, done | more, problem if "unwritable" in more else None


def _read(text: str) -> tuple[list[Any], set[str]]:
    """Values and repairs; no repair where the text has no certain meaning."""
    hook = _Pairs()
    decoder = json.JSONDecoder(object_pairs_hook=hook)
    try:
        values, rest = _sequence(decoder, text)
    except (ValueError, RecursionError):
        return _literal(text)
    done = {"equal_member_once"} if hook.twice else set[str]()
    if rest == ",":
        done.add("comma_dropped")
    if len(values) > 1:
        done.add("rows_split")
    if hook.differing or any(type(value) is not dict for value in values):
        return [], set()
    return values, done or {"unwritable"}


class _Pairs:
    """Makes objects of pairs, and notes members that were there twice."""

    def __init__(self) -> None:
        self.twice = self.differing = False

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for name, inner in pairs:
            if name in value:
                self.twice = True
                same = type(value[name]) is type(inner) and value[name] == inner
                self.differing = self.differing or not same
            value[name] = inner
        return value


def _sequence(decoder: json.JSONDecoder, text: str) -> tuple[list[Any], str]:
    """One value after another, and a comma after the last.

    Raises:
        ValueError: Something else stands there.
    """
    values: list[Any] = []
    at = 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        rest = text[end:].lstrip()
        if rest in ("", ","):
            return values, rest
        at = len(text) - len(rest.removeprefix(",").lstrip())
    return values, ""


def _literal(text: str) -> tuple[list[Any], set[str]]:
    """A Python dict of plain values, as str() writes it.

    JSON and Python escape differently: text in JSON's quotes is read only where it has no escape.
    """
    bare = text.removesuffix(",")
    certain = bare.startswith("{'") or (bare.startswith("{") and "\\" not in bare)
    if not certain or len(bare) > MAX_LITERAL_BYTES:
        return [], set()
    try:
        value = ast.literal_eval(bare)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return [], set()
    return ([value], {"python_to_json"}) if type(value) is dict and _plain(value) else ([], set())


def _plain(value: Any) -> bool:
    if type(value) is dict:
        return all(type(name) is str and _plain(inner) for name, inner in value.items())
    if type(value) is list:
        return all(map(_plain, value))
    return type(value) in _PLAIN
