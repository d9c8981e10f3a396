"""Answers of a hosted model through a chat-completions endpoint."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ...schemas.example import canonical_json
from .sdk import ANSWER_SECONDS
from .service import NoAnswer, Reply

TURN = ("role", "content", "name", "tool_calls", "tool_call_id")


class ChatAnswers:
    """The `ask` of services whose SDK has `chat.completions.create`."""

    LIMIT = "max_tokens"
    """The parameter that bounds an answer."""
    environment: tuple[str, ...] = ()
    _kept: tuple[Any, Any] | None = None

    def make_client(self) -> Any:
        """A client that never repeats a call by itself, from the environment."""
        raise NotImplementedError

    def client(self) -> Any:
        """The client; one serves a process as long as the environment names the same account."""
        now = (os.getpid(), *(os.environ.get(name) for name in self.environment))
        kept = self._kept
        if kept is None or kept[0] != now:
            self._kept = kept = (now, self.make_client())
        return kept[1]

    def told(self, what: str) -> AbstractContextManager[None]:
        raise NotImplementedError

    def ask(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None,
        max_tokens: int,
    ) -> Reply:
        """One answer at temperature 0; see `service.Asks`."""
        more: dict[str, Any] = {"tools": list(tools)} if tools else {}
        with self.told(f"chat.completions.create {model}"):
            made = self.client().chat.completions.create(
                model=model,
                messages=[{n: turn[n] for n in TURN if turn.get(n) is not None} for turn in messages],
                temperature=0,
                timeout=ANSWER_SECONDS,
                **{self.LIMIT: max_tokens},
                **more,
            )
            return read_reply(made)


def read_reply(made: Any) -> Reply:
    """The reply in a chat completion.

    Raises:
        NoAnswer: The completion has no message.
    """
    choices = getattr(made, "choices", None)
    if not choices or choices[0].message is None:
        raise NoAnswer("an answer without a message")
    message, usage = choices[0].message, getattr(made, "usage", None)
    return Reply(
        text=answer_text(message.content, [c.model_dump() for c in message.tool_calls or ()]),
        stopped=choices[0].finish_reason in ("stop", "tool_calls", "eos"),
        prompt_tokens=getattr(usage, "prompt_tokens", None),
        completion_tokens=getattr(usage, "completion_tokens", None),
    )


def answer_text(content: str | None, calls: Sequence[Mapping[str, Any]]) -> str:
    """The text of an answer, and after it each tool call on a line as canonical JSON.

    Ids are left out: a model makes them up.
    """
    lines = [content] if content else []
    lines += [_call(call["function"]) for call in calls if call.get("function")]
    return "\n".join(lines)


def _call(function: Mapping[str, Any]) -> str:
    try:
        arguments = json.loads(function["arguments"])
    except (TypeError, ValueError):
        arguments = function["arguments"]
    return canonical_json({"name": function["name"], "arguments": arguments})
