"""The story of a row as readable lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..schemas.providers.problems import is_json_object
from .explain_people_text import event_lines, standing_lines
from .explain_turns import INDENT, LONGEST, change_lines, indented, labelled, turn_told
from .rows import prompt_of, response_of
from .terminal_text import WIDTH, shorten, side_by_side, visible

PARTNER_LONGEST = 300
SHOWN_OTHERS = 5

Told = dict[str, Any]


def story_text(story: Told) -> str:
    """The story for a person.

    Args:
        story: What `explain` gathered.
    """
    if story["state"] == "quarantined":
        return "\n".join(_lost(story))
    parts = [
        list(_head(story)),
        ["read", *_turns(story["original"]["messages"]), *_besides(story["original"])],
        ["steps", *(line for verdict in story["verdicts"] for line in _verdict(story, verdict))],
    ]
    if story["edited"] is not None:
        parts.append(["after edits", *_turns(story["edited"])])
    parts.append(["decisions", *(line for told in story["decisions"] for line in event_lines(told))])
    if story["standing"] is not None:
        parts[-1] += standing_lines(story["standing"])
    for name, tell in (("versions", _version), ("models", _model)):
        parts.append([name, *(tell(told) for told in story[name])])
    parts.append(["evaluations", *(line for told in story["evaluations"] for line in _evaluation(told))])
    return "\n\n".join("\n".join(part) for part in parts if len(part) > 1)


def _lost(story: Told) -> Iterator[str]:
    file, row, line = visible(str(story["file"])), story["row"], story.get("line")
    where = f"{file}, row {row}" + (f", line {line}" if line not in (None, row) else "")
    yield f"{where}: quarantined, since it could not be read"
    yield f"  {visible(str(story['reason']))}"
    yield ""
    if "text" in story:
        yield from indented(shorten(str(story["text"]), LONGEST), "  ")
    else:
        yield from indented("not UTF-8; its bytes in base64: " + shorten(str(story["base64"]), LONGEST), "  ")


def _head(story: Told) -> Iterator[str]:
    yield f"{visible(story['source']['file'])}, row {story['source']['row']}  ({story['row_id']})"
    if story["state"] == "dropped":
        yield f"dropped by {story['dropped_by']}: {story['reason']}"
        return
    told = ["kept"]
    told += ["edited"] if story["edited"] is not None else []
    told += ["for review"] if story["review"] else []
    told += [f"{step} {value}" for step, value in story["labels"].items()]
    yield visible(", ".join(told))


def _turns(turns: list[Told]) -> Iterator[str]:
    for number, turn in enumerate(turns, start=1):
        yield from labelled(f"  {number} {turn['role']:<10}", shorten(turn_told(turn), LONGEST))


def _besides(original: Told) -> Iterator[str]:
    if original["rejected"] is not None:
        for turn in original["rejected"]:
            yield from labelled("  rejected    ", shorten(turn_told(turn), LONGEST))
    if original["label"] is not None:
        yield f"  label       {'good' if original['label'] else 'bad'} answer"
    if original["tools"]:
        yield f"  tools       {len(original['tools'])} defined"
    if original["meta"]:
        yield from labelled("  meta        ", shorten(_pairs(original["meta"]), LONGEST))


def _pairs(values: Told) -> str:
    return ", ".join(f"{name}: {_member(value)}" for name, value in values.items())


def _member(value: Any) -> str:
    """A member as text; a list of pairs of a name and a number as `name (+1.2)`, in order."""
    pairs = isinstance(value, list) and all(isinstance(v, list) and len(v) == 2 for v in value)
    if not pairs or not all(isinstance(n, int | float) for _, n in value):
        return str(value)
    return "; ".join(f"{name} ({number:+g})" for name, number in value)


def _verdict(story: Told, verdict: Told) -> Iterator[str]:
    width = max(len(step) for step in story["steps"])
    assigns = verdict["action"] == "assign"
    told = [f"{verdict['action']:<6}"]
    told += [str(verdict[name]) for name in (("value",) if assigns else ("reason",)) if verdict[name]]
    named = "group of" if verdict["step"] == "near_duplicate" else "value"
    told += [f"{named} {verdict['value']}"] if verdict["value"] and not assigns else []
    told += [f"score {verdict['score']:.3g}"] if verdict["score"] is not None else []
    yield visible(f"  {verdict['step']:<{width}}  {'  '.join(told)}".rstrip())
    if verdict["sentence"] and not assigns:
        yield from indented(shorten(verdict["sentence"], LONGEST), INDENT)
    if verdict["detail"]:
        yield from indented(shorten(_detail(verdict["detail"]), LONGEST), INDENT)
    if verdict.get("related"):
        yield from _partner(story, verdict["related"])
    elif verdict["related_id"] is not None:
        yield f"{INDENT}partner: {visible(verdict['related_id'])}"
    for change in verdict.get("changes", ()):
        yield from change_lines(change)
    yield from _stands_for(verdict)


def _detail(text: str) -> str:
    """A step's detail; a JSON object as names and values."""
    return _pairs(json.loads(text)) if is_json_object(text) else text


def _stands_for(verdict: Told) -> Iterator[str]:
    others = verdict.get("stands_for") or []
    for other in others[:SHOWN_OTHERS]:
        score = "" if other["score"] is None else f", score {other['score']:.3g}"
        yield visible(f"{INDENT}kept for {other['row_id']}, which is {other['reason']}{score}")
    if len(others) > SHOWN_OTHERS:
        yield f"{INDENT}and for {len(others) - SHOWN_OTHERS:,} more"


def _partner(story: Told, partner: Told) -> Iterator[str]:
    source = partner["source"]
    yield f"{INDENT}partner: {visible(source['file'])}, row {source['row']}  ({partner['row_id']})"
    width = WIDTH - len(INDENT)
    rule = "-" * ((width - 3) // 2)
    lines = side_by_side("this row", "partner", width=width)
    for part in (prompt_of, response_of):
        both = (story["original"]["messages"], partner["messages"])
        mine, other = (shorten(part(turns), PARTNER_LONGEST) for turns in both)
        lines += [f"{rule}-+-{rule}", *side_by_side(mine, other, width=width)]
    yield from (INDENT + line for line in lines)


def _version(row: Told) -> str:
    how = f"rule: {row['rule']}" if row["rule"] else "one by one"
    tail = "" if row["same_content"] else "; its content has changed since"
    decision = f"approved by {row['actor']} ({how}), decision #{row['decision']}"
    return visible(f"  {row['version']}: {row['split']}; {decision}{tail}")


def _model(model: Told) -> str:
    if model["trained"]:
        return f"  {model['run']}: trained on it, from {model['version']}"
    why = f", left out: {model['left_out']}" if model["left_out"] else ""
    return f"  {model['run']}: from {model['version']}, not trained on it{why}"


def _evaluation(told: Told) -> Iterator[str]:
    scores = told.get("scores") or {}
    pairs = [f"{n} {s.get('base')} -> {s.get('tuned')}" for n, s in scores.items() if isinstance(s, dict)]
    yield visible(f"  {told['run']}: " + (", ".join(pairs) or "no score"))
    for name in ("reference", "base_answer", "tuned_answer"):
        if isinstance(told.get(name), str):
            yield from labelled(
                f"{INDENT}{name.removesuffix('_answer'):<10}", shorten(told[name], PARTNER_LONGEST)
            )
