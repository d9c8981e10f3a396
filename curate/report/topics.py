"""What the rows are about, what work they ask for, and where the kept rows have gaps: numbers and section."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pyarrow.compute

from ...schemas.version import SPLITS
from ..contents import one_array
from ..ledger import Ledger
from ..topics.names import OTHER
from ..topics.tasks import OTHER as OTHER_TASK
from ..topics.tasks import TASKS
from .draw import meter
from .draw_map import Spot, topic_map
from .escape import number, share, shown
from .sections import details, section, table

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

TOP = 15  # topics that are shown at once
THIN = 0.25
"""A topic is thin where it has less than this share of the median topic's rows for training."""
FEW = 0.005
"""Share of the kept rows below which a task type is rare."""
LOST = 0.5
"""Share of a topic's rows that were dropped, from which the report says so."""


@dataclass
class TopicRows:
    """The rows of one topic.

    Args:
        kept: Kept rows.
        review: Kept rows that wait for a person.
        dropped: Rows that were dropped, before the topics were formed or later.
        splits: Kept rows by split.
        tasks: Kept rows by task type.
        place: Where the topic stands on the map, from -1 to 1; None for rows without a topic.
    """

    kept: int = 0
    review: int = 0
    dropped: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class Topics:
    """Topics by name, the largest first; rows on the map as (x, y, waits for a person); splits."""

    topics: dict[str, TopicRows]
    spots: list[tuple[float, float, bool]]
    splits: list[str]


def topics(ledger: Ledger) -> Topics | None:
    """The topics of a run; None without a topic step."""
    steps = {s.step for s in ledger.card.steps}
    if "topic" not in steps:
        return None
    told = ledger.step_verdicts("topic", ["row_id", "value", "detail"])
    states = ledger.states.take(pc.index_in(one_array(told["row_id"]), value_set=ledger.row_ids))
    split = ledger.step_verdicts("split", ["row_id", "value"]) if "split" in steps else None
    columns = {
        "value": told["value"],
        "detail": told["detail"],
        "state": states["state"],
        "review": states["review"],
    }
    if split is not None:
        at = pc.index_in(one_array(told["row_id"]), value_set=one_array(split["row_id"]))
        columns["split"] = one_array(split["value"]).take(at)
    grouped = pyarrow.table(columns).group_by(list(columns), use_threads=False).aggregate([([], "count_all")])
    found: dict[str, TopicRows] = {}
    spots: list[tuple[float, float, bool]] = []
    for group in grouped.to_pylist():
        _add(found.setdefault(group["value"], TopicRows()), spots, group)
    named = {s for rows in found.values() for s in rows.splits}
    ordered = sorted(found.items(), key=lambda item: (item[0] == OTHER, -item[1].kept, item[0]))
    return Topics(dict(ordered), sorted(spots), [s for s in SPLITS if s in named])


def _add(rows: TopicRows, spots: list[tuple[float, float, bool]], group: Mapping[str, Any]) -> None:
    """Count rows whose verdicts and fates are the same."""
    detail = json.loads(group["detail"])
    n = group["count_all"]
    facts = detail.get("topic", {})
    rows.dropped += facts.get("dropped_before", 0)
    if "centre" in facts:
        rows.place = tuple(facts["centre"])
    if group["state"] != "kept":
        rows.dropped += n
        return
    rows.kept += n
    rows.review += n if group["review"] else 0
    rows.tasks[detail["task"]] += n
    if group.get("split"):
        rows.splits[group["split"]] += n
    if "at" in detail:
        spots += [(*detail["at"], bool(group["review"]))] * n


def topics_section(found: Topics | None) -> str:
    """Map, topics, task types and gaps."""
    if found is None or not found.topics:
        return ""
    kept = sum(t.kept for t in found.topics.values())
    picture = [Spot(name, *t.place, t.kept) for name, t in found.topics.items() if t.place is not None]
    return section(
        "topics",
        "Topics and tasks",
        "<p>Topics are groups of rows that are near in meaning, named by words that many of their rows have "
        "and few others. Rows in other languages than English are grouped by spelling more than by "
        "meaning.</p>",
        topic_map(picture, found.spots, kept) if picture else "",
        "<h3>Topics</h3>",
        _topic_tables(found, kept),
        "<h3>Task types</h3>",
        _task_table(found, kept),
        "<h3>Gaps</h3>",
        _gap_list(gaps(found)),
    )


def _topic_tables(found: Topics, kept: int) -> str:
    most = max(t.kept for t in found.topics.values())
    rows = [
        [
            shown(name),
            number(t.kept),
            f'<span class="rate">{share(t.kept, kept)}{meter(t.kept, most)}</span>',
            *(number(t.splits[s]) for s in found.splits),
            number(t.review),
            f"{number(t.dropped)} <small>{share(t.dropped, t.dropped + t.kept)}</small>"
            if t.dropped
            else "0",
            shown(t.tasks.most_common(1)[0][0]) if t.tasks else "",
        ]
        for name, t in found.topics.items()
    ]
    head = ("topic", "kept", "share of kept", *found.splits, "for review", "dropped", "commonest task")
    numeric = (1, *range(3, 5 + len(found.splits)))
    more = details(
        f"{number(len(rows) - TOP)} more", table(head, rows[TOP:], "Smaller topics", numeric=numeric)
    )
    return table(head, rows[:TOP], "Rows by topic", numeric=numeric) + (more if rows[TOP:] else "")


def _task_table(found: Topics, kept: int) -> str:
    counts: Counter[str] = Counter()
    commonest: dict[str, Counter[str]] = {}
    for name, t in found.topics.items():
        counts.update(t.tasks)
        for task, n in t.tasks.items():
            commonest.setdefault(task, Counter())[name] += n
    most = max(counts.values(), default=0)
    rows = [
        [
            shown(task),
            number(counts[task]),
            f'<span class="rate">{share(counts[task], kept)}{meter(counts[task], most)}</span>',
            shown(commonest[task].most_common(1)[0][0]) if task in commonest else "",
        ]
        for task in sorted(TASKS, key=lambda name: (-counts[name], name))
    ]
    return table(
        ("task", "kept", "share of kept", "commonest topic"), rows, "Rows by task type", numeric=(1,)
    )


def gaps(found: Topics) -> list[tuple[str, list[str]]]:
    """What the kept rows lack: a sentence for each kind of gap, and the topics or tasks that it is about."""
    named = {name: t for name, t in found.topics.items() if name != OTHER}
    told: list[tuple[str, list[str]]] = []
    if "train" in found.splits:
        alone = [n for n, t in named.items() if t.kept and not t.splits["train"]]
        told.append(("In validation or test, without a row in train", alone))
        middle = median([t.splits["train"] for t in named.values()]) if named else 0
        thin = {n: t.splits["train"] for n, t in named.items() if 0 < t.splits["train"] < THIN * middle}
        about = f"Thin: fewer than a quarter of the {number(middle)} train rows that the middle topic has"
        told.append((about, [f"{n} ({number(c)})" for n, c in thin.items()]))
    kept = sum(t.kept for t in found.topics.values())
    tasks = sum((t.tasks for t in found.topics.values()), Counter[str]())
    asked = [t for t in TASKS if t != OTHER_TASK]
    told.append(("Task types without a row", [t for t in asked if not tasks[t]]))
    rare = [f"{t} ({number(tasks[t])})" for t in asked if 0 < tasks[t] < FEW * kept]
    told.append((f"Task types with fewer than {share(FEW, 1)} of the rows", rare))
    lost = [
        f"{n} ({number(t.dropped)} of {number(t.dropped + t.kept)})"
        for n, t in found.topics.items()
        if t.dropped and t.dropped >= LOST * (t.dropped + t.kept)
    ]
    told.append(("Topics that lost half of their rows or more to drops", lost))
    return [(about, names) for about, names in told if names]


def _gap_list(found: Sequence[tuple[str, list[str]]]) -> str:
    if not found:
        return (
            "<p>None of those that are looked for: thin topics, topics outside train, rare tasks, losses.</p>"
        )
    items = "".join(f"<dt>{shown(about)}</dt><dd>{shown('; '.join(names))}</dd>" for about, names in found)
    return f'<dl class="gaps">{items}</dl>'


def label_tables(ledger: Ledger) -> str:
    """A section with the kept rows of each label, for each label step; "" without one."""
    recorded = ledger.card.recipe.get("steps", ())
    names = [step["name"] for step in recorded if step.get("use") == "label"]
    parts = [_label_table(ledger, name) for name in names if name in {s.step for s in ledger.card.steps}]
    return section("labels", "Labels", *parts) if parts else ""


def _label_table(ledger: Ledger, name: str) -> str:
    values, scores = ledger.label(name, "value").to_pylist(), ledger.label(name, "score").to_pylist()
    steps = {s.step for s in ledger.card.steps}
    none: list[str | None] = [None] * len(values)
    splits = ledger.label("split", "value").to_pylist() if "split" in steps else none
    counts = Counter(v or "no label" for v in values)
    parts: Counter[tuple[str, str | None]] = Counter(
        (v or "no label", s) for v, s in zip(values, splits, strict=True)
    )
    sums: dict[str, float] = {}
    for value, score in zip(values, scores, strict=True):
        sums[value or "no label"] = sums.get(value or "no label", 0.0) + (score or 0.0)
    there = [s for s in SPLITS if any(part[1] == s for part in parts)]
    rows = [
        [
            shown(label),
            number(n),
            f'<span class="rate">{share(n, len(values))}{meter(n, max(counts.values()))}</span>',
            *(number(parts[label, s]) for s in there),
            f"{sums[label] / n:.2f}",
        ]
        for label, n in sorted(counts.items(), key=lambda item: (item[0] == "no label", -item[1], item[0]))
    ]
    head = ("label", "kept", "share of kept", *there, "mean confidence")
    return f"<h3>{shown(name)}</h3>" + table(
        head, rows, f"Rows by {name}", numeric=(1, *range(3, 4 + len(there)))
    )
