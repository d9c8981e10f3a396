"""Rows with a prompt cell and an answer cell: Alpaca, prompt-completion, question-answer and kin."""

from __future__ import annotations

from collections.abc import Mapping
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
    parse_label,
    parse_tools,
    rest,
    text_of,
)
from .conversation import besides_at, with_system
from .messages import BESIDES, parse_turns

ANSWERS = ("output", "response", "completion", "answer", "target", "answers", "outputs", "responses")
INPUTS = ("input", "context")
QUESTIONS = ("question", "query")
PROMPTS = ("prompt",)
LABELS = ("label", "kto_tag")


def _answer_key(row: Mapping[str, Any]) -> str | None:
    return first_key(row, ANSWERS)


def history_turns(value: Any) -> list[Turn]:
    """Earlier turns, given as pairs of prompt and answer.

    Raises:
        RowProblem: The history is not a list of pairs.
    """
    value = json_value(value)
    if value is None or value == "" or value == []:
        return []
    if not isinstance(value, list):
        raise RowProblem("'history' is not a list of [prompt, answer] pairs")
    messages: list[Turn] = []
    for position, pair in enumerate(value):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise RowProblem(f"'history'[{position}] is not a pair of prompt and answer")
        messages.append({"role": "user", "content": text_of(pair[0], f"'history'[{position}][0]")})
        messages.append({"role": "assistant", "content": text_of(pair[1], f"'history'[{position}][1]")})
    return messages


def answer_text(value: Any, where: str) -> str:
    """An answer cell as text; a SQuAD answer or a list of answers gives its first text.

    Raises:
        RowProblem: There is no text in it.
    """
    if isinstance(value, Mapping) and "text" in value:
        value = value["text"]
    if isinstance(value, list):
        if not value:
            raise RowProblem(f"{where} is an empty list")
        value = value[0]
    return text_of(value, where)


def _pair(row: Mapping[str, Any], prompt_key: str, input_key: str | None, answer_key: str) -> Draft:
    prompt = join_prompt(text_of(row[prompt_key], repr(prompt_key)), optional_text(row, input_key))
    answer = answer_text(row[answer_key], repr(answer_key))
    messages = history_turns(row.get("history"))
    messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    messages = with_system(messages, optional_text(row, first_key(row, ("system", "system_prompt"))))
    used = {prompt_key, input_key, answer_key, "history", "system", "system_prompt", "tools"}
    label_key = next((k for k in LABELS if isinstance(row.get(k), bool)), None)
    label = parse_label(row[label_key], repr(label_key)) if label_key else None
    meta = rest(row, {k for k in used if k} | ({label_key} if label_key else set()))
    if isinstance(row[answer_key], Mapping | list):
        meta[answer_key] = row[answer_key]
    return Draft(messages, parse_tools(row.get("tools")), None, label, meta)


def _is_alpaca(row: Any) -> bool:
    return isinstance(row, Mapping) and "instruction" in row and _answer_key(row) is not None


def _alpaca(row: Any) -> Draft:
    key = _answer_key(row)
    if key is None:
        raise RowProblem(f"no answer: none of {', '.join(map(repr, ANSWERS))} is there")
    return _pair(row, "instruction", first_key(row, INPUTS), key)


def _is_instances(row: Any) -> bool:
    return isinstance(row, Mapping) and "instruction" in row and is_turns(row.get("instances"))


def _instances(row: Any) -> Draft:
    """A Self-Instruct seed task; the first instance is the example, the others stay in meta."""
    first, *others = row["instances"]
    key = first_key(first, ANSWERS)
    if key is None:
        raise RowProblem("'instances'[0] has no answer")
    draft = _pair({"instruction": row["instruction"], **first}, "instruction", first_key(first, INPUTS), key)
    meta = rest(row, {"instruction", "instances"}) | draft.meta
    if others:
        meta["instances"] = others
    return draft._replace(meta=meta)


def _is_prompt(row: Any) -> bool:
    if not isinstance(row, Mapping) or _answer_key(row) is None:
        return False
    return first_key(row, PROMPTS) is not None


def _prompt(row: Any) -> Draft:
    key = _answer_key(row)
    if key is None:
        raise RowProblem("no completion")
    if not is_turns(row["prompt"]) or not isinstance(row["prompt"], list):
        return _pair(row, "prompt", first_key(row, INPUTS), key)
    messages, besides = parse_turns(row["prompt"], "'prompt'")
    answer = row[key]
    if isinstance(answer, list):
        reply, more = parse_turns(answer, repr(key))
        besides |= besides_at(more, len(messages)).get(BESIDES, {})
        messages += reply
    else:
        messages.append({"role": "assistant", "content": text_of(answer, repr(key))})
    label_key = next((k for k in LABELS if isinstance(row.get(k), bool)), None)
    label = parse_label(row[label_key], repr(label_key)) if label_key else None
    used = {"prompt", key, "tools"} | ({label_key} if label_key else set())
    meta = rest(row, used) | besides_at(besides, 0)
    return Draft(messages, parse_tools(row.get("tools")), None, label, meta)


def _is_question(row: Any) -> bool:
    return isinstance(row, Mapping) and first_key(row, QUESTIONS) is not None and _answer_key(row) is not None


def _question(row: Any) -> Draft:
    key, question = _answer_key(row), first_key(row, QUESTIONS)
    if key is None or question is None:
        raise RowProblem("no question with an answer")
    return _pair(row, question, first_key(row, INPUTS), key)


def _is_input_output(row: Any) -> bool:
    return isinstance(row, Mapping) and "input" in row and first_key(row, ("output", "target")) is not None


def _input_output(row: Any) -> Draft:
    key = first_key(row, ("output", "target"))
    if key is None:
        raise RowProblem("no output")
    return _pair(row, "input", None, key)


SHAPES = (
    Shape("instances", "'instruction' with a list of 'instances'", _is_instances, _instances),
    Shape("alpaca", "'instruction' with an answer ('output', 'response', ...)", _is_alpaca, _alpaca),
    Shape("prompt_completion", "'prompt' with 'completion', 'response' or kin", _is_prompt, _prompt),
    Shape("question_answer", "'question' or 'query' with 'answer' or kin", _is_question, _question),
    Shape("input_output", "'input' with 'output'", _is_input_output, _input_output),
)
