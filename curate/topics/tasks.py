"""What kind of work a prompt asks for, by rules on its words and by the nearest of some written examples.

A task gains points where its verb opens the prompt, where one of its phrases stands near either end of it,
where turns or answer have its form, and by the cosine to its nearest example. The most points win; a row with
too few is `other`. Nothing is learned from data.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..encoders import STATIC, encoder_for
from ..literals import Literals
from ..rows import Turn
from .clusters import SCALE, whole
from .task_words import COURTESY, EXAMPLES, OPENINGS, PHRASES

ANSWERING, CODE, CONVERSATION, MATH, TOOL_USE, OTHER = (
    "question answering", "code", "conversation", "math", "tool use", "other"
)  # fmt: skip
TASKS = (*EXAMPLES, TOOL_USE, OTHER)
"""All task types."""

OPENING, PHRASE, FORM, LIKENESS = 2.0, 1.2, 1.5, 2.0
"""Points of an opening verb, of a phrase, of the form of turns or answer, and of a cosine of 1."""
ENOUGH = 0.75
QUESTION = 1.0
"""Points of an opening that asks: any work can be asked for by a question."""
SURE = 9.0
DECLARED = 4.0
"""Points of a prompt that declares tools in its text."""
ENDS = 220
ANSWER = 400
_PLACES = {task: i for i, task in enumerate(TASKS)}
_OPENING_PLACES = [_PLACES[task] for task in OPENINGS]
_OPENING = re.compile(
    f"{COURTESY}(?:{'|'.join(f'(?P<t{i}>{pattern})' for i, pattern in enumerate(OPENINGS.values()))})"
)
_PHRASES = Literals(PHRASES)
_CODE_SIGNS = Literals(
    {
        CODE: (
            *("```", "def ", "#include", "public ", "console.", "<html", "</", "import ", "function"),
            *("select ", "print", "return ", ");", "#!/bin/", "const ", "{\n", "};"),
        )
    }
)
_CODE_LINE = re.compile(
    r"```[\w+#]*\n|^\s*(?:def \w+\(|class \w+[:({]|#include ?<|import \w+|from \w+ import"
    r"|public (?:class|static)|function \w*\(|(?:const|let|var) \w+ ?=|select [^\n]{1,200}\bfrom\b"
    r"|insert into|#!/bin/"
    r"|<(?:!doctype|html|div|form|style|script)\b|return [^\n]*;|for ?\([^\n]*\{|if ?\([^\n]*\{|print\()"
    r"|[;{}]\n|\);$",
    re.MULTILINE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_ARITHMETIC = re.compile(r"\d\s?[-+*/×÷^=]\s?[\da-z(]")
_ASKS = re.compile(
    r"(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|can|could|should|will|would|has|"
    r"have|wer|wie|wo|wann|warum|welche[rs]?|qui|que|quel(?:le)?s?|comment|pourquoi|où|quand|"
    r"кто|что|где|когда|почему|как|какой|какая|какие)\b"
)


def tasks_of(
    messages: Sequence[Sequence[Turn]], tools: Sequence[Any], lowered: Sequence[str], prompts: np.ndarray
) -> list[str]:
    """The task type of each row of a batch.

    Args:
        messages: Turns of each row.
        tools: Tool definitions of each row as text; null or an empty list for none.
        lowered: Answer of each row in lower case.
        prompts: Vectors of the prompts, shape (n_rows, dim).
    """
    if not len(messages):
        return []
    starts, examples = _examples()
    points = np.zeros((len(messages), len(TASKS)))
    products = whole(prompts).astype(np.float32) @ examples  # whole numbers: the same in any batch
    nearest = np.maximum.reduceat(products, starts, axis=1) / np.float32(SCALE**2)
    points[:, : len(EXAMPLES)] = LIKENESS * np.maximum(nearest, 0)
    for row, (turns, given, answer) in enumerate(zip(messages, tools, lowered, strict=True)):
        for place, some in rule_points(turns, bool(given and given != "[]"), answer):
            points[row, place] += some
    best = points.argmax(axis=1)
    best[points.max(axis=1) < ENOUGH] = _PLACES[OTHER]
    return [TASKS[i] for i in best.tolist()]


@functools.cache
def _examples() -> tuple[np.ndarray, np.ndarray]:
    """Where each task's examples begin, and the examples' vectors in whole numbers, turned."""
    texts = [text for task in EXAMPLES for text in EXAMPLES[task]]
    starts = np.cumsum([0, *map(len, EXAMPLES.values())])[:-1]
    return starts, whole(encoder_for(STATIC).encode(texts)).astype(np.float32).T


def rule_points(turns: Sequence[Turn], tools: bool, answer: str) -> list[tuple[int, float]]:
    """Points that rules give: the place of the task in TASKS, and how many.

    Args:
        turns: The row's messages.
        tools: Whether the row has tool definitions.
        answer: The answer in lower case.
    """
    if tools or any(t["role"] in ("tool", "function") or t.get("tool_calls") for t in turns):
        return [(_PLACES[TOOL_USE], SURE)]
    asked = [t["content"] or "" for t in turns if t["role"] == "user"]
    if not asked:
        return [(_PLACES[OTHER], SURE)]
    first = asked[0]
    head = (first if len(first) <= 2 * ENDS else f"{first[:ENDS]}\n{first[-ENDS:]}").lower()
    points = [(_PLACES[task], DECLARED if task == TOOL_USE else PHRASE) for task in _PHRASES.found(head)]
    opening = _OPENING.match(head)
    if opening is not None and opening.lastgroup is not None:
        place = _OPENING_PLACES[int(opening.lastgroup[1:])]
        points.append((place, QUESTION if place == _PLACES[ANSWERING] else OPENING))
    if len(asked) > 1:
        points.append((_PLACES[CONVERSATION], OPENING + FORM))
    if _is_code(answer[:ANSWER]):
        points.append((_PLACES[CODE], FORM))
    if _ARITHMETIC.search(head):
        points.append((_PLACES[MATH], PHRASE))
    elif "how m" in head and len(_NUMBER.findall(head)) >= 2:
        points.append((_PLACES[MATH], OPENING))
    if "?" in head or "？" in head or _ASKS.match(head):
        points.append((_PLACES[ANSWERING], PHRASE / 2))
    return points


def _is_code(answer: str) -> bool:
    """Whether an answer's opening is code: one line that looks like it, two where it is long."""
    return bool(_CODE_SIGNS.found(answer)) and len(_CODE_LINE.findall(answer)) >= 1 + (
        len(answer) > ANSWER / 2
    )
