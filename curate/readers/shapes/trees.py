"""Message trees (OpenAssistant): the best-ranked path is the example, a worse last reply the rejected one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Draft, RowProblem, Shape, Turn, text_of
from .messages import parse_role


def _matches(row: Any) -> bool:
    root = row.get("prompt") if isinstance(row, Mapping) else None
    return isinstance(root, Mapping) and "text" in root and isinstance(root.get("replies"), list)


def _ranked(replies: Any) -> list[Mapping[str, Any]]:
    """Replies, best first; rank 0 is the best, unranked ones come last in their order.

    Raises:
        RowProblem: They are no list.
    """
    if not isinstance(replies, list):
        raise RowProblem(f"'replies' is a {type(replies).__name__}, not a list")
    whole = [r for r in replies if isinstance(r, Mapping) and not r.get("deleted")]
    return sorted(whole, key=lambda r: r["rank"] if isinstance(r.get("rank"), int) else 1 << 30)


def _turn(node: Mapping[str, Any]) -> Turn:
    return {
        "role": parse_role(node.get("role"), "a node of the tree"),
        "content": text_of(node.get("text"), "'text'"),
    }


def _convert(row: Any) -> Draft:
    path: list[Mapping[str, Any]] = [row["prompt"]]
    losers: list[Turn] = []
    while replies := _ranked(path[-1].get("replies") or []):
        ranked = [r for r in replies if isinstance(r.get("rank"), int)]
        losers = [_turn(ranked[-1])] if len(ranked) > 1 else []
        path.append(replies[0])
    messages = [_turn(node) for node in path]
    while messages and messages[-1]["role"] != "assistant":
        messages.pop()
        losers = []
    if not messages:
        raise RowProblem("no assistant reply in the tree")
    return Draft(messages, None, losers or None, None, dict(row))


SHAPES = (Shape("message_tree", "a 'prompt' with 'text' and nested 'replies'", _matches, _convert),)
