"""Preferences of a version: what comparisons and edits say about two answers to one prompt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.contents import Contents, identity, records
from ..curate.editions import content_records, written
from ..curate.folders import LineFile
from ..curate.ledger import Ledger
from ..curate.rows import prompt_of
from ..curate.standing import Decided
from ..curate.text import normalise
from ..schemas.example import content_id
from ..schemas.version import SPLITS, VersionFile, VersionPair
from .approved import Approved
from .approved_records import STEP, Record, approved_records, edited_rows, row_line

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

FOLDER = "preferences"


@dataclass
class Pairs:
    """What was written.

    Args:
        files: File to rows and SHA-256.
        listed: The pairs, in file order.
        left_out: Comparisons that gave none: why to how many.
    """

    files: dict[str, VersionFile] = field(default_factory=dict)
    listed: list[VersionPair] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class _Choice(NamedTuple):
    """A comparison on which most of those who made it agree."""

    source: str
    decisions: list[int]
    chosen: tuple[str, str]
    rejected: tuple[str, str]


def write_pairs(
    folder: Path, ledger: Ledger, approved: Approved, decided: Decided, comparisons: pa.Table
) -> Pairs:
    """Write `preferences/SPLIT.jsonl` for the splits that have pairs.

    A pair stands in the split of the row whose answer won, and that row is in the version.

    Args:
        folder: The version's folder.
        ledger: The run.
        approved: Its approved rows.
        decided: What people decided, with what they wrote.
        comparisons: Standing comparisons, columns of `PREFERENCES`.
    """
    found = Pairs()
    seen: set[str] = set()
    with ExitStack() as stack:
        files: dict[str, LineFile] = {}
        for record, pair in _all(ledger, approved, decided, comparisons, found.left_out):
            if pair.content_id in seen:
                continue
            seen.add(pair.content_id)
            if pair.split not in files:
                (folder / FOLDER).mkdir(exist_ok=True)
                path = folder / FOLDER / f"{pair.split}.jsonl"
                files[pair.split] = stack.enter_context(LineFile(path))
            files[pair.split].write(row_line(record, pair.content_id))
            found.listed.append(pair)
    for split in (s for s in SPLITS if s in files):
        file = files[split]
        found.files[f"{FOLDER}/{split}.jsonl"] = VersionFile(rows=file.rows, sha256=file.sha256)
    return found


def _all(
    ledger: Ledger, approved: Approved, decided: Decided, comparisons: pa.Table, left_out: Counter[str]
) -> Iterator[tuple[Record, VersionPair]]:
    yield from _of_edits(ledger, approved, decided, left_out)
    yield from _of_comparisons(ledger, approved, decided, comparisons, left_out)


def _of_edits(
    ledger: Ledger, approved: Approved, decided: Decided, left_out: Counter[str]
) -> Iterator[tuple[Record, VersionPair]]:
    """An edited answer won over the one that the row had."""
    for before, now, decision in edited_rows(ledger, approved, decided):
        lost = before["messages"]
        if now["rejected"] is not None or now["label"] is False:
            continue  # the edit is of a row that says itself which answer lost
        if not _answers(now["messages"], lost) or now["messages"][:-1] != lost[:-1]:
            left_out["edit_changes_the_prompt"] += 1
        elif now["messages"][-1] != lost[-1]:
            loser = (now["row_id"], identity(before))
            split = decision["split"] or "train"
            yield _pair(now, lost[-1:], "edit", split, [decision["seq"]], loser)


def _answers(*conversations: list[dict[str, Any]]) -> bool:
    """Whether each ends with an answer."""
    return all(turns and turns[-1]["role"] == "assistant" for turns in conversations)


def _pair(
    row: Record,
    lost: list[dict[str, Any]],
    source: str,
    split: str,
    decisions: list[int],
    loser: tuple[str, str],
) -> tuple[Record, VersionPair]:
    record = {"row_id": row["row_id"], "messages": row["messages"], "tools": row["tools"], "rejected": lost}
    pair = VersionPair(
        row_id=row["row_id"],
        content_id=content_id(row["messages"], tools=row["tools"], rejected=lost),
        split=split,  # pyright: ignore[reportArgumentType]  the model checks it
        source=source,  # pyright: ignore[reportArgumentType]
        decisions=decisions,
        rejected_row_id=loser[0],
        rejected_content_id=loser[1],
    )
    return record, pair


def _of_comparisons(
    ledger: Ledger, approved: Approved, decided: Decided, comparisons: pa.Table, left_out: Counter[str]
) -> Iterator[tuple[Record, VersionPair]]:
    choices = _choices(comparisons, left_out)
    if not choices:
        return
    splits: dict[str, str] = {}
    winners: dict[str, tuple[Record, dict[str, Any]]] = {}
    wanted = {choice.chosen[0] for choice in choices}
    for record, decision in approved_records(ledger, approved, decided):
        splits[record["row_id"]] = decision["split"] or "train"
        if record["row_id"] in wanted:
            winners[record["row_id"]] = (record, decision)
    contents = _ContentsOf(ledger, decided)
    for choice in choices:
        if choice.chosen[0] not in winners:
            left_out["winner_not_in_the_version"] += 1
            continue
        row, decision = winners[choice.chosen[0]]
        lost = contents.lost(choice, row)
        split = splits[row["row_id"]]
        why = _why_not(row, decision, choice, lost, splits.get(choice.rejected[0], split) != split)
        if why is not None or lost is None:
            left_out[why or "loser_not_in_the_run"] += 1
            continue
        yield _pair(row, lost, choice.source, split, choice.decisions, choice.rejected)


def _why_not(
    row: Record, decision: Mapping[str, Any], choice: _Choice, lost: list[Any] | None, leaks: bool
) -> str | None:
    """Why a comparison gives no pair; None where it does."""
    if choice.chosen[1] not in (decision["content_id"], decision["shown_id"]):
        return "winner_changed_since"
    if row["label"] is False or not _answers(row["messages"]):
        return "winner_is_no_good_answer"
    if lost is None:
        return "loser_not_in_the_run"
    if not lost:
        return "other_prompt"
    return "loser_in_another_split" if leaks else None


def _choices(comparisons: pa.Table, left_out: Counter[str]) -> list[_Choice]:
    """The comparisons that more than half of those who made them agree on, in the order of their events."""
    by_item: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in comparisons.to_pylist():
        by_item[line["item_id"]].append(line)
    found: list[_Choice] = []
    for lines in by_item.values():
        sides: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for line in lines:
            sides[line["outcome"]].append(line)
        most = max(sides.values(), key=len)
        if 2 * len(most) <= len(lines):
            left_out["compared_otherwise_by_others"] += 1
            continue
        last = most[-1]
        if last["chosen_row_id"] is None:
            continue  # a tie, or two bad answers: nothing is preferred
        chosen, rejected = ((last[f"{n}_row_id"], last[f"{n}_content_id"]) for n in ("chosen", "rejected"))
        found.append(_Choice(last["source"], [line["seq"] for line in most], chosen, rejected))
    return found


class _ContentsOf:
    """Contents of rows that a run drops or keeps: as they were read, as people saw them, as edited."""

    def __init__(self, ledger: Ledger, decided: Decided) -> None:
        self._ledger = ledger
        self._decided = decided
        self._before = Contents(ledger.workspace, without=STEP)

    def lost(self, choice: _Choice, winner: Record) -> list[dict[str, Any]] | None:
        """The turns that lost; empty where they answer another prompt, None where they cannot be found."""
        if choice.source == "preference":
            return winner["rejected"]
        loser = self._find(*choice.rejected)
        if loser is None:
            return None
        mine, theirs = winner["messages"], loser["messages"]
        same = _answers(mine, theirs) and normalise(prompt_of(mine)) == normalise(prompt_of(theirs))
        return theirs[-1:] if same and winner["rejected"] is None else []

    def _find(self, row_id: str, content: str) -> Record | None:
        at = pc.index(self._ledger.row_ids, pa.scalar(row_id)).as_py()
        if at >= 0:
            place = np.array([at])
            for source, edited in (
                (self._before, True),
                (self._ledger.contents, True),
                (self._before, False),
            ):
                record = next(records(source.at(place, edited=edited)))
                if identity(record) == content:
                    return record
        known = pc.index(self._decided.editions["content_id"], pa.scalar(content)).as_py()
        if known < 0:
            return None
        return next(content_records(written(self._decided.editions, [content])))
