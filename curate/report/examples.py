"""Examples as HTML: a row in short and in full, partners side by side, edits as word differences."""

from __future__ import annotations

import json
from typing import Any

from ..partners import foreign_partner, without_partner
from ..rows import Turn, prompt_of, response_of, turn_text
from .diff import changes, only_in
from .escape import cut, number, shorten, shown
from .samples import Samples

SHORT = 220
FULL = 6000
TURNS = 20


def example(verdict: dict[str, Any], samples: Samples) -> str:
    """One example as an article."""
    row = samples.rows.get(verdict["row_id"])
    if row is None:
        return f'<article class="example"><p>{shown(verdict["row_id"])} is not in rows.parquet.</p></article>'
    partner = samples.rows.get(verdict["related_id"] or "") or foreign_partner(verdict)
    if verdict["action"] == "edit":
        body = _edit(verdict, row, samples)
    elif partner is not None:
        body = _pair(row, partner)
    else:
        body = _short(row) + _full(row)
    return f'<article class="example">{_head(verdict, row, partner)}{body}</article>'


def _head(verdict: dict[str, Any], row: dict[str, Any], partner: dict[str, Any] | None) -> str:
    facts = [f'<span class="where">{place(row)}</span>']
    if verdict["score"] is not None:
        facts.append(f"<span>score {verdict['score']:.3g}</span>")
    detail = without_partner(verdict["detail"]) if foreign_partner(verdict) else verdict["detail"]
    facts += [f"<span>{fact}</span>" for fact in _details(detail)]
    if verdict["related_id"] and partner is None:
        facts.append(f"<span>partner <code>{shown(verdict['related_id'])}</code></span>")
    return f'<p class="facts">{" ".join(facts)}</p>'


def place(row: dict[str, Any]) -> str:
    """File, row number and row_id, as HTML."""
    source = row["source"]
    return f"{shown(source['file'])}, row {number(source['row'])} <code>{shown(row['row_id'])}</code>"


def _details(detail: str | None) -> list[str]:
    if not detail:
        return []
    try:
        value = json.loads(detail)
    except json.JSONDecodeError:
        value = detail
    if not isinstance(value, dict):
        return [shown(shorten(detail, SHORT))]
    return [f"{shown(str(k))} {shown(shorten(_plain(v), 120))}" for k, v in value.items()]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _short(row: dict[str, Any]) -> str:
    messages = row["messages"]
    prompt, response = prompt_of(messages), response_of(messages)
    label = row["label"]
    verdict = "" if label is None else f"<dt>label</dt><dd>{'good answer' if label else 'bad answer'}</dd>"
    return (
        f'<dl class="short"><dt>prompt</dt><dd dir="auto">{_line(prompt)}</dd>'
        f'<dt>response</dt><dd dir="auto">{_line(response)}</dd>{verdict}</dl>'
    )


def _line(text: str) -> str:
    return shown(shorten(text, SHORT)) if text.strip() else '<i class="none">empty</i>'


def _full(row: dict[str, Any]) -> str:
    n = len(row["messages"])
    parts = [_turn(turn) for turn in row["messages"][:TURNS]]
    if n > TURNS:
        parts.append(f'<p class="more">… {number(n - TURNS)} more turns</p>')
    if row["rejected"]:
        parts.append('<p class="more">The answer that lost:</p>')
        parts += [_turn(turn) for turn in row["rejected"][:TURNS]]
    label = f"all {number(n)} turns" if n != 1 else "the one turn"
    return f'<details class="full"><summary>{label}</summary>{"".join(parts)}</details>'


def _turn(turn: Turn) -> str:
    text = turn_text(turn)
    body = cut(text, FULL) if text else '<i class="none">empty</i>'
    return f'<div class="turn"><b>{shown(str(turn["role"]))}</b><pre dir="auto">{body}</pre></div>'


def _pair(row: dict[str, Any], partner: dict[str, Any]) -> str:
    mine, theirs = row["messages"], partner["messages"]
    cells = []
    for name, part in (("prompt", prompt_of), ("response", response_of)):
        a, b = part(mine), part(theirs)
        here = only_in(a[:FULL], b[:FULL]) or '<i class="none">empty</i>'
        there = only_in(b[:FULL], a[:FULL]) or '<i class="none">empty</i>'
        cells.append(
            f'<div class="cell"><h6>{name}</h6><pre dir="auto">{here}</pre></div>'
            f'<div class="cell"><h6>{name} of the partner</h6><pre dir="auto">{there}</pre></div>'
        )
    return (
        f'<p class="facts">beside <span class="where">{place(partner)}</span></p>'
        f'<div class="pair">{"".join(cells)}</div>'
    )


def _edit(verdict: dict[str, Any], row: dict[str, Any], samples: Samples) -> str:
    before = row["messages"]
    for step, messages in samples.edits.get(verdict["row_id"], []):
        if step == verdict["step"]:
            return _differences(before, messages)
        before = messages
    return _short(row) + _full(row)


def _differences(before: list[Turn], after: list[Turn]) -> str:
    parts = []
    for i in range(max(len(before), len(after))):
        old = before[i] if i < len(before) else None
        new = after[i] if i < len(after) else None
        if old == new:
            continue
        roles = " → ".join(dict.fromkeys(str(t["role"]) for t in (old, new) if t is not None))
        text = changes(turn_text(old) if old else "", turn_text(new) if new else "")
        fate = "" if old and new else " (added)" if new else " (removed)"
        body = text or '<i class="none">empty</i>'
        parts.append(f'<div class="turn"><b>{shown(roles)}{fate}</b><pre dir="auto">{body}</pre></div>')
    same = min(len(before), len(after)) - sum(1 for a, b in zip(before, after, strict=False) if a != b)
    turns = "turn" if same == 1 else "turns"
    note = f'<p class="more">{number(same)} {turns} unchanged</p>' if same > 0 else ""
    return "".join(parts[:TURNS]) + note
