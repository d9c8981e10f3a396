"""Conversations as the model's chat template writes them, and where each answer stands in the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...schemas.template_turn import for_template

Turn = Mapping[str, Any]
Span = tuple[int, int, int]
"""The position of an assistant turn, and where its answer begins and ends in the text."""


class Refused(Exception):
    """The template refuses a conversation."""


@dataclass
class Rendered:
    """One text with the answers that stand in it."""

    text: str
    answers: list[Span] = field(default_factory=list)


class ChatText:
    """Writes conversations for a model.

    A tokenizer without a chat template gets `User:` and a line with the text, a blank line, `Assistant:`.

    Args:
        tokenizer: The model's.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        special = {t.content for t in tokenizer.added_tokens_decoder.values() if t.special}
        special |= {tokenizer.eos_token} if tokenizer.eos_token else set()
        self._ends = tuple(sorted(special))

    @property
    def opening(self) -> str:
        """What stands before the answer of a conversation that has no other turn.

        It is what the template writes to ask for an answer, so that an answer alone is foreseen as one of the
        assistant's; before it stands the token that begins a text, where there is one.
        """
        asked = [{"role": "user", "content": "x"}]
        try:
            told, asking = (self._write(asked, None, ask=ask) for ask in (False, True))
        except Refused:
            told = asking = ""
        header = asking.removeprefix(told).lstrip() if asking.startswith(told) else ""
        begin = self._tokenizer.bos_token or ""
        return header if header.startswith(begin) else begin + header

    def render(
        self, turns: Sequence[Turn], tools: list[Any] | None = None
    ) -> tuple[list[Rendered], list[int]]:
        """The texts that hold every answer after its prompt, and the turns that no text holds.

        Where the template writes a conversation the same whatever follows, that is one text; where it
        changes what stands before (as some do with reasoning), the turns before have a text of their own.

        Args:
            turns: The conversation.
            tools: Tool definitions, as the template takes them.
        """
        texts: list[Rendered] = []
        refused: list[int] = []
        for i in reversed([i for i, turn in enumerate(turns) if turn["role"] == "assistant" and _says(turn)]):
            try:
                text, begin, end = self._answer(turns, i, tools)
            except Refused:
                refused.append(i)
                continue
            if not texts or not texts[-1].text.startswith(text[:end]):
                texts.append(Rendered(text))
            texts[-1].answers.append((i, begin, end))
        return [Rendered(r.text, sorted(r.answers)) for r in reversed(texts)], sorted(refused)

    def _answer(self, turns: Sequence[Turn], i: int, tools: list[Any] | None) -> tuple[str, int, int]:
        before = self._write(turns[:i], tools, ask=True)
        after = self._write(turns[: i + 1], tools, ask=False)
        if after.startswith(before):
            begin = len(before)
        else:
            begin = after.rfind((turns[i].get("content") or "").strip() or "\0")
        end = self._end(after)
        if begin < 0 or begin >= end:
            raise Refused
        return after, begin, end

    def _end(self, text: str) -> int:
        """Where a text ends without the tokens that end a turn."""
        text = text.rstrip()
        while text.endswith(self._ends):
            mark = next(m for m in self._ends if text.endswith(m))
            text = text[: -len(mark)].rstrip()
        return len(text)

    def _write(self, turns: Sequence[Turn], tools: list[Any] | None, *, ask: bool) -> str:
        import jinja2

        if not self._tokenizer.chat_template:
            return (self._tokenizer.bos_token or "") + _plain(turns, ask=ask)
        if not turns:
            turns = [{"role": "system", "content": ""}]  # most templates refuse a conversation of no turns
        try:
            return str(
                self._tokenizer.apply_chat_template(
                    [for_template(turn) for turn in turns],
                    tools=tools or None,
                    tokenize=False,
                    add_generation_prompt=ask,
                )
            )
        except (jinja2.TemplateError, TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
            raise Refused from error


def _says(turn: Turn) -> bool:
    return bool((turn.get("content") or "").strip() or turn.get("tool_calls"))


def _plain(turns: Sequence[Turn], *, ask: bool) -> str:
    lines = [f"{str(turn['role']).capitalize()}:\n{_plain_content(turn)}" for turn in turns]
    return "\n\n".join([*lines, "Assistant:\n"] if ask else lines)


def _plain_content(turn: Turn) -> str:
    calls = [c["function"] for c in turn.get("tool_calls") or ()]
    said = [turn["content"]] if turn.get("content") else []
    return "\n".join([*said, *(f"{f['name']}({f['arguments']})" for f in calls)])
