"""Rows with one text: transcripts with speaker lines, instruction templates, chat markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Draft, RowProblem, Shape, Turn, first_key, is_text, rest

TEXT_KEYS = ("text", "transcript", "conversation", "chat", "dialogue", "sample", "content")
_SPEAKERS = {
    "human": "user",
    "user": "user",
    "customer": "user",
    "q": "user",
    "question": "user",
    "### instruction": "user",
    "### human": "user",
    "### user": "user",
    "### question": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "agent": "assistant",
    "a": "assistant",
    "answer": "assistant",
    "### response": "assistant",
    "### assistant": "assistant",
    "### answer": "assistant",
    "system": "system",
    "### system": "system",
}
_LINE = re.compile(
    r"(?:^|\n)\s*(" + "|".join(sorted(map(re.escape, _SPEAKERS), key=len, reverse=True)) + r")\s*:[ \t]*",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"(?:^|\n\n)(Human|Assistant|H|A):[ \t]?")
_CHATML = re.compile(r"<\|im_start\|>(\w+)\n(.*?)(?:<\|im_end\|>|$)", re.DOTALL)
_LLAMA = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=</s>|<s>|\[INST\]|$)", re.DOTALL)
_LLAMA_SYSTEM = re.compile(r"<<SYS>>\n?(.*?)\n?<</SYS>>\n*", re.DOTALL)


def split_transcript(text: str) -> list[Turn] | None:
    r"""The turns of a transcript; None when it does not look like one.

    Speakers after blank lines ("\n\nHuman: ", the hh-rlhf form) are preferred, so that a line such as
    "Assistant: ..." quoted within a turn does not split it.
    """
    for reader in (_chatml_turns, _llama_turns, _hh_turns, _line_turns):
        turns = reader(text)
        if turns and {"user", "assistant"} <= {t["role"] for t in turns}:
            return turns
    return None


def _chatml_turns(text: str) -> list[Turn]:
    found = _CHATML.findall(text)
    return [{"role": r, "content": c.strip("\n")} for r, c in found if r in ("system", "user", "assistant")]


def _llama_turns(text: str) -> list[Turn]:
    turns: list[Turn] = []
    for user, assistant in _LLAMA.findall(text):
        system = _LLAMA_SYSTEM.search(user)
        if system and not turns:
            turns.append({"role": "system", "content": system.group(1)})
        turns.append({"role": "user", "content": _LLAMA_SYSTEM.sub("", user).strip()})
        turns.append({"role": "assistant", "content": assistant.strip()})
    return turns


def _hh_turns(text: str) -> list[Turn]:
    marks = list(_BLANK_LINE.finditer(text))
    if not marks or text[: marks[0].start()].strip():
        return []
    names = {"human": "user", "h": "user", "assistant": "assistant", "a": "assistant"}
    return _between(text, marks, names)


def _line_turns(text: str) -> list[Turn]:
    marks = list(_LINE.finditer(text))
    turns = _between(text, marks, _SPEAKERS)
    before = text[: marks[0].start()].strip() if marks else ""
    return [{"role": "system", "content": before}, *turns] if before and turns else turns


def _between(text: str, marks: list[re.Match[str]], names: Mapping[str, str]) -> list[Turn]:
    turns: list[Turn] = []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        content = text[mark.end() : end].strip()
        turns.append({"role": names[mark.group(1).lower()], "content": content})
    return turns


def _text_key(row: Any) -> str | None:
    if not isinstance(row, Mapping):
        return None
    key = first_key(row, TEXT_KEYS)
    return key if key is not None and is_text(row[key]) else None


def _matches(row: Any) -> bool:
    key = _text_key(row)
    return key is not None and split_transcript(row[key]) is not None


def _convert(row: Any) -> Draft:
    key = _text_key(row)
    if key is None:
        raise RowProblem("no transcript text")
    turns = split_transcript(row[key])
    if turns is None:
        raise RowProblem(f"{key!r} has no speaker lines such as 'Human:' and 'Assistant:'")
    return Draft(turns, None, None, None, rest(row, {key}))


SHAPES = (Shape("transcript", "a text with speaker lines ('Human:' ... 'Assistant:')", _matches, _convert),)
