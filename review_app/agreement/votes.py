"""Ratings from the standing votes of the record: decisions, labels, rating scales."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute

from .ratings import Ratings

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

DECISIONS = ("approve", "reject")
YES_NO = ("no", "yes")
BLIND = ("review", "group", "import")
"""Tasks whose votes are given without sight of the others'."""


def decision_ratings(votes: pa.Table) -> Ratings:
    """Approve or reject of each person, on each content of a row that was shown.

    Votes of adjudicators and of bulk actions are left out: they were given in sight of others, or unread.

    Args:
        votes: Standing votes: row_id, actor, action, task, shown_id, content_id.
    """
    blind = votes.filter(pc.is_in(votes["task"], pa.array(BLIND)))
    return Ratings.from_votes(
        _units(blind), blind["actor"].to_pylist(), blind["action"].to_pylist(), labels=DECISIONS
    )


def label_ratings(votes: pa.Table, label_set: str, labels: Sequence[str]) -> dict[str, Ratings]:
    """The answers to a label set.

    Where everybody gave one label there is one table, under the set's name; else one of yes and no for each
    label, under the label's name, for two sets of labels can agree in part.

    Args:
        votes: Standing votes: as for decisions, and value (the JSON of `Answers`).
        label_set: Name of the label set.
        labels: Its labels, as declared.
    """
    rows, actors, given = _answers(votes, "labels", label_set)
    if all(len(chosen) == 1 for chosen in given):
        single = Ratings.from_votes(rows, actors, [chosen[0] for chosen in given], labels=labels)
        return {label_set: single}
    return {
        label: Ratings.from_votes(rows, actors, [YES_NO[label in chosen] for chosen in given], labels=YES_NO)
        for label in labels
    }


def scale_ratings(votes: pa.Table, scale: str, steps: Sequence[int]) -> Ratings:
    """The answers on a rating scale, ordinal.

    Args:
        votes: Standing votes: as for decisions, and value (the JSON of `Answers`).
        scale: Name of the scale.
        steps: Its steps, as declared.
    """
    rows, actors, given = _answers(votes, "ratings", scale)
    return Ratings.from_votes(rows, actors, given, labels=steps, level="ordinal")


def _units(votes: pa.Table) -> list[str]:
    """What was voted on: a row with the content that was shown."""
    shown = pc.coalesce(votes["shown_id"], votes["content_id"])
    return pc.binary_join_element_wise(votes["row_id"], shown, " ").to_pylist()


def asked(votes: pa.Table) -> Mapping[str, set[str]]:
    """Names of the label sets and scales that somebody answered: members labels and ratings."""
    found: dict[str, set[str]] = {"labels": set(), "ratings": set()}
    for value in votes["value"].to_pylist():
        if value:
            told = json.loads(value)
            for member, names in found.items():
                names |= set(told.get(member) or {})
    return found


def _answers(votes: pa.Table, member: str, name: str) -> tuple[list[str], list[str], list[Any]]:
    """Rows, people and answers to one question; votes without an answer are left out."""
    rows, actors, given = [], [], []
    blind = votes.filter(pc.is_in(votes["task"], pa.array(BLIND)))
    columns = (blind[column].to_pylist() for column in ("actor", "value"))
    for row, actor, value in zip(_units(blind), *columns, strict=True):
        answer = (json.loads(value).get(member) or {}).get(name) if value else None
        if answer is not None and answer != []:
            rows.append(row)
            actors.append(actor)
            given.append(answer)
    return rows, actors, given
