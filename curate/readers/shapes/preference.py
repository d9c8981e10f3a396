"""Preference rows: chosen and rejected, OpenAI preference, ranked replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .base import (
    Draft,
    RowProblem,
    Shape,
    Turn,
    first_key,
    is_turns,
    join_prompt,
    json_value,
    optional_text,
    parse_tools,
    rest,
    text_of,
)
from .conversation import besides_at, with_system
from .messages import parse_turns
from .text import split_transcript

CHOSEN, REJECTED = "chosen", "rejected"
PROMPTS = ("prompt", "question", "instruction", "input", "query")
TURNS = ("messages", "conversations", "conversation")
RANKED = ("responses", "completions", "replies", "answers", "candidates", "outputs")
REPLY_TEXTS = ("response", "text", "content", "completion", "output", "answer")


def _is_pair(row: Any) -> bool:
    return isinstance(row, Mapping) and CHOSEN in row and REJECTED in row


def _side(value: Any, where: str, *, whole: bool) -> list[Turn]:
    """One side of a pair as turns: a text, one turn, turns, or (`whole`) a transcript with its prompt."""
    value = json_value(value)
    if isinstance(value, str):
        turns = split_transcript(value) if whole else None
        return turns or [{"role": "assistant", "content": value}]
    if isinstance(value, Mapping):
        return parse_turns([value], where)[0]
    if isinstance(value, list):
        return parse_turns(value, where)[0]
    raise RowProblem(f"{where} is a {type(value).__name__}, not an answer")


def _common_prefix(a: Sequence[Turn], b: Sequence[Turn]) -> int:
    """How many opening turns two conversations share, leaving each at least one turn."""
    n = 0
    while n < min(len(a), len(b)) - 1 and a[n] == b[n]:
        n += 1
    return n


def _pair(row: Any) -> Draft:
    turns_key = next((k for k in TURNS if is_turns(row.get(k))), None)
    prompt_key = None if turns_key else first_key(row, PROMPTS)
    whole = turns_key is None and prompt_key is None
    chosen = _side(row[CHOSEN], "'chosen'", whole=whole)
    rejected = _side(row[REJECTED], "'rejected'", whole=whole)
    prompt: list[Turn] = []
    besides: dict[str, Any] = {}
    if turns_key:
        prompt, besides = parse_turns(row[turns_key], repr(turns_key))
    elif prompt_key:
        prompt, besides = _prompt(row, prompt_key)
    if len(chosen) > 1 or not prompt:
        shared = _common_prefix(chosen, rejected)
        if shared and (not prompt or chosen[:shared][-len(prompt) :] == prompt):
            prompt, chosen, rejected = chosen[:shared], chosen[shared:], rejected[shared:]
    if not prompt:
        raise RowProblem("chosen and rejected have no prompt in common, and there is no 'prompt'")
    system_key = first_key(row, ("system", "system_prompt"))
    used = {CHOSEN, REJECTED, turns_key, prompt_key, system_key, "tools"}
    used |= {"input"} if prompt_key == "instruction" else set()
    meta = rest(row, {k for k in used if k})
    turns = [*prompt, *chosen]
    messages = with_system(turns, optional_text(row, system_key))
    meta |= besides_at(besides, len(messages) - len(turns))
    return Draft(messages, parse_tools(row.get("tools")), rejected, None, meta)


def _is_autotrain(row: Any) -> bool:
    return isinstance(row, Mapping) and "text" in row and "rejected_text" in row


def _autotrain(row: Any) -> Draft:
    """AutoTrain's columns; where `text` is a whole conversation, the prompt stands in it."""
    whole = isinstance(row["text"], list)
    told = {
        k: v for k, v in row.items() if k not in ("text", "rejected_text") and not (whole and k == "prompt")
    }
    return _pair({**told, CHOSEN: row["text"], REJECTED: row["rejected_text"]})


def _prompt(row: Mapping[str, Any], key: str) -> tuple[list[Turn], dict[str, Any]]:
    value = row[key]
    if isinstance(value, list):
        return parse_turns(value, repr(key))
    text = text_of(value, repr(key))
    if key == "instruction":
        text = join_prompt(text, optional_text(row, "input" if "input" in row else None))
    return split_transcript_prompt(text), {}


def split_transcript_prompt(text: str) -> list[Turn]:
    """A prompt text as turns; a transcript that waits for the assistant is taken apart."""
    turns = split_transcript(text)
    if turns and turns[-1]["role"] == "assistant" and not turns[-1]["content"]:
        return turns[:-1]
    return [{"role": "user", "content": text}]


def _is_openai(row: Any) -> bool:
    return isinstance(row, Mapping) and "preferred_output" in row and "non_preferred_output" in row


def _openai(row: Any) -> Draft:
    given = row.get("input")
    if not isinstance(given, Mapping) or "messages" not in given:
        raise RowProblem("'input' has no 'messages'")
    prompt, besides = parse_turns(given["messages"], "'input.messages'")
    chosen, _ = parse_turns(row["preferred_output"], "'preferred_output'")
    rejected, _ = parse_turns(row["non_preferred_output"], "'non_preferred_output'")
    meta = rest(row, {"input", "preferred_output", "non_preferred_output"})
    inner = rest(given, {"messages", "tools"})
    if inner:
        meta["input"] = inner
    meta |= besides_at(besides, 0)
    return Draft([*prompt, *chosen], parse_tools(given.get("tools")), rejected, None, meta)


def _ranked_key(row: Any) -> str | None:
    if not isinstance(row, Mapping) or first_key(row, PROMPTS) is None:
        return None
    return next((k for k in RANKED if is_turns(row.get(k)) and _score(row[k][0]) is not None), None)


def _score(reply: Any) -> float | None:
    """A reply's goodness: a score as it is, a rank turned round."""
    if not isinstance(reply, Mapping):
        return None
    for key in ("score", "overall_score", "rating", "reward"):
        if isinstance(reply.get(key), int | float):
            return float(reply[key])
    rank = reply.get("rank")
    return -float(rank) if isinstance(rank, int | float) else None


def _is_ranked(row: Any) -> bool:
    return _ranked_key(row) is not None


def _ranked(row: Any) -> Draft:
    key = _ranked_key(row)
    prompt_key = first_key(row, PROMPTS)
    if key is None or prompt_key is None:
        raise RowProblem("no ranked replies")
    scored = [(s, r) for r in row[key] if (s := _score(r)) is not None]
    best, worst = max(scored, key=lambda x: x[0]), min(scored, key=lambda x: x[0])
    prompt, besides = _prompt(row, prompt_key)
    messages = [*prompt, _reply(best[1], key)]
    rejected = [_reply(worst[1], key)] if best[0] > worst[0] else None
    meta = rest(row, {prompt_key, "tools"}) | besides_at(besides, 0)
    return Draft(messages, parse_tools(row.get("tools")), rejected, None, meta)


def _reply(reply: Mapping[str, Any], where: str) -> Turn:
    key = first_key(reply, REPLY_TEXTS)
    if key is None:
        raise RowProblem(f"a reply in {where!r} has no text")
    return {"role": "assistant", "content": text_of(reply[key], repr(key))}


SHAPES = (
    Shape("preference", "'chosen' and 'rejected'", _is_pair, _pair),
    Shape("autotrain_preference", "'text' and 'rejected_text'", _is_autotrain, _autotrain),
    Shape("openai_preference", "'preferred_output' and 'non_preferred_output'", _is_openai, _openai),
    Shape("ranked", "a prompt with replies that have a score or a rank", _is_ranked, _ranked),
)
